"""Undoing a run: its steps reversed, last one first, as far as still possible.

Places are looked for where they are now: folders may have been renamed since. What cannot be put
back is left and named; no link is taken away for one that could not be made, and none dangles.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from strandline.core.actions import (
    Action,
    Because,
    CreateFolder,
    Download,
    Link,
    Lyrics,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    Trash,
    Unlink,
)
from strandline.core.ids import (
    LibPath,
    PlaylistId,
    folder_of,
    folder_path,
    in_pool,
)
from strandline.core.ledger_facts import LedgerFact
from strandline.core.run_ids import short_of
from strandline.db.journal import RunStatus, StepRow
from strandline.db.store import Store
from strandline.errors import UsageError
from strandline.execute.executor import Executor
from strandline.execute.handlers.invert import TAKEN_BACK_BY, CannotError, Inverter
from strandline.execute.later_changes import (
    done_in,
    final,
    folders_since,
    ledger_today,
    links_since,
    put_back,
    renamed_back,
    row_today,
    taken_back,
)
from strandline.execute.ledger_updates import ledger_after
from strandline.execute.owners import HeldElsewhereError, Owners
from strandline.execute.ports import Clock
from strandline.execute.result import NotDone, Result
from strandline.execute.run_actions import Export, GiveBack, PutBack, Restore
from strandline.execute.step_rows import action_of
from strandline.execute.trash import emptied_from, tell_damaged
from strandline.library.files import LibraryFiles

AGAIN = (
    "The next sync does the same again, unless the playlists change in TIDAL"
    " or the settings change."
)
RESTORED_AGAIN = "`strandline trash restore {}` brings back what went to the trash."
EXPORTED_AGAIN = "The next export to the same place writes the files again."
NOTHING_LEFT = "There was nothing left of it to take back."
NOTHING_MORE = "Nothing more of it can be taken back, unless what is in its way changes."


@dataclass(slots=True)
class Reversal:
    """Work for the executor, and the steps that cannot be undone, each with why."""

    actions: list[Action] = field(default_factory=list)
    facts: tuple[LedgerFact, ...] = ()
    agreed: tuple[LedgerFact, ...] = ()
    forgone: tuple[Action, ...] = ()
    following: tuple[Link, ...] = ()
    impossible: list[NotDone] = field(default_factory=list)


def undo(run: str, executor: Executor, files: LibraryFiles, store: Store, clock: Clock) -> Result:
    """Reverse what ``run`` did; a run of its own, which can be undone as well.

    Raises UsageError when there is no such run, or it is undone already.
    """
    reversal = reversal_of(run, files, store)
    result = executor.run(reversal, "undo", undoes=run)
    tell_damaged(reversal.actions, files, store)
    result.failed += reversal.impossible
    again = _what_comes_back(run, result, store)
    if reversal.actions or again == [EXPORTED_AGAIN]:
        result.notes += again
    if not reversal.actions:
        result.notes.append(NOTHING_MORE if reversal.impossible else NOTHING_LEFT)
    if not result.failed and not result.missed and not result.stopped and not result.interrupted:
        store.journal.finish_run(run, RunStatus.UNDONE, clock())
    return result


def _what_comes_back(run: str, result: Result, store: Store) -> list[str]:
    """What does the same again; only a sync does what a sync did."""
    row, kinds = store.journal.run(run), {row.action for row in store.journal.steps(run)}
    if kinds == {Export.name}:
        return [EXPORTED_AGAIN]
    if row is not None and row.command == "trash restore":
        taken = any(step.trash_path for step in done_in(store.journal.steps(result.run)))
        return [RESTORED_AGAIN.format(short_of(result.run))] if taken else []
    return [AGAIN] if row is not None and row.command == "sync-execute" else []


def reversal_of(run: str, files: LibraryFiles, store: Store) -> Reversal:
    """What undoing ``run`` would do, by what is on disk now. Changes nothing."""
    row = store.journal.run(run)
    if row is None:
        raise UsageError(f"There is no run {run}.", hint="`strandline history` lists the runs.")
    if row.status == RunStatus.UNDONE.value:
        raise UsageError(f"Run {run} is undone already.")
    return _Reversing(run, files, store).reversal()


Tried = tuple[StepRow, list[Action]]
"""A step of the run, and what reverses it."""


class _Reversing:
    """One run's steps on their way to being undone."""

    def __init__(self, run: str, files: LibraryFiles, store: Store) -> None:
        rows = _without_halves(done_in(store.journal.steps(run)))
        self._files, self._store = files, store
        self._today = ledger_today(files, store)
        self._ledger, self._scan = self._today.ledger, self._today.scan
        self._now = folders_since(run, rows, self._ledger.playlists, store)
        self._rows = [row_today(row, self._now) for row in reversed(rows)]
        self._impossible: list[NotDone] = []
        self._taken_back = taken_back(run, self._ledger.playlists, store)
        owners = {
            LibPath(row.path): PlaylistId(row.playlist)
            for row in self._rows
            if row.action in (Download.name, Link.name) and row.path and row.playlist
        }
        names = store.journal.named_before(run)
        gone = emptied_from(run, store)
        self._reverse = Inverter(files, self._today, self._now, names, owners, gone)

    def reversal(self) -> Reversal:
        """What is possible, arranged; and what is not."""
        rows = [row for row in self._rows if row.action == RenameFolder.name]
        renames = [step for row in rows if (step := self._tried(row))]
        while True:
            impossible = list(self._impossible)
            actions = self._reversed(rows, renames)
            taken = self._to_taken_names(renames, actions)
            if not taken:
                return Reversal(actions, facts=self._today.facts, impossible=self._impossible)
            self._impossible = impossible
            for row, _ in taken:
                self._cannot(row, f"something else is called {row.source} now")
            renames = [step for step in renames if step not in taken]

    def _reversed(self, rows: list[StepRow], renames: list[Tried]) -> list[Action]:
        """All steps reversed, given which folders get their old names."""
        back = renamed_back(action for _, actions in renames for action in actions)
        self._reverse.settle(rows, back)
        others = [row for row in self._rows if row.action != RenameFolder.name]
        done = renames + [step for row in others if (step := self._tried(row))]
        done = self._without_lost_folders(self._without_replaced(done))
        done = self._without_standing(self._of_today(done))
        done = self._without_lost_links(done, back)
        actions = [action for _, several in done for action in several]
        after = ledger_after(self._ledger, _arranged(actions, back), self._store)
        actions += links_since(actions, back, self._today, after, self._files)
        return _arranged(self._with_folders_in_use(actions), back)

    def _to_taken_names(self, renames: list[Tried], actions: list[Action]) -> list[Tried]:
        """The renames to names of folders that stay as they are."""
        leaving = {it.source for it in actions if isinstance(it, RenameFolder)}
        leaving |= {it.path for it in actions if isinstance(it, RemoveFolder)}
        here = {folder_path(name) for name in self._scan.folders} - leaving
        return [step for step in renames if any(action.path in here for action in step[1])]

    def _with_folders_in_use(self, actions: list[Action]) -> list[Action]:
        """A folder in which something of ours stays is not given up."""
        going = {it.source for it in actions if isinstance(it, Move)}
        going |= {it.path for it in actions if isinstance(it, (Trash, Unlink, GiveBack))}
        staying = {folder_of(e.path) for e in self._ledger.entries.values() if e.path not in going}
        return [
            it
            for it in actions
            if not (isinstance(it, RemoveFolder) and folder_of(it.path) in staying)
        ]

    def _tried(self, row: StepRow) -> Tried | None:
        try:
            return row, self._reverse.of(row)
        except CannotError as why:
            if not self._is_taken_back(row):
                self._cannot(row, str(why))
        return None

    def _is_taken_back(self, row: StepRow) -> bool:
        """By an undo before this one, which could not take back all."""
        by = TAKEN_BACK_BY.get(row.action or "", ())
        return any((action, row.path) in self._taken_back for action in by)

    def _without_replaced(self, done: list[Tried]) -> list[Tried]:
        """Without damaged files whose successors stay: beside those they would be nobody's."""
        going = {row.track for row, _ in done if row.action in _SUCCESSORS}
        staying = {row.track for row in self._rows if row.action in _SUCCESSORS} - going
        kept = []
        for row, several in done:
            if row.action == Trash.name and row.replaced and row.track in staying:
                self._cannot(row, "it is damaged, and what replaced it stays")
            else:
                kept.append((row, several))
        return kept

    def _without_lost_folders(self, done: list[Tried]) -> list[Tried]:
        """Without files that a run moved out of folders which are gone, and are not made again."""
        there = {folder_path(name) for name, it in self._scan.folders.items() if it.is_folder}
        there |= {it.path for _, several in done for it in several if isinstance(it, CreateFolder)}
        kept = []
        for row, several in done:
            homes = (folder_path(folder_of(it.path)) for it in several if _goes_home(it))
            lost = next((home for home in homes if home not in there), None)
            if lost is None:
                kept.append((row, several))
            else:
                self._cannot(row, f"the folder {lost} is gone")
        return kept

    def _of_today(self, done: list[Tried]) -> list[Tried]:
        """Without steps whose track is elsewhere today, the others speaking of today's entries."""
        actions = [action for _, several in done for action in several]
        owners = Owners(self._ledger, self._files, actions)
        kept = []
        for row, several in done:
            try:
                kept.append((row, [it for action in several for it in owners.of_today(action)]))
            except HeldElsewhereError as why:
                self._cannot(row, str(why))
        return kept

    def _without_standing(self, done: list[Tried]) -> list[Tried]:
        """Without links that stand again already; ``links_since`` says where they are to lead."""
        actions = [action for _, several in done for action in several]
        going = {action.path for action in actions if isinstance(action, Unlink)}
        return [
            (row, [it for it in several if it.path in going or not self._stands(it)])
            for row, several in done
        ]

    def _stands(self, action: Action) -> bool:
        if not isinstance(action, Link) or action.playlist is None or action.track is None:
            return False
        key = action.playlist, action.track
        entry, link = self._ledger.entries.get(key), self._scan.links.get(action.path)
        here = entry is not None and entry.path == action.path
        return here and link is not None and link.target in self._today.texts.get(key, ())

    def _cannot(self, row: StepRow, why: str) -> None:
        self._impossible.append(NotDone.of(action_of(row), why, "cannot_undo"))

    def _without_lost_links(self, done: list[Tried], back: dict[str, str]) -> list[Tried]:
        """Without steps whose link would not lead to its track's audio: what stands there stays."""
        actions = [action for _, several in done for action in several]
        after = ledger_after(self._ledger, _arranged(actions, back), self._store)
        coming = {a.path for a in actions if isinstance(a, (Move, PutBack, Restore))}
        today = {new: old for old, new in back.items()}

        def is_there(link: Link) -> bool:
            known = after.audio_of(link.track) if link.track else None
            if known is None or known.path != link.source:
                return False
            at = final(link.source, today)
            seen = self._files.see(at)
            return at in coming or (seen is not None and seen.type == "file")

        kept = []
        for row, several in done:
            lost = next((a for a in several if isinstance(a, Link) and not is_there(a)), None)
            if lost is None:
                kept.append((row, several))
                continue
            self._cannot(row, f"the audio of its link is not at {lost.source} any more")
            if row.action not in _LINKS:  # a file goes back all the same
                kept.append((row, [a for a in several if a is not lost]))
        return kept


def _goes_home(action: Action) -> bool:
    return isinstance(action, Move) and not in_pool(action.path)


def _without_halves(rows: list[StepRow]) -> list[StepRow]:
    """Without lyrics that came along with their audio while the old file went only in a later run.

    They stay, so that there are any, and the next sync takes them to where the audio is.
    """
    gone = {it.track for it in rows if it.action == Lyrics.name and it.sha256 is None}
    return [
        it
        for it in rows
        if it.action != Lyrics.name
        or it.because != Because.PRIMARY_MOVED.value
        or it.sha256 is None
        or it.track in gone
    ]


_SUCCESSORS = (Download.name, Move.name)
_LINKS = (Link.name, Relink.name, Unlink.name)
_PHASES: tuple[tuple[type[Action], ...], ...] = (
    (Unlink,),
    (Trash, GiveBack),
    (PutBack,),
    (CreateFolder,),
    (Move,),
    (Restore,),
    (Lyrics,),
    (RemoveFolder,),
    (RenameFolder,),
    (Relink,),
    (Link,),
    (Export,),
)
_PHASE_OF = {kind: phase for phase, kinds in enumerate(_PHASES) for kind in kinds}


def _arranged(actions: list[Action], back: dict[str, str]) -> list[Action]:
    """What came goes, audio comes back, folders get their old names, and last the links.

    Second files go before the first one, which is compared with them.
    Links lead to old names, so they are made when everything is there again; by then they lie in
    folders with old names themselves.
    """

    def place(action: Action) -> tuple[int, bool]:
        return _PHASE_OF[type(action)], not getattr(action, "keeper", None)

    ordered = sorted(actions, key=place)
    return [put_back(it, back) if isinstance(it, Link) else it for it in ordered]
