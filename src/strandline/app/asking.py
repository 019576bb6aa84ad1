"""Asking TIDAL again for the tracks that it did not have, whatever its lists say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from strandline.app.scope import ignored_of
from strandline.db.unavailable_tracks import Due
from strandline.errors import StrandlineError, UnreachableError
from strandline.tidal.refusals import PRIVILEGES, RefusedError, Scope

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.core.ids import TrackId
    from strandline.core.remote import RemoteTrack
    from strandline.events import Progress
    from strandline.tidal.client import TidalClient

MOST = 200
"""Tracks a run, one question each; the oldest asked come first."""
IN_A_ROW = 3
"""Questions without an answer of their own; then no more are asked."""
_STILL_NOT = (Scope.TRACK, Scope.TIER, Scope.PLACE)
_NEVER_A_TRACKS = (Scope.LOGIN, Scope.CLIENT, Scope.RATE)


@dataclass(slots=True)
class _Answers:
    asked: list[TrackId] = field(default_factory=list)
    plays: list[TrackId] = field(default_factory=list)
    """Of those that were refused before."""
    read: list[RemoteTrack] = field(default_factory=list)


@contextmanager
def sorted_refusals(client: TidalClient) -> Iterator[None]:
    """A refusal of the account's lists ends the run with what it is about."""
    try:
        yield
    except RefusedError as error:
        raise client_ending(client, error) from error


def client_ending(client: TidalClient, refused: RefusedError) -> StrandlineError:
    """What a run ends with after a refusal that is about no track."""
    from strandline.tidal.endings import read_ending

    return read_ending(refused, client.token().way)


def ask_again(session: Session, client: TidalClient) -> StrandlineError | None:
    """Ask for what neither TIDAL nor the disk had, and save what has become of it.

    The error is the refusal that ended it early: it was about no track. An odd answer about one
    track does not keep the others from being asked for. LoginError.
    """
    due, answers = session.store.unavailable.due(MOST, ignored_of(session)), _Answers()
    if not due:
        return None
    session.progress.phase("unavailable", total=len(due))
    asking = _Asking(client, answers, session.store.statuses.witnesses(1))
    try:
        return asking.ask(due, session.progress)
    finally:
        if answers.read:
            session.store.snapshots.save_tracks(answers.read)
        session.store.unavailable.asked(answers.asked, answers.plays, session.now())


class _Asking:
    """One question a track; those that get no answer of their own are told from an end to all."""

    def __init__(
        self, client: TidalClient, answers: _Answers, witnesses: Sequence[TrackId]
    ) -> None:
        self._client, self._answers, self._witnesses = client, answers, witnesses
        self._odd: dict[bool, list[Due]] = {False: [], True: []}
        """By whether their audio was asked for: since anything of that kind was answered."""

    def ask(self, due: Sequence[Due], progress: Progress) -> StrandlineError | None:
        """The error that is about more than a track."""
        error: UnreachableError | None = None
        for one in due:
            try:
                self._ask(one)
            except UnreachableError as refused:
                error = refused
                if self._is_everybodys(refused, one):
                    return self._ending(refused)
            progress.advance(1)
        for refused_before, odd in self._odd.items():
            if odd and error and not self._is_told_by_a_witness(refused_before):
                return self._ending(error)
        return None

    def _ask(self, one: Due) -> None:
        try:
            _ask(self._client, one, self._answers)
        except RefusedError as error:
            if error.scope not in _STILL_NOT:
                raise
        self._clear(one.refused)
        self._answers.asked.append(one.track)

    def _is_everybodys(self, error: UnreachableError, one: Due) -> bool:
        """By what TIDAL says, or as so many in a row got no answer."""
        self._odd[one.refused].append(one)
        certain = isinstance(error, RefusedError) and (
            error.scope in _NEVER_A_TRACKS or error.sub_status == PRIVILEGES
        )
        return certain or len(self._odd[one.refused]) >= IN_A_ROW

    def _clear(self, refused: bool) -> None:
        """TIDAL answers such questions: what it does not answer is about that one track."""
        self._answers.asked += [one.track for one in self._odd[refused]]
        self._odd[refused].clear()

    def _is_told_by_a_witness(self, refused: bool) -> bool:
        """A track that played before is answered now: the others are odd by themselves."""
        for track in self._witnesses:
            try:
                _ask(self._client, Due(track, refused), _Answers())
            except UnreachableError:
                return False
            self._clear(refused)
            return True
        return False

    def _ending(self, error: UnreachableError) -> StrandlineError:
        return client_ending(self._client, error) if isinstance(error, RefusedError) else error


def _ask(client: TidalClient, due: Due, answers: _Answers) -> None:
    from strandline.tidal.probe import described, plays

    if due.refused:
        plays(client, due.track)
        answers.plays.append(due.track)
    elif (read := described(client, due.track)) is not None:
        answers.read.append(read)
