"""Making links, journal and fsync included."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from benchmarks.home import Home, home_of
from benchmarks.measure import Took, measured, middle
from benchmarks.report import Result, Row, at_least
from benchmarks.sizes import UNLINKED

ROUNDS = 3
SETTLED = 15
"""Seconds of peace before the first round: a disk that still writes what the set-up made is
measured in its place. An ext4 without a journal also passes over inodes freed in the last five
minutes, which takes twice the time: so do not run this twice within them."""

NOTE = (
    "A link holds 67 bytes here, and ext4 keeps more than 59 in a block of their own: with "
    "shorter ones the bare calls made 1.8 times as many a second. Two threads work side by side. "
    "The one that makes the links takes about 35 µs of CPU for each: 24 for the call itself, 4 to "
    "see that the audio is there, 2 that the folder still is, 5 of Python. The one that writes "
    "takes 23: 7 for the intent, 9 for the entry (three of its indexes change), 6 for done and the "
    "commits, 1 for the folder's fsync; of these some 5 are Python, for which the other waits. "
    "Peak memory is that of looking at a library in which every track is in question; carrying out "
    "the plan adds nothing to it."
)


def links(work: Path) -> Result:
    """100,000 links to 50,000 tracks in 1,000 playlists that have none, in a fresh copy a round."""
    home = home_of(UNLINKED, work)
    subprocess.run(["rm", "-rf", *work.glob("links-*")], check=True)
    copies = [_copied(home, work / f"links-{number}") for number in range(ROUNDS)]
    subprocess.run(["sync"], check=True)
    time.sleep(SETTLED)
    ours: list[Took] = []
    bare: list[Took] = []
    for copy in copies:
        ours.append(measured("linking", "ours", copy.folder)())
        bare.append(measured("linking", "bare", copy.folder)())
    subprocess.run(["rm", "-rf", *(copy.folder for copy in copies)], check=True)
    took = middle(ours)
    rate = (UNLINKED.entries - UNLINKED.tracks) / took.wall
    verdict = at_least("links: >= 20,000 a second", rate, 20_000, " a second")
    rows = (Row("strandline", took), Row("bare symlink calls, one fsync a folder", middle(bare)))
    return Result("links", "100,000 links", rows, (verdict,), NOTE)


def _copied(home: Home, folder: Path) -> Home:
    """The home with folders of its own (its files are the same, by hard links), and them twice."""
    copy = Home(folder)
    folder.mkdir()
    subprocess.run(
        ["cp", "-a", home.folder / "state", home.folder / "config.toml", folder], check=True
    )
    subprocess.run(["cp", "-al", home.library, copy.library], check=True)
    subprocess.run(["cp", "-al", home.playlists, copy.mirror], check=True)
    return copy
