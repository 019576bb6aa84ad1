"""A legacy database's paths: what they mean inside today's library.

Older programs wrote paths in several ways: absolute, relative to the MP3 directory, relative to the
library (``mp3/…``). All are judged against the MP3 directory, never against the working directory.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from strandline.core.ids import PLAYLISTS

OUTSIDE = "lies outside the library"
CLIMBS = "climbs out with '..'"
GONE = "is not there"
EMPTY = "is empty (0 bytes)"
LINK = "is a link"


class LegacyPath(NamedTuple):
    """Where a file is. ``path`` is None if the text names no place in the library."""

    path: str | None
    exists: bool
    trouble: str = ""
    """What a person should know of it, empty if nothing."""


@dataclass(frozen=True)
class Music:
    """The MP3 directory (absolute)."""

    directory: str

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The directory as given and as it really is: an old path may hold either."""
        return tuple(dict.fromkeys((self.directory, os.path.realpath(self.directory))))

    @cached_property
    def is_there(self) -> bool:
        """False when the disk is not mounted: then nothing is known about any file."""
        return os.path.isdir(self.directory)

    def file(self, text: str) -> LegacyPath:
        """The place of a track's file."""
        candidates = self._inside(text)
        if not candidates:
            return LegacyPath(None, False, CLIMBS if ".." in text.split("/") else OUTSIDE)
        for candidate in candidates:
            for spelling in _spellings(candidate):
                if (trouble := self._look(spelling)) is not None:
                    return LegacyPath(spelling, True, trouble)
        return LegacyPath(candidates[0], False, GONE)

    def folder(self, text: str) -> str | None:
        """The bare name of a playlist's folder, or None if the text names none."""
        for candidate in self._inside(text):
            parent, _, name = candidate.rpartition("/")
            if parent == PLAYLISTS:
                return name
            if not parent and os.path.isdir(os.path.join(self.directory, PLAYLISTS, name)):
                return name
        return None

    def link(self, text: str) -> str | None:
        """The place of a link in a playlist's folder, wherever it leads; None if none is there."""
        for candidate in self._inside(text):
            for spelling in _spellings(candidate):
                if spelling.startswith(f"{PLAYLISTS}/") and os.path.islink(
                    os.path.join(self.directory, spelling)
                ):
                    return spelling
        return None

    def _inside(self, text: str) -> list[str]:
        """Relative paths ``text`` may mean, the likeliest first; none if it leads elsewhere."""
        parts = [part for part in text.split("/") if part not in ("", ".")]
        if ".." in parts or not parts or "\0" in text:
            return []
        if text.startswith("/"):
            return self._below_roots("/" + "/".join(parts))
        if parts[0] == "mp3" and len(parts) > 1:
            return ["/".join(parts[1:]), "/".join(parts)]
        return ["/".join(parts)]

    def _below_roots(self, absolute: str) -> list[str]:
        real = os.path.join(os.path.realpath(os.path.dirname(absolute)), os.path.basename(absolute))
        for spelling in (absolute, real):
            for root in self.roots:
                if spelling.startswith(root + "/"):
                    return [spelling[len(root) + 1 :]]
        return self._moved_along(absolute)

    def _moved_along(self, absolute: str) -> list[str]:
        """The same file in a library that has been moved since: its tail exists here, not there."""
        _, found, tail = absolute.rpartition(f"/{PLAYLISTS}/")
        here = f"{PLAYLISTS}/{tail}"
        if found and not os.path.lexists(absolute):
            return [here] if os.path.exists(os.path.join(self.directory, here)) else []
        return []

    def _look(self, path: str) -> str | None:
        """What to say of the file at ``path`` (nothing: ""), None if there is no regular file."""
        full = os.path.join(self.directory, path)
        try:
            itself, file = os.lstat(full), os.stat(full)
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(file.st_mode):
            return None
        if stat.S_ISLNK(itself.st_mode):
            return LINK
        return "" if file.st_size else EMPTY


def music_in(directory: Path) -> Music:
    """The MP3 directory at a path, which is made absolute once and for all."""
    return Music(os.path.abspath(directory))


def _spellings(path: str) -> dict[str, None]:
    """The path as it is, then composed and decomposed: disks and databases differ in that."""
    return dict.fromkeys((path, *(unicodedata.normalize(form, path) for form in ("NFC", "NFD"))))
