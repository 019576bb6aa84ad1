"""A batch of alike steps: all intents in one commit, each act, one fsync a folder, one commit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from strandline.core.actions import RemoveFolder, Unlink
from strandline.errors import (
    ChangedMeanwhileError,
    ItemError,
    LibraryError,
    StrandlineError,
)
from strandline.execute.background_writer import Writer
from strandline.execute.handlers.apply import ActionApplier, Applied
from strandline.execute.handlers.inspect import inspect_step
from strandline.execute.ports import StopFlag
from strandline.execute.run_actions import Export
from strandline.execute.run_log import Refused, RunLog, Step
from strandline.library.files import LibraryFiles

log = logging.getLogger(__name__)

Act = Callable[[Step], Applied]
MANY = 100
"""Steps in a batch: with fewer, it is not worth a thread to write beside the acts."""


@dataclass(slots=True)
class Acted:
    """What became of a batch on the disk, before the database hears of it."""

    done: list[tuple[Step, Applied]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    untried: list[Step] = field(default_factory=list)
    halt: StrandlineError | None = None
    """Why no further step of the run can succeed."""


class Batch:
    """Carries out steps that share their commits."""

    def __init__(self, files: LibraryFiles, run_log: RunLog, stop: StopFlag) -> None:
        self._files = files
        self._run_log = run_log
        self._stop = stop
        self._applier = ActionApplier(files, run_log.result.run)

    def carry_out(
        self, batches: Sequence[Sequence[Step]], check: Callable[[], None]
    ) -> Iterator[int]:
        """Do what can be done, after a ``check`` before each batch; yields their lengths.

        While one batch is acted on, what became of the one before is committed, and the intents of
        the next. Raises LibraryError when no further step of the run can succeed, and what
        ``check`` does. What was acted on before that is made durable and committed. A step whose
        act was cut off keeps its intent open: only the disk can tell, and the next start asks it.
        """
        with Writer(apart=len(batches[0]) >= MANY) as writer:
            coming = writer.do(self._begin, batches[0])
            for steps, following in zip_longest(batches, batches[1:]):
                ready = coming.result()
                last = following is None or self._stop.is_set()
                if not last:
                    coming = writer.do(self._begin, following)
                acted = self._after(check, ready)
                if acted.halt and not last:
                    acted.untried += coming.result()
                writer.do(self._commit, acted)
                yield len(steps)
                if last or acted.halt:
                    return

    def settle(self, ready: Sequence[Step], act: Act, *, whole: bool = False) -> list[Refused]:
        """Act on steps whose intents are committed, then commit what became of them.

        Returns the refused ones. ``whole``: Ctrl-C comes too late for any of them.
        """
        acted = self._act(ready, act, whole=whole)
        self._commit(acted)
        return acted.refused

    def _begin(self, steps: Sequence[Step]) -> list[Step]:
        ready = self._run_log.admit(steps)
        self._run_log.begin(ready)
        return ready

    def _after(self, check: Callable[[], None], ready: Sequence[Step]) -> Acted:
        try:
            check()
        except StrandlineError as error:
            return Acted(untried=list(ready), halt=error)
        return self._act(ready, lambda step: self._applier.do(step.action))

    def _act(self, ready: Sequence[Step], act: Act, *, whole: bool = False) -> Acted:
        """Until someone asks for the end."""
        acted = Acted()
        tried = 0
        for step in ready:
            if self._stop.is_set() and not whole:
                break
            tried += 1
            try:
                acted.done.append((step, self._attempt(step, act)))
            except LibraryError as error:
                acted.halt = error
                tried -= self._is_untouched(step)
                break
            except Exception as error:  # noqa: BLE001 - one item never stops another
                acted.refused.append(Refused(step, _logged(step, error)))
        acted.untried += ready[tried:]
        return acted

    def _attempt(self, step: Step, act: Act) -> Applied:
        """An act that reports an error although it was done is done.

        What was not found where it was to be taken away may have been given another name: its
        entry is not forgotten for that, the next scan looks for it.
        """
        try:
            return act(step)
        except ItemError as error:
            gone = isinstance(error, ChangedMeanwhileError)
            if gone and isinstance(step.action, (RemoveFolder, Unlink)):
                raise
            settled = inspect_step(step.action, self._files, self._run_log.result.run)
            if isinstance(settled, Applied):
                return settled
            raise

    def _is_untouched(self, step: Step) -> bool:
        """Of an export that failed (a full stick, a read-only one) whether nothing was written.

        It may lie on any disk, so the library does not wait for it to come back.
        """
        if not isinstance(step.action, Export):
            return False
        try:
            return inspect_step(step.action, self._files, self._run_log.result.run) is None
        except StrandlineError:
            return False

    def _commit(self, acted: Acted) -> None:
        """Durable first. Raises LibraryError when it is not, or the run cannot go on."""
        self._files.flush()
        self._run_log.finish(acted.done)
        self._run_log.refuse(acted.refused)
        self._run_log.drop(acted.untried, "not done: the run ended before")
        if acted.halt:
            raise acted.halt


def _logged(step: Step, error: Exception) -> Exception:
    if not isinstance(error, ItemError):
        log.error("%s %s failed", step.action.name, step.action.path, exc_info=error)
    return error
