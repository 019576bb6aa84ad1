"""The log of one run: which steps are open, done, failed or skipped, in journal and report."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from strandline.core.actions import Action, RenameFolder, Trash
from strandline.core.ids import LibPath, TrackId
from strandline.core.lyrics import Lyrics
from strandline.db.store import Store
from strandline.errors import (
    ChangedMeanwhileError,
    DiffersError,
    NotBetterError,
    StrandlineError,
    UnavailableError,
)
from strandline.execute.dependencies import DependencyTracker
from strandline.execute.handlers.apply import Applied
from strandline.execute.ledger_updates import KnownFiles, finished_row, forgotten
from strandline.execute.ports import Clock
from strandline.execute.result import NOT_EMPTY, NotDone, Result
from strandline.execute.step_rows import row_of
from strandline.library.files.errors import TakenError

log = logging.getLogger(__name__)

BUG = "bug"
NO_FAILURE = (ChangedMeanwhileError, NotBetterError, UnavailableError)


class Step(NamedTuple):
    """An action and its number in the plan, from 1."""

    seq: int
    action: Action


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that was not carried out, and the error that says why."""

    step: Step
    error: Exception


class RunLog:
    """Keeps the journal and the report of one run in step with each other."""

    def __init__(self, store: Store, run: str, actions: Sequence[Action], clock: Clock) -> None:
        self.result = Result(run)
        self.dependencies = DependencyTracker()
        self.lyrics: list[tuple[Action, LibPath, Lyrics]] = []
        """Of tracks that came: each with the place of its audio."""
        self._store = store
        self._clock = clock
        self._open = dict(enumerate(actions, 1))
        self._planned = len(actions)
        self._known = KnownFiles(store)
        self._imported: dict[TrackId, str] | None = None
        """By track, the import that took its file in; asked for once something goes."""

    def admit(self, steps: Iterable[Step]) -> list[Step]:
        """The steps that can be tried, as they must be now; the others are noted as skipped."""
        admitted: list[Step] = []
        for step in steps:
            action = self.dependencies.followed(step.action)
            if reason := self.dependencies.obstacle(step.action):
                given_up = self.dependencies.leads_to_unavailable(step.action)
                self.skip(step, reason, UnavailableError.code if given_up else "dependency")
            else:
                action = self._back_to_import(action)
                admitted.append(step if action is step.action else Step(step.seq, action))
        return admitted

    def _back_to_import(self, action: Action) -> Action:
        """A person's own file does not lie with what strandline made, and may be thrown away."""
        second = isinstance(action, Trash) and (action.keeper or action.is_replaced)
        if not isinstance(action, Trash) or second or action.track is None:
            return action
        if self._imported is None:
            self._imported = self._store.imported()
        run = self._imported.get(action.track)
        return replace(action, back_to=run) if run else action

    def extend(self, actions: Sequence[Action]) -> list[Step]:
        """Further steps of the run, numbered after all others."""
        steps = [Step(seq, action) for seq, action in enumerate(actions, self._planned + 1)]
        self._planned += len(steps)
        self._open.update(steps)
        self._store.journal.plan_more(self.result.run, len(steps))
        return steps

    def begin(self, steps: Sequence[Step]) -> None:
        """Commit the intents."""
        if steps:
            rows = (row_of(self.result.run, step.seq, step.action) for step in steps)
            self._store.journal.intent(rows, self._clock())

    def finish(self, acted: Sequence[tuple[Step, Applied]]) -> None:
        """Commit what is done and durable, with what it means for the ledger."""
        if not acted:
            return
        known = self._known
        finished = [finished_row(step.seq, step.action, applied, known) for step, applied in acted]
        changes = (
            it for step, applied in acted for it in known.after(step.action, applied.outcome)
        )
        self._store.journal.done(self.result.run, finished, changes, self._clock())
        for step, applied in acted:
            self.dependencies.went(self._open.pop(step.seq), applied.outcome.path)
            if applied.left:
                self.result.skipped.append(NotDone.of(step.action, applied.left, NOT_EMPTY))
        self.result.done.update(step.action.name for step, applied in acted if not applied.left)
        _log(f"{step.action.name} done: {applied.outcome.path}" for step, applied in acted)

    def refuse(self, refused: Sequence[Refused]) -> None:
        """Commit what could not be done; the rest of the run goes on."""
        refused = self._kept(refused)
        failed = [item for item in refused if not isinstance(item.error, NO_FAILURE)]
        skipped = [item for item in refused if isinstance(item.error, NO_FAILURE)]
        now, run = self._clock(), self.result.run
        if failed:
            self._store.journal.failed(
                run, [(it.step.seq, error_text(it.error)) for it in failed], now
            )
        if skipped:
            self._store.journal.skipped(
                run, [(it.step.seq, error_text(it.error)) for it in skipped], now
            )
        for item in failed:
            self._report(item, self.result.failed)
        for item in skipped:
            self._report(item, self.result.skipped)
        _log((_refusal("failed", item, run) for item in failed), logging.WARNING)
        _log((_refusal("skipped", item, run) for item in skipped), logging.WARNING)

    def _kept(self, refused: Sequence[Refused]) -> list[Refused]:
        """The person's file, which was taken for ours by its stamp, stays; so no link comes there.

        The ledger forgets it, or every run would try again.
        """
        kept = {it.step.action.path: it for it in refused if isinstance(it.error, DiffersError)}
        for item in kept.values():
            changes = forgotten(item.step.action, self._known.of(item.step.action))
            self._store.apply(changes, self._clock())
            self._known.forget()
            self._store.apply(self._known.doubts(item.step.action), self._clock())
            self._known.forget()
        taken = (
            kept.get(it.step.action.path, it) if isinstance(it.error, TakenError) else it
            for it in refused
        )
        return [Refused(it.step, by.error) for it, by in zip(refused, taken, strict=True)]

    def leave_open(self, items: Sequence[Refused]) -> None:
        """Failed, but half done: the intent stays open, so that the next start finishes it."""
        run = self.result.run
        _log((_refusal("left half done", item, run) for item in items), logging.WARNING)
        for item in items:
            self._report(item, self.result.failed)
            if isinstance(item.step.action, RenameFolder):
                self.dependencies.close(item.step.action)

    def drop(self, steps: Sequence[Step], reason: str) -> None:
        """Take back intents that nobody acted on; they stay open in the report."""
        if steps:
            rows = [(step.seq, reason) for step in steps]
            self._store.journal.skipped(self.result.run, rows, self._clock())

    def skip(self, step: Step, reason: str, code: str) -> None:
        """A step that is not even tried; the journal never hears of it."""
        action = self._open.pop(step.seq)
        self.dependencies.fell(action)
        self.result.skipped.append(NotDone.of(step.action, f"not done: {reason}", code))

    def close(self, reason: str, code: str) -> None:
        """Report everything that is still open."""
        for seq, action in list(self._open.items()):
            self.skip(Step(seq, action), reason, code)

    def still_open(self, steps: Iterable[Step]) -> list[Step]:
        """Those that nothing has become of yet."""
        return [step for step in steps if step.seq in self._open]

    @property
    def unfinished(self) -> bool:
        """Whether any step is still open."""
        return bool(self._open)

    def _report(self, item: Refused, where: list[NotDone]) -> None:
        action = self._open.pop(item.step.seq)
        self.dependencies.fell(action, unavailable=isinstance(item.error, UnavailableError))
        code = item.error.code if isinstance(item.error, StrandlineError) else BUG
        where.append(NotDone.of(item.step.action, error_text(item.error), code))


def _log(lines: Iterable[str], level: int = logging.INFO) -> None:
    """A line a step, of a whole batch at once: a record for each would cost as much as a link."""
    if log.isEnabledFor(level):
        one_line = [line.replace("\n", " ") for line in lines]
        if one_line:
            log.log(level, "%s", "\n".join(one_line), extra={"by_line": True})


def _refusal(what: str, item: Refused, run: str) -> str:
    action = item.step.action
    return f"{action.name} {what} in run {run}: {action.path}: {error_text(item.error)}"


def error_text(error: Exception) -> str:
    """An error in words; a bug's own words are for the log."""
    if isinstance(error, StrandlineError):
        return error.message
    return f"a bug in strandline ({type(error).__name__}); the log has the details"
