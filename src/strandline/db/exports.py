"""What exports are made of: playlists in TIDAL's order, and what is known of their tracks."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.db.sqlite.scope import PLAYLISTS, scope

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator


class KnownTrack(NamedTuple):
    """A track that some playlist lists."""

    id: TrackId
    path: LibPath | None
    status: str
    """Its download status, or ``unavailable``."""
    title: str
    artist: str
    version: str | None
    album: str | None
    album_artist: str | None
    genre: str | None
    year: int | None
    duration: int | None  # seconds
    isrc: str | None
    number: int | None
    disc: int | None
    bpm: float | None
    key: str | None
    added: date | None


class KnownPlaylist(NamedTuple):
    """A playlist of TIDAL's."""

    id: PlaylistId
    name: str
    folder: str | None
    """Its folder's bare name on disk."""


class ExportRows:
    """Questions to the database; nothing here writes. ``only`` narrows to some playlists."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def playlists(self) -> list[KnownPlaylist]:
        """Those that TIDAL has, by name."""
        return [
            KnownPlaylist(id, name, (folder or "").rstrip("/").rpartition("/")[2] or None)
            for id, name, folder in self._db.execute(_PLAYLISTS)
        ]

    def positions(
        self, only: Collection[PlaylistId]
    ) -> Iterator[tuple[PlaylistId, Iterator[TrackId]]]:
        """Each playlist's tracks in TIDAL's order, repeated ones repeated; to be read in turn."""
        rows = self._db.execute(_POSITIONS, scope(only))
        for id, listed in groupby(rows, itemgetter(0)):
            yield id, map(itemgetter(1), listed)

    def tracks(self, only: Collection[PlaylistId]) -> Iterator[KnownTrack]:
        """What these playlists list, folder by folder, one after the other."""
        days: dict[str | None, date | None] = {None: None}
        for *row, day in self._db.execute(_TRACKS, scope(only)):
            if day not in days:
                days[day] = date.fromisoformat(day)
            yield KnownTrack._make((*row, days[day]))

    def versions_of_yours(self, only: Collection[PlaylistId]) -> dict[TrackId, LibPath]:
        """The person's own versions and links, by track: the first by path of each."""
        found: dict[TrackId, LibPath] = {}
        for track, path in self._db.execute(_YOURS, scope(only)):
            found.setdefault(track, path)
        return found

    def written(self) -> dict[str, set[str]]:
        """The sha256 of every content that exports put at a path, by path."""
        return self._contents(_WRITTEN)

    def made(self) -> dict[str, set[str]]:
        """The same without what was made of a person's own file: it could not be made again."""
        return self._contents(f"{_WRITTEN} AND because <> 'asked_for'")

    def _contents(self, which: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for path, sha256 in self._db.execute(which):
            found.setdefault(path, set()).add(sha256)
        return found


_PLAYLISTS = """
    SELECT tidal_id, name, local_folder_path FROM playlists
    WHERE tidal_id IS NOT NULL AND removed_from_tidal IS NULL ORDER BY name, tidal_id
"""

# What shares the file of another id of its recording is that one: one file is one track.
_POSITIONS = f"""
    SELECT playlists.tidal_id, coalesce(holder, tracks.tidal_id)
    FROM playlists
    JOIN playlist_positions ON playlist_id = playlists.id
    JOIN tracks ON tracks.id = track_id
    LEFT JOIN shared_recordings ON track = tracks.tidal_id
    WHERE {PLAYLISTS} AND tracks.tidal_id IS NOT NULL
    ORDER BY playlist_id, position
"""  # noqa: S608

_TRACKS = f"""
    SELECT tracks.tidal_id, file_path,
        CASE WHEN tidal_available OR download_status = 'downloaded'
            THEN download_status ELSE 'unavailable' END,
        title, artist, version, album, album_artist, genre,
        year, duration, isrc, track_number, volume_number, bpm, key,
        substr(coalesce(downloaded_at, file_last_modified), 1, 10)
    FROM tracks LEFT JOIN track_tempos ON track_tempos.tidal_id = tracks.tidal_id
    WHERE tracks.tidal_id IS NOT NULL
        AND tracks.tidal_id NOT IN (SELECT track FROM shared_recordings)
        AND (id IN (SELECT track_id FROM playlist_positions WHERE {PLAYLISTS})
            OR tracks.tidal_id IN (
                SELECT holder FROM shared_recordings JOIN tracks AS it ON it.tidal_id = track
                WHERE it.id IN (SELECT track_id FROM playlist_positions WHERE {PLAYLISTS})))
    ORDER BY file_path, tracks.tidal_id
"""  # noqa: S608

_YOURS = f"""
    SELECT tracks.tidal_id, path FROM playlist_tracks JOIN tracks ON tracks.id = track_id
    WHERE link_kind = 'yours' AND path IS NOT NULL AND {PLAYLISTS}
    ORDER BY path
"""  # noqa: S608

_WRITTEN = """
    SELECT path, sha256 FROM run_steps
    WHERE action = 'export' AND state = 'done' AND sha256 IS NOT NULL
"""
