"""At the speed of the disk: ``verify`` beside b3sum, ``dedupe-report --content`` beside jdupes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.home import Home, home_of, strandline
from benchmarks.measure import Run, Took, command, side_by_side
from benchmarks.peers import require
from benchmarks.report import Result, Row, at_most
from benchmarks.sizes import BIG, LARGE


def verify(work: Path) -> Result:
    """Every file read whole: 500 of 10 MiB, 50,000 of 8 KiB."""
    require("b3sum", "find", "openssl")
    large = home_of(BIG, work)
    more = {
        "strandline verify, the first": _first(large),
        "openssl sha256, two at once": _sha256(large),
    }
    big = side_by_side(_verifying(large) | more, rounds=3)
    many = side_by_side(_verifying(home_of(LARGE, work)), rounds=3)
    verdicts = (
        at_most("verify, large files: <= 1.2 × b3sum", _ratio(big, "b3sum"), 1.2),
        at_most("verify, 50,000 small files: <= 1.5 × b3sum", _ratio(many, "b3sum"), 1.5),
    )
    note = (
        "The goal is measured on a library that was verified before: of each large file the "
        "database then knows a BLAKE3 beside the sha256, and BLAKE3, as b3sum has it, is enough. "
        "The first verify computes both in one pass, so it takes what sha256 takes; how fast that "
        "is by itself, `openssl` shows. Small files are read folder by folder by two processes, "
        "with sha256 each time: the names of a folder, the text of each link, and stamp and "
        "content of each file, which is looked at only once. Of 1.7 s of CPU that is 0.85; 0.45 is "
        "reading 100,000 entries from the database, 0.2 telling 50,000 rows when they were "
        "verified, 0.1 starting. Both cores are busy but for the first 0.25 s and the last 0.1."
    )
    return Result("verify", "verify", _rows(big, many), verdicts, note)


def same_content(work: Path) -> Result:
    """500 files of one size, every tenth a copy; and 50,000 small ones."""
    require("jdupes")
    big = side_by_side(_comparing(home_of(BIG, work)), rounds=5)
    many = side_by_side(_comparing(home_of(LARGE, work)), rounds=5)
    verdicts = (
        at_most("same content, 500 × 10 MiB: <= 0.8 × jdupes", _ratio(big, "jdupes"), 0.8),
        at_most("same content, 50,000 × 8 KiB: <= 1.3 × jdupes", _ratio(many, "jdupes"), 1.3),
    )
    note = (
        "Equal content is told by the sha256 of up to 64 KiB, beyond that byte by byte. What is "
        "compared is the text that each prints for a person. The command also reports on 50,000 "
        "shared tracks from the database: in text the 50 that save most, with `--json` all of "
        "them, a document of 16 MB, which jdupes has nothing like. Starting Python and strandline "
        "is about 0.1 s, half of what the large files take."
    )
    return Result("same-content", "dedupe-report --content", _rows(big, many), verdicts, note)


def _verifying(home: Home) -> dict[str, Run]:
    everything = f"find '{home.playlists}' -type f -print0 | xargs -0 b3sum"
    return {
        "strandline verify": command(*strandline("verify"), env=home.environment()),
        "b3sum": command("sh", "-c", everything),
    }


def _first(home: Home) -> Run:
    """As if nothing had been verified yet."""
    verify = _verifying(home)["strandline verify"]

    def run() -> Took:
        with closing(sqlite3.connect(home.database)) as database, database:
            database.execute("DELETE FROM content_hashes")
        return verify()

    return run


def _sha256(home: Home) -> Run:
    two = f"find '{home.playlists}' -type f -print0 | xargs -0 -P2 -n20 openssl dgst -sha256"
    return command("sh", "-c", two)


def _comparing(home: Home) -> dict[str, Run]:
    ours = strandline("dedupe-report", "--content")
    return {
        "strandline dedupe-report --content": command(*ours, env=home.environment()),
        "jdupes": command("jdupes", "-r", "-q", home.playlists),
        "strandline dedupe-report --content --json": command(
            *ours, "--json", env=home.environment()
        ),
    }


def _ratio(took: dict[str, Took], peer: str) -> float:
    ours = next(iter(took.values()))
    return ours.wall / took[peer].wall


def _rows(big: dict[str, Took], many: dict[str, Took]) -> tuple[Row, ...]:
    return (
        *(Row(f"{name}, 500 × 10 MiB", took) for name, took in big.items()),
        *(Row(f"{name}, 50,000 × 8 KiB", took) for name, took in many.items()),
    )
