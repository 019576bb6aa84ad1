"""Disks that are full, used up by a quota, read-only or write-protected in part."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from strandline.errors import Exit, StrandlineError
from strandline.execute.result import Result
from tests.faults.machine.cuts import Apart
from tests.faults.machine.mounts import Mounts
from tests.faults.machine.need import need, tool
from tests.faults.reference import Reference
from tests.faults.scenes import SCENES
from tests.faults.tally import tally
from tests.stage import Stage

NAME = "full and read-only disks"
pytestmark = pytest.mark.battery(NAME)

ROUND = "names go round, and a new track"
FREE_KIB = (0, 4, 8, 16, 40, 80, 120, 160, 240)
FREE_INODES = (0, 1, 2, 3, 4, 5, 7, 10)


class Limited:
    """A scene on a disk that will refuse something, and how it ends where none does."""

    def __init__(self, home: Path, scene: str = ROUND) -> None:
        self.reference, self.scene = Reference(scene, home), SCENES[scene]

    def on(self, disk: Path, stage: type[Stage] = Apart) -> Stage:
        """Synced, with the change still to come."""
        made = stage(disk)
        self.scene.before(made)
        assert made.sync().exit is Exit.DONE
        self.scene.change(made)
        return made

    def refused(self, stage: Stage) -> tuple[str, str]:
        """The code and the words of a run that cannot do all; ``done`` if it could after all."""
        try:
            told = _told(stage.sync())
        except StrandlineError as error:
            told = error.code, error.message
        self.reference.check_cut_off(stage)
        return told

    def ends_well(self, stage: Stage) -> None:
        """The next run, with what was missing."""
        assert stage.sync().exit is Exit.DONE
        self.reference.check_end(stage)
        tally(NAME).count()


def _told(result: Result) -> tuple[str, str]:
    if result.exit is Exit.DONE:
        return "done", ""
    if result.stopped:
        return result.stopped.code, result.stopped.message
    return result.failed[0].code, result.failed[0].error


@pytest.fixture
def limited(mounts: Mounts) -> Limited:
    return Limited(mounts.images)


def _fill_bytes(disk: Path, free_kib: int) -> list[Path]:
    ballast = disk / "ballast"
    with open(ballast, "wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    os.truncate(ballast, max(0, ballast.stat().st_size - free_kib * 1024))
    return [ballast]


def _fill_inodes(disk: Path, free: int) -> list[Path]:
    made: list[Path] = []
    with suppress(OSError):
        while True:
            path = disk / f"ballast-{len(made)}"
            path.touch()
            made.append(path)
    for path in made[len(made) - free :]:
        path.unlink()
    return made[: len(made) - free]


@pytest.mark.parametrize("stage", [Stage, Apart], ids=["database there", "database elsewhere"])
@pytest.mark.parametrize(("fill", "levels"), [(_fill_bytes, FREE_KIB), (_fill_inodes, FREE_INODES)])
def test_a_full_disk_stops_the_run_and_the_next_one_ends_it(
    fill: Callable[[Path, int], list[Path]],
    levels: tuple[int, ...],
    stage: type[Stage],
    limited: Limited,
    tmp_path: Path,
    mounts: Mounts,
) -> None:
    stopped = set()
    for free in levels:
        disk = tmp_path / f"{free}" / "disk"
        mounts.tmpfs(disk, "size=4m,nr_inodes=120")
        full = limited.on(disk, stage)
        ballast = fill(disk, free)
        stopped.add(limited.refused(full)[0])
        for path in ballast:
            path.unlink()
        limited.ends_well(full)
        mounts.pull(disk)
    assert "disk_full" in stopped
    assert stopped <= {"disk_full", "database", "done"}


def test_a_quota_that_is_used_up_stops_the_run(
    limited: Limited, tmp_path: Path, mounts: Mounts
) -> None:
    disk = tmp_path / "disk"
    mounts.disk("btrfs", disk)
    tool("btrfs", "quota", "enable", str(disk))
    mine = disk / "mine"
    tool("btrfs", "subvolume", "create", str(mine))
    stage = limited.on(mine)
    tool("sync", "-f", str(disk))
    tool("btrfs", "qgroup", "limit", "64K", str(mine))
    code, message = limited.refused(stage)
    assert code == "disk_full"
    assert "your quota on this disk is used up" in message
    tool("btrfs", "quota", "disable", str(disk))
    limited.ends_well(stage)


def test_a_read_only_disk_stops_the_run(limited: Limited, tmp_path: Path, mounts: Mounts) -> None:
    stage = limited.on(tmp_path / "disk")
    mounts.bind_read_only(stage.root)
    code, message = limited.refused(stage)
    assert code == "read_only"
    assert "the disk is read-only" in message
    mounts.pull(stage.root)
    limited.ends_well(stage)


@pytest.mark.parametrize(
    ("scene", "protected"),
    [
        ("track leaves its primary playlist", "Alpha/Artist 1 - Title 1.flac"),
        ("track leaves every playlist", "Alpha/Artist 1 - Title 1.flac"),
        ("playlist renamed", "Alpha"),
        ("playlist deleted", "Alpha"),
        ("playlist deleted", "Beta"),
    ],
)
def test_what_is_write_protected_stays_and_is_named(
    scene: str, protected: str, tmp_path: Path, mounts: Mounts
) -> None:
    need("chattr")
    limited = Limited(mounts.images, scene)
    disk = tmp_path / "disk"
    mounts.disk("ext4", disk)
    stage = limited.on(disk)
    place = stage.shelf / protected
    tool("chattr", "+i", str(place))
    try:
        code, message = limited.refused(stage)
    finally:
        tool("chattr", "-i", str(place))
    assert "not permitted (is it write-protected?)" in message, code
    limited.ends_well(stage)
