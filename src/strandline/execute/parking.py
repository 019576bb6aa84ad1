"""Folders on their temporary names: from there to the new name, or back to the old one."""

from __future__ import annotations

from collections.abc import Iterable

from strandline.core.actions import RenameFolder, Seen
from strandline.core.ids import LibPath
from strandline.errors import ItemError
from strandline.library.files import LibraryFiles, parking_path


def park(action: RenameFolder, files: LibraryFiles) -> LibPath:
    """The folder leaves its old name; its place until the new one is free."""
    place = parking_path(action.seen.ino)
    files.rename_folder(action.source, place, action.seen)
    return place


def unpark_all(actions: Iterable[RenameFolder], files: LibraryFiles) -> None:
    """After a kill: every folder on, if one of them has arrived already; else every folder back.

    All were parked before the first one went on, so in the first case the new names are free, and
    in the second the old ones are.
    """
    listed = list(actions)
    onward = any(_is(files.see(action.path), action) for action in listed if action.parked)
    for action in listed:
        unpark(action, files, onward=onward)


def unpark(action: RenameFolder, files: LibraryFiles, *, onward: bool) -> None:
    """Bring one folder on or back, or the other way where that name is taken.

    Where both are, it stays where it is; so it does when it is not parked at all.
    """
    here = parking_path(action.seen.ino)
    seen = files.see(here)
    if seen is None or not _is(seen, action):
        return
    goals = (action.path, action.source) if onward else (action.source, action.path)
    for goal in goals:
        try:
            files.rename_folder(here, goal, seen)
        except ItemError:
            continue
        return


def _is(seen: Seen | None, action: RenameFolder) -> bool:
    return seen is not None and seen.type == "folder" and seen.ino == action.seen.ino
