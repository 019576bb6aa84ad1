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
"""Seconds of peace before the first round: ext4 avoids inodes freed less than five seconds ago,
and a disk that still writes what the set-up made is measured in its place."""

NOTE = (
    "A link holds 67 bytes here, and ext4 keeps more than 59 in a block of their own: with "
    "shorter ones the bare calls made 1.8 times as many a second. Of each link the database takes "
    "about 18 µs of CPU: 5 for the intent, 10 for its entry (four indexes), 1 for done, 3 for "
    "commits. Peak memory is that of looking at a library in which every track is in question; "
    "carrying out the plan adds nothing to it."
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
