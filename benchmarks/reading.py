"""At the speed of the disk: ``verify`` beside b3sum, ``dedupe-report --content`` beside jdupes."""

from __future__ import annotations

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
    big = side_by_side(_verifying(large) | {"openssl sha256, two at once": _sha256(large)}, 3)
    many = side_by_side(_verifying(home_of(LARGE, work)), rounds=3)
    verdicts = (
        at_most("verify, large files: <= 1.2 × b3sum", _ratio(big, "b3sum"), 1.2),
        at_most("verify, 50,000 small files: <= 1.5 × b3sum", _ratio(many, "b3sum"), 1.5),
    )
    note = (
        "Stored hashes are sha256, as the database has them; b3sum hashes with BLAKE3, more than "
        "twice as fast on this processor. How fast sha256 itself is, `openssl` shows: one stream "
        "is 1.8 GB/s a core there and in `hashlib`. Small files are read by two processes, while "
        "the library is looked at as a check with `--full` does (every link and every stamp), "
        "which takes as much CPU as reading them; and 50,000 rows learn when they were verified."
    )
    return Result("verify", "verify", _rows(big, many), verdicts, note)


def same_content(work: Path) -> Result:
    """500 files of one size, every tenth a copy; and 50,000 small ones."""
    require("jdupes")
    big = side_by_side(_comparing(home_of(BIG, work)), rounds=5)
    many = side_by_side(_comparing(home_of(LARGE, work)), rounds=3)
    verdicts = (
        at_most("same content, 500 × 10 MiB: <= 0.8 × jdupes", _ratio(big, "jdupes"), 0.8),
        at_most("same content, 50,000 × 8 KiB: <= 1.3 × jdupes", _ratio(many, "jdupes"), 1.3),
    )
    note = (
        "Equal content is told by the sha256 of up to 64 KiB, beyond that byte by byte. The "
        "command also reports on 50,000 shared tracks from the database and writes a document of "
        "16 MB, which is a third of its CPU on the small files. Starting Python and strandline is "
        "0.1 s, a third of its CPU on the large ones."
    )
    return Result("same-content", "dedupe-report --content", _rows(big, many), verdicts, note)


def _verifying(home: Home) -> dict[str, Run]:
    everything = f"find '{home.playlists}' -type f -print0 | xargs -0 b3sum"
    return {
        "strandline verify": command(*strandline("verify"), env=home.environment()),
        "b3sum": command("sh", "-c", everything),
    }


def _sha256(home: Home) -> Run:
    two = f"find '{home.playlists}' -type f -print0 | xargs -0 -P2 -n20 openssl dgst -sha256"
    return command("sh", "-c", two)


def _comparing(home: Home) -> dict[str, Run]:
    ours = strandline("dedupe-report", "--content", "--json")
    return {
        "strandline dedupe-report --content": command(*ours, env=home.environment()),
        "jdupes": command("jdupes", "-r", "-q", home.playlists),
    }


def _ratio(took: dict[str, Took], peer: str) -> float:
    ours = next(iter(took.values()))
    return ours.wall / took[peer].wall


def _rows(big: dict[str, Took], many: dict[str, Took]) -> tuple[Row, ...]:
    return (
        *(Row(f"{name}, 500 × 10 MiB", took) for name, took in big.items()),
        *(Row(f"{name}, 50,000 × 8 KiB", took) for name, took in many.items()),
    )
