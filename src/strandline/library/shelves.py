"""The folders in which everything is as strandline left it: looked at name by name, not kept.

One lstat a file; and one listing of the folder with one readlink a link, unless ``listings`` knows
that nothing came or went. What stands as expected is only counted.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from strandline.core.ids import PlaylistId, TrackId
from strandline.core.states import FoundFolder
from strandline.library.opened import FOLDER, opened_playlists
from strandline.library.stamps import mtime_of

if TYPE_CHECKING:
    from strandline.core.shelf import FileMark, Shelf
    from strandline.events import Progress
    from strandline.library.listings import Listings


@dataclass(slots=True)
class Looked:
    """What a look at the shelves found."""

    quiet: dict[PlaylistId, FoundFolder] = field(default_factory=dict)
    """Folders in which all is as it was left, and nothing else is."""
    noisy: set[PlaylistId] = field(default_factory=set)
    """The other playlists."""
    files: dict[PlaylistId, int] = field(default_factory=dict)
    links: dict[PlaylistId, int] = field(default_factory=dict)
    """How many are in each of the quiet ones."""
    tracks: set[TrackId] = field(default_factory=set)
    """To be decided."""

    def except_for(self, playlists: Iterable[PlaylistId]) -> None:
        """Something is to be decided in these, too."""
        for playlist in playlists:
            self.quiet.pop(playlist, None)
            self.noisy.add(playlist)

    @property
    def counted(self) -> tuple[int, int]:
        """Files and links in the quiet folders."""
        quiet = self.quiet
        return sum(self.files[id] for id in quiet), sum(self.links[id] for id in quiet)


Witness: TypeAlias = "Callable[[Iterable[Shelf]], Iterable[tuple[Shelf, FoundFolder | None]]]"
"""Says of each shelf, in any order, whether its folder is as it was left (None: not surely)."""


def look(
    mp3_dir: Path,
    shelves: Iterable[Shelf],
    listings: Listings,
    progress: Progress,
    witness: Witness | None = None,
) -> Looked:
    """Compare each shelf with its folder, or ask a witness; ``listings`` learns what is compared.

    Raises LibraryError.
    """
    looked = Looked()
    progress.phase("scan")
    with opened_playlists(mp3_dir) as playlists:
        if playlists is not None:
            listings.begin(playlists)
        seen = ((shelf, _look_at(playlists, shelf, listings)) for shelf in shelves)
        for shelf, found in witness(shelves) if witness else seen:
            if found is None:
                looked.noisy.add(shelf.playlist)
                looked.tracks |= shelf.questions(_contents(playlists, shelf))
            else:
                looked.quiet[shelf.playlist] = found
                looked.files[shelf.playlist] = len(shelf.files)
                looked.links[shelf.playlist] = len(shelf.links)
            progress.advance(1)
    return looked


def _look_at(playlists: int | None, shelf: Shelf, listings: Listings) -> FoundFolder | None:
    """The folder, if the playlist is settled and all is as it was left."""
    if playlists is None or not shelf.settled or shelf.open:
        return None
    try:
        fd = os.open(shelf.folder, FOLDER, dir_fd=playlists)
    except OSError:
        return None
    try:
        here = os.fstat(fd)
        if here.st_ino == shelf.ino and _is_as_left(fd, shelf, here, listings):
            return FoundFolder(shelf.folder, here.st_dev, here.st_ino)
    except OSError:
        return None
    finally:
        os.close(fd)
    return None


def _is_as_left(fd: int, shelf: Shelf, here: os.stat_result, listings: Listings) -> bool:
    """``here`` was asked before anything in it."""
    if listings.spare(shelf, here):
        return _stand_as_left(fd, shelf.files)
    if not _lists_as_left(fd, shelf):
        return False
    listings.note(shelf, here)
    return True


def _stand_as_left(fd: int, files: Mapping[str, FileMark]) -> bool:
    """Whether each is a file as it was left; OSError where it is not there."""
    look = os.stat
    for name, file in files.items():  # there may be a hundred thousand
        at = look(name, dir_fd=fd, follow_symlinks=False)
        if file != (at.st_ino, at.st_size, mtime_of(at)) or not stat.S_ISREG(at.st_mode):
            return False
    return True


def _lists_as_left(fd: int, shelf: Shelf) -> bool:
    links, files, seen, readlink = shelf.links, shelf.files, 0, os.readlink
    with os.scandir(fd) as entries:
        for entry in entries:
            name = entry.name
            if entry.is_symlink():
                if links.get(name) != readlink(name, dir_fd=fd):
                    return False
            elif (file := files.get(name)) is None or not entry.is_file(follow_symlinks=False):
                return False
            else:
                at = entry.stat(follow_symlinks=False)
                if file != (at.st_ino, at.st_size, mtime_of(at)):
                    return False
            seen += 1
    return seen == len(links) + len(files)


def _contents(playlists: int | None, shelf: Shelf) -> dict[str, str | FileMark]:
    """What stands under each of the shelf's names; empty where that cannot be told."""
    if playlists is None or not shelf.settled:
        return {}
    try:
        fd = os.open(shelf.folder, FOLDER, dir_fd=playlists)
    except OSError:
        return {}
    try:
        found = {name: _content(fd, name) for name in (*shelf.links, *shelf.files)}
    finally:
        os.close(fd)
    return {name: content for name, content in found.items() if content is not None}


def _content(fd: int, name: str) -> str | FileMark | None:
    try:
        at = os.stat(name, dir_fd=fd, follow_symlinks=False)
        if stat.S_ISLNK(at.st_mode):
            return os.readlink(name, dir_fd=fd)
    except OSError:
        return None
    return (at.st_ino, at.st_size, mtime_of(at)) if stat.S_ISREG(at.st_mode) else None
