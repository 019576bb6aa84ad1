"""Where the tracks' audio is on disk, as the disk itself spells it; each folder is read once."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from strandline.core.ids import LibPath
from strandline.core.names import collision_key

_TOPS = ("Playlists", "Tracks")


class OnDisk(NamedTuple):
    """A regular file: its full path and its size in bytes."""

    path: str
    size: int


class Places:
    """Looks paths up below ``<library>/mp3``, in its true place, whatever links lead there."""

    def __init__(self, mp3: str | os.PathLike[str]) -> None:
        self._root = os.path.realpath(mp3)
        self._folders: dict[str, dict[str, os.DirEntry[str]]] = {}
        self._alike: dict[str, dict[str, str]] = {}

    def find(self, path: LibPath) -> OnDisk | None:
        """The file there; of a link, the file it leads to. None when there is none."""
        folder, _, name = path.rpartition("/")
        if not _is_inside(path):
            return None
        entry = self._entries(folder).get(name) or self._spelled_otherwise(folder, name)
        if entry is None:
            return None
        try:
            if entry.is_symlink():
                return _led(entry.path)
            found = entry.stat(follow_symlinks=False)
        except OSError:
            return None
        return OnDisk(entry.path, found.st_size) if stat.S_ISREG(found.st_mode) else None

    def _entries(self, folder: str) -> dict[str, os.DirEntry[str]]:
        if folder not in self._folders:
            self._folders[folder] = _listed(f"{self._root}/{folder}")
        return self._folders[folder]

    def _spelled_otherwise(self, folder: str, name: str) -> os.DirEntry[str] | None:
        """A name that some disks take for the same one: other accents, another case."""
        entries = self._entries(folder)
        if folder not in self._alike:
            self._alike[folder] = {collision_key(it): it for it in entries}
        there = self._alike[folder].get(collision_key(name))
        return (
            entries[there] if there and os.path.lexists(f"{self._root}/{folder}/{name}") else None
        )


def _is_inside(path: LibPath) -> bool:
    parts = path.split("/")
    return parts[0] in _TOPS and len(parts) > 1 and not {"", ".", ".."} & set(parts)


def _listed(folder: str) -> dict[str, os.DirEntry[str]]:
    """Nothing of a folder that cannot be read, or that is a link in a folder's place."""
    try:
        if os.path.islink(folder):
            return {}
        with os.scandir(folder) as entries:
            return {entry.name: entry for entry in entries}
    except OSError:
        return {}


def _led(link: str) -> OnDisk | None:
    try:
        real = os.path.realpath(link, strict=True)
        found = os.stat(real)
    except OSError:
        return None
    return OnDisk(real, found.st_size) if stat.S_ISREG(found.st_mode) else None
