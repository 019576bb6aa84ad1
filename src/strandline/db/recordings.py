"""What a person said of two track ids: that they are one recording, or never are."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.ids import TrackId
from strandline.core.same_recordings import Answers, Pair
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.writing import writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

PIN, FORBID = "pin", "forbid"

_ALL = (
    "SELECT one, other, answer, answered_at FROM recording_answers ORDER BY answered_at, one, other"
)
_ANSWER = "INSERT OR REPLACE INTO recording_answers VALUES (?, ?, ?, ?, ?)"
_FORGET = "DELETE FROM recording_answers WHERE one = ? AND other = ?"
_ALBUMS = """
    SELECT tidal_id, album FROM tracks
    WHERE tidal_id IN (SELECT value FROM json_each(?)) AND album IS NOT NULL
"""
_OF_RUN = """
    DELETE FROM recording_answers WHERE run = ?1
        AND one NOT IN (SELECT value FROM json_each(?2))
        AND other NOT IN (SELECT value FROM json_each(?2))
"""


class RecordingAnswer(NamedTuple):
    """One answer: ``pin`` or ``forbid``."""

    one: TrackId
    other: TrackId
    answer: str
    at: datetime | None = None
    """Naive UTC."""

    @property
    def pair(self) -> Pair:
        """The two ids, in the order in which they are kept."""
        return self.one, self.other


class RecordingRows:
    """On one connection. Every method that writes commits once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self) -> list[RecordingAnswer]:
        """Everything that was said, in its order."""
        rows = self._db.execute(_ALL)
        return [
            RecordingAnswer(one, other, answer, datetime.fromisoformat(at))
            for one, other, answer, at in rows
        ]

    def albums(self, tracks: Iterable[str]) -> dict[TrackId, str]:
        """The albums of these tracks, as far as TIDAL names one."""
        wanted = (json.dumps(list(tracks)),)
        return dict(self._db.execute(_ALBUMS, wanted))

    def answers(self) -> Answers:
        """The same, for deciding."""
        said = self._db.execute("SELECT one, other, answer FROM recording_answers").fetchall()
        return Answers(
            frozenset((one, other) for one, other, answer in said if answer == PIN),
            frozenset((one, other) for one, other, answer in said if answer == FORBID),
        )

    def answer(
        self, answers: Iterable[RecordingAnswer], now: datetime, run: str | None = None
    ) -> None:
        """Keep what was said; what was said before of the same two is replaced."""
        rows = [(*it.pair, it.answer, stored(it.at or now), run) for it in answers]
        with writing(self._db) as db:
            db.executemany(_ANSWER, rows)

    def forget(self, pairs: Iterable[Pair]) -> int:
        """Nothing was ever said of these; how many answers that took back."""
        with writing(self._db) as db:
            return sum(db.execute(_FORGET, pair).rowcount for pair in pairs)

    def forget_run(self, run: str, but: Iterable[TrackId]) -> int:
        """Take back what a run pinned, but of these tracks; how many answers that were."""
        with writing(self._db) as db:
            return db.execute(_OF_RUN, (run, json.dumps(list(but)))).rowcount
