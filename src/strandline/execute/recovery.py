"""After a kill: every open intent is settled by what the disk says, before anything else happens.

The new state holds: done. The old one holds: dropped, and the next plan asks for it again, as a
check in between has shown it: that notes what is done, and changes nothing. Neither holds, or the
database cannot take the fact: the step is set aside, all is left as it is, and a line tells of it.
No step is the end of the others. Settling twice changes nothing more, so recovery may itself be
killed. Of the disk only what stands half way is changed: folders on temporary names get the one or
the other, which a check foresees.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from strandline.core.actions import (
    TRASH,
    Action,
    Because,
    Link,
    Lyrics,
    Move,
    RenameFolder,
    TakeBack,
    Trash,
    Unlink,
)
from strandline.core.after_recovery import AfterRecovery
from strandline.core.folder_names import holds_what_is_ours
from strandline.core.ids import LibPath, folder_of
from strandline.core.ledger_facts import ActionResult, LedgerFact
from strandline.core.states import Ledger
from strandline.db.journal import Finished, RunStatus, StepRow
from strandline.db.store import Store
from strandline.errors import ItemError, LibraryError, RefusedRowError
from strandline.events import Silent
from strandline.execute.exchanges import finish_following, note_offset
from strandline.execute.handlers.apply import Applied, trash_place
from strandline.execute.handlers.inspect import (
    Inspection,
    Unclear,
    Waiting,
    inspect_step,
    is_it,
    second_name,
)
from strandline.execute.handlers.replace_form import settle_form
from strandline.execute.ledger_updates import KnownFiles, finished_row
from strandline.execute.moves_file import write_moves
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
from strandline.execute.step_rows import action_of
from strandline.execute.temporary_names import finish_renames, is_aside, ways_out
from strandline.library.files import LibraryFiles, temporary_folder_path
from strandline.library.scan.service import walk

STILL_TO_DO = "the run was cut off before this step"


@dataclass(frozen=True, slots=True)
class _Inspected:
    """An open step and what the disk says of it."""

    seq: int
    action: Action
    state: Inspection


def recover(files: LibraryFiles, store: Store, now: datetime) -> list[str]:
    """Settle what a killed run left behind; returns lines for a person.

    Call with the library's lock held, before the scan. Raises LibraryError when the disk fails,
    DatabaseError when the database does.
    """
    actions, lines = _readable(store, now)
    finish_renames([action for _, action in actions if isinstance(action, RenameFolder)], files)
    waiting = [action for _, action in actions if is_aside(action, files)]
    lines += [
        f"{action.path} still waits for its name: something is in the way." for action in waiting
    ]
    open_steps = [(row, action) for row, action in actions if action not in waiting]
    for run, steps in groupby(open_steps, key=lambda step: step[0].run_id):
        of_run = list(steps)
        finish_following([action for _, action in of_run], files, run)
        inspected = [
            _Inspected(row.seq, it, _completed(it, files, run, store)) for row, it in of_run
        ]
        lines += _settle(run, inspected, files, store, now)
    for cut_off in store.journal.open_runs():
        store.journal.finish_run(cut_off.id, RunStatus.INTERRUPTED, now)
        lines.append(f"Run {cut_off.id} was cut off; what it had done is kept.")
    store.statuses.settle_downloading(now)
    files.sweep_temps()
    try:
        write_moves(files, store)
    except LibraryError as error:  # a list that lags behind is no reason to stop
        lines.append(error.message)
    return lines


def note_done(files: LibraryFiles, store: Store, now: datetime) -> AfterRecovery | None:
    """Commit of a killed run's steps those that the disk has whole; others wait for ``recover``.

    So that what is decided next is what a run decides, which recovers first (I21). Changes nothing
    on the disk, so what ``recover`` would change there is returned. Where folders wait on their
    temporary names, that is all, for whatever is in them has no place to be noted.
    Call with the state folder's lock held. Raises LibraryError, DatabaseError.
    """
    steps = [step for row in store.journal.open_intents() if (step := _as_action(row))]
    if any(is_aside(action, files) for _, action in steps):
        return _after_renames(files, store, [it for _, it in steps if isinstance(it, RenameFolder)])
    inspected = [
        (row.run_id, _Inspected(row.seq, action, _as_it_is(action, files, row.run_id, store)))
        for row, action in steps
    ]
    files.flush()
    for run, of_run in groupby(inspected, key=lambda step: step[0]):
        steps_of_run = [step for _, step in of_run]
        done = [step for step in steps_of_run if isinstance(step.state, Applied)]
        _note_done(run, done, store, now)  # what the database refuses stays open, too
        _note_places(run, steps_of_run, files, store, now)
    return None


def _after_renames(
    files: LibraryFiles, store: Store, renames: Sequence[RenameFolder]
) -> AfterRecovery:
    """Every folder under the name that it gets."""
    goals = ways_out(renames, files)
    arrive = {action for action, goal in goals if goal == action.path}
    known, ledger = KnownFiles(store), store.load_ledger()
    changes: list[LedgerFact] = []
    for action in renames:
        here = temporary_folder_path(action.expected.ino) if action in arrive else action.path
        at = files.see(here)
        if at and at.ino == action.expected.ino and _holds_ours(action, here, files, ledger):
            changes += known.after(action, ActionResult(action.path, ino=at.ino))
    names = {
        folder_of(temporary_folder_path(it.expected.ino)): folder_of(goal) for it, goal in goals
    }
    return AfterRecovery(names, tuple(changes))


def _as_action(row: StepRow) -> tuple[StepRow, Action] | None:
    try:
        return row, action_of(row)
    except (KeyError, TypeError, ValueError, AssertionError):
        return None


def _as_it_is(action: Action, files: LibraryFiles, run: str, store: Store) -> Inspection:
    """The state of a step that is nowhere half done; else None."""
    try:
        if isinstance(action, (Move, Trash)) and second_name(action, files, run):
            return None
        if isinstance(action, Trash) and action.successor == action.path:
            here = files.see(action.path)
            if here is None or is_it(here, action.expected):
                return None
        state = inspect_step(action, files, run)
        if not isinstance(state, Applied) or not _is_ours(action, files, store):
            return None
        _make_durable(action, state, files)
    except ItemError:
        return None
    except LibraryError as error:
        if error.code != "disk_error":
            raise
        return None
    return state


def _is_ours(action: Action, files: LibraryFiles, store: Store) -> bool:
    if not isinstance(action, RenameFolder):
        return True
    return _holds_ours(action, action.path, files, store.load_ledger())


def _readable(store: Store, now: datetime) -> tuple[list[tuple[StepRow, Action]], list[str]]:
    """The open steps with their actions; rows that say nothing known are set aside."""
    readable: list[tuple[StepRow, Action]] = []
    lines: list[str] = []
    for row in store.journal.open_intents():
        if step := _as_action(row):
            readable.append(step)
        else:
            why = "the journal's row says nothing that this version knows"
            store.journal.set_aside(row.run_id, [(row.seq, why)], now)
            lines.append(f"{row.action} {row.path} was cut off, and {why}: left as it is.")
    return readable, lines


def _settle(
    run: str, inspected: Sequence[_Inspected], files: LibraryFiles, store: Store, now: datetime
) -> list[str]:
    """All open steps of one run: what is done is made durable before the journal says so."""
    files.flush()
    done = [step for step in inspected if isinstance(step.state, Applied)]
    doubtful = [(step, step.state.found) for step in inspected if isinstance(step.state, Unclear)]
    doubtful += _note_done(run, done, store, now)
    _note_places(run, inspected, files, store, now)
    not_done = [(step.seq, STILL_TO_DO) for step in inspected if step.state is None]
    store.journal.set_aside(run, [(it.seq, f"cut off: {found}") for it, found in doubtful], now)
    store.journal.skipped(run, not_done, now)
    return [
        f"{it.action.name} {it.action.path} was cut off, and {found}: left as it is."
        for it, found in doubtful
    ] + [
        f"{it.action.name} {it.action.path} was cut off, and stays open: {it.state.why}"
        for it in inspected
        if isinstance(it.state, Waiting)
    ]


def _note_done(
    run: str, done: Sequence[_Inspected], store: Store, now: datetime
) -> list[tuple[_Inspected, str]]:
    """Commit them together; where the database refuses one, each on its own.

    Returns those that it refused, each with why.
    """
    try:
        _commit(run, done, store, now)
    except RefusedRowError as error:
        if len(done) == 1:
            return [(done[0], error.message)]
        renames = [step for step in done if isinstance(step.action, RenameFolder)]
        together = len(renames) < len(done)  # what has got its new name at once stays so
        parts = [renames] if renames and together else []
        parts += [[step] for step in done if not together or step not in renames]
        return [refused for part in parts for refused in _note_done(run, part, store, now)]
    return []


def _commit(run: str, done: Sequence[_Inspected], store: Store, now: datetime) -> None:
    known = KnownFiles(store)
    changes: list[LedgerFact] = []
    finished: list[Finished] = []
    for step in done:
        assert isinstance(step.state, Applied)
        finished.append(finished_row(step.seq, step.action, step.state, known))
        changes += known.after(step.action, step.state.outcome)
    store.journal.done(run, finished, changes, now)
    for step in done:
        if isinstance(step.action, Replacement):
            note_offset(step.action, store, run, lambda: now)


def _make_durable(action: Action, applied: Applied, files: LibraryFiles) -> None:
    """The killed run may not have come to its fsync."""
    if isinstance(action, (Export, Lyrics)):
        files.touch_export(action.path)
        return
    files.touch(applied.outcome.path)
    if isinstance(action, (Move, RenameFolder)):
        files.touch(action.source)
    if isinstance(action, (Import, GiveBack)):
        files.touch_outside(action.file)
    if isinstance(action, (Restore, TakeBack)):
        files.touch_trashed(action.source.removeprefix(TRASH))
    if isinstance(action, Empty):
        files.touch_trashed(action.source)
    if isinstance(action, Replacement):
        files.touch(action.source)
    if applied.trash_path:
        files.touch_trashed(applied.trash_path)


def _completed(action: Action, files: LibraryFiles, run: str, store: Store) -> Inspection:
    """The step's state, after finishing what is half done; what is done waits only for a flush.

    Raises LibraryError when the disk as a whole fails.
    """
    try:
        state = _inspect(action, files, run, store)
        if isinstance(state, Applied):
            _make_durable(action, state, files)
    except ItemError as error:
        return Unclear(error.message)
    except LibraryError as error:
        if error.code != "disk_error":  # one place that cannot be read is not the whole disk
            raise
        return Waiting(error.message)
    return state


def _inspect(action: Action, files: LibraryFiles, run: str, store: Store) -> Inspection:
    if isinstance(action, Trash) and action.successor and action.is_replaced:
        return _replaced(action, action.successor, files, run)
    if isinstance(action, (Move, Trash)):
        _drop_second_name(action, files, run)
    if isinstance(action, Share):
        return _unshared(action, files, run)
    if isinstance(action, (Replacement, PutBack)):
        return settle_form(action, files, run)
    state = inspect_step(action, files, run)
    if state is None and isinstance(action, Publish):
        files.drop_waiting(action.path, run, action.expected)
    if isinstance(state, Applied) and not _is_ours(action, files, store):
        return None
    return state


def _unshared(action: Share, files: LibraryFiles, run: str) -> Inspection:
    """A file that is in the trash without a link in its place comes back: it was not done."""
    state, kept = inspect_step(action, files, run), trash_place(files, run, action)
    if state is None and kept is not None:
        if files.see(action.path) is None:
            files.restore(kept, action.path)
        else:
            files.drop_second_name(kept, action.path)
    return state


def _note_places(
    run: str, inspected: Sequence[_Inspected], files: LibraryFiles, store: Store, now: datetime
) -> None:
    """An entry keeps its name where something gave way to a link that was not made any more.

    What gave way took the name along; the next plan makes the missing link under it.
    """
    links = [it.action for it in inspected if it.state is None and isinstance(it.action, Link)]
    # of a file that went to the pool the entry stays as it was until its link is made
    links = [link for link in links if link.because is not Because.PRIMARY_MOVED]
    if not links:
        return
    steps = store.journal.steps(run)
    away = {row.path for row in steps if row.action in (Trash.name, Unlink.name)}
    away |= {row.source for row in steps if row.action == Move.name}
    missing = [link for link in links if link.path in away and _is_free(link.path, files)]
    known = KnownFiles(store)
    changes = [it for link in missing for it in known.after(link, ActionResult(link.path))]
    try:
        store.apply(changes, now)
    except RefusedRowError:  # another entry has the place: a name is all that is lost
        return


def _is_free(path: LibPath, files: LibraryFiles) -> bool:
    try:
        return files.see(path) is None
    except ItemError:
        return False


def _holds_ours(rename: RenameFolder, at: LibPath, files: LibraryFiles, ledger: Ledger) -> bool:
    """Whether the folder of that inode, now ``at`` this place, is the one that was to be renamed.

    The number alone is given to the next folder that is made once ours is gone.
    """
    name = folder_of(at)
    known = ledger.playlists.get(rename.playlist) if rename.playlist else None
    mp3 = files.root / "mp3"
    scan = walk(mp3, Silent(), set(os.listdir(mp3 / "Playlists")) - {name}).scan({})
    found = scan.folders.get(name)
    if known is None or found is None:
        return False
    return holds_what_is_ours(known, found, ledger, scan)


def _replaced(action: Trash, successor: LibPath, files: LibraryFiles, run: str) -> Inspection:
    """A damaged file that has not gone stands where it stood."""
    here, trashed = files.see(action.path), trash_place(files, run, action)
    if here is not None and is_it(here, action.expected):
        if trashed is not None:  # a second name, made before the new file was renamed over it
            files.drop_second_name(trashed, action.path)
        return None
    if here is None and trashed is not None and successor == action.path:  # in the gap
        files.restore(trashed, action.path)
        return None
    if trashed is None:
        return Unclear("the file is neither there nor in the trash")
    return Applied(ActionResult(action.path), trashed)


def _drop_second_name(action: Move | Trash, files: LibraryFiles, run: str) -> None:
    if seen := second_name(action, files, run):
        if isinstance(action, Move):
            files.to_trash(action.source, run, seen)
        else:
            files.to_trash(action.path, action.back_to or run, seen)
