"""Reading the account: all of it for the first time, and again when nothing has changed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.home import Tidal, served
from benchmarks.measure import Run, measured, side_by_side
from benchmarks.report import Result, Row, at_least, at_most
from benchmarks.sizes import LARGE


def snapshot(work: Path) -> Result:
    """1,000 playlists, 100,000 items from the stand-in on this machine."""
    with served(LARGE) as tidal, tempfile.TemporaryDirectory(dir=work) as folder:
        runs: dict[str, Run] = {
            "first snapshot": measured("taking", "ours", *tidal),
            "bare requests": measured("taking", "bare", *tidal),
        }
        took = side_by_side(runs, rounds=3)
        database = Path(folder, "again.db")
        again = measured("taking", "ours", *tidal, database)
        again()
        took["unchanged account"] = again()
        requests = _requests(tidal, database)
    reached = 100 * took["bare requests"].wall / took["first snapshot"].wall
    most = LARGE.playlists / 50 + 5
    verdicts = (
        at_least("first snapshot: >= 90 % of bare requests", reached, 90, " %"),
        at_most(f"unchanged account: <= {most:.0f} requests", requests, most, " requests"),
    )
    rows = tuple(Row(name, figures) for name, figures in took.items())
    note = (
        "The stand-in is a Python program on the same two cores; it bounds both. "
        "The first snapshot also parses every item and stores it. A profile of 300 playlists had "
        "2.8 of 6.5 s in the statements that merge a playlist's rows, 2.2 s in 302 commits and "
        "1.0 s in staging, all in the one thread that may write; requests wait for it."
    )
    return Result("snapshot", "Snapshot, 1,000 playlists, 100,000 items", rows, verdicts, note)


def _requests(tidal: Tidal, database: Path) -> int:
    words = [sys.executable, "-m", "benchmarks.taking", "ours", *tidal, str(database)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[0])
