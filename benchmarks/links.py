"""Making links, journal and fsync included."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.home import Home, home_of
from benchmarks.measure import measured, middle
from benchmarks.report import Result, Row, at_least
from benchmarks.sizes import LARGE

NOTE = (
    "Where the goal is missed, the time is in the kernel: a profile of 10,000 links had 5.0 of "
    "7.3 s in `symlink` itself (folders just copied, so their blocks are cold), 0.5 s in fsync "
    "and commit, 0.3 s in the journal's statements."
)


def links(work: Path) -> Result:
    """The 50,000 links of the large library, made anew."""
    times, bare_times = [], []
    for number in range(2):
        copy = _without_links(home_of(LARGE, work), work / f"links-{number}")
        times.append(measured("linking", "ours", copy.folder)())
        bare_times.append(measured("linking", "bare", copy.folder)())
        subprocess.run(["rm", "-rf", copy.folder], check=True)
    took = middle(times)
    bare = middle(bare_times)
    rate = (LARGE.entries - LARGE.tracks) / took.wall
    verdict = at_least("links: >= 20,000 a second", rate, 20_000, " a second")
    rows = (Row("strandline", took), Row("bare symlink calls, one fsync a folder", bare))
    return Result("links", "50,000 links", rows, (verdict,), NOTE)


def _without_links(home: Home, folder: Path) -> Home:
    """A copy in which no link was ever made: its files are the same ones (hard links)."""
    copy = Home(folder)
    folder.mkdir()
    subprocess.run(
        ["cp", "-a", home.folder / "state", home.folder / "config.toml", folder], check=True
    )
    copy.playlists.mkdir(parents=True)
    marker = home.library / ".strandline"
    subprocess.run(["cp", "-a", marker, copy.library], check=True)
    words = [
        "rsync",
        "-a",
        "--no-links",
        "--info=nonreg0",
        f"--link-dest={home.playlists}",
        f"{home.playlists}/",
    ]
    subprocess.run([*words, f"{copy.playlists}/"], check=True)
    subprocess.run(["sync"], check=True)
    return copy
