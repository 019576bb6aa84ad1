"""Undoing a run: its steps reversed, last one first, as far as the world still allows.

Places are looked for where they are now: folders may have been renamed since. What cannot be put
back is left and named; no link is taken away for one that could not be made, and none dangles.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from strandline.core.actions import (
    Action,
    Because,
    CreateFolder,
    Download,
    Link,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    Seen,
    TakeBack,
    Trash,
    Unlink,
)
from strandline.core.ids import (
    PLAYLISTS,
    LibPath,
    PlaylistId,
    folder_of,
    folder_path,
    link_target,
    name_of,
    stem_of,
)
from strandline.core.ledger import LedgerChange
from strandline.core.states import Kind, Ledger
from strandline.db.journal import RunStatus, StepRow
from strandline.db.store import Store
from strandline.errors import UsageError
from strandline.execute.executor import Executor
from strandline.execute.ports import Clock
from strandline.execute.result import Result, Undone
from strandline.execute.since import (
    final,
    folders_since,
    ledger_today,
    links_since,
    path_today,
    put_back,
    renamed_back,
    row_today,
)
from strandline.execute.steps import Restore, action_of
from strandline.execute.trash import restore, tell_damaged
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
    tell_damaged(reversal.actions, files, store)
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
    return _Reversing(run, files, store).reversal()


class _Reversing:
    """One run's steps on their way to being undone."""

    def __init__(self, run: str, files: LibraryFiles, store: Store) -> None:
        rows = [row for row in store.journal.steps(run) if row.state == "done"]
        self._files = files
        self._ledger, self._facts = ledger_today(files, store)
        self._now = folders_since(run, rows, self._ledger.playlists, store)
        self._rows = [row_today(row, self._now) for row in reversed(rows)]
        self._impossible: list[Undone] = []
        owners = {
            LibPath(row.path): PlaylistId(row.playlist)
            for row in self._rows
            if row.action == Download.name and row.path and row.playlist
        }
        names = store.journal.named_before(run)
        self._reverse = _Reverse(files, self._ledger, self._now, names, owners)

    def reversal(self) -> Reversal:
        """What is possible, arranged; and what is not."""
        renames = [row for row in self._rows if row.action == RenameFolder.name]
        done = [step for row in renames if (step := self._tried(row))]
        back = renamed_back(action for _, actions in done for action in actions)
        self._reverse.settle(renames, back)
        others = [row for row in self._rows if row.action != RenameFolder.name]
        done += [step for row in others if (step := self._tried(row))]
        done = self._without_lost_links(done, back)
        actions = [action for _, several in done for action in several]
        actions += links_since(actions, back, self._ledger, self._files)
        return Reversal(_arranged(actions, back), notes=self._facts, impossible=self._impossible)

    def _tried(self, row: StepRow) -> tuple[StepRow, list[Action]] | None:
        try:
            return row, self._reverse.of(row)
        except _CannotError as why:
            self._cannot(row, str(why))
        return None

    def _cannot(self, row: StepRow, why: str) -> None:
        self._impossible.append(Undone.of(action_of(row), why, "cannot_undo"))

    def _without_lost_links(
        self, done: list[tuple[StepRow, list[Action]]], back: dict[str, str]
    ) -> list[tuple[StepRow, list[Action]]]:
        """Without steps whose link would lead to nothing: what stands there now stays."""
        actions = [action for _, several in done for action in several]
        coming = {a.path for a in actions if isinstance(a, (Move, Restore))}
        going = {a.source for a in actions if isinstance(a, Move)}
        going |= {a.path for a in actions if isinstance(a, Trash)}
        today = {new: old for old, new in back.items()}

        def is_there(source: LibPath) -> bool:
            at = final(source, today)
            if at in coming:
                return True
            seen = None if at in going else self._files.see(at)
            return seen is not None and seen.type == "file"

        kept = []
        for row, several in done:
            lost = next(
                (a for a in several if isinstance(a, Link) and not is_there(a.source)), None
            )
            if lost is None:
                kept.append((row, several))
                continue
            self._cannot(row, f"the audio of its link is not at {lost.source} any more")
            if row.action not in _LINKS:  # a file goes back all the same
                kept.append((row, [a for a in several if a is not lost]))
        return kept


_LINKS = (Link.name, Relink.name, Unlink.name)
_PHASES: tuple[tuple[type[Action], ...], ...] = (
    (Unlink,),
    (Trash,),
    (CreateFolder,),
    (Move, Restore),
    (RemoveFolder,),
    (RenameFolder,),
    (Relink,),
    (Link,),
)
_PHASE_OF = {kind: phase for phase, kinds in enumerate(_PHASES) for kind in kinds}


def _arranged(actions: list[Action], back: dict[str, str]) -> list[Action]:
    """What came goes, audio comes back, folders get their old names, and last the links.

    Links lead to old names, so they are made when everything is there again; by then they lie in
    folders with old names themselves.
    """
    ordered = sorted(actions, key=lambda action: _PHASE_OF[type(action)])
    return [put_back(it, back) if isinstance(it, Link) else it for it in ordered]


class _Reverse:
    """The opposite of single steps."""

    def __init__(
        self,
        files: LibraryFiles,
        ledger: Ledger,
        now: Mapping[str, str],
        names: Mapping[tuple[str, str], str | None],
        owners: Mapping[LibPath, PlaylistId],
    ) -> None:
        """``owners``: whose each download of the run was, by its path."""
        self._files, self._ledger, self._now, self._names = files, ledger, now, names
        self._owners = owners
        self._then: dict[str, str] = {}

    def settle(self, renames: Iterable[StepRow], back: Mapping[str, str]) -> None:
        """Which folders get their old names, before anything else is asked about.

        A link of the time before the run leads to names of that time: those that the run changed,
        and that stay changed, are called something else today.
        """
        for row in renames:
            old, new = (folder_of(LibPath(path or "")) for path in (row.source, row.path))
            today = self._now.get(new, new)
            self._then[old] = old if back.get(today) == old else today
        self._then = {**self._now, **self._then}

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
            case Download() | TakeBack() | Restore():
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
        name = folder_of(action.path)
        if (today := self._now.get(name, name)) != name:
            raise _CannotError(f"it was renamed again since, and is {folder_path(today)} now")
        seen = self._same(action.path, action.seen.ino)
        entries = [e.path for e in self._ledger.entries.values() if e.playlist == action.playlist]
        if entries and not any(self._files.see(path) for path in entries):
            raise _CannotError("a folder of yours stands there now")
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
        if action.source.count("/") < 2:
            raise _CannotError("it lay beside the playlists' folders, which is no place of its own")
        seen = self._same(action.path, action.seen.ino)
        known = self._ledger.files.get(action.track) if action.track else None
        ours = {action.seen[3:5], known.stamp[1:] if known and known.stamp else None}
        if seen[3:5] not in ours:  # the number alone is given to the next file that is made
            raise _CannotError("the file was written to since")
        actions: list[Action] = [
            Move(
                action.source,
                action.because,
                home,
                action.track,
                source=action.path,
                seen=seen,
                named_for=self._name(action, action.source, home),
                leaves=action.playlist if action.leaves else None,
            )
        ]
        if action.replaces:
            actions.append(self._link_again(action, action.path, action.replaces.target))
        return actions

    def _name(
        self, action: Action, path: LibPath, playlist: PlaylistId | None = None
    ) -> str | None:
        """What a name that comes back was given for, so that it follows TIDAL as before.

        By the journal. Of what it does not know, a name that stays was given for the same, and
        one that TIDAL changed was not the person's own.
        """
        playlist = playlist or action.playlist
        for then in (path, *(path_today(path, {new: old}) for old, new in self._now.items())):
            if (playlist or "", then) in self._names:
                return self._names[playlist or "", then]
        if name_of(path) == name_of(action.path):
            return getattr(action, "named_for", None)
        return stem_of(name_of(path)) if action.because is Because.RENAMED_IN_TIDAL else None

    def _linked(self, action: Link | Relink) -> Unlink | Trash:
        """What the run made goes; of a copy or a hard link, the primary stays."""
        seen = self._there(action.path)
        if action.kind is not Kind.SYMLINK and seen.type == "file":
            return self._trash(action, seen, keeper=action.source)
        if seen.target != link_target(action.path, action.source):
            raise _CannotError("something else stands there now")
        return Unlink(action.path, action.because, action.playlist, action.track, seen=seen)

    def _relinked(self, action: Relink, row: StepRow) -> list[Action]:
        """And what stood there before stands there again; nothing where that is so already."""
        made = self._linked(action)
        if row.target is None:
            return [made, self._back(action, row)]
        again = self._link_again(action, action.path, row.target)
        here = link_target(action.path, again.source)
        stays = isinstance(made, Unlink) and made.seen.target == here
        return [] if stays else [made, again]

    def _link_again(self, action: Action, path: LibPath, target: str | None) -> Link:
        """Leads to where that audio is now, or comes back to."""
        return Link(
            path,
            action.because,
            action.playlist,
            action.track,
            source=path_today(_resolved(path, target or ""), self._then),
            kind=Kind.SYMLINK,
            named_for=self._name(action, path),
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
        back = restore(action.path, place, seen, row)
        if back.playlist is None and back.because is Because.DAMAGED_ON_DISK:
            back = replace(back, playlist=self._owners.get(back.path))
        return replace(back, named_for=self._name(back, back.path))

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
