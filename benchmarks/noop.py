"""The check that finds nothing to do, as it runs every night."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.home import Home, home_of, strandline
from benchmarks.measure import Run, command, side_by_side
from benchmarks.peers import require
from benchmarks.report import Result, Row, at_most
from benchmarks.sizes import HUGE, LARGE, POOLED, SMALL, Size

NOTE = (
    "Folders in which nothing came or went are not listed again; `--full` lists them all. By "
    "strace that is 52,677 lstat and 61 getdents calls in place of 53,664 lstat, 50,000 readlink "
    "and 2,061 getdents. The figures are with a warm cache; after dropping all caches, on a busy "
    "machine, the best of three was 8.3 s (2.1 s of CPU), with `--full` 23.6 s (4.7), find 13.0."
)


def small(work: Path) -> Result:
    """200 playlists, 20,000 entries."""
    took = side_by_side(_peers(_mirrored(SMALL, work), with_all=False), rounds=9)
    ratio = took["strandline"].wall / took["rsync"].wall
    verdict = at_most("no-op check, small: <= 2.5 × rsync, wall", ratio, 2.5)
    return Result("noop-small", _title(SMALL), _rows(took), (verdict,))


def large(work: Path) -> Result:
    """1,000 playlists, 100,000 entries."""
    took = side_by_side(_peers(_mirrored(LARGE, work), with_all=True), rounds=7)
    ours, rsync = took["strandline"], took["rsync"]
    verdicts = (
        at_most("no-op check, large: <= 1.5 × rsync, wall", ours.wall / rsync.wall, 1.5),
        at_most("no-op check, large: <= 1.5 × rsync, CPU", ours.cpu / rsync.cpu, 1.5),
        at_most("no-op check, large: faster than unison", ours.wall / took["unison"].wall, 1),
        at_most("no-op check, large: faster than rclone", ours.wall / took["rclone"].wall, 1),
        at_most("no-op check, large: memory <= 120 MiB", ours.mib, 120, " MiB"),
    )
    return Result("noop-large", _title(LARGE), _rows(took), verdicts, NOTE)


def huge(work: Path) -> Result:
    """Ten times that, without a mirror."""
    home = home_of(HUGE, work)
    took = side_by_side({"strandline": _check(home)}, rounds=1)
    verdict = at_most(
        "no-op check, 1,000,000 entries: <= 1 GiB", took["strandline"].mib, 1024, " MiB"
    )
    return Result("noop-huge", _title(HUGE), _rows(took), (verdict,))


def pool(work: Path) -> Result:
    """With all audio in the pool, beside the same in the folders of playlists."""
    homes = {"playlists": home_of(SMALL, work), "pool": home_of(POOLED, work)}
    took = side_by_side({name: _check(home) for name, home in homes.items()}, rounds=5)
    ratio = took["pool"].cpu / took["playlists"].cpu
    verdict = at_most("no-op check of a pool: <= 2.5 × that of playlists, CPU", ratio, 2.5)
    note = "A playlist cannot be told by its folder alone there: all of the library is looked at."
    title = f"No-op check of a pool of {POOLED.tracks:,} files"
    return Result("noop-pool", title, _rows(took), (verdict,), note)


def _title(size: Size) -> str:
    return f"No-op check, {size.playlists:,} playlists, {size.entries:,} entries"


def _rows(took: dict) -> tuple[Row, ...]:
    return tuple(Row(name, figures) for name, figures in took.items())


def _mirrored(size: Size, work: Path) -> Home:
    """A home with a second copy of its library, which the peers find to be the same."""
    home = home_of(size, work)
    if not home.mirror.exists():
        subprocess.run(["cp", "-a", home.playlists, home.mirror], check=True)
    return home


def _check(home: Home, *more: str) -> Run:
    return command(*strandline("sync-check", "--offline", *more), env=home.environment())


def _peers(home: Home, *, with_all: bool) -> dict[str, Run]:
    require("rsync", "find")
    ours, mirror = f"{home.playlists}/", f"{home.mirror}/"
    runs = {
        "strandline": _check(home),
        "strandline --full": _check(home, "--full"),
        "rsync": command("rsync", "-an", "--delete", ours, mirror),
        "find": command("find", ours, "-printf", "%p %s %T@ %i %l\\n"),
    }
    if not with_all:
        return runs
    require("unison", "rclone")
    batch = ["-batch", "-auto", "-silent", "-links", "true", "-times"]
    state = {"UNISON": str(home.folder / "unison"), "HOME": str(home.folder)}
    runs["unison"] = command("unison", ours, mirror, *batch, env=state)
    links = ["--links", "--dry-run", "--quiet"]
    runs["rclone"] = command("rclone", "sync", ours, mirror, *links, env=state)
    return runs
