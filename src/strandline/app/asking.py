"""Asking TIDAL again for the tracks that it did not have, whatever its lists say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from strandline.errors import StrandlineError, UnreachableError
from strandline.tidal.refusals import RefusedError, Scope

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.core.ids import TrackId
    from strandline.core.remote import RemoteTrack
    from strandline.db.asked import Due
    from strandline.tidal.client import TidalClient

MOST = 200
"""Tracks a run, one question each; the oldest asked come first."""
_STILL_NOT = (Scope.TRACK, Scope.TIER, Scope.PLACE)


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

    The error is the refusal that ended it early: it was about no track. LoginError.
    """
    due, answers = session.store.asked.due(MOST), _Answers()
    if not due:
        return None
    session.progress.phase("unavailable", total=len(due))
    try:
        for one in due:
            _ask(client, one, answers)
            session.progress.advance(1)
    except RefusedError as error:
        return client_ending(client, error)
    except UnreachableError as error:
        return error
    finally:
        if answers.read:
            session.store.snapshots.save_tracks(answers.read)
        session.store.asked.asked(answers.asked, answers.plays, session.now())
    return None


def _ask(client: TidalClient, due: Due, answers: _Answers) -> None:
    from strandline.tidal.probe import described, plays

    try:
        if due.refused:
            plays(client, due.track)
            answers.plays.append(due.track)
        elif (read := described(client, due.track)) is not None:
            answers.read.append(read)
    except RefusedError as error:
        if error.scope not in _STILL_NOT:
            raise
    answers.asked.append(due.track)
