"""All downloads of a plan: fetched and prepared by workers, published one by one as they come."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import ClassVar

from strandline.core.actions import Action, Download, Trash
from strandline.core.ids import LibPath, TrackId
from strandline.core.ledger_facts import ActionResult as Left
from strandline.core.quality import Tier
from strandline.db.store import Store
from strandline.errors import (
    DownloadError,
    ItemError,
    LibraryError,
    LoginError,
    StrandlineError,
    UnavailableError,
)
from strandline.events import Progress
from strandline.execute.batch import Batch
from strandline.execute.circuit_breaker import (
    WITNESSES,
    CircuitBreaker,
    NotAskedError,
    RefusedAtError,
    Waiting,
)
from strandline.execute.disk_space import require_space
from strandline.execute.extras import ExtraSource
from strandline.execute.handlers.apply import ActionApplier, Applied, stamp_of
from strandline.execute.outage import Outage, is_away
from strandline.execute.pending_refusals import Decided, PendingRefusals, unavailable
from strandline.execute.pipeline import JobResult, Pipeline
from strandline.execute.ports import (
    AudioSourcePort,
    Clock,
    DownloadRequest,
    Fetched,
    Inquiry,
    RunSettings,
    StopFlag,
)
from strandline.execute.prepare import Ready, arrival, prepare
from strandline.execute.requests import named_by_track, request_for
from strandline.execute.result import FetchedTrack
from strandline.execute.run_log import Refused, RunLog, Step, error_text
from strandline.execute.throttle import Throttle
from strandline.library.files import LibraryFiles, TakenError

log = logging.getLogger(__name__)

TRIES = 2
"""Of a whole track, when what came is cut off or does not decode."""
WORTH_A_RETRY = {"truncated", "undecodable", "empty"}
ANOTHER_TIER = {"not_stereo", "wrong_duration"}
"""What is wrong with a tier as such. Damage is not: the next run may get that tier whole."""


@dataclass(frozen=True, slots=True)
class Job:
    """A download that has begun."""

    step: Step
    request: DownloadRequest
    attempt: int = 1
    first: DownloadError | None = None
    """What was wrong with the tiers that were tried before."""
    doubted: bool = False
    """It was refused before, when others were, too; now it is asked for once more."""

    @property
    def planned(self) -> Download:
        """The step's action."""
        assert isinstance(self.step.action, Download)
        return self.step.action


class _CancelledError(ItemError):
    """The run ends; nobody waits for this track any more."""


class Downloads:
    """Carries out one group of downloads. Only the calling thread touches library and database."""

    kind: ClassVar[type[Action]] = Download

    def __init__(
        self,
        files: LibraryFiles,
        store: Store,
        source: AudioSourcePort,
        run_log: RunLog,
        *,
        settings: RunSettings,
        clock: Clock,
        stop: StopFlag,
        progress: Progress,
        check_library: Callable[[], None],
        waiting: Waiting,
    ) -> None:
        self._files, self._store, self._source, self._run_log = files, store, source, run_log
        self._settings, self._clock, self._stop = settings, clock, stop
        self._progress, self._check_library = progress, check_library
        self._batch = Batch(files, run_log, stop)
        self._applier = ActionApplier(files, run_log.result.run)
        self._old: dict[LibPath, list[Step]] = {}
        """Damaged files, by the planned path of what comes in their stead."""
        self._pipeline = Pipeline(
            self._fetch,
            self._prepare,
            lambda ready: ready.temp.discard(),
            workers=settings.workers,
            encoders=settings.encoders,
        )
        self._throttle = Throttle(settings.bytes_a_second)
        self._breaker = CircuitBreaker(
            source if isinstance(source, Inquiry) else None,
            stop=stop,
            waiting=waiting,
            note=progress.note,
            played=store.statuses.witnesses(WITNESSES),
        )
        self._pending = PendingRefusals[Job](self._breaker)
        self._outage = Outage[Job]()
        self._steps: Sequence[Step] = ()
        self._gave_up: StrandlineError | None = None
        self._extras = ExtraSource(source, settings.tags)

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Raises LibraryError when the disk fails, SafetyStopError when the library is gone."""
        for step in steps:
            if isinstance(step.action, Trash) and step.action.successor:
                self._old.setdefault(step.action.successor, []).append(step)
        downloads = [step for step in steps if isinstance(step.action, self.kind)]
        ready = self._steps = self._run_log.admit(downloads)
        try:
            with self._pipeline as pipeline:
                for outcome in pipeline.results(self._jobs(ready)):
                    others = islice(pipeline.also_ready(), self._settings.workers - 1)
                    self._settle([outcome, *others])
                    self._weigh(at_end=not pipeline.inside)
        finally:
            self._store.statuses.settle_downloading(self._clock())
            self._run_log.result.notes.extend(self._extras.notes())
        self._end_away()
        if self._gave_up:
            for step in self._run_log.still_open(steps):
                self._run_log.skip(step, self._gave_up.message, self._gave_up.code)
            self._run_log.result.stopped = self._gave_up

    # ------------------------------------------------------------ beginning

    def _jobs(self, steps: Sequence[Step]) -> Iterator[Job]:
        """Begins one download after the other, until someone asks for the end."""
        for step in steps:
            if self._stop.is_set() or self._gave_up:
                return
            try:
                request = self._request(step)
            except ItemError as error:
                self._fail(step, error)
                continue
            require_space(request, self._settings, self._files.free_bytes())
            self._note_begun(request.track)
            yield Job(step, request)

    def _request(self, step: Step) -> DownloadRequest:
        """Raises ItemError for what cannot be fetched."""
        action = step.action
        assert isinstance(action, Download)
        assert action.track
        self._require_free(action)
        return request_for(action.track, self._store)

    def _note_begun(self, track: TrackId) -> None:
        self._store.statuses.track_downloading(track, self._clock())

    def _require_free(self, action: Download) -> None:
        """Better to find out before the download than after."""
        here = self._files.see(action.path)
        if here is not None and here != action.replaces:
            raise TakenError(
                f"{action.path}: something else is there", hint="Rename or move it away."
            )

    # ------------------------------------------------------------ in the workers' threads

    def _fetch(self, job: Job) -> Fetched:
        self._check_wanted()
        self._progress.begin(job.request.track, job.request.name)
        fetch = partial(self._source.fetch, job.request, self._files, self._count)
        try:
            with named_by_track(job.request):
                return self._breaker.ask(job.request.track, fetch, self._check_wanted)
        finally:
            self._progress.end(job.request.track)

    def _check_wanted(self) -> None:
        self._count(0)
        if self._stop.is_set():
            raise _CancelledError("Not begun before the end was asked for.")

    def _count(self, of_bytes: int) -> None:
        if self._pipeline.cancelled.is_set():
            raise _CancelledError("The run ends.")
        if of_bytes:
            self._progress.advance(of_bytes=of_bytes)
            if seconds := self._throttle.wait_for(of_bytes):
                self._pipeline.cancelled.wait(seconds)

    def _prepare(self, job: Job, fetched: Fetched) -> Ready:
        try:
            self._count(0)
            extras = self._extras.of(job.request)
        except BaseException:
            fetched.temp.discard()
            raise
        try:
            with named_by_track(job.request):
                return prepare(job.request, fetched, extras, self._files, self._settings)
        except DownloadError as error:
            error.tier = fetched.asked
            raise

    # ------------------------------------------------------------ ending

    def _settle(self, outcomes: Sequence[JobResult[Job, Ready]]) -> None:
        """What came by now is published together, for fewer commits; then the errors are told."""
        came = [(job, ready) for job, ready, _ in outcomes if ready is not None]
        if came:
            self._fail_away()
            with ExitStack() as temps:
                for _, ready in came:
                    temps.enter_context(ready.temp)
                self._publish(came)
            self._progress.advance(len(came))
        for job, _, error in outcomes:
            if error is not None:
                self._settle_error(job, error)

    def _settle_error(self, job: Job, error: Exception) -> None:
        if isinstance(error, (_CancelledError, NotAskedError)) or self._left_open(error):
            return  # for the next run
        if isinstance(error, RefusedAtError):
            self._pending.add(job, job.request.track, error, again=job.doubted)
        elif isinstance(error, LoginError):
            self._give_up(error)
        elif is_away(error):
            if everybodys := self._outage.add(job, error):
                self._give_up(everybodys)
        elif not self._tried_again(job, error):
            self._fail_away()
            self._fail_at_last(job, error)

    def _left_open(self, error: Exception) -> bool:
        """The run ends, and this is not the track's own error."""
        return self._gave_up is not None and (
            isinstance(error, (RefusedAtError, LoginError)) or is_away(error)
        )

    def _fail_at_last(self, job: Job, error: Exception) -> None:
        self._check_library()  # without it, this error is not the track's own
        if job.first is not None and isinstance(error, DownloadError):
            error = job.first  # the best tier's says most
        self._fail(job.step, error)
        if isinstance(error, LibraryError):
            raise error
        self._progress.advance(1)

    def _end_away(self) -> None:
        """No track is to come any more that would tell whether TIDAL is there."""
        answered, came = self._breaker.answered, bool(self._run_log.result.items)
        everybodys = self._outage.at_end(answered=answered, came=came)
        if everybodys and not self._stop.is_set():
            self._give_up(everybodys)
        self._fail_away()

    def _fail_away(self) -> None:
        """TIDAL is there after all: what was not to be reached failed by itself."""
        for job, error in self._outage.clear():
            self._fail_at_last(job, error)

    def _give_up(self, error: StrandlineError) -> None:
        """The other tracks would fare alike: they stay as they are, and none of them is marked."""
        self._gave_up = self._gave_up or error
        self._outage.clear()
        self._pending.clear()
        self._breaker.end()

    # ------------------------------------------------------------ refusals

    def _weigh(self, *, at_end: bool) -> None:
        """Whom were the refusals about? Found out when everybody waits for it, or at the end."""
        error = self._pending.find_out(self._not_asked, at_end=at_end)
        if self._stop.is_set():
            return
        if error is not None:
            self._give_up(error)
        for decided in self._pending.decided():
            self._end_doubt(decided)

    def _end_doubt(self, decided: Decided[Job]) -> None:
        """Something played after this refusal."""
        job, refused = decided.job, decided.refused
        if decided.ask_again:
            self._pipeline.submit(replace(job, doubted=decided.doubted))
        else:
            own = decided.its_own or job.first
            self._fail_at_last(job, unavailable(job.request, refused) if own else refused)

    def _not_asked(self) -> list[TrackId]:
        """The tracks that nobody has asked for yet."""
        still = (step.action.track for step in self._run_log.still_open(self._steps))
        return [track for track in still if track and not self._breaker.has_asked(track)]

    def _tried_again(self, job: Job, error: Exception) -> bool:
        """What came damaged is asked for once more, what is another version in another tier."""
        if not isinstance(error, DownloadError) or self._stop.is_set():
            return False
        tier = Tier(error.tier) if error.tier and error.code in ANOTHER_TIER else None
        if error.code in WORTH_A_RETRY and job.attempt < TRIES:
            again, how = replace(job, attempt=job.attempt + 1), "once more"
        elif tier is not None and tier not in job.request.without:
            request = replace(job.request, without=job.request.without | {tier})
            again, how = Job(job.step, request, first=job.first or error), "in another quality"
        else:
            return False
        self._progress.note(f"{error_text(error)} {job.step.action.path} is fetched {how}.")
        self._pipeline.submit(again)
        return True

    def _publish(self, came: Sequence[tuple[Job, Ready]]) -> None:
        """Intents, with what tells the files again; then their names; then done."""
        self._check_library()
        waiting = {job.step.seq: (job, ready) for job, ready in came}
        steps = [step for job, ready in came for step in self._arrivals(job, ready)]
        known = [(job.request.track, it.sha256, it.extension, it.quality) for job, it in came]
        self._store.qualities.save(known, self._clock())
        self._run_log.begin(steps)
        self._store.packets.note({it.sha256: it.packets for _, it in came if it.packets})

        def publish(step: Step) -> Applied:
            if step.seq not in waiting:
                return self._applier.do(step.action)
            job, ready = waiting[step.seq]
            applied = self._give_name(job, step.action.path, ready)
            item = FetchedTrack(job.request.track, applied.outcome.path, ready.quality)
            self._run_log.result.items.append(item)
            if ready.lyrics:
                self._run_log.lyrics.append((step.action, applied.outcome.path, ready.lyrics))
            return applied

        for refused in self._batch.settle(steps, publish, whole=True):
            if refused.step.seq in waiting:
                job, _ = waiting[refused.step.seq]
                self._note_failed(job.request.track, refused.error)

    def _give_name(self, job: Job, path: LibPath, ready: Ready) -> Applied:
        """With another extension than planned, our old link does not stand at ``path``: it goes."""
        planned, replaces = job.planned, job.planned.replaces
        if replaces is not None and path != planned.path:
            if replaces.type == "link" and self._files.see(planned.path) == replaces:
                self._files.remove_link(planned.path, replaces)
            replaces = None
        with named_by_track(job.request):
            seen = self._files.publish(ready.temp, path, replaces, self._run_log.result.run)
        return Applied(Left(path, stamp_of(seen), ready.sha256))

    def _arrivals(self, job: Job, ready: Ready) -> list[Step]:
        """The download as it came, and the damaged files that go once it is there: one commit."""
        arrived = arrival(job.planned, ready)
        steps = [Step(job.step.seq, arrived)]
        for seq, action in self._run_log.admit(self._old.get(job.planned.path, ())):
            assert isinstance(action, Trash)
            steps.append(Step(seq, replace(action, successor=arrived.path)))
        return steps

    def _fail(self, step: Step, error: Exception) -> None:
        if not isinstance(error, StrandlineError):
            log.error("Download of %s failed", step.action.path, exc_info=error)
        self._run_log.begin([step])
        self._run_log.refuse([Refused(step, error)])
        why = "the audio that replaces it did not come, so it stays"
        for old in self._old.get(step.action.path, ()):
            self._run_log.skip(old, why, "dependency")
        assert step.action.track
        self._note_failed(step.action.track, error)

    def _note_failed(self, track: TrackId, error: Exception) -> None:
        if isinstance(error, UnavailableError):
            self._store.unavailable.refused(track, error_text(error), self._clock())
        else:
            self._store.statuses.track_failed(track, error_text(error), self._clock())
