"""How sounds go, so that no file is decoded and nothing of TIDAL's is fetched for it twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.core.ids import TrackId
from strandline.core.matching.sound import PHASES, SoundPrint
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.writing import relaxed, writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from datetime import datetime


class SoundPrintRows:
    """On one connection. Losing them costs time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def of_sound(self, sound: str) -> SoundPrint | None:
        """Of the file with those packets."""
        row = self._db.execute(
            "SELECT print, seconds FROM sound_prints WHERE sound = ?", (sound,)
        ).fetchone()
        return SoundPrint(*row) if row else None

    def learn_sound(self, sound: str, heard: SoundPrint) -> None:
        """Without waiting for the disk."""
        with relaxed(self._db), writing(self._db):
            row = sound, heard.seconds, heard.items
            self._db.execute("INSERT OR REPLACE INTO sound_prints VALUES (?, ?, ?)", row)

    def of_track(self, track: TrackId) -> tuple[SoundPrint, ...] | None:
        """Of how a track begins, in all phases."""
        row = self._db.execute(
            "SELECT print, seconds FROM track_prints WHERE track = ?", (track,)
        ).fetchone()
        return tuple(_phases(*row)) if row else None

    def learn_track(self, track: TrackId, prints: tuple[SoundPrint, ...], now: datetime) -> None:
        """In one commit: it was fetched."""
        row = track, prints[0].seconds, b"".join(it.items for it in prints), stored(now)
        with writing(self._db):
            self._db.execute("INSERT OR REPLACE INTO track_prints VALUES (?, ?, ?, ?)", row)


def _phases(items: bytes, seconds: float) -> Iterator[SoundPrint]:
    size = len(items) // PHASES
    for phase in range(PHASES):
        yield SoundPrint(items[phase * size : (phase + 1) * size], seconds)
