"""dedupe-report --content --apply: links in the place of a person's files of the same sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from strandline.app.observe import observe
from strandline.app.running import Watch, executor_for, refresh_statuses
from strandline.core.actions import Action, Because, EntryState, Link, Relink, Trash
from strandline.core.ids import LibPath
from strandline.db.recordings import PIN, RecordingAnswer
from strandline.events import Silent
from strandline.execute.ports import StopFlag
from strandline.execute.run_actions import Share

if TYPE_CHECKING:
    from strandline.app.same_sound import SoundReport
    from strandline.app.session import Session
    from strandline.core.ledger_facts import LedgerFact
    from strandline.execute.result import Result
    from strandline.library.files import LibraryFiles

COMMAND: Final = "dedupe-report"


@dataclass(frozen=True, slots=True)
class _Work:
    """What the executor is given."""

    actions: tuple[Action, ...]
    facts: tuple[LedgerFact, ...] = ()
    agreed: tuple[LedgerFact, ...] = ()
    forgone: tuple[Action, ...] = ()
    following: tuple[Link, ...] = ()


def linked(found: SoundReport, session: Session, files: LibraryFiles, watch: Watch) -> Result:
    """What is pinned on the way is taken back when the run is undone."""
    pins = [RecordingAnswer(*both, PIN) for both in (found.pairs if found.merges else ())]
    session.store.recordings.answer(pins, session.now())
    actions = (*_shares(found, files), *_merges(pins, session))
    stop = StopFlag()
    with watch(stop):
        result = executor_for(session, files, stop).run(_Work(actions), COMMAND)
    session.store.recordings.answer(pins, session.now(), result.run)
    refresh_statuses(session, None)
    return result


def _merges(pins: Sequence[RecordingAnswer], session: Session) -> Iterator[Action]:
    """What a sync would do about the tracks that are one recording by now, and nothing else."""
    if not pins:
        return
    tracks = {track for it in pins for track in it.pair}
    actions = observe(session, None, Silent()).plan.actions
    merged = {a.track for a in actions if a.because is Because.SAME_RECORDING}
    for action in actions:
        if action.track in tracks & merged and isinstance(action, (Trash, Link, Relink)):
            yield action


def _shares(found: SoundReport, files: LibraryFiles) -> Iterator[Share]:
    for group in found.groups:
        for file in group.others:
            if file.path not in found.replaceable:
                continue
            path, seen = LibPath(file.path), files.see(file.path)
            if seen is None or (seen.size, seen.mtime_ns) != (file.size, file.mtime_ns):
                seen = EntryState(
                    "file", 0, 0, file.size, file.mtime_ns
                )  # the step itself says why not
            yield Share(
                path,
                Because.SAME_AUDIO,
                source=LibPath(group.winner.path),
                expected=seen,
                criterion=group.criterion.value,
            )
