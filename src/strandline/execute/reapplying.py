"""Files that are made anew by today's settings: prepared by workers, each then changes places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING

from strandline.errors import LibraryError, LoginError, StrandlineError, UnreachableError
from strandline.execute.exchanges import Exchanges
from strandline.execute.pipeline import JobResult, Pipeline
from strandline.execute.run_actions import Prepared, Reapply
from strandline.execute.run_log import Step
from strandline.library.files.errors import error_from_oserror

if TYPE_CHECKING:
    from strandline.core.ids import TrackId
    from strandline.db.store import Store
    from strandline.events import Progress
    from strandline.execute.ports import Clock, RunSettings, StopFlag
    from strandline.execute.run_log import RunLog
    from strandline.library.files import LibraryFiles

ENDS_ALL = (LoginError, UnreachableError)
"""Errors that every further file would meet, too."""


class Reapplying:
    """Carries out one group of ``Reapply``. Only its thread touches library and database."""

    def __init__(
        self,
        files: LibraryFiles,
        store: Store,
        run_log: RunLog,
        *,
        settings: RunSettings,
        stop: StopFlag,
        progress: Progress,
        check_library: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._files, self._run_log = files, run_log
        self._settings, self._stop, self._progress = settings, stop, progress
        self._check_library = check_library
        self._exchanges = Exchanges(files, store, run_log, clock, stop)
        self._gave_up: StrandlineError | None = None
        self._pipeline: Pipeline[Step, Step, Prepared] = Pipeline(
            lambda step: step,
            self._prepare,
            _discard,
            workers=settings.workers,
            encoders=settings.encoders,
        )

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Raises LibraryError when the disk fails, SafetyStopError when the library is gone."""
        ready = self._run_log.admit(steps)
        with self._pipeline as pipeline:
            for outcome in pipeline.results(self._begun(ready)):
                others = islice(pipeline.also_ready(), self._settings.workers - 1)
                self._settle([outcome, *others])
        if self._gave_up:
            for step in self._run_log.still_open(steps):
                self._run_log.skip(step, self._gave_up.message, self._gave_up.code)
            self._run_log.result.stopped = self._gave_up

    def _begun(self, steps: Sequence[Step]) -> Iterator[Step]:
        """One after the other, until someone asks for the end; not onto a disk that is full."""
        for step in steps:
            if self._stop.is_set() or self._gave_up:
                return
            action = _of(step)
            free = self._files.free_bytes()
            if free is not None and free < 2 * action.expected.size + self._settings.reserve:
                raise LibraryError(
                    "The library's disk is nearly full.",
                    hint="Free some space and run again: it goes on where it was.",
                    code="disk_full",
                )
            yield step

    def _prepare(self, step: Step, _: Step) -> Prepared:
        action = _of(step)
        assert action.prepare is not None
        name = action.path.rpartition("/")[2]
        track: TrackId | None = action.track
        if track:
            self._progress.begin(track, name)
        try:
            return action.prepare(action, self._files)
        except OSError as error:
            raise error_from_oserror(error, action.source) from error
        finally:
            if track:
                self._progress.end(track)

    def _settle(self, outcomes: Sequence[JobResult[Step, Prepared]]) -> None:
        """What is ready changes places together, for fewer commits; then the errors are told."""
        came = [(step, made) for step, made, _ in outcomes if made is not None]
        if came:
            with ExitStack() as temps:
                for _, made in came:
                    if made.temp:
                        temps.enter_context(made.temp)
                self._check_library()
                self._exchanges.carry_out(came)
            self._progress.advance(len(came))
        for step, _, error in outcomes:
            if error is not None:
                self._settle_error(step, error)

    def _settle_error(self, step: Step, error: Exception) -> None:
        if isinstance(error, ENDS_ALL):
            self._gave_up = self._gave_up or error
            return
        self._check_library()  # without it, this error is not the file's own
        self._exchanges.refuse(step, error)
        if isinstance(error, LibraryError):
            raise error
        self._progress.advance(1)


def _of(step: Step) -> Reapply:
    assert isinstance(step.action, Reapply)
    return step.action


def _discard(made: Prepared) -> None:
    if made.temp:
        made.temp.discard()
