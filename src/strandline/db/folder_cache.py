"""What listing folders told, kept so that an unchanged one is not listed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.core.folder_state import CachedListing
from strandline.core.ids import PlaylistId
from strandline.db.sqlite.inodes import from_column, to_column
from strandline.db.sqlite.writing import writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


class FolderCacheRows:
    """The last listing of each playlist's folder (``seen_folders``). Losing it costs time only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def load(self) -> dict[PlaylistId, CachedListing]:
        """Everything there is, by playlist."""
        rows = self._db.execute(_LOAD)
        return {
            playlist: CachedListing(playlist, from_column(dev), from_column(ino), *rest)
            for playlist, dev, ino, *rest in rows
        }

    def save(self, listed: Iterable[CachedListing]) -> None:
        """Puts or replaces, in one commit, and forgets playlists that are gone; none for none."""
        rows = [(row.playlist, to_column(row.dev), to_column(row.ino), *row[3:]) for row in listed]
        if rows:
            with writing(self._db) as db:
                db.executemany(_SAVE, rows)
                db.execute(_FORGET)


_LOAD = "SELECT playlist, device, inode, mtime_ns, ctime_ns, held, listed_at_ns FROM seen_folders"
_SAVE = "INSERT OR REPLACE INTO seen_folders VALUES (?, ?, ?, ?, ?, ?, ?)"
_FORGET = """
    DELETE FROM seen_folders
    WHERE playlist NOT IN (SELECT tidal_id FROM playlists WHERE tidal_id IS NOT NULL)
"""
