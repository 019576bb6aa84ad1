"""Pending refusals: downloads that were refused, while it is not known whom that is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from strandline.core.ids import TrackId
from strandline.errors import StrandlineError, UnavailableError
from strandline.execute.circuit_breaker import (
    CircuitBreaker,
    RefusedAtError,
    can_be_its_own,
    is_certain,
)
from strandline.execute.ports import DownloadRequest
from strandline.tidal.refusals import RefusedError

J = TypeVar("J")


class PendingRefusal(NamedTuple, Generic[J]):
    """A job that was refused."""

    job: J
    track: TrackId
    again: bool
    """It was refused before, together with others, and asked for once more."""
    refused: RefusedError
    at: int
    """Answers before it."""


class Decided(NamedTuple, Generic[J]):
    """What is to become of a job, now that something plays."""

    job: J
    refused: RefusedError
    ask_again: bool
    doubted: bool = False
    """Asked again because it may be dead, not because everybody had to wait."""
    its_own: bool = False
    """TIDAL says in its own words that this very track cannot be had."""


class PendingRefusals(Generic[J]):
    """For the main thread alone."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        self._breaker = breaker
        self._pending: list[PendingRefusal[J]] = []

    def add(self, job: J, track: TrackId, error: RefusedAtError, *, again: bool) -> None:
        """One more."""
        self._pending.append(PendingRefusal(job, track, again, error.refused, error.at))

    def clear(self) -> None:
        """The run ends: none of them was about its track."""
        self._pending.clear()

    def find_out(
        self, not_asked: Callable[[], Sequence[TrackId]], *, at_end: bool
    ) -> StrandlineError | None:
        """Asks TIDAL, when everybody waits for it or no other track is to come that would tell.

        The error to end the run with, None when something plays.
        """
        breaker = self._breaker
        last = self._pending[-1] if self._pending else None
        left = at_end and last is not None and last.at > breaker.proven
        if not (breaker.pauses or left):
            return None
        refused = [pending.track for pending in self._pending]
        return breaker.find_out(refused, not_asked(), last.refused if left and last else None)

    def decided(self) -> Iterator[Decided[J]]:
        """Those that something played after; they are in doubt no more."""
        proven = self._breaker.proven
        known = [pending for pending in self._pending if pending.at <= proven]
        self._pending = [pending for pending in self._pending if pending.at > proven]
        return map(self._decide, known)

    def _decide(self, pending: PendingRefusal[J]) -> Decided[J]:
        job, refused = pending.job, pending.refused
        if is_certain(refused):
            return Decided(job, refused, ask_again=True)
        paused = pending.at <= self._breaker.in_a_pause
        if not pending.again and (paused or refused.passes):
            return Decided(job, refused, ask_again=True, doubted=True)
        return Decided(job, refused, ask_again=False, its_own=can_be_its_own(refused))


def unavailable(request: DownloadRequest, refused: RefusedError) -> UnavailableError:
    """What TIDAL's evidence about this very track comes to."""
    tags = request.tags
    return UnavailableError(
        f"TIDAL does not offer {tags.artist} - {tags.title} (track {request.track}) any more, or"
        f" not here ({refused.number}).",
        hint="What is on disk stays. A re-release may have another id: add that to the playlist.",
    )
