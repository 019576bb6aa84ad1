"""Where the tracks' audio is on disk, as the disk itself spells it.

A folder is read once where paths of one folder are asked for one after the other.
"""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from strandline.core.ids import LibPath
from strandline.core.names import collision_key

_TOPS = ("Playlists", "Tracks")
_KEPT = 64  # folders


class OnDisk(NamedTuple):
    """A regular file: its full path and its size in bytes."""

    path: str
    size: int


class Places:
    """Looks paths up below ``<library>/mp3``, in its true place, whatever links lead there."""

    def __init__(self, mp3: str | os.PathLike[str]) -> None:
        self._root = os.path.realpath(mp3)
        self._folders: dict[str, frozenset[str]] = {}
        self._alike: dict[str, dict[str, str]] = {}

    def find(self, path: LibPath) -> OnDisk | None:
        """The file there; of a link, the file it leads to. None when there is none."""
        folder, _, name = path.rpartition("/")
        if not _is_inside(path):
            return None
        spelled = name if name in self._names(folder) else self._spelled_otherwise(folder, name)
        if spelled is None:
            return None
        full = f"{self._root}/{folder}/{spelled}"
        try:
            found = os.lstat(full)
        except OSError:
            return None
        if stat.S_ISLNK(found.st_mode):
            return _led(full)
        return OnDisk(full, found.st_size) if stat.S_ISREG(found.st_mode) else None

    def _names(self, folder: str) -> frozenset[str]:
        if folder not in self._folders:
            if len(self._folders) >= _KEPT:
                oldest = next(iter(self._folders))
                del self._folders[oldest]
                self._alike.pop(oldest, None)
            self._folders[folder] = _listed(f"{self._root}/{folder}")
        return self._folders[folder]

    def _spelled_otherwise(self, folder: str, name: str) -> str | None:
        """A name that some disks take for the same one: other accents, another case."""
        if folder not in self._alike:
            self._alike[folder] = {collision_key(it): it for it in self._names(folder)}
        there = self._alike[folder].get(collision_key(name))
        return there if there and os.path.lexists(f"{self._root}/{folder}/{name}") else None


def _is_inside(path: LibPath) -> bool:
    parts = path.split("/")
    return parts[0] in _TOPS and len(parts) > 1 and not {"", ".", ".."} & set(parts)


def _listed(folder: str) -> frozenset[str]:
    """No names of a folder that cannot be read, or that is a link in a folder's place."""
    try:
        return frozenset() if os.path.islink(folder) else frozenset(os.listdir(folder))
    except OSError:
        return frozenset()


def _led(link: str) -> OnDisk | None:
    try:
        real = os.path.realpath(link, strict=True)
        found = os.stat(real)
    except OSError:
        return None
    return OnDisk(real, found.st_size) if stat.S_ISREG(found.st_mode) else None
