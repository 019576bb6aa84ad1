"""Is this file that track: the labelled set, by strandline and by others, and how long it takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import measured
from benchmarks.report import Result, Row, Verdict, at_least, at_most

BEETS = "beets==2.14.1"
LONGEST = 10.0
"""Seconds of CPU for 20,000 files against as many tracks."""
FLAT = 3.0
"""KiB of memory a file."""


def matching(work: Path) -> Result:
    """Every pair of ``tests/core/matching_pairs.py``, then many files and tracks at once."""
    python = {"beets": _beets(work)}
    rows, told = [], {}
    for way in ("strandline", "rapidfuzz", "beets-strong", "beets-medium"):
        words = ("judge", way)
        interpreter = str(python.get(way.partition("-")[0], sys.executable))
        found = _figures(*words, interpreter)
        told[way] = found
        shown = (
            f"{way}: {found['wrong']} of {found['different']} different accepted, "
            f"{found['right'] / found['same']:.1%} of {found['same']} same accepted, "
            f"{found['taken']} of {found['unsure']} unsure accepted"
        )
        rows.append(Row(shown, measured("matching_work", *words, interpreter)()))
    many = {n: measured("matching_work", "many", str(n))() for n in (5_000, 20_000)}
    crowd = {n: measured("matching_work", "alike", str(n))() for n in (5_000, 20_000)}
    read = {n: measured("matching_work", "read", str(n), work)() for n in (20_000, 100_000)}
    rows += [Row(f"match {n:,} files against {n:,} tracks", took) for n, took in many.items()]
    rows += [Row(f"the same, all titles alike: {n:,}", took) for n, took in crowd.items()]
    rows += [Row(f"read the tags of {n:,} files", took) for n, took in read.items()]
    ours = told["strandline"]
    grown = (read[100_000].mib - read[20_000].mib) * 1024 / 80_000
    verdicts = (
        Verdict(
            "matching: no different recording is accepted", f"{ours['wrong']}", not ours["wrong"]
        ),
        at_least("matching: 97 % of the same are accepted", ours["right"] / ours["same"], 0.97),
        Verdict("matching: every doubt is asked", f"{ours['taken']} taken", not ours["taken"]),
        at_most(
            "matching: 20,000 files against 20,000 tracks, CPU", many[20_000].cpu, LONGEST, " s"
        ),
        at_most(
            "matching: 20,000 files whose titles all begin alike, CPU",
            crowd[20_000].cpu,
            LONGEST,
            " s",
        ),
        at_most("import: memory a further file", grown, FLAT, " KiB"),
    )
    note = (
        "rapidfuzz: WRatio of artist and title from 90, lengths within 2 s. beets: its own "
        f"`track_distance` ({BEETS}) up to 0.04 (strong) and 0.25 (medium). Picard needs Qt and is "
        "not run. One person made the set and the rules, so strandline's row is an upper bound; "
        "that similarity alone takes the wrong ones is what the others' rows show."
    )
    return Result("matching", "Recognising what a person owns", tuple(rows), verdicts, note)


def _figures(*words: str) -> dict[str, int]:
    command = [sys.executable, "-m", "benchmarks.matching_work", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, int] = json.loads(done.stdout.splitlines()[-1])["found"]
    return figures


def _beets(work: Path) -> Path:
    """The interpreter of an environment with nothing but beets in it."""
    folder = work / "beets"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", BEETS], check=True)
    return python
