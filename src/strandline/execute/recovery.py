"""After a kill: every open intent is settled by what the disk says, before anything else happens.

The new state holds: done. The old one holds: dropped, and the next plan asks for it again. Only a
missing link is made at once: what gave way to it took its name along. Neither holds: both are left
as they are, and a line tells of it. Settling twice changes nothing more, so recovery may itself be
killed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from strandline.core.actions import (
    Action,
    CreateFolder,
    Link,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    Seen,
    Trash,
    Unlink,
)
from strandline.core.ids import link_target
from strandline.core.ledger import LedgerChange, Outcome
from strandline.core.states import Kind
from strandline.db.journal import Finished, RunStatus, StepRow
from strandline.db.store import Store
from strandline.errors import ItemError
from strandline.execute.changes import KnownFiles, finished_row
from strandline.execute.deeds import Deed, Deeds, as_link, content_of, stamp_of
from strandline.execute.parking import is_parked, unpark_all
from strandline.execute.steps import Publish, Restore, action_of
from strandline.library.files import LibraryFiles, TrashPath

STILL_TO_DO = "the run was cut off before this step"


@dataclass(frozen=True, slots=True)
class Unclear:
    """Neither the old nor the new state; ``found`` says what is there instead."""

    found: str


Verdict = Deed | Unclear | None
"""What became of a step: done, or in doubt, or (None) as if it had never been tried."""


def recover(files: LibraryFiles, store: Store, now: datetime) -> list[str]:
    """Settle what a killed run left behind; returns lines for a person.

    Call with the library's lock held, before the scan. Raises LibraryError when the disk fails.
    """
    lines: list[str] = []
    rows = store.journal.open_intents()
    actions = [action_of(row) for row in rows]
    unpark_all([action for action in actions if isinstance(action, RenameFolder)], files)
    waiting = [action for action in actions if is_parked(action, files)]
    lines += [
        f"{action.path} still waits for its name: something is in the way." for action in waiting
    ]
    settled = [row for row, action in zip(rows, actions, strict=True) if action not in waiting]
    for run, of_run in groupby(settled, key=lambda row: row.run_id):
        lines += _settle(run, list(of_run), files, store, now)
    for cut_off in store.journal.open_runs():
        store.journal.finish_run(cut_off.id, RunStatus.INTERRUPTED, now)
        lines.append(f"Run {cut_off.id} was cut off; what it had done is kept.")
    store.statuses.settle_downloading(now)
    files.sweep_temps()
    return lines


def _settle(
    run: str, rows: Sequence[StepRow], files: LibraryFiles, store: Store, now: datetime
) -> list[str]:
    """All open steps of one run: what is done is made durable before the journal says so."""
    verdicts = [(row.seq, action_of(row), _completed(row, files)) for row in rows]
    for _, action, verdict in verdicts:
        if isinstance(verdict, Deed):
            _make_durable(action, verdict, files)
    files.flush()
    known = KnownFiles(store)
    changes: list[LedgerChange] = []
    finished: list[Finished] = []
    for seq, action, verdict in verdicts:
        if isinstance(verdict, Deed):
            finished.append(finished_row(seq, action, verdict, known))
            changes += known.after(action, verdict.outcome)
    unclear = [(seq, action, v) for seq, action, v in verdicts if isinstance(v, Unclear)]
    store.journal.done(run, finished, changes, now)
    store.journal.failed(run, [(seq, f"cut off: {v.found}") for seq, _, v in unclear], now)
    store.journal.skipped(run, [(seq, STILL_TO_DO) for seq, _, v in verdicts if v is None], now)
    return [f"{a.name} {a.path} was cut off, and {v.found}: left as it is." for _, a, v in unclear]


def _make_durable(action: Action, deed: Deed, files: LibraryFiles) -> None:
    """The killed run may not have come to its fsync."""
    files.touch(deed.outcome.path)
    if isinstance(action, (Move, RenameFolder)):
        files.touch(action.source)
    if isinstance(action, Restore):
        files.touch_trashed(action.source)
    if deed.trash_path:
        files.touch_trashed(deed.trash_path)


def _completed(row: StepRow, files: LibraryFiles) -> Verdict:
    """The verdict, after ending what stands half way."""
    action, run = action_of(row), row.run_id
    try:
        return _verdict(action, files, run)
    except ItemError as error:
        return Unclear(error.message)


def _verdict(action: Action, files: LibraryFiles, run: str) -> Verdict:
    if isinstance(action, (Move, Trash)):
        _drop_second_name(action, files, run)
    verdict = judge(action, files, run)
    if verdict is None and isinstance(action, (Link, Relink)) and files.see(action.path) is None:
        return _linked_after_all(action, files, run)
    return verdict


def _linked_after_all(action: Link | Relink, files: LibraryFiles, run: str) -> Deed | None:
    try:
        return Deeds(files, run).do(as_link(action) if isinstance(action, Relink) else action)
    except ItemError:
        return None


def _drop_second_name(action: Move | Trash, files: LibraryFiles, run: str) -> None:
    """On disks without an exclusive rename a file may stand under both names for a moment."""
    old = action.source if isinstance(action, Move) else action.path
    seen, new = files.see(old), _new_name(action, files, run)
    if seen and new and (new.dev, new.ino) == (seen.dev, seen.ino) == (seen.dev, action.seen.ino):
        files.to_trash(old, run, seen)


def _new_name(action: Move | Trash, files: LibraryFiles, run: str) -> Seen | None:
    if isinstance(action, Move):
        return files.see(action.path)
    return files.see_trashed(f"{run}/{action.path}")


# ---------------------------------------------------------------- the verdict alone


def judge(action: Action, files: LibraryFiles, run: str) -> Verdict:
    """What the disk says about one step. Changes nothing."""
    here = files.see(action.path)
    match action:
        case CreateFolder():
            made = here is not None and here.type == "folder"
            return Deed(Outcome(action.path, ino=here.ino)) if made and here else None
        case RenameFolder():
            return _renamed(action, here, files)
        case RemoveFolder() | Unlink():
            return Deed(Outcome(action.path)) if here is None else None
        case Publish() | Restore():
            return _arrived(action, here)
        case Move():
            return _moved(action, here, files)
        case Link() | Relink():
            return _linked(action, here, files)
        case Trash():
            return _trashed(action, here, files, run)
        case _:
            return None


def _renamed(action: RenameFolder, here: Seen | None, files: LibraryFiles) -> Verdict:
    if here is not None and here.ino == action.seen.ino:
        return Deed(Outcome(action.path, ino=here.ino))
    there = files.see(action.source)
    if there is not None and there.ino == action.seen.ino:
        return None
    return Unclear(f"the folder is neither there nor at {action.source}")


def _arrived(action: Publish | Restore, here: Seen | None) -> Verdict:
    if here is None or here.ino != action.seen.ino or here.size != action.seen.size:
        return None
    return Deed(Outcome(action.path, stamp_of(here), action.sha256))


def _moved(action: Move, here: Seen | None, files: LibraryFiles) -> Verdict:
    if here is not None and here.type == "file" and here.ino == action.seen.ino:
        return Deed(Outcome(action.path, stamp_of(here)))
    there = files.see(action.source)
    if there is not None and there.ino == action.seen.ino:
        return None
    return Unclear(f"the file is neither there nor at {action.source}")


def _linked(action: Link | Relink, here: Seen | None, files: LibraryFiles) -> Verdict:
    if here is None:
        return None
    if action.kind is Kind.SYMLINK:
        made = here.target == link_target(action.path, action.source)
        return Deed(Outcome(action.path)) if made else _unmade(action, here)
    primary = files.see(action.source)
    if here.type == "file" and primary and _same_audio(action, here, primary, files):
        return Deed(Outcome(action.path, stamp_of(here)))
    return _unmade(action, here)


def _same_audio(action: Link | Relink, here: Seen, primary: Seen, files: LibraryFiles) -> bool:
    if action.kind is Kind.HARDLINK:
        return (here.dev, here.ino) == (primary.dev, primary.ino)
    content = content_of(files, action.source)
    return files.verify_file(action.path, primary.size, content) is not None


def _unmade(action: Link | Relink, here: Seen) -> Verdict:
    if isinstance(action, Relink) and here.ino == action.seen.ino:
        return None
    return Unclear(f"another {here.type} stands there")


def _trashed(action: Trash, here: Seen | None, files: LibraryFiles, run: str) -> Verdict:
    if here is not None and here.ino == action.seen.ino:
        return None
    where = trash_place(files, run, action)
    if where is not None:
        return Deed(Outcome(action.path), where)
    return Unclear("the file is neither there nor in the trash")


def trash_place(files: LibraryFiles, run: str, action: Trash) -> TrashPath | None:
    """Where in a run's trash the file lies: under its own path, or that path with a number."""
    first = TrashPath(f"{run}/{action.path}")
    seen = files.see_trashed(first)
    if seen is None or seen.ino == action.seen.ino:
        return first if seen else None
    found = files.trash_files(run).items()
    return next((path for path, seen in found if seen.ino == action.seen.ino), None)
