"""Files of which a person has to say what they are, and what was said; by the sound itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from strandline.core.ids import TrackId
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.writing import writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

ACCEPT, REJECT = "accept", "reject"

_ITEMS = "SELECT number, sound, file, size, mtime_ns, seconds, because, open FROM review_items"
_NEW = """
    INSERT INTO review_items
    SELECT coalesce(max(number), 0) + 1, :sound, :file, :size, :mtime_ns, :seconds, :because, 1
    FROM review_items
    WHERE true  -- or SQLite takes the ON for a join's
    ON CONFLICT (sound) DO UPDATE SET
        file = excluded.file, size = excluded.size, mtime_ns = excluded.mtime_ns,
        seconds = excluded.seconds, because = excluded.because, open = 1
"""
_CANDIDATES = """
    SELECT track, review_candidates.because, artist, title, version, duration
    FROM review_candidates LEFT JOIN tracks ON tracks.tidal_id = track
    WHERE number = ? ORDER BY rank
"""
_ANSWER = "INSERT OR REPLACE INTO review_answers VALUES (?, ?, ?, ?, ?, ?, ?)"

_ONE_TRACK = """
    DELETE FROM review_answers
    WHERE sound = ? AND answer = 'accept' AND (? IS NULL OR heard IS NOT NULL)
"""
"""What a person said is not unsaid by listening."""


class ReviewItemRow(NamedTuple):
    """A file of a person's that may be a track."""

    number: int
    sound: str
    file: str
    size: int
    mtime_ns: int
    seconds: float | None
    because: str
    open: bool


class CandidateRow(NamedTuple):
    """A track that it may be, as the last snapshot describes it."""

    track: TrackId
    because: str
    artist: str | None
    title: str | None
    version: str | None
    duration: int | None


class AnswerRow(NamedTuple):
    """What was said of one sound and one track; ``answer`` is accept or reject."""

    sound: str
    track: TrackId
    answer: str
    seconds: float | None
    file: str
    heard: str | None = None
    """What was heard, where no person said it."""


class FoundDoubtful(NamedTuple):
    """A doubtful file as an import found it."""

    sound: str
    file: str
    size: int
    mtime_ns: int
    seconds: float | None
    because: str
    candidates: tuple[tuple[TrackId, str], ...]


class ReviewRows:
    """On one connection. Every method that writes commits once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def items(self) -> list[ReviewItemRow]:
        """Every file that was ever asked about, by number."""
        rows = self._db.execute(f"{_ITEMS} ORDER BY number")
        return [_item(row) for row in rows]

    def item(self, number: int) -> ReviewItemRow | None:
        """The file of that number."""
        row = self._db.execute(f"{_ITEMS} WHERE number = ?", (number,)).fetchone()
        return _item(row) if row else None

    def candidates(self, number: int) -> list[CandidateRow]:
        """The likeliest first."""
        return [CandidateRow(*row) for row in self._db.execute(_CANDIDATES, (number,))]

    def note(self, found: Iterable[FoundDoubtful]) -> dict[str, int]:
        """Keep what an import could not tell; the number of each by its sound."""
        numbers: dict[str, int] = {}
        with writing(self._db) as db:
            for it in found:
                db.execute(_NEW, it._asdict() | {"candidates": None})
                (number,) = db.execute(
                    "SELECT number FROM review_items WHERE sound = ?", (it.sound,)
                ).fetchone()
                numbers[it.sound] = number
                db.execute("DELETE FROM review_candidates WHERE number = ?", (number,))
                rows = [(number, rank, *one) for rank, one in enumerate(it.candidates, 1)]
                db.executemany("INSERT INTO review_candidates VALUES (?, ?, ?, ?)", rows)
        return numbers

    def settled(self, sounds: Iterable[str]) -> None:
        """Nothing is to be asked about these any more."""
        with writing(self._db) as db:
            rows = [(sound,) for sound in sounds]
            db.executemany("UPDATE review_items SET open = 0 WHERE sound = ?", rows)

    def answers(self) -> list[AnswerRow]:
        """Everything a person said."""
        rows = self._db.execute(
            "SELECT sound, track, answer, seconds, file, heard FROM review_answers"
            " ORDER BY sound, track"
        )
        return [AnswerRow(*row) for row in rows]

    def answer(self, answers: Iterable[AnswerRow], now: datetime) -> None:
        """Keep what a person said; what was said before of the same is replaced."""
        given = list(answers)
        with writing(self._db) as db:
            for it in given:
                if it.answer == ACCEPT:  # one sound is one track
                    db.execute(_ONE_TRACK, (it.sound, it.heard))
                db.execute(_ANSWER, (*it[:5], stored(now), it.heard))
                db.execute("UPDATE review_items SET open = 0 WHERE sound = ?", (it.sound,))

    def forget(self, item: ReviewItemRow) -> int:
        """Nothing was ever said of it; how many answers that took back."""
        with writing(self._db) as db:
            gone = db.execute("DELETE FROM review_answers WHERE sound = ?", (item.sound,)).rowcount
            db.execute("UPDATE review_items SET open = 1 WHERE number = ?", (item.number,))
        return gone


def _item(row: tuple[Any, ...]) -> ReviewItemRow:
    *rest, is_open = row
    return ReviewItemRow._make((*rest, bool(is_open)))
