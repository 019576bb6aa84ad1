"""A file in the place of an older form of itself, and back: the act, and what the disk says of it.

The new file stands before the old one leaves (I22). Under the same name the two change places;
under another ending the new one is published first, and the old one goes once it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.core.ids import LibPath, in_pool
from strandline.core.ledger import EntryIs, FileIs, LedgerChange, Outcome
from strandline.core.states import Kind, LedgerEntry, LedgerFile
from strandline.errors import ChangedMeanwhileError
from strandline.execute.deeds import Deed, stamp_of
from strandline.execute.steps import PutBack, Replacement
from strandline.execute.verdicts import Unclear, Verdict, is_it

if TYPE_CHECKING:
    from collections.abc import Callable

    from strandline.core.actions import Seen
    from strandline.library.files import LibraryFiles, Temp, TrashPath


def replace_form(
    action: Replacement,
    temp: Temp | None,
    files: LibraryFiles,
    run: str,
    between: Callable[[], None] = lambda: None,
) -> Deed:
    """Give the new file its place. Raises TakenError, ChangedMeanwhileError, ItemError.

    Without a ``temp`` the old file is what the settings want, and stays. Under another ending,
    ``between`` is called while both stand.
    """
    if files.see(action.source) != action.seen:
        raise ChangedMeanwhileError(f"{action.source}: it was written to, or replaced.")
    if temp is None:
        return _deed(action, None)
    if action.path == action.source:
        files.publish(temp, action.path, action.seen, run)
        return _deed(action, old_in_trash(action.path, action.seen, files, run))
    files.publish(temp, action.path)
    between()
    return _deed(action, files.to_trash(action.source, run, action.seen))


def put_back(action: PutBack, files: LibraryFiles, run: str) -> Deed:
    """The old file stands in its place again, and what replaced it lies in the trash of ``run``.

    Raises TakenError, ChangedMeanwhileError, ItemError.
    """
    if files.see(action.gives_way) != action.replaces:
        raise ChangedMeanwhileError(f"{action.gives_way}: it was written to, or replaced.")
    if action.gives_way == action.path:
        kept = files.exchange_trashed(action.source, action.path, action.seen, action.replaces, run)
        return _deed(action, kept)
    files.restore(action.source, action.path)
    return _deed(action, files.to_trash(action.gives_way, run, action.replaces))


def judge_form(action: Replacement | PutBack, files: LibraryFiles, run: str) -> Verdict:
    """What became of a step that was cut off. Changes nothing."""
    new, old, where = _sides(action)
    here, there = files.see(action.path), files.see(where)
    if here is not None and is_it(here, new):
        if new.ino == old.ino:
            return _deed(action, None)
        if where != action.path and there is not None and is_it(there, old):
            return None
        gone = old_in_trash(where, old, files, run)
        return _deed(action, gone) if gone else Unclear("the old file is nowhere to be found")
    if there is not None and is_it(there, old):
        return None
    if old_in_trash(where, old, files, run):
        return None
    return Unclear("neither the old file nor the new one is there")


def settle_form(action: Replacement | PutBack, files: LibraryFiles, run: str) -> Verdict:
    """The verdict, after ending what stands half way.

    Where the new file stands beside the old one, that goes as planned; where neither stands, the
    old one comes back.
    """
    new, old, where = _sides(action)
    here, there = files.see(action.path), files.see(where)
    stands = here is not None and is_it(here, new)
    waits = there is not None and is_it(there, old)
    if stands and waits and where != action.path:
        return _deed(action, files.to_trash(where, run, there or old))
    kept = old_in_trash(where, old, files, run)
    if not stands and kept is not None:
        if waits:  # a second name, made before the new file was renamed over it
            files.drop_second_name(kept, where)
        elif there is None:  # in the gap
            files.restore(kept, where)
    verdict = judge_form(action, files, run)
    if verdict is None and isinstance(action, Replacement):
        files.drop_waiting(action.path, run, action.new)
    return verdict


def old_in_trash(path: LibPath, old: Seen, files: LibraryFiles, run: str) -> TrashPath | None:
    """Where the file that gave way lies: under its own path, or that path with a number."""
    from strandline.library.files import TrashPath

    first = TrashPath(f"{run}/{path}")
    if (seen := files.see_trashed(first)) is not None and is_it(seen, old):
        return first
    found = files.trash_files(run).items()
    return next((place for place, seen in found if is_it(seen, old)), None)


def _sides(action: Replacement | PutBack) -> tuple[Seen, Seen, LibPath]:
    """The new file, the old one, and where that stands."""
    if isinstance(action, PutBack):
        return action.seen, action.replaces, action.gives_way
    return action.new, action.seen, action.source


def _deed(action: Replacement | PutBack, trashed: str | None) -> Deed:
    new, *_ = _sides(action)
    return Deed(Outcome(action.path, stamp_of(new), sha256_of(action)), trashed)


def sha256_of(action: Replacement | PutBack) -> str:
    """Of the file that comes."""
    return action.sha256 if isinstance(action, PutBack) else action.made


def after_form(action: Replacement | PutBack, outcome: Outcome) -> list[LedgerChange]:
    """The track's primary is the file that came."""
    at, stamp, track = outcome.path, outcome.stamp, action.track
    if not track or not (action.playlist or in_pool(at)):
        return []
    file = LedgerFile(track, at, stamp, stamp.size if stamp else None, outcome.sha256 or None)
    if in_pool(at) or not action.playlist:
        return [FileIs(file)]
    entry = LedgerEntry(action.playlist, track, at, Kind.PRIMARY, action.named_for)
    return [EntryIs(entry), FileIs(file)]
