"""Folders on each file system whose stamps are believed: every change gives a new ctime."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from strandline.library.files import Syscalls
from strandline.library.scan.folder_cache import STAMPING, file_system
from tests.faults.machine.mounts import Mounts


def exchange(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        assert Syscalls().exchange(fd, "one", fd, "two")
    finally:
        os.close(fd)


def put_back(folder: Path) -> None:
    times = folder.stat()
    (folder / "one").unlink()
    os.utime(folder, ns=(times.st_atime_ns, times.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a name comes": lambda folder: os.symlink("x", folder / "three"),
    "a name goes": lambda folder: (folder / "one").unlink(),
    "a name changes": lambda folder: (folder / "one").rename(folder / "three"),
    "a name leaves": lambda folder: (folder / "one").rename(folder.parent / "one"),
    "a link replaces another": lambda folder: (folder / "one").replace(folder / "two"),
    "two links change places": exchange,
    "a folder comes": lambda folder: (folder / "three").mkdir(),
    "a name goes and the time is put back": put_back,
}


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs"])
def test_every_change_in_a_folder_moves_its_ctime(
    kind: str, tmp_path: Path, mounts: Mounts
) -> None:
    top = tmp_path / "disk"
    mounts.tmpfs(top, "size=1m") if kind == "tmpfs" else mounts.disk(kind, top)
    assert kind in STAMPING
    for number, change in enumerate(CHANGES.values()):
        folder = top / str(number)
        folder.mkdir()
        os.symlink("1", folder / "one")
        os.symlink("2", folder / "two")
        fd = os.open(folder, os.O_RDONLY)
        assert file_system(fd) == kind
        os.close(fd)
        was, tick = folder.stat(), top / f"tick {number}"
        tick.mkdir()
        while tick.stat().st_ctime_ns <= was.st_ctime_ns:
            os.utime(tick)
        change(folder)
        assert folder.stat().st_ctime_ns > was.st_ctime_ns
