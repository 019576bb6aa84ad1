"""Inspects what the disk says of a step that a killed run left open. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from strandline.core.actions import (
    Action,
    CreateFolder,
    EntryState,
    Link,
    Lyrics,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    TakeBack,
    Trash,
    Unlink,
)
from strandline.core.ids import folder_of, folder_path, link_target
from strandline.core.ledger_facts import ActionResult
from strandline.core.states import Kind
from strandline.execute.handlers.apply import (
    Applied,
    content_of,
    real_path,
    stamp_of,
    trash_place,
)
from strandline.execute.run_actions import (
    Empty,
    Export,
    GiveBack,
    Import,
    Publish,
    PutBack,
    Replacement,
    Restore,
    Share,
)
from strandline.library.files import LibraryFiles
from strandline.library.stamps import link_stamp


@dataclass(frozen=True, slots=True)
class Unclear:
    """Neither the old nor the new state; ``found`` says what is there instead."""

    found: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The disk cannot tell just now, for the reason ``why``; the step stays open."""

    why: str


Inspection = Applied | Unclear | Waiting | None
"""The state of a step: done, unclear, still open, or (None) as if it had never been tried."""


def inspect_step(  # noqa: C901 - one case an action
    action: Action, files: LibraryFiles, run: str
) -> Inspection:
    """What the disk says about one step. Changes nothing."""
    if isinstance(action, (Export, Lyrics)):
        return _exported(action, files, run)
    if isinstance(action, (Replacement, PutBack)):
        from strandline.execute.handlers.replace_form import inspect_form

        return inspect_form(action, files, run)
    here = files.see(action.path)
    match action:
        case CreateFolder():
            made = here is not None and here.type == "folder"
            return Applied(ActionResult(action.path, ino=here.ino)) if made and here else None
        case RenameFolder():
            return _renamed(action, here, files)
        case RemoveFolder():
            return Applied(ActionResult(action.path)) if here is None else None
        case Unlink():  # with its folder it may have got another name
            gone = here is None and files.see(folder_path(folder_of(action.path))) is not None
            return Applied(ActionResult(action.path)) if gone else None
        case Publish() | Restore() | TakeBack() | Import() | GiveBack():
            return _came(action, here, files)
        case Move():
            return _moved(action, here, files)
        case Link() | Relink():
            return _linked(action, here, files, run)
        case Share():
            return _shared(action, here, files, run)
        case Empty():
            gone = files.see_trashed(action.source) is None
            return Applied(ActionResult(action.path)) if gone else None
        case Trash():
            return _trashed(action, here, files, run)
        case _:
            return None


def _exported(action: Export | Lyrics, files: LibraryFiles, run: str) -> Inspection:
    if files.hash_of_export(action.path) != action.sha256:
        return None
    kept = files.kept_export(action.path, run, action.old) if action.old else None
    stamp = stamp_of(files.see_export(action.path))
    return Applied(ActionResult(action.path, stamp, action.sha256), kept)


def _renamed(action: RenameFolder, here: EntryState | None, files: LibraryFiles) -> Inspection:
    if here is not None and here.ino == action.expected.ino:
        return Applied(ActionResult(action.path, ino=here.ino))
    there = files.see(action.source)
    if there is not None and there.ino == action.expected.ino:
        return None
    return Unclear(f"the folder is neither there nor at {action.source}")


def _arrived(action: Publish | Restore | TakeBack, here: EntryState | None) -> Inspection:
    if here is None or not is_it(
        here, action.expected
    ):  # written to since, it is for the next scan
        return None
    return Applied(ActionResult(action.path, stamp_of(here), action.sha256))


def _moved(action: Move, here: EntryState | None, files: LibraryFiles) -> Inspection:
    if here is not None and here.ino == action.expected.ino:  # changed since, or a file of theirs?
        return (
            Applied(ActionResult(action.path, stamp_of(here)))
            if is_it(here, action.expected)
            else None
        )
    there = files.see(action.source)
    if there is not None and there.ino == action.expected.ino:
        return None
    return Unclear(f"the file is neither there nor at {action.source}")


def _came(
    action: Publish | Restore | TakeBack | Import | GiveBack,
    here: EntryState | None,
    files: LibraryFiles,
) -> Inspection:
    if isinstance(action, Import):
        return _imported(action, here, files)
    if isinstance(action, GiveBack):
        return _given_back(action, here, files)
    return _arrived(action, here)


def _imported(action: Import, here: EntryState | None, files: LibraryFiles) -> Inspection:
    """The file itself, or its bytes."""
    if here is not None and here.type == "file":
        same = is_it(here, action.expected) or files.verify_file(
            action.path, action.expected.size, action.sha256
        )
        if same:
            return Applied(ActionResult(action.path, stamp_of(here), action.sha256))
        return Unclear("another file stands there")
    if action.mode == "move" and files.see_outside(action.file) is None:
        return Unclear(f"the file is neither there nor at {action.file}")
    return None


def _given_back(action: GiveBack, here: EntryState | None, files: LibraryFiles) -> Inspection:
    if here is not None and is_it(here, action.expected):
        return None
    there = files.see_outside(action.file)
    if there is not None and is_it(there, action.expected):
        return Applied(ActionResult(action.path))
    return Unclear(f"the file is neither there nor at {action.file}")


def _linked(
    action: Link | Relink, here: EntryState | None, files: LibraryFiles, run: str
) -> Inspection:
    if here is None:
        return None
    if action.kind is Kind.SYMLINK:
        made = here.target == link_target(action.path, action.source)
        outcome = ActionResult(action.path, link_stamp(real_path(files, action.path)))
    else:
        primary = files.see(action.source)
        made = here.type == "file" and bool(primary and _same_audio(action, here, primary, files))
        outcome = ActionResult(action.path, stamp_of(here))
    return Applied(outcome, _old_copy(action, files, run)) if made else _unmade(action, here)


def _old_copy(action: Link | Relink, files: LibraryFiles, run: str) -> str | None:
    """Where in the trash the copy lies that gave way."""
    if not isinstance(action, Relink) or action.expected.type != "file":
        return None
    return trash_place(files, run, action)


def _same_audio(
    action: Link | Relink, here: EntryState, primary: EntryState, files: LibraryFiles
) -> bool:
    if action.kind is Kind.HARDLINK:
        return (here.dev, here.ino) == (primary.dev, primary.ino)
    content = content_of(files, action.source)
    return files.verify_file(action.path, primary.size, content) is not None


def _unmade(action: Link | Relink, here: EntryState) -> Inspection:
    if isinstance(action, Relink) and here.ino == action.expected.ino:
        return None
    return Unclear(f"another {here.type} is there")


def _trashed(action: Trash, here: EntryState | None, files: LibraryFiles, run: str) -> Inspection:
    if here is not None and here.ino == action.expected.ino:
        return None
    where = trash_place(files, run, action)
    if where is not None:
        return Applied(ActionResult(action.path), where)
    return Unclear("the file is neither there nor in the trash")


def _shared(action: Share, here: EntryState | None, files: LibraryFiles, run: str) -> Inspection:
    if here is not None and here.ino == action.expected.ino:
        return None
    where = trash_place(files, run, action)
    if here is None:
        return Unclear("the file is neither there nor in the trash") if where is None else None
    if where is not None and here.target == link_target(action.path, action.source):
        return Applied(ActionResult(action.path), where)
    return Unclear(f"another {here.type} is there")


def second_name(action: Move | Trash, files: LibraryFiles, run: str) -> EntryState | None:
    """The file where it stood, if it stands under its new name already.

    On disks without an exclusive rename it has both for a moment.
    """
    old = action.source if isinstance(action, Move) else action.path
    seen, new = files.see(old), _new_name(action, files, run)
    both = seen and new and (new.dev, new.ino) == (seen.dev, seen.ino)
    return seen if both and seen and seen.ino == action.expected.ino else None


def _new_name(action: Move | Trash, files: LibraryFiles, run: str) -> EntryState | None:
    if isinstance(action, Move):
        return files.see(action.path)
    return files.see_trashed(f"{action.back_to or run}/{action.path}")


def is_it(here: EntryState, seen: EntryState) -> bool:
    """The very file: an inode's number is given to the next file once this one is gone."""
    same = (here.type, here.ino) == (seen.type, seen.ino)
    return same and (here.size, here.mtime_ns) == (seen.size, seen.mtime_ns)
