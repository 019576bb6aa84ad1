"""Undoing a run: its steps reversed, last one first, as far as the world still allows."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace

from strandline.core.actions import (
    Action,
    CreateFolder,
    Download,
    Link,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    Seen,
    Trash,
    Unlink,
)
from strandline.core.ids import PLAYLISTS, LibPath, folder_of, link_target
from strandline.core.ledger import LedgerChange, renamed_path
from strandline.core.states import Kind
from strandline.db.journal import RunStatus, StepRow
from strandline.db.store import Store
from strandline.errors import UsageError
from strandline.execute.executor import Executor
from strandline.execute.ports import Clock
from strandline.execute.result import Result, Undone
from strandline.execute.steps import Restore, action_of
from strandline.execute.trash import restore
from strandline.library.files import LibraryFiles

AGAIN = (
    "The next sync does the same again, unless the playlists change in TIDAL"
    " or the settings change."
)


@dataclass(slots=True)
class Reversal:
    """Work for the executor, and the steps that cannot be undone, each with why."""

    actions: list[Action] = field(default_factory=list)
    notes: tuple[LedgerChange, ...] = ()
    agreed: tuple[LedgerChange, ...] = ()
    impossible: list[Undone] = field(default_factory=list)


class _CannotError(Exception):
    """This step cannot be undone; the text says why."""


def undo(run: str, executor: Executor, files: LibraryFiles, store: Store, clock: Clock) -> Result:
    """Reverse what ``run`` did; a run of its own, which can be undone as well.

    Raises UsageError when there is no such run, or it is undone already.
    """
    reversal = reversal_of(run, files, store)
    result = executor.run(reversal, "undo", undoes=run)
    result.failed += reversal.impossible
    result.notes.append(AGAIN)
    if not result.failed and not result.missed and not result.stopped and not result.interrupted:
        store.journal.finish_run(run, RunStatus.UNDONE, clock())
    return result


def reversal_of(run: str, files: LibraryFiles, store: Store) -> Reversal:
    """What undoing ``run`` would do, by what is on disk now. Changes nothing."""
    row = store.journal.run(run)
    if row is None:
        raise UsageError(f"There is no run {run}.", hint="`strandline history` lists the runs.")
    if row.status == RunStatus.UNDONE.value:
        raise UsageError(f"Run {run} is undone already.")
    reversal = Reversal()
    reverse = _Reverse(files)
    for step in reversed(store.journal.steps(run)):
        if step.state != "done":
            continue
        try:
            reversal.actions += reverse.of(step)
        except _CannotError as why:
            reversal.impossible.append(Undone.of(action_of(step), str(why), "cannot_undo"))
    reversal.actions = _arranged(reversal.actions)
    return reversal


_PHASES: tuple[tuple[type[Action], ...], ...] = (
    (Unlink, Trash),
    (CreateFolder,),
    (Move, Restore),
    (RemoveFolder,),
    (RenameFolder,),
    (Link,),
)
_PHASE_OF = {kind: phase for phase, kinds in enumerate(_PHASES) for kind in kinds}


def _arranged(actions: list[Action]) -> list[Action]:
    """What came goes, audio comes back, folders get their old names, and last the links.

    Links lead to old names, so they are made when everything is there again; by then they lie in
    folders with old names themselves.
    """
    back = {folder_of(a.source): folder_of(a.path) for a in actions if isinstance(a, RenameFolder)}
    arranged: list[Action] = []
    for action in sorted(actions, key=lambda action: _PHASE_OF[type(action)]):
        old = back.get(folder_of(action.path))
        if old is not None and isinstance(action, Link):
            path = renamed_path(action.path, folder_of(action.path), old)
            arranged.append(replace(action, path=path))
        else:
            arranged.append(action)
    return arranged


class _Reverse:
    """The opposite of single steps."""

    def __init__(self, files: LibraryFiles) -> None:
        self._files = files

    def of(self, row: StepRow) -> list[Action]:
        """Raises _CannotError."""
        action = action_of(row)
        match action:
            case CreateFolder():
                return self._created(action)
            case RenameFolder():
                return [self._renamed(action)]
            case RemoveFolder():
                name = folder_of(action.path)
                return [CreateFolder(action.path, action.because, action.playlist, named_for=name)]
            case Move():
                return self._moved(action)
            case Link():
                return [self._linked(action)]
            case Relink():
                return self._relinked(action, row)
            case Unlink():
                return [self._link_again(action, action.path, action.seen.target)]
            case Download() | Restore():
                return [self._away(action, row)]
            case Trash():
                return [self._back(action, row)]
            case _:
                raise _CannotError("nothing is known of such a step")

    def _created(self, action: CreateFolder) -> list[Action]:
        seen = self._files.see(action.path)
        if seen is None or seen.type != "folder":
            return []
        return [RemoveFolder(action.path, action.because, action.playlist, seen=seen)]

    def _renamed(self, action: RenameFolder) -> RenameFolder:
        seen = self._same(action.path, action.seen.ino)
        return RenameFolder(
            action.source,
            action.because,
            action.playlist,
            source=action.path,
            seen=seen,
            named_for=folder_of(action.source),
            parked=True,
        )

    def _moved(self, action: Move) -> list[Action]:
        """Back to the playlist it came from, and the link that gave way stands there again."""
        home = action.leaves or action.playlist
        actions: list[Action] = [
            Move(
                action.source,
                action.because,
                home,
                action.track,
                source=action.path,
                seen=self._same(action.path, action.seen.ino),
                named_for=None,
                leaves=action.playlist if action.leaves else None,
            )
        ]
        if action.replaces:
            actions.append(self._link_again(action, action.path, action.replaces.target))
        return actions

    def _linked(self, action: Link | Relink) -> Unlink | Trash:
        """What the run made goes; of a copy or a hard link, the primary stays."""
        seen = self._there(action.path)
        if action.kind is not Kind.SYMLINK and seen.type == "file":
            return self._trash(action, seen, keeper=action.source)
        if seen.target != link_target(action.path, action.source):
            raise _CannotError("something else stands there now")
        return Unlink(action.path, action.because, action.playlist, action.track, seen=seen)

    def _relinked(self, action: Relink, row: StepRow) -> list[Action]:
        """And what stood there before stands there again."""
        made = self._linked(action)
        if row.target is None:
            return [made, self._back(action, row)]
        return [made, self._link_again(action, action.path, row.target)]

    def _link_again(self, action: Action, path: LibPath, target: str | None) -> Link:
        return Link(
            path,
            action.because,
            action.playlist,
            action.track,
            source=_resolved(path, target or ""),
            kind=Kind.SYMLINK,
            named_for=None,
        )

    def _away(self, action: Action, row: StepRow) -> Trash:
        seen = self._same(action.path, row.inode)
        if (seen.size, seen.mtime_ns) != (row.size, row.mtime_ns):
            raise _CannotError("the file was written to since")
        return self._trash(action, seen)

    def _trash(self, action: Action, seen: Seen, keeper: LibPath | None = None) -> Trash:
        return Trash(
            action.path, action.because, action.playlist, action.track, seen=seen, keeper=keeper
        )

    def _back(self, action: Trash | Relink, row: StepRow) -> Restore:
        """Of a copy made anew, the journal does not know where the old one lies."""
        place = row.trash_path or f"{row.run_id}/{row.path}"
        seen = self._files.see_trashed(place)
        if seen is None:
            raise _CannotError("it is no longer in the trash")
        return restore(action.path, place, seen, row)

    def _there(self, path: LibPath) -> Seen:
        seen = self._files.see(path)
        if seen is None:
            raise _CannotError("it is gone")
        return seen

    def _same(self, path: LibPath, ino: int | None) -> Seen:
        seen = self._there(path)
        if seen.ino != ino:
            raise _CannotError("something else stands there now")
        return seen


def _resolved(path: LibPath, target: str) -> LibPath:
    """Where a link's text leads. Raises _CannotError outside the playlists."""
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if not target or target.startswith("/") or not place.startswith(f"{PLAYLISTS}/"):
        raise _CannotError("the link led out of the library")
    return LibPath(place)
