"""Tracks that TIDAL does not have now, and when it was last asked for each."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.writing import writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from strandline.core.ids import TrackId

REFUSED = "refused"
"""The reason of a track that TIDAL lists as any other, and does not give out."""

# Audio that is missing is found by the index on its place, audio that is damaged by its status.
_DUE = """
    SELECT tracks.tidal_id, unavailable_reason IS 'refused'
    FROM tracks LEFT JOIN asked_tracks ON asked_tracks.track = tracks.tidal_id
    WHERE NOT tidal_available
        AND (file_path IS NULL OR download_status IN ('not_downloaded', 'downloading', 'error'))
        AND tracks.id IN (SELECT track_id FROM playlist_tracks WHERE in_tidal)
        AND tracks.tidal_id NOT IN (SELECT value FROM json_each(?))
    ORDER BY asked_at, tracks.id
    LIMIT ?
"""
_WHEN = "SELECT asked_at FROM asked_tracks WHERE track = ?"
_ASKED = "INSERT OR REPLACE INTO asked_tracks VALUES (?, ?)"
_REFUSED = """
    UPDATE tracks SET
        tidal_available = 0, unavailable_reason = 'refused', updated_at = :now,
        download_status = 'not_downloaded', download_error = :error
    WHERE tidal_id = :track
"""
_PLAYS = """
    UPDATE tracks SET
        tidal_available = 1, unavailable_reason = NULL, download_error = NULL, updated_at = ?
    WHERE tidal_id = ? AND unavailable_reason IS 'refused'
"""
_FORGET = """
    DELETE FROM asked_tracks WHERE track NOT IN (
        SELECT tidal_id FROM tracks WHERE NOT tidal_available
            AND (file_path IS NULL OR download_status IN ('not_downloaded', 'downloading', 'error'))
    )
"""


class Due(NamedTuple):
    """A track to ask for again."""

    track: TrackId
    refused: bool
    """TIDAL describes it as any other; only asking for its audio tells."""


class AskedRows:
    """The oldest asked come first; what was never asked for comes before them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def due(self, most: int, but: Collection[TrackId] = ()) -> list[Due]:
        """Listed tracks that TIDAL does not have, nor the disk in one piece."""
        rows = self._db.execute(_DUE, (json.dumps(list(but)), most))
        return [Due(track, refused == 1) for track, refused in rows]

    def when(self, track: TrackId) -> datetime | None:
        """When it was last asked for; None where it was not, or where TIDAL has it now."""
        row = self._db.execute(_WHEN, (track,)).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def refused(self, track: TrackId, error: str, now: datetime) -> None:
        """TIDAL gave evidence that this track cannot be had now; ``error`` says which."""
        values = {"track": track, "error": error, "now": stored(now)}
        with writing(self._db) as db:
            db.execute(_REFUSED, values)
            db.execute(_ASKED, (track, stored(now)))

    def asked(self, tracks: Collection[TrackId], plays: Collection[TrackId], now: datetime) -> None:
        """These were asked for, and TIDAL gives out the audio of some of them again."""
        with writing(self._db) as db:
            db.executemany(_ASKED, [(track, stored(now)) for track in tracks])
            db.executemany(_PLAYS, [(stored(now), track) for track in plays])
            db.execute(_FORGET)
