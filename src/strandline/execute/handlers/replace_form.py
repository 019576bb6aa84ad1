"""A file in the place of an older form of itself, and back: the act, and what the disk says of it.

The new file stands before the old one leaves (I22). Under the same name the two change places;
under another ending the new one is published first, and the old one goes once it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.core.ids import LibPath, in_pool
from strandline.core.ledger_facts import ActionResult, EntryIs, FileIs, LedgerFact
from strandline.core.states import Kind, LedgerEntry, LedgerFile
from strandline.errors import ChangedMeanwhileError
from strandline.execute.handlers.apply import Applied, stamp_of
from strandline.execute.handlers.inspect import Inspection, Unclear, is_it
from strandline.execute.run_actions import PutBack, Replacement

if TYPE_CHECKING:
    from collections.abc import Callable

    from strandline.core.actions import EntryState
    from strandline.library.files import LibraryFiles, Temp, TrashPath


def replace_form(
    action: Replacement,
    temp: Temp | None,
    files: LibraryFiles,
    run: str,
    between: Callable[[], None] = lambda: None,
) -> Applied:
    """Give the new file its place. Raises TakenError, ChangedMeanwhileError, ItemError.

    Without a ``temp`` the old file is what the settings want, and stays. Under another ending,
    ``between`` is called while both stand.
    """
    if files.see(action.source) != action.expected:
        raise ChangedMeanwhileError(f"{action.source}: it was written to, or replaced.")
    if temp is None:
        return _applied(action, None)
    if action.path == action.source:
        files.publish(temp, action.path, action.expected, run)
        return _applied(action, old_in_trash(action.path, action.expected, files, run))
    files.publish(temp, action.path)
    between()
    return _applied(action, files.to_trash(action.source, run, action.expected))


def put_back(action: PutBack, files: LibraryFiles, run: str) -> Applied:
    """The old file stands in its place again, and what replaced it lies in the trash of ``run``.

    Raises TakenError, ChangedMeanwhileError, ItemError.
    """
    if files.see(action.gives_way) != action.replaces:
        raise ChangedMeanwhileError(f"{action.gives_way}: it was written to, or replaced.")
    if action.gives_way == action.path:
        kept = files.exchange_trashed(
            action.source, action.path, action.expected, action.replaces, run
        )
        return _applied(action, kept)
    files.restore(action.source, action.path)
    return _applied(action, files.to_trash(action.gives_way, run, action.replaces))


def inspect_form(action: Replacement | PutBack, files: LibraryFiles, run: str) -> Inspection:
    """What became of a step that was cut off. Changes nothing."""
    new, old, where = _sides(action)
    here, there = files.see(action.path), files.see(where)
    if here is not None and is_it(here, new):
        if new.ino == old.ino:
            return _applied(action, None)
        if where != action.path and there is not None and is_it(there, old):
            return None
        gone = old_in_trash(where, old, files, run)
        return _applied(action, gone) if gone else Unclear("the old file is nowhere to be found")
    if there is not None and is_it(there, old):
        return None
    if old_in_trash(where, old, files, run):
        return None
    return Unclear("neither the old file nor the new one is there")


def settle_form(action: Replacement | PutBack, files: LibraryFiles, run: str) -> Inspection:
    """The step's state, after finishing what is half done.

    Where the new file stands beside the old one, that goes as planned; where neither stands, the
    old one comes back.
    """
    new, old, where = _sides(action)
    here, there = files.see(action.path), files.see(where)
    stands = here is not None and is_it(here, new)
    waits = there is not None and is_it(there, old)
    if stands and waits and where != action.path:
        return _applied(action, files.to_trash(where, run, there or old))
    kept = old_in_trash(where, old, files, run)
    if not stands and kept is not None:
        if waits:  # a second name, made before the new file was renamed over it
            files.drop_second_name(kept, where)
        elif there is None:  # in the gap
            files.restore(kept, where)
    state = inspect_form(action, files, run)
    if state is None and isinstance(action, Replacement):
        files.drop_waiting(action.path, run, action.new)
    return state


def old_in_trash(path: LibPath, old: EntryState, files: LibraryFiles, run: str) -> TrashPath | None:
    """Where the file that gave way lies: under its own path, or that path with a number."""
    from strandline.library.files import TrashPath

    first = TrashPath(f"{run}/{path}")
    if (seen := files.see_trashed(first)) is not None and is_it(seen, old):
        return first
    found = files.trash_files(run).items()
    return next((place for place, seen in found if is_it(seen, old)), None)


def _sides(action: Replacement | PutBack) -> tuple[EntryState, EntryState, LibPath]:
    """The new file, the old one, and where that stands."""
    if isinstance(action, PutBack):
        return action.expected, action.replaces, action.gives_way
    return action.new, action.expected, action.source


def _applied(action: Replacement | PutBack, trashed: str | None) -> Applied:
    new, *_ = _sides(action)
    return Applied(ActionResult(action.path, stamp_of(new), sha256_of(action)), trashed)


def sha256_of(action: Replacement | PutBack) -> str:
    """Of the file that comes."""
    return action.sha256 if isinstance(action, PutBack) else action.made


def after_form(action: Replacement | PutBack, outcome: ActionResult) -> list[LedgerFact]:
    """The track's primary is the file that came."""
    at, stamp, track = outcome.path, outcome.stamp, action.track
    if not track or not (action.playlist or in_pool(at)):
        return []
    file = LedgerFile(track, at, stamp, stamp.size if stamp else None, outcome.sha256 or None)
    if in_pool(at) or not action.playlist:
        return [FileIs(file)]
    entry = LedgerEntry(action.playlist, track, at, Kind.PRIMARY, action.named_for)
    return [EntryIs(entry), FileIs(file)]
