"""Downloads from the stand-in on this machine, beside the same loop in bare requests."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.home import Home, Tidal, log_in, strandline
from benchmarks.measure import Took, measured, middle
from benchmarks.report import Result, Row, at_least, at_most

ROUNDS = 3
SETTLED = 6
"""Seconds between two runs: each starts with a disk that has nothing left to write."""
LARGE, SONG, SMALL = 60.0, 10.0, 0.25
"""MiB of a file."""
OURS = "ours"
WAYS = {OURS: "strandline", "bare": "bare requests", "checked": "bare requests, checked"}


NOTE = (
    "Bare requests write, hash and sync what comes. strandline also reads every file to its end "
    "before it gets a name (a cut or damaged download never does): the CRC of each FLAC frame, "
    "other codecs are decoded. The third way is bare requests with that check, two at a time: what "
    "is left between it and strandline is journal, tags and publishing. Of 10 MiB strandline's CPU "
    "is 12 ms for fetching (bare requests: 14, hashing included), 15 for the check, 7 for the hash "
    "of the tagged file, 2 for journal and name. libav hands over 1,070 frames a file, and after "
    "each another thread may have the interpreter: alone the check takes 9 ms. Without any check "
    "the 40 songs take 0.80 s. Files of 256 KiB, which no song is, show what a file costs beside "
    "its bytes: about 4 ms of CPU, 2 of them in bare requests (the same two requests)."
)


def downloads(work: Path) -> Result:
    """10 large files, 40 songs, 200 small ones; one alone shows what memory it takes."""
    one = _compared(work, 1, LARGE, rounds=1)
    large = _compared(work, 10, LARGE, ROUNDS)
    songs = _compared(work, 40, SONG, ROUNDS)
    small = _compared(work, 200, SMALL, ROUNDS)
    memory = max(large[OURS].mib, small[OURS].mib) / one[OURS].mib
    verdicts = (
        at_least("downloads, 10 × 60 MiB: >= 85 % of bare requests", _share(large), 85, " %"),
        at_least("downloads, 40 × 10 MiB: >= 85 % of bare requests", _share(songs), 85, " %"),
        at_most("downloads: memory flat, <= 1.1 × that of one file", memory, 1.1),
    )
    rows = tuple(
        Row(f"{WAYS[way]}, {what}", took)
        for what, ways in (
            ("10 × 60 MiB", large),
            ("40 × 10 MiB", songs),
            ("200 × 256 KiB", small),
            ("1 × 60 MiB", one),
        )
        for way, took in ways.items()
    )
    return Result("downloads", "Downloads, 4 workers, `original`", rows, verdicts, NOTE)


def _share(took: dict[str, Took]) -> float:
    return 100 * took["bare"].wall / took[OURS].wall


def _compared(work: Path, tracks: int, mib: float, rounds: int) -> dict[str, Took]:
    """The medians of all ways, in turn, each into a folder that was never there before."""
    taken: dict[str, list[Took]] = {way: [] for way in WAYS}
    folder = work / "downloads"
    subprocess.run(["rm", "-rf", folder], check=True)
    with _served(tracks, mib) as tidal:
        homes = [_fresh(folder / f"{number}", tidal) for number in range(rounds)]
        for home in homes:
            for way, times in taken.items():
                _settle()
                told = (tidal.url, tidal.access_token)
                times.append(measured("fetching", way, home.folder, *told)())
    subprocess.run(["rm", "-rf", folder], check=True)
    return {way: middle(times) for way, times in taken.items()}


def _settle() -> None:
    subprocess.run(["sync"], check=True)
    time.sleep(SETTLED)


def _fresh(folder: Path, tidal: Tidal) -> Home:
    """A login and a snapshot, and no library yet."""
    home = Home(folder)
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[audio]\nformat = "original"\n')
    environment = log_in(home, tidal.url)
    subprocess.run(strandline("sync-check"), env=environment, check=True, capture_output=True)
    return home


@contextmanager
def _served(tracks: int, mib: float) -> Iterator[Tidal]:
    words = [sys.executable, "-m", "benchmarks.music", str(tracks), str(mib)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Tidal(*process.stdout.readline().split())
        finally:
            process.terminate()
