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
from strandline.core.folders import holds_what_is_ours
from strandline.core.foreseen import Foreseen
from strandline.core.ids import LibPath, folder_of
from strandline.core.ledger import LedgerChange, Outcome
from strandline.core.states import Ledger
from strandline.db.journal import Finished, RunStatus, StepRow
from strandline.db.store import Store
from strandline.errors import ItemError, LibraryError, RefusedRowError
from strandline.events import Silent
from strandline.execute.changes import KnownFiles, finished_row
from strandline.execute.deeds import (
    Deed,
    trash_place,
)
from strandline.execute.exchanges import finish_following, note_offset
from strandline.execute.forms import settle_form
from strandline.execute.moves_file import write_moves
from strandline.execute.parking import is_parked, unpark_all, ways_out
from strandline.execute.step_rows import action_of
from strandline.execute.steps import (
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
from strandline.execute.verdicts import (
    Unclear,
    Verdict,
    Waiting,
    is_it,
    judge,
    second_name,
)
from strandline.library.files import LibraryFiles, parking_path
from strandline.library.scan import walk

STILL_TO_DO = "the run was cut off before this step"


@dataclass(frozen=True, slots=True)
class _Judged:
    """An open step and what the disk says of it."""

    seq: int
    action: Action
    verdict: Verdict


def recover(files: LibraryFiles, store: Store, now: datetime) -> list[str]:
    """Settle what a killed run left behind; returns lines for a person.

    Call with the library's lock held, before the scan. Raises LibraryError when the disk fails,
    DatabaseError when the database does.
    """
    actions, lines = _readable(store, now)
    unpark_all([action for _, action in actions if isinstance(action, RenameFolder)], files)
    waiting = [action for _, action in actions if is_parked(action, files)]
    lines += [
        f"{action.path} still waits for its name: something is in the way." for action in waiting
    ]
    open_steps = [(row, action) for row, action in actions if action not in waiting]
    for run, steps in groupby(open_steps, key=lambda step: step[0].run_id):
        of_run = list(steps)
        finish_following([action for _, action in of_run], files, run)
        judged = [_Judged(row.seq, it, _completed(it, files, run, store)) for row, it in of_run]
        lines += _settle(run, judged, files, store, now)
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


def note_done(files: LibraryFiles, store: Store, now: datetime) -> Foreseen | None:
    """Commit of a killed run's steps those that the disk has whole; others wait for ``recover``.

    So that what is decided next is what a run decides, which recovers first (I21). Changes nothing
    on the disk, so what ``recover`` would change there is returned. Where folders wait on their
    temporary names, that is all, for whatever is in them has no place to be noted.
    Call with the state folder's lock held. Raises LibraryError, DatabaseError.
    """
    steps = [step for row in store.journal.open_intents() if (step := _as_action(row))]
    if any(is_parked(action, files) for _, action in steps):
        return _unparked(files, store, [it for _, it in steps if isinstance(it, RenameFolder)])
    judged = [
        (row.run_id, _Judged(row.seq, action, _as_it_is(action, files, row.run_id, store)))
        for row, action in steps
    ]
    files.flush()
    for run, of_run in groupby(judged, key=lambda step: step[0]):
        steps_of_run = [step for _, step in of_run]
        done = [step for step in steps_of_run if isinstance(step.verdict, Deed)]
        _note_done(run, done, store, now)  # what the database refuses stays open, too
        _note_places(run, steps_of_run, files, store, now)
    return None


def _unparked(files: LibraryFiles, store: Store, renames: Sequence[RenameFolder]) -> Foreseen:
    """Every folder under the name that it gets."""
    goals = ways_out(renames, files)
    arrive = {action for action, goal in goals if goal == action.path}
    known, ledger = KnownFiles(store), store.load_ledger()
    changes: list[LedgerChange] = []
    for action in renames:
        here = parking_path(action.seen.ino) if action in arrive else action.path
        at = files.see(here)
        if at and at.ino == action.seen.ino and _holds_ours(action, here, files, ledger):
            changes += known.after(action, Outcome(action.path, ino=at.ino))
    names = {folder_of(parking_path(it.seen.ino)): folder_of(goal) for it, goal in goals}
    return Foreseen(names, tuple(changes))


def _as_action(row: StepRow) -> tuple[StepRow, Action] | None:
    try:
        return row, action_of(row)
    except (KeyError, TypeError, ValueError, AssertionError):
        return None


def _as_it_is(action: Action, files: LibraryFiles, run: str, store: Store) -> Verdict:
    """The verdict on what stands nowhere half way; else None."""
    try:
        if isinstance(action, (Move, Trash)) and second_name(action, files, run):
            return None
        if isinstance(action, Trash) and action.successor == action.path:
            here = files.see(action.path)
            if here is None or is_it(here, action.seen):
                return None
        verdict = judge(action, files, run)
        if not isinstance(verdict, Deed) or not _is_ours(action, files, store):
            return None
        _make_durable(action, verdict, files)
    except ItemError:
        return None
    except LibraryError as error:
        if error.code != "disk_error":
            raise
        return None
    return verdict


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
    run: str, judged: Sequence[_Judged], files: LibraryFiles, store: Store, now: datetime
) -> list[str]:
    """All open steps of one run: what is done is made durable before the journal says so."""
    files.flush()
    done = [step for step in judged if isinstance(step.verdict, Deed)]
    doubtful = [(step, step.verdict.found) for step in judged if isinstance(step.verdict, Unclear)]
    doubtful += _note_done(run, done, store, now)
    _note_places(run, judged, files, store, now)
    not_done = [(step.seq, STILL_TO_DO) for step in judged if step.verdict is None]
    store.journal.set_aside(run, [(it.seq, f"cut off: {found}") for it, found in doubtful], now)
    store.journal.skipped(run, not_done, now)
    return [
        f"{it.action.name} {it.action.path} was cut off, and {found}: left as it is."
        for it, found in doubtful
    ] + [
        f"{it.action.name} {it.action.path} was cut off, and stays open: {it.verdict.why}"
        for it in judged
        if isinstance(it.verdict, Waiting)
    ]


def _note_done(
    run: str, done: Sequence[_Judged], store: Store, now: datetime
) -> list[tuple[_Judged, str]]:
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


def _commit(run: str, done: Sequence[_Judged], store: Store, now: datetime) -> None:
    known = KnownFiles(store)
    changes: list[LedgerChange] = []
    finished: list[Finished] = []
    for step in done:
        assert isinstance(step.verdict, Deed)
        finished.append(finished_row(step.seq, step.action, step.verdict, known))
        changes += known.after(step.action, step.verdict.outcome)
    store.journal.done(run, finished, changes, now)
    for step in done:
        if isinstance(step.action, Replacement):
            note_offset(step.action, store, run, lambda: now)


def _make_durable(action: Action, deed: Deed, files: LibraryFiles) -> None:
    """The killed run may not have come to its fsync."""
    if isinstance(action, (Export, Lyrics)):
        files.touch_export(action.path)
        return
    files.touch(deed.outcome.path)
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
    if deed.trash_path:
        files.touch_trashed(deed.trash_path)


def _completed(action: Action, files: LibraryFiles, run: str, store: Store) -> Verdict:
    """The verdict, after ending what stands half way; what is done waits only for a flush.

    Raises LibraryError when the disk as a whole fails.
    """
    try:
        verdict = _verdict(action, files, run, store)
        if isinstance(verdict, Deed):
            _make_durable(action, verdict, files)
    except ItemError as error:
        return Unclear(error.message)
    except LibraryError as error:
        if error.code != "disk_error":  # one place that cannot be read is not the whole disk
            raise
        return Waiting(error.message)
    return verdict


def _verdict(action: Action, files: LibraryFiles, run: str, store: Store) -> Verdict:
    if isinstance(action, Trash) and action.successor and action.is_replaced:
        return _replaced(action, action.successor, files, run)
    if isinstance(action, (Move, Trash)):
        _drop_second_name(action, files, run)
    if isinstance(action, Share):
        return _unshared(action, files, run)
    if isinstance(action, (Replacement, PutBack)):
        return settle_form(action, files, run)
    verdict = judge(action, files, run)
    if verdict is None and isinstance(action, Publish):
        files.drop_waiting(action.path, run, action.seen)
    if isinstance(verdict, Deed) and not _is_ours(action, files, store):
        return None
    return verdict


def _unshared(action: Share, files: LibraryFiles, run: str) -> Verdict:
    """A file that is in the trash without a link in its place comes back: it was not done."""
    verdict, kept = judge(action, files, run), trash_place(files, run, action)
    if verdict is None and kept is not None:
        if files.see(action.path) is None:
            files.restore(kept, action.path)
        else:
            files.drop_second_name(kept, action.path)
    return verdict


def _note_places(
    run: str, judged: Sequence[_Judged], files: LibraryFiles, store: Store, now: datetime
) -> None:
    """An entry keeps its name where something gave way to a link that was not made any more.

    What gave way took the name along; the next plan makes the missing link under it.
    """
    links = [it.action for it in judged if it.verdict is None and isinstance(it.action, Link)]
    # of a file that went to the pool the entry stays as it was until its link is made
    links = [link for link in links if link.because is not Because.PRIMARY_MOVED]
    if not links:
        return
    steps = store.journal.steps(run)
    away = {row.path for row in steps if row.action in (Trash.name, Unlink.name)}
    away |= {row.source for row in steps if row.action == Move.name}
    missing = [link for link in links if link.path in away and _is_free(link.path, files)]
    known = KnownFiles(store)
    changes = [it for link in missing for it in known.after(link, Outcome(link.path))]
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


def _replaced(action: Trash, successor: LibPath, files: LibraryFiles, run: str) -> Verdict:
    """A damaged file that has not gone stands where it stood."""
    here, trashed = files.see(action.path), trash_place(files, run, action)
    if here is not None and is_it(here, action.seen):
        if trashed is not None:  # a second name, made before the new file was renamed over it
            files.drop_second_name(trashed, action.path)
        return None
    if here is None and trashed is not None and successor == action.path:  # in the gap
        files.restore(trashed, action.path)
        return None
    if trashed is None:
        return Unclear("the file is neither there nor in the trash")
    return Deed(Outcome(action.path), trashed)


def _drop_second_name(action: Move | Trash, files: LibraryFiles, run: str) -> None:
    if seen := second_name(action, files, run):
        if isinstance(action, Move):
            files.to_trash(action.source, run, seen)
        else:
            files.to_trash(action.path, action.back_to or run, seen)
