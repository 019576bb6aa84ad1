"""A circuit breaker: after refusals in a row all pause, and single questions find out why.

A refusal by itself says little. It is a track's own once another track plays after it; it is
everybody's when nothing plays any more. Until one of the two is known nothing is marked.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard, TypeVar

from strandline.core.ids import TrackId
from strandline.errors import DownloadError, LoginError, StrandlineError, UnreachableError
from strandline.execute.ports import Inquiry, StopFlag
from strandline.tidal.refusals import EVIDENCE, PRIVILEGES, RefusedError, Scope

T = TypeVar("T")

IN_A_ROW = 3
"""Refusals alike without anything that plays; then everybody waits for the answer to why."""
SECONDS, QUESTIONS = 120.0, 20
"""Of all pauses of one run together."""
FIRST_WAIT, GROWTH, LONGEST_WAIT = 1.0, 1.5, 15.0
"""Seconds between two questions."""
FEW = 10
"""Tracks that may all be dead without any that plays, if TIDAL says so of each."""
LONGEST_ASKED = 30.0
"""Seconds; of what a Retry-After may ask for."""
WITNESSES = 3
"""Tracks that played before, asked for to tell whether anything plays."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How time passes."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] | None = None
    """None: real seconds, until somebody asks for the end of the run."""


class NotAskedError(Exception):
    """The run ends; this track was not asked for."""


class RefusedAtError(Exception):
    """A refusal, and how many answers there had been before it."""

    def __init__(self, refused: RefusedError, at: int) -> None:
        super().__init__(str(refused))
        self.refused, self.at = refused, at


def is_certain(refused: RefusedError) -> bool:
    """It is never the track's: whoever asks next is refused alike, and later it will do."""
    return refused.scope is Scope.RATE or refused.sub_status == PRIVILEGES


def is_audio_refused(error: Exception) -> TypeGuard[DownloadError]:
    """TIDAL names where the audio is, and the server there refuses it."""
    return isinstance(error, DownloadError) and error.code in ("gone", "refused")


def can_be_its_own(refused: RefusedError) -> bool:
    """If others play, it tells in TIDAL's own words that this very track cannot be had."""
    return refused.sub_status in EVIDENCE


class CircuitBreaker:
    """One for all downloads of a run. ``ask`` is for the workers, the rest for the main thread."""

    def __init__(
        self,
        inquiry: Inquiry | None,
        *,
        stop: StopFlag,
        waiting: Waiting,
        note: Callable[[str], None],
        played: Sequence[TrackId] = (),
    ) -> None:
        """``played``: tracks that played some other day. ``inquiry`` None: nobody can be asked."""
        self._inquiry, self._stop, self._waiting, self._note = inquiry, stop, waiting, note
        self._played = deque(played, maxlen=2 * WITNESSES)
        self._lock = threading.Lock()
        self._open = threading.Event()
        self._open.set()
        self._over = False
        self._answers = 0
        self._row: tuple[object, int] = (None, 0)
        self._most_in_a_row = IN_A_ROW
        self._why: RefusedError
        self._reason: RefusedError | None = None
        self._questions, self._seconds, self._begun = 0, 0.0, 0.0
        self._told = False
        self._begun_for: set[TrackId] = set()
        self.answered = False
        """TIDAL said something about a track in this run, whatever it was."""
        self.proven = 0
        """Something played after all refusals up to this answer."""
        self.in_a_pause = 0
        """Refusals up to this answer came in a row, or before one: it may have been a block."""

    # ------------------------------------------------------------ in the workers' threads

    def ask(self, track: TrackId, fetch: Callable[[], T], check: Callable[[], None]) -> T:
        """What ``fetch`` brings, once nobody pauses. NotAskedError, RefusedAtError, its errors.

        ``check`` raises when nobody waits for the track any more.
        """
        while not self._open.wait(0.1):
            check()
        if self._over:
            raise NotAskedError
        self._begun_for.add(track)
        began = self._answers
        try:
            got = fetch()
        except RefusedError as error:
            self.answered = True
            raise self._refused(error) from error
        except DownloadError as error:
            self.answered |= not is_audio_refused(error)
            raise
        self.answered = True
        self._plays(track, began)
        return got

    def _refused(self, error: RefusedError) -> RefusedAtError:
        with self._lock:
            self._answers += 1
            kind, times = self._row
            times = times + 1 if kind == error.alike else 1
            self._row = (error.alike, times)
            if is_certain(error) or times >= self._most_in_a_row:
                self._reason = error
                self._open.clear()
            return RefusedAtError(error, self._answers)

    def _plays(self, track: TrackId, began: int) -> None:
        with self._lock:
            self._answers += 1
            self._row = (None, 0)
            self.proven = max(self.proven, began)
            if track not in self._played:
                self._played.append(track)

    # ------------------------------------------------------------ in the main thread

    @property
    def pauses(self) -> bool:
        """Everybody waits until ``find_out`` has been called."""
        return not self._open.is_set() and not self._over

    def has_asked(self, track: TrackId) -> bool:
        """Whether a worker has asked for it, whatever became of that."""
        return track in self._begun_for

    def end(self) -> None:
        """Nobody asks for anything more."""
        self._over = True
        self._open.set()

    def find_out(
        self, refused: Sequence[TrackId], others: Sequence[TrackId], why: RefusedError | None = None
    ) -> StrandlineError | None:
        """Ask one question at a time until something plays; None then, and everybody goes on.

        ``refused`` are the tracks in doubt, ``others`` those that nobody has asked for yet. Else
        the error to end the run with: nothing plays. Also None when the run is to end anyway.
        """
        reason = why or self._reason
        assert reason is not None
        self._why, self._begun = reason, self._waiting.clock()
        try:
            return self._asked(refused, others)
        finally:
            self._seconds += self._waiting.clock() - self._begun

    def _asked(
        self, refused: Sequence[TrackId], others: Sequence[TrackId]
    ) -> StrandlineError | None:
        for track in self._one_at_a_time(self._whom(refused, others)):
            answer = self._answer_to(track)
            if answer is None:
                self._go_on()
                return None
            if isinstance(answer, LoginError):
                return answer
            if isinstance(answer, RefusedError) and is_certain(answer) != is_certain(self._why):
                if is_certain(self._why):
                    self._go_on()  # refused for another reason: that pause is over
                    return None
                self._why = answer
        return None if self._stop.is_set() else self._nothing_plays(refused)

    def _whom(self, refused: Sequence[TrackId], others: Sequence[TrackId]) -> list[TrackId]:
        """Whom to ask for: what was refused itself where only waiting helps, else what played."""
        if is_certain(self._why):
            return list(refused[:1])
        doubted = set(refused)
        played = [track for track in reversed(self._played) if track not in doubted]
        spread = others[:: max(1, len(others) // QUESTIONS)]
        whom = [*played, *(track for track in spread if track not in doubted)]
        return whom or (list(refused[:1]) if self._why.passes else [])

    def _one_at_a_time(self, whom: list[TrackId]) -> Iterator[TrackId]:
        """Each once, or in turn with growing waits where waiting may help; within the bounds."""
        wait, queue = FIRST_WAIT if is_certain(self._why) else 0.0, deque(whom)
        while self._inquiry and queue and self._questions < QUESTIONS:
            left = SECONDS - self._seconds - (self._waiting.clock() - self._begun)
            if (wait and left <= 0) or self._stop.is_set():
                return
            asked = min(self._why.retry_after or 0.0, LONGEST_ASKED)
            self._rest(min(max(wait, asked), left))
            if self._stop.is_set():
                return
            self._questions += 1
            yield queue.popleft()
            if self._why.passes:
                queue.append(whom[0]) if not queue else None
                wait = min(max(wait * GROWTH, FIRST_WAIT), LONGEST_WAIT)

    def _answer_to(self, track: TrackId) -> StrandlineError | None:
        """None: it plays."""
        assert self._inquiry is not None
        try:
            self._inquiry.plays(track)
        except (LoginError, UnreachableError) as error:
            return error
        return None

    def _go_on(self) -> None:
        with self._lock:
            self.proven = self._answers
            if not self._open.is_set():
                self.in_a_pause = self._answers
            self._row = (None, 0)
            if not is_certain(self._why):
                self._most_in_a_row *= 2  # so that a long row of dead tracks takes few questions
        self._open.set()

    def _nothing_plays(self, refused: Sequence[TrackId]) -> StrandlineError | None:
        """Unless there was nothing to compare with, and TIDAL says itself what it offers."""
        inquiry, room = self._inquiry, QUESTIONS - self._questions
        if inquiry and can_be_its_own(self._why) and len(refused) <= min(room, FEW):
            self._questions += len(refused)
            if not any(map(inquiry.offers, refused)):
                self._go_on()
                return None
        return inquiry.ending(self._why) if inquiry else self._why

    def _rest(self, seconds: float) -> None:
        if seconds <= 0:
            return
        if not self._told:
            self._told = True
            self._note(f"{self._why.message} All downloads wait; then one question at a time.")
        (self._waiting.sleep or self._stop.wait)(seconds)
