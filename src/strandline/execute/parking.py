"""Folders on their temporary names: from there to the new name, or back to the old one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from strandline.core.actions import Action, RenameFolder, Seen
from strandline.core.ids import LibPath
from strandline.errors import ItemError
from strandline.library.files import LibraryFiles, parking_path


def park(action: RenameFolder, files: LibraryFiles) -> None:
    """The folder leaves its old name, until the new one is free."""
    files.rename_folder(action.source, parking_path(action.seen.ino), action.seen)


def roll_back(actions: Iterable[RenameFolder], files: LibraryFiles) -> None:
    """Every folder to its old name again, by way of the temporary ones, as far as the disk lets."""
    listed = list(actions)
    for action in listed:
        with suppress(ItemError):  # one that has not arrived
            files.rename_folder(action.path, parking_path(action.seen.ino), action.seen)
    for action in listed:
        unpark(action, files, onward=False)


def unpark_all(actions: Iterable[RenameFolder], files: LibraryFiles) -> None:
    """After a kill: every folder to the name that ``ways_out`` says."""
    for action, goal in ways_out(actions, files):
        unpark(action, files, onward=goal == action.path)


def ways_out(
    actions: Iterable[RenameFolder], files: LibraryFiles
) -> list[tuple[RenameFolder, LibPath]]:
    """The parked ones, each with the name that its folder gets after a kill. Changes nothing.

    Every folder goes on, if one of them has arrived already; else every folder back. All were
    parked before the first one went on, so in the first case the new names are free, and in the
    second the old ones are. Where a person took that name, the folder gets the other one; where
    both are taken, it stays.
    """
    listed = list(actions)
    onward = any(_is(files.see(action.path), action) for action in listed if action.parked)
    found: list[tuple[RenameFolder, LibPath]] = []
    for action in listed:
        if not is_parked(action, files):
            continue
        given = {goal for _, goal in found}
        left = (it for it in _goals(action, onward=onward) if it not in given)
        if goal := next((it for it in left if _is_free(it, files)), None):
            found.append((action, goal))
    return found


def _is_free(path: LibPath, files: LibraryFiles) -> bool:
    try:
        return files.see(path) is None
    except ItemError:
        return False


def _goals(action: RenameFolder, *, onward: bool) -> tuple[LibPath, LibPath]:
    return (action.path, action.source) if onward else (action.source, action.path)


def unpark(action: RenameFolder, files: LibraryFiles, *, onward: bool) -> None:
    """Bring one folder on or back, or the other way where that name is taken.

    Where both are, it stays where it is; so it does when it is not parked at all.
    """
    here = parking_path(action.seen.ino)
    seen = _parked(action, files)
    if seen is None:
        return
    for goal in _goals(action, onward=onward):
        try:
            files.rename_folder(here, goal, seen)
        except ItemError:
            continue
        return


def is_parked(action: Action, files: LibraryFiles) -> bool:
    """Whether it is a folder's rename that still stands half way."""
    return isinstance(action, RenameFolder) and _parked(action, files) is not None


def _parked(action: RenameFolder, files: LibraryFiles) -> Seen | None:
    try:
        seen = files.see(parking_path(action.seen.ino))
    except ItemError:
        return None
    return seen if _is(seen, action) else None


def _is(seen: Seen | None, action: RenameFolder) -> bool:
    return seen is not None and seen.type == "folder" and seen.ino == action.seen.ino
