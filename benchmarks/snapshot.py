"""Reading the account: all of it for the first time, and again when nothing has changed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.home import Tidal
from benchmarks.measure import Took, measured, side_by_side
from benchmarks.report import Result, Row, at_least, at_most
from benchmarks.sizes import LARGE

LATENCY = 0.05
"""Seconds; what a request to a service elsewhere takes at the least."""
NOTE = (
    "Bare requests ask for the same 1,041 pages over as many connections and decode them with "
    "`.json()`, but keep nothing; they read the pages of the two lists one after the other. "
    "Without latency it is the processor that counts: the stand-in is a Python program on the same "
    "two cores, and the first snapshot takes about two and a half times the CPU of bare requests. "
    "Of a profile of 5.3 CPU seconds (bare requests beside it: 2.0) 1.1 went into HTTP, 0.8 into "
    "decoding JSON, 0.8 into making records of 100,000 items, 0.8 into staging them and 1.4 into "
    "the statements and commits that merge them into tables with twelve indexes. By themselves, a "
    "faster JSON library takes 0.3 less and urllib3 without requests 0.4: not enough for the goal. "
    "The thread that stores needs 2 s of CPU and takes 4.5, for it waits for the interpreter; "
    "staging 500 rows a statement and other switch intervals changed nothing."
)


def snapshot(work: Path) -> Result:
    """1,000 playlists, 100,000 items from the stand-in on this machine."""
    with _served(0) as tidal, tempfile.TemporaryDirectory(dir=work) as folder:
        near = _side_by_side(tidal)
        database = Path(folder, "again.db")
        again = measured("taking", "ours", *tidal, database)
        again()
        unchanged, requests = again(), _requests(tidal, database)
    with _served(LATENCY) as tidal:
        far = _side_by_side(tidal)
    most = LARGE.playlists / 50 + 5
    verdicts = (
        at_least("first snapshot: >= 90 % of bare requests, 50 ms away", _reached(far), 90, " %"),
        at_least("first snapshot: >= 90 % of bare requests, no latency", _reached(near), 90, " %"),
        at_most(f"unchanged account: <= {most:.0f} requests", requests, most, " requests"),
    )
    rows = (
        *(Row(f"{name}, 50 ms a request", took) for name, took in far.items()),
        *(Row(f"{name}, no latency", took) for name, took in near.items()),
        Row("unchanged account, no latency", unchanged),
    )
    return Result("snapshot", "Snapshot, 1,000 playlists, 100,000 items", rows, verdicts, NOTE)


def _side_by_side(tidal: Tidal) -> dict[str, Took]:
    runs = {
        "first snapshot": measured("taking", "ours", *tidal),
        "bare requests, the same pages and connections": measured("taking", "bare", *tidal),
    }
    return side_by_side(runs, rounds=3)


def _reached(took: dict[str, Took]) -> float:
    ours, bare = took.values()
    return 100 * bare.wall / ours.wall


@contextmanager
def _served(latency: float) -> Iterator[Tidal]:
    """The stand-in, which takes its time."""
    words = [sys.executable, "-m", "benchmarks.tidal", *map(str, (*LARGE[1:4], latency))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Tidal(*process.stdout.readline().split())
        finally:
            process.terminate()


def _requests(tidal: Tidal, database: Path) -> int:
    words = [sys.executable, "-m", "benchmarks.taking", "ours", *tidal, str(database)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[0])
