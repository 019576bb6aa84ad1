"""The ids that rekordbox gave, as rows: which tracks and playlists it has, and which entries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.rekordbox import OwnPlaylist
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.writing import writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection
    from datetime import datetime

    from strandline.core.ids import LibPath
    from strandline.core.rekordbox import Matched


class Changed(NamedTuple):
    """How many rows say something else than before."""

    tracks: int
    playlists: int
    entries: int


class RekordboxRows:
    """Reads what a match needs, and keeps what it found."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def files(self) -> dict[LibPath, int]:
        """The path of each track's file -> the track's row."""
        return dict(self._db.execute(_FILES))

    def links(self) -> dict[LibPath, int]:
        """The path of each other entry -> the track's row."""
        return dict(self._db.execute(_LINKS))

    def rows_of_tracks(self) -> dict[str, int]:
        """TIDAL's id -> the track's row."""
        return dict(self._db.execute(_ROWS))

    def playlists(self) -> list[OwnPlaylist]:
        """All that are not gone, with what they list or hold."""
        return [
            OwnPlaylist(row, name, frozenset(json.loads(tracks)))
            for row, name, tracks in self._db.execute(_PLAYLISTS)
        ]

    def tidal_ids(self, playlists: Collection[int]) -> dict[int, str | None]:
        """Of rows of playlists."""
        return dict(self._db.execute(_PLAYLIST_IDS, (json.dumps(list(playlists)),)))

    def absent(self) -> list[tuple[str, str, str]]:
        """Tracks that have a file and that rekordbox does not have: (id, artist, title)."""
        return list(self._db.execute(_ABSENT))

    def save(self, matched: Matched, known_ids: Collection[str], now: datetime) -> Changed:
        """What was found, in one commit.

        An id stays while the file has it, be it at a place that tells nothing; ``known_ids`` are
        all of them. The id that an old database has of a playlist stays, too.
        """
        at = stored(now)
        with writing(self._db) as db:
            tracks = db.executemany(
                _CONTENT, [(it.content, at, row, it.content) for row, it in matched.tracks.items()]
            ).rowcount
            ids = json.dumps(list(known_ids))
            rows = json.dumps(list(matched.tracks))
            tracks = max(tracks, 0) + db.execute(_NO_CONTENT, (at, ids, rows)).rowcount
            playlists = self._playlists(db, matched, at)
            db.execute(_STAGE)
            db.execute("DELETE FROM staged_rekordbox")
            db.executemany(
                "INSERT INTO staged_rekordbox VALUES (?, ?)",
                ((list_, row) for list_, it in matched.playlists.items() for row in it.tracks),
            )
            entries = db.execute(_ENTRIES, {"now": at}).rowcount
        return Changed(tracks, playlists, entries)

    def _playlists(self, db: sqlite3.Connection, matched: Matched, at: str) -> int:
        found = [(it.place, it.entries, at, row) for row, it in matched.playlists.items()]
        changed = db.executemany(_PLACE, found).rowcount
        gone = db.execute(_NO_PLACE, (at, json.dumps(list(matched.playlists))))
        return max(changed, 0) + gone.rowcount


_FILES = "SELECT file_path, id FROM tracks WHERE file_path IS NOT NULL"
_LINKS = """
    SELECT path, track_id FROM playlist_tracks WHERE path IS NOT NULL AND NOT is_primary
"""
_ROWS = """
    SELECT tidal_id, id FROM tracks WHERE tidal_id IS NOT NULL
    UNION ALL SELECT old_id, tracks.id FROM replaced_ids JOIN tracks ON tidal_id = new_id
"""
_PLAYLISTS = """
    SELECT playlists.id, name, json_group_array(track_id) FILTER (WHERE track_id IS NOT NULL)
    FROM playlists LEFT JOIN playlist_tracks
        ON playlist_id = playlists.id AND (in_tidal OR path IS NOT NULL)
    WHERE playlists.removed_from_tidal IS NULL GROUP BY playlists.id ORDER BY playlists.id
"""
_PLAYLIST_IDS = """
    SELECT id, tidal_id FROM playlists WHERE id IN (SELECT value FROM json_each(?))
"""
_ABSENT = """
    SELECT tidal_id, artist, title FROM tracks
    WHERE tidal_id IS NOT NULL AND file_path IS NOT NULL AND rekordbox_content_id IS NULL
    ORDER BY artist COLLATE NOCASE, title COLLATE NOCASE, id
"""
_CONTENT = """
    UPDATE tracks SET rekordbox_content_id = ?, updated_at = ?
    WHERE id = ? AND rekordbox_content_id IS NOT ?
"""
_NO_CONTENT = """
    UPDATE tracks SET rekordbox_content_id = NULL, updated_at = ?
    WHERE rekordbox_content_id IS NOT NULL
        AND rekordbox_content_id NOT IN (SELECT value FROM json_each(?))
        AND id NOT IN (SELECT value FROM json_each(?))
"""
# A number is the id of an old database; a place in the tree is what a match wrote.
_OLD_ID = "rekordbox_playlist_id IS NOT NULL AND rekordbox_playlist_id NOT GLOB '*[^0-9]*'"
_PLACE = f"""
    UPDATE playlists SET
        rekordbox_playlist_id = CASE WHEN {_OLD_ID} THEN rekordbox_playlist_id ELSE ?1 END,
        track_count_rekordbox = ?2, updated_at = ?3
    WHERE id = ?4 AND (track_count_rekordbox <> ?2
        OR NOT ({_OLD_ID}) AND rekordbox_playlist_id IS NOT ?1)
"""  # noqa: S608
_NO_PLACE = f"""
    UPDATE playlists SET
        rekordbox_playlist_id = CASE WHEN {_OLD_ID} THEN rekordbox_playlist_id END,
        track_count_rekordbox = 0, updated_at = ?1
    WHERE id NOT IN (SELECT value FROM json_each(?2)) AND (track_count_rekordbox <> 0
        OR NOT ({_OLD_ID}) AND rekordbox_playlist_id IS NOT NULL)
"""  # noqa: S608
_STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS staged_rekordbox
        (playlist INTEGER, track INTEGER, PRIMARY KEY (playlist, track)) WITHOUT ROWID
"""
_ENTRIES = """
    UPDATE playlist_tracks SET
        in_rekordbox = NOT in_rekordbox,
        added_to_rekordbox = CASE WHEN in_rekordbox THEN NULL ELSE :now END, updated_at = :now
    WHERE in_rekordbox
        <> ((playlist_id, track_id) IN (SELECT playlist, track FROM staged_rekordbox))
"""
