"""Temporary names of folders: from there to the new name, or back to the old one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from strandline.core.actions import Action, EntryState, RenameFolder
from strandline.core.ids import LibPath
from strandline.errors import ItemError
from strandline.library.files import LibraryFiles, temporary_folder_path


def move_aside(action: RenameFolder, files: LibraryFiles) -> None:
    """The folder leaves its old name, until the new one is free."""
    files.rename_folder(action.source, temporary_folder_path(action.expected.ino), action.expected)


def roll_back(actions: Iterable[RenameFolder], files: LibraryFiles) -> None:
    """Every folder to its old name again, by way of the temporary ones, as far as the disk lets."""
    listed = list(actions)
    for action in listed:
        with suppress(ItemError):  # one that has not arrived
            files.rename_folder(
                action.path, temporary_folder_path(action.expected.ino), action.expected
            )
    for action in listed:
        finish_rename(action, files, onward=False)


def finish_renames(actions: Iterable[RenameFolder], files: LibraryFiles) -> None:
    """After a kill: every folder to the name that ``ways_out`` says."""
    for action, goal in ways_out(actions, files):
        finish_rename(action, files, onward=goal == action.path)


def ways_out(
    actions: Iterable[RenameFolder], files: LibraryFiles
) -> list[tuple[RenameFolder, LibPath]]:
    """Those set aside, each with the name that its folder gets after a kill. Changes nothing.

    Every folder goes on, if one of them has arrived already; else every folder back. All were
    aside before the first one went on, so in the first case the new names are free, and in the
    second the old ones are. Where a person took that name, the folder gets the other one; where
    both are taken, it stays.
    """
    listed = list(actions)
    onward = any(_is(files.see(action.path), action) for action in listed if action.aside)
    found: list[tuple[RenameFolder, LibPath]] = []
    for action in listed:
        if not is_aside(action, files):
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


def finish_rename(action: RenameFolder, files: LibraryFiles, *, onward: bool) -> None:
    """Bring one folder on or back, or the other way where that name is taken.

    Where both are, it stays where it is; so it does when it is not aside at all.
    """
    here = temporary_folder_path(action.expected.ino)
    seen = _parked(action, files)
    if seen is None:
        return
    for goal in _goals(action, onward=onward):
        try:
            files.rename_folder(here, goal, seen)
        except ItemError:
            continue
        return


def is_aside(action: Action, files: LibraryFiles) -> bool:
    """Whether it is a folder's rename that still stands half way."""
    return isinstance(action, RenameFolder) and _parked(action, files) is not None


def _parked(action: RenameFolder, files: LibraryFiles) -> EntryState | None:
    try:
        seen = files.see(temporary_folder_path(action.expected.ino))
    except ItemError:
        return None
    return seen if _is(seen, action) else None


def _is(seen: EntryState | None, action: RenameFolder) -> bool:
    return seen is not None and seen.type == "folder" and seen.ino == action.expected.ino
