"""File systems of one test: made in image files, mounted in its folder, gone at its end."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.machine.need import need, need_mounts, skip_as, tool

MIB = 1 << 20


@dataclass(frozen=True)
class Format:
    """How to make a file system of one kind, and how to mount it."""

    make: tuple[str, ...]
    mount: tuple[str, ...]
    size: int = 64 * MIB


_NTFS = ("mkfs.ntfs", "-Q", "-F", "-q")
_LOOP = ("mount", "-o", "loop")
LONGEST = 60
"""Seconds that the program behind a mount may take to end."""
FORMATS = {
    "ext4": Format(("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0"), _LOOP),
    "xfs": Format(("mkfs.xfs", "-q", "-f"), ("mount", "-o", "loop,nouuid"), 300 * MIB),
    "btrfs": Format(("mkfs.btrfs", "-q", "-f"), _LOOP, 128 * MIB),
    "ntfs": Format(_NTFS, ("ntfs-3g", "-o", "windows_names")),
    "exfat": Format(("mkfs.exfat",), ("mount.exfat-fuse",)),
    "vfat": Format(("mkfs.vfat", "-F", "32"), ("mount", "-t", "vfat", "-o", "loop,utf8")),
    "vfat in user space": Format(("mkfs.vfat", "-F", "32"), ("fusefat", "-o", "rw+")),
    "ntfs in small letters": Format(_NTFS, ("lowntfs-3g", "-o", "ignore_case,windows_names")),
}


def _serving(place: Path) -> Iterator[int]:
    """Descriptors of the programs behind a mount, readable once they ended.

    What some of them write last they write after it is unmounted.
    """
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with suppress(OSError):
            if str(place).encode() in (process / "cmdline").read_bytes().split(b"\0"):
                yield os.pidfd_open(int(process.name))


@dataclass
class Mounts:
    """The mounts of one test, unmounted in reverse when it ends."""

    images: Path
    _undo: list[Callable[[], object]] = field(default_factory=list)

    def image(self, kind: str) -> Path:
        """A fresh file system of a kind, in a file."""
        form = FORMATS[kind]
        need(form.make[0], form.mount[0])
        image = self.images / f"{kind}.image"
        image.write_bytes(b"")
        os.truncate(image, form.size)
        tool(*form.make, str(image))
        return image

    def disk(self, kind: str, place: Path) -> Path:
        """A fresh file system of a kind, mounted at ``place``; its image."""
        image = self.image(kind)
        self.insert(kind, image, place)
        return image

    def insert(self, kind: str, image: Path, place: Path) -> None:
        """Mounts an image, as after a restart of the machine."""
        place.mkdir(parents=True, exist_ok=True)
        program, *options = FORMATS[kind].mount
        source = str(image) if program == "mount" else self._loop(image)
        said = tool(program, *options, source, str(place), check=False)
        if said.returncode:
            skip_as(said)
        self._undo.append(lambda: self.pull(place))

    def device(self, image: Path) -> Path:
        """The block device that an image is mounted by: what a stick holds at this moment."""
        return Path(tool("losetup", "-nO", "NAME", "-j", str(image)).stdout.strip())

    def _loop(self, image: Path) -> str:
        """A block device on the image: only then does unmounting wait for the last byte."""
        known = tool("losetup", "-nO", "NAME", "-j", str(image)).stdout.strip()
        if known:
            return known
        device = tool("losetup", "-f", "--show", str(image)).stdout.strip()
        self._undo.append(lambda: tool("losetup", "-d", device))
        return device

    def tmpfs(self, place: Path, options: str) -> None:
        """A disk in memory, with limits."""
        need_mounts()
        place.mkdir(parents=True, exist_ok=True)
        tool("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place))
        self._undo.append(lambda: self.pull(place))

    def bind_read_only(self, place: Path) -> None:
        """A folder that is mounted over itself, read-only."""
        tool("mount", "--bind", str(place), str(place))
        self._undo.append(lambda: self.pull(place))
        tool("mount", "-o", "remount,ro,bind", str(place))

    def pull(self, place: Path, *, lazily: bool = False) -> None:
        """Unmounts, should it be mounted; ``lazily`` even while it is in use."""
        if f" {place} " in Path("/proc/self/mountinfo").read_text():
            programs = [] if lazily else list(_serving(place))
            tool("umount", *(["-l"] if lazily else []), str(place))
            for program in programs:
                select.select([program], [], [], LONGEST)
                os.close(program)

    def end(self) -> None:
        while self._undo:
            try:
                self._undo.pop()()
            except RuntimeError:
                continue  # busy; it goes with this process
