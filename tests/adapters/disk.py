"""A library on a real disk for the tests of its adapters, and system calls that misbehave."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from strandline.core.actions import EntryState
from strandline.core.ids import LibPath
from strandline.library.files import LibraryFiles, Syscalls

A = LibPath("Playlists/A/x.mp3")
B = LibPath("Playlists/B/x.mp3")
FOLDER = LibPath("Playlists/A")


class FastOs(Syscalls):
    """Without waiting for the medium: a killed process, unlike a power cut, loses nothing of it."""

    def fsync(self, fd: int) -> None:
        pass


class FaultyOs(FastOs):
    """Fails one call with one error, at its nth time or from then on; counts all."""

    def __init__(self, call: str = "", error: int = 0, nth: int = 1, for_ever: bool = False):
        self.counts: Counter[str] = Counter()
        self._fault = (call, error, nth, for_ever)

    def __getattribute__(self, name: str) -> Any:
        real = super().__getattribute__(name)
        if name.startswith("_") or name in ("counts", "close") or not callable(real):
            return real
        return self._faulty(name, real)

    def _faulty(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any) -> Any:
            self.counts[name] += 1
            call, error, nth, for_ever = self._fault
            count = self.counts[name]
            if name == call and (count == nth or (for_ever and count > nth)):
                raise OSError(error, os.strerror(error))
            return real(*args)

        return called


class OldKernel(FastOs):
    """A system without flags on rename."""

    def rename_in_kernel(self, source: int, name: str, folder: int, new: str) -> bool:
        return False

    def exchange(self, source: int, name: str, folder: int, new: str) -> bool:
        return False


class NoHardLinks(OldKernel):
    """A disk like exFAT: neither flags nor hard links."""

    def link(self, source: int, name: str, folder: int, new: str) -> None:
        raise PermissionError(1, "Operation not permitted")


def seen(path: Path) -> EntryState:
    """A Seen made independently of the code under test."""
    here = path.lstat()
    if path.is_symlink():
        return EntryState("link", here.st_dev, here.st_ino, target=os.readlink(path))
    if path.is_dir():
        return EntryState("folder", here.st_dev, here.st_ino)
    return EntryState("file", here.st_dev, here.st_ino, here.st_size, here.st_mtime_ns)


def tree(root: Path) -> dict[str, str]:
    """Every entry below ``root``: a file's text, ``-> target`` of a link, ``/`` of a folder."""
    found = {}
    for name, entry in sorted(_entries(root), key=lambda it: it[0].split("/")):
        if entry.is_symlink():
            found[name] = f"-> {os.readlink(entry)}"
        elif entry.is_dir():
            found[name] = "/"
        else:
            found[name] = _text(entry)
    return found


def contents(root: Path, but: str = "downloaded") -> set[str]:
    """C of the invariants: every regular file's content, but of a download still in the making."""
    texts = (
        _text(entry)
        for _, entry in _entries(root)
        if entry.is_file(follow_symlinks=False) and "/tmp/part-" not in entry.path
    )
    return {text for text in texts if text != but}


def _entries(folder: Path | str, below: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """By their paths; no link is followed. Of a folder that is not there, none."""
    entries: list[os.DirEntry[str]] = []
    with suppress(FileNotFoundError), os.scandir(folder) as found:
        entries += found
    for entry in entries:
        name = below + entry.name
        yield name, entry
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(entry.path, f"{name}/")


def _text(entry: os.DirEntry[str]) -> str:
    with open(entry) as file:
        return file.read()


def open_descriptors(root: Path) -> list[str]:
    """What of the library is open; other tests leave sockets, which close when they please."""
    found: list[str] = []
    for fd in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # the one of the listing
            found.append(os.readlink(f"/proc/self/fd/{fd}"))
    below = str(root.resolve())
    return sorted(path for path in found if path.startswith(below))


def at(files: LibraryFiles, path: str) -> Path:
    """Where a library path lies on the disk."""
    return files.root / "mp3" / path


def playlists(files: LibraryFiles) -> dict[str, str]:
    """The ``tree`` that a user sees."""
    return tree(files.root / "mp3/Playlists")
