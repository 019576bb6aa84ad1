"""Which library this database belongs to, and whose TIDAL account it shows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from strandline.core.layout import Layout
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.writing import writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path


def text_of(path: str | Path) -> str:
    """A path as a database can hold it: a byte that is no UTF-8 becomes ``\\xe9``, say."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _set_layout(db: sqlite3.Connection, library: str | None, layout: Layout) -> None:
    db.execute("DELETE FROM library_layouts")
    db.execute("INSERT INTO library_layouts (library, audio) VALUES (?, ?)", (library, layout))


class LibraryRow:
    """The one row of ``library``: the folder's random id, where it was, what its volume can do."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def id(self) -> str | None:
        """The id in the folder's marker; None before the first run that wrote there."""
        return self._text("SELECT id FROM library")

    def root(self) -> str | None:
        """The library folder's full path when it was last bound."""
        return self._text("SELECT root FROM library")

    def tidal_user_id(self) -> str | None:
        """Whose playlists the last snapshot was of."""
        return self._text(
            "SELECT coalesce((SELECT tidal_user_id FROM library),"
            " (SELECT json_extract(snapshot_data, '$.user_id') FROM sync_snapshots"
            "  WHERE snapshot_type = 'tidal_account'))"
        )

    def capabilities(self) -> str | None:
        """JSON text about the library's volume, as it was last saved."""
        return self._text("SELECT capabilities FROM library")

    def layout(self) -> Layout | None:
        """Where the library's audio lies; None where nothing was ever said of it."""
        text = self._text("SELECT audio FROM library_layouts")
        return Layout(text) if text else None

    def save_layout(self, layout: Layout) -> None:
        """Of the library that this database is bound to."""
        with writing(self._db) as db:
            _set_layout(db, self.id(), layout)

    def lies_elsewhere(self, layout: Layout) -> bool:
        """Whether any audio is still where another layout has it."""
        primaries = "SELECT EXISTS (SELECT 1 FROM playlist_tracks WHERE is_primary)"
        pooled = "file_path >= 'Tracks/' AND file_path < 'Tracks0'"
        of_pool = f"SELECT EXISTS (SELECT 1 FROM tracks WHERE {pooled})"  # noqa: S608
        row = self._db.execute(primaries if layout.is_pool else of_pool).fetchone()
        return bool(row[0])

    def knows_files(self) -> bool:
        """Does the database believe in any file or link in the library? (I7)"""
        row = self._db.execute(
            "SELECT EXISTS (SELECT 1 FROM tracks WHERE file_path IS NOT NULL)"
            " OR EXISTS (SELECT 1 FROM playlist_tracks WHERE path IS NOT NULL)"
        ).fetchone()
        return bool(row[0])

    def file_paths(self) -> Iterator[str]:
        """Every path the database believes in, as it stands there: of an old one, any text."""
        rows = self._db.execute(
            "SELECT file_path FROM tracks WHERE file_path IS NOT NULL"
            " UNION ALL SELECT path FROM playlist_tracks WHERE path IS NOT NULL"
        )
        return (str(path) for (path,) in rows)

    def bind(self, library_id: str, root: str, now: datetime, layout: Layout | None = None) -> None:
        """This database is of that library, which is there now.

        Where the folder has moved, the full paths of the links move with it. ``layout`` is that of
        a library that is new to it.
        """
        if (self.id(), self.root()) == (library_id, root):
            return
        user = self.tidal_user_id()
        with writing(self._db) as db:
            db.execute("DELETE FROM library WHERE id IS NOT ?", (library_id,))
            db.execute(
                "INSERT INTO library (id, root, tidal_user_id, created_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET root = excluded.root",
                (library_id, root, user, stored(now)),
            )
            if layout is not None:
                _set_layout(db, library_id, layout)
            db.execute(
                "UPDATE playlist_tracks SET symlink_path = ? || '/mp3/' || path"
                " WHERE path IS NOT NULL AND NOT is_primary",
                (root.rstrip("/"),),
            )

    def save_capabilities(self, text: str) -> None:
        """JSON text about the volume; nothing is written when it is as it was."""
        if text != self.capabilities():
            with writing(self._db) as db:
                db.execute("UPDATE library SET capabilities = ?", (text,))

    def _text(self, query: str) -> str | None:
        row = self._db.execute(query).fetchone()
        return row[0] if row else None
