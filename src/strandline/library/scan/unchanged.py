"""Unchanged folders: those as strandline left them, compared name by name and not kept.

One lstat a file; and one listing of the folder with one readlink a link, unless the cache knows
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
from strandline.library.scan.playlists_folder import FOLDER, opened_playlists
from strandline.library.stamps import mtime_of

if TYPE_CHECKING:
    from strandline.core.folder_state import FileMark, FolderState
    from strandline.events import Progress
    from strandline.library.scan.folder_cache import FolderCache


@dataclass(slots=True)
class FolderComparison:
    """What comparing the folders with their expected states found."""

    unchanged: dict[PlaylistId, FoundFolder] = field(default_factory=dict)
    """Folders in which all is as it was left, and nothing else is."""
    changed: set[PlaylistId] = field(default_factory=set)
    """The other playlists."""
    files: dict[PlaylistId, int] = field(default_factory=dict)
    links: dict[PlaylistId, int] = field(default_factory=dict)
    """How many are in each of the unchanged ones."""
    tracks: set[TrackId] = field(default_factory=set)
    """To be decided."""

    def except_for(self, playlists: Iterable[PlaylistId]) -> None:
        """Something is to be decided in these, too."""
        for playlist in playlists:
            self.unchanged.pop(playlist, None)
            self.changed.add(playlist)

    @property
    def counted(self) -> tuple[int, int]:
        """Files and links in the unchanged folders."""
        unchanged = self.unchanged
        return sum(self.files[id] for id in unchanged), sum(self.links[id] for id in unchanged)


FolderChecker: TypeAlias = (
    "Callable[[Iterable[FolderState]], Iterable[tuple[FolderState, FoundFolder | None]]]"
)
"""Says of each state, in any order, whether its folder is as it was left (None: not surely)."""


def compare_folders(
    mp3_dir: Path,
    folder_states: Iterable[FolderState],
    folder_cache: FolderCache,
    progress: Progress,
    checker: FolderChecker | None = None,
) -> FolderComparison:
    """Compare each state with its folder, or ask a checker; the cache learns what is compared.

    Raises LibraryError.
    """
    comparison = FolderComparison()
    progress.phase("scan")
    with opened_playlists(mp3_dir) as playlists:
        if playlists is not None:
            folder_cache.begin(playlists)
        seen = (
            (folder_state, _look_at(playlists, folder_state, folder_cache))
            for folder_state in folder_states
        )
        for folder_state, found in checker(folder_states) if checker else seen:
            if found is None:
                comparison.changed.add(folder_state.playlist)
                comparison.tracks |= folder_state.changed_tracks(_contents(playlists, folder_state))
            else:
                comparison.unchanged[folder_state.playlist] = found
                comparison.files[folder_state.playlist] = len(folder_state.files)
                comparison.links[folder_state.playlist] = len(folder_state.links)
            progress.advance(1)
    return comparison


def _look_at(
    playlists: int | None, folder_state: FolderState, folder_cache: FolderCache
) -> FoundFolder | None:
    """The folder, if the playlist is settled and all is as it was left."""
    if playlists is None or not folder_state.settled or folder_state.open:
        return None
    try:
        fd = os.open(folder_state.folder, FOLDER, dir_fd=playlists)
    except OSError:
        return None
    try:
        here = os.fstat(fd)
        if here.st_ino == folder_state.ino and _is_as_left(fd, folder_state, here, folder_cache):
            return FoundFolder(folder_state.folder, here.st_dev, here.st_ino)
    except OSError:
        return None
    finally:
        os.close(fd)
    return None


def _is_as_left(
    fd: int, folder_state: FolderState, here: os.stat_result, folder_cache: FolderCache
) -> bool:
    """``here`` was asked before anything in it."""
    if folder_cache.spare(folder_state, here):
        return _stand_as_left(fd, folder_state.files)
    if not _lists_as_left(fd, folder_state):
        return False
    folder_cache.note(folder_state, here)
    return True


def _stand_as_left(fd: int, files: Mapping[str, FileMark]) -> bool:
    """Whether each is a file as it was left; OSError where it is not there."""
    look = os.stat
    for name, file in files.items():  # there may be a hundred thousand
        at = look(name, dir_fd=fd, follow_symlinks=False)
        if file != (at.st_ino, at.st_size, mtime_of(at)) or not stat.S_ISREG(at.st_mode):
            return False
    return True


def _lists_as_left(fd: int, folder_state: FolderState) -> bool:
    links, files, seen, readlink = folder_state.links, folder_state.files, 0, os.readlink
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


def _contents(playlists: int | None, folder_state: FolderState) -> dict[str, str | FileMark]:
    """What is there under each of the state's names; empty where that cannot be told."""
    if playlists is None or not folder_state.settled:
        return {}
    try:
        fd = os.open(folder_state.folder, FOLDER, dir_fd=playlists)
    except OSError:
        return {}
    try:
        found = {name: _content(fd, name) for name in (*folder_state.links, *folder_state.files)}
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
