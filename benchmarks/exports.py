"""Exports for DJ programs, against a bare program that writes the same bytes, durably."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.home import Home, home_of, strandline
from benchmarks.measure import Run, Took, command, side_by_side
from benchmarks.report import Result, Row, Verdict, at_most
from benchmarks.sizes import EXPORTED, TINY

ONE_FILE = {"rekordbox": "rekordbox.xml", "traktor": "traktor.nml", "itunes": "itunes.xml"}
FORMATS = (*ONE_FILE, "m3u8", "serato")
WRITE = """
import os, sys
for place, _, names in os.walk(sys.argv[1]):
    to = place.replace(sys.argv[1], sys.argv[2], 1)
    os.makedirs(to, exist_ok=True)
    for name in names:
        with open(f"{place}/{name}", "rb") as old, open(f"{to}/{name}", "wb") as new:
            new.write(old.read()); new.flush(); os.fsync(new.fileno())
"""
FLAT = "memory <= that of 10,000 + 10 MiB"
NOTE = (
    "Each export is the first one: the database is asked, each file is looked at, the content is "
    "made in a temporary file (to see whether it changed), then written, and the run is kept in "
    "the history. The bare program copies the same bytes, file by file with fsync."
)


def exports(work: Path) -> Result:
    """Every format, of 10,000 entries and of 100,000 (60,000 tracks)."""
    rows: list[Row] = []
    verdicts: list[Verdict] = []
    ratios: list[str] = []
    memory: dict[str, float] = {}
    for size in (TINY, EXPORTED):
        home = home_of(size, work)
        for form in FORMATS:
            runs = {form: _first(home, form), f"the bytes of {form} alone": _bare(home, form)}
            took = side_by_side(runs, rounds=3)
            rows += [Row(f"{what}, {size.entries:,} entries", it) for what, it in took.items()]
            ours, bare = took.values()
            if size is TINY:
                memory[form] = ours.mib
            else:
                goal = f"export {form}, {size.tracks:,} tracks, {size.entries:,} entries"
                verdicts.append(at_most(f"{goal}: <= 3 s of CPU", ours.cpu, 3, " s"))
                verdicts.append(at_most(f"{goal}: {FLAT}", ours.mib - memory[form], 10, " MiB"))
                ratios.append(f"{form} {ours.cpu / bare.cpu:.0f}")
    title = f"Exports, {TINY.entries:,} and {EXPORTED.entries:,} entries"
    note = f"{NOTE} CPU, as a multiple of that: {', '.join(ratios)}."
    return Result("exports", title, tuple(rows), tuple(verdicts), note)


def _place(home: Home, form: str) -> Path:
    return home.folder / "exported" / form


def _first(home: Home, form: str) -> Run:
    """An export to a place where none is yet."""
    to = _place(home, form)
    words = strandline("export", form, "--quiet", "--to", str(to / ONE_FILE.get(form, "")))
    export = command(*words, env=home.environment())

    def run() -> Took:
        subprocess.run(["rm", "-rf", to], check=True)
        to.mkdir(parents=True)
        return export()

    return run


def _bare(home: Home, form: str) -> Run:
    to = home.folder / "written"
    return command(sys.executable, "-I", "-c", WRITE, _place(home, form), to / form)
