"""One track in full: what its tags and its download need to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3

    from strandline.core.ids import TrackId


class TrackDetails(NamedTuple):
    """The columns of ``tracks`` that describe the music; field names are the columns'."""

    tidal_id: TrackId
    title: str
    artist: str
    album: str | None
    album_artist: str | None
    track_number: int | None
    volume_number: int | None
    year: int | None
    isrc: str | None
    version: str | None
    copyright: str | None
    genre: str | None
    explicit: int | None
    """1, 0, or None where TIDAL does not say."""
    duration: int | None
    """Seconds."""
    album_cover_url: str | None
    bpm: float | None = None
    key: str | None = None
    hires: int | None = None
    """1 with TIDAL's tag HIRES_LOSSLESS, 0 without, None where no tags were told."""


_COLUMNS = ", ".join(
    name if name in ("bpm", "key") else f"tracks.{name}" for name in TrackDetails._fields[:-1]
)
_DETAILS = f"""
    SELECT {_COLUMNS}, (
        SELECT instr(tags, 'HIRES_LOSSLESS') > 0 FROM track_tags
        WHERE track_tags.tidal_id = tracks.tidal_id)
    FROM tracks LEFT JOIN track_tempos ON track_tempos.tidal_id = tracks.tidal_id
    WHERE tracks.tidal_id = ?
"""  # noqa: S608


class TrackRows:
    """Reads single tracks."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def details(self, track: TrackId) -> TrackDetails | None:
        """None when no snapshot ever told of that track."""
        row = self._db.execute(_DETAILS, (track,)).fetchone()
        return TrackDetails(*row) if row else None
