"""Databases as older programs left them, written out by hand: nothing of strandline's schema."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

NOW = datetime.fromisoformat("2026-11-20 21:22:23")  # naive UTC, as the database keeps it
THEN = "2024-05-06 07:08:09.000000"

TABLES = """
CREATE TABLE tracks (
    id INTEGER NOT NULL PRIMARY KEY, tidal_id VARCHAR(255), title VARCHAR(500) NOT NULL,
    artist VARCHAR(500) NOT NULL, album VARCHAR(500), album_artist VARCHAR(500), year INTEGER,
    genre VARCHAR(100), duration INTEGER, isrc VARCHAR(20), track_number INTEGER,
    volume_number INTEGER, explicit BOOLEAN, popularity INTEGER, copyright TEXT,
    tidal_release_date DATETIME, audio_quality VARCHAR(50), audio_modes VARCHAR(100),
    version VARCHAR(200), album_upc VARCHAR(50), album_release_date DATETIME,
    album_cover_url VARCHAR(500), normalized_name VARCHAR(1000) NOT NULL, file_path VARCHAR(1000),
    file_size_bytes INTEGER, file_format VARCHAR(10), file_hash VARCHAR(64),
    file_last_modified DATETIME, rekordbox_content_id VARCHAR(255), created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, last_seen_in_tidal DATETIME
);
CREATE TABLE playlists (
    id INTEGER NOT NULL PRIMARY KEY, tidal_id VARCHAR(255) NOT NULL, name VARCHAR(500) NOT NULL,
    description TEXT, creator_name VARCHAR(200), creator_id VARCHAR(100), duration INTEGER,
    num_tracks INTEGER, num_videos INTEGER, popularity INTEGER, public BOOLEAN,
    picture_url VARCHAR(500), square_picture_url VARCHAR(500), created DATETIME,
    last_updated DATETIME, last_item_added_at DATETIME, share_url VARCHAR(500),
    listen_url VARCHAR(500), local_folder_path VARCHAR(1000), rekordbox_playlist_id VARCHAR(255),
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, last_synced_at DATETIME,
    last_seen_in_tidal DATETIME, track_count_tidal INTEGER NOT NULL,
    track_count_local INTEGER NOT NULL, track_count_rekordbox INTEGER NOT NULL
);
CREATE TABLE playlist_tracks (
    id INTEGER NOT NULL PRIMARY KEY,
    playlist_id INTEGER NOT NULL REFERENCES playlists (id) ON DELETE CASCADE,
    track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE, position INTEGER,
    in_tidal BOOLEAN NOT NULL, in_local BOOLEAN NOT NULL, in_rekordbox BOOLEAN NOT NULL,
    added_to_tidal DATETIME, added_to_local DATETIME, added_to_rekordbox DATETIME,
    removed_from_tidal DATETIME, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
    CONSTRAINT uq_playlist_track UNIQUE (playlist_id, track_id)
);
CREATE TABLE sync_operations (
    id INTEGER NOT NULL PRIMARY KEY, operation_type VARCHAR(50) NOT NULL,
    status VARCHAR(20) NOT NULL, playlist_id INTEGER REFERENCES playlists (id),
    track_id INTEGER REFERENCES tracks (id), action VARCHAR(50), source VARCHAR(20),
    target VARCHAR(20), details TEXT, error_message TEXT, created_at DATETIME NOT NULL,
    started_at DATETIME, completed_at DATETIME
);
CREATE TABLE sync_snapshots (
    id INTEGER NOT NULL PRIMARY KEY, snapshot_type VARCHAR(20) NOT NULL,
    snapshot_data TEXT NOT NULL, playlist_count INTEGER, track_count INTEGER,
    created_at DATETIME NOT NULL
);
"""

INDEXES = """
CREATE UNIQUE INDEX ix_tracks_tidal_id ON tracks (tidal_id);
CREATE INDEX ix_tracks_file_path ON tracks (file_path);
CREATE INDEX idx_artist_title ON tracks (artist, title);
CREATE INDEX idx_normalized_name ON tracks (normalized_name);
CREATE UNIQUE INDEX ix_playlists_tidal_id ON playlists (tidal_id);
CREATE INDEX ix_playlists_name ON playlists (name);
CREATE INDEX idx_playlist ON playlist_tracks (playlist_id);
CREATE INDEX idx_track ON playlist_tracks (track_id);
CREATE INDEX idx_sync_state ON playlist_tracks (in_tidal, in_local, in_rekordbox);
CREATE INDEX ix_sync_operations_operation_type ON sync_operations (operation_type);
CREATE INDEX ix_sync_operations_status ON sync_operations (status);
CREATE INDEX ix_sync_operations_created_at ON sync_operations (created_at);
CREATE INDEX idx_type_created ON sync_snapshots (snapshot_type, created_at);
"""

# The same tables as another program might have declared them.
DIALECTS = {
    "from the models": TABLES + INDEXES,
    "unique inline": TABLES.replace("tidal_id VARCHAR(255),", "tidal_id VARCHAR(255) UNIQUE,"),
    "more indexes": TABLES
    + INDEXES
    + "CREATE INDEX ix_tracks_normalized_name ON tracks (normalized_name);",
    "defaults": TABLES.replace("rekordbox INTEGER NOT NULL", "rekordbox INTEGER NOT NULL DEFAULT 0")
    + INDEXES,
    "with the version base": TABLES
    + INDEXES
    + "CREATE TABLE alembic_version ( version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num) );"
    "INSERT INTO alembic_version VALUES ('0001_base');",
    "with an empty version": TABLES
    + INDEXES
    + "CREATE TABLE alembic_version ( version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num) );",
    "a table short": TABLES[: TABLES.index("CREATE TABLE sync_snapshots")],
    "with a view and a trigger": TABLES
    + INDEXES
    + "CREATE VIEW loud AS SELECT title FROM tracks WHERE genre = 'Hardcore';"
    "CREATE TRIGGER touched AFTER DELETE ON playlists BEGIN DELETE FROM tracks; END;",
}


class OldDatabase:
    """An old database to be filled; every row gets what the schema requires."""

    def __init__(self, path: Path, script: str = TABLES + INDEXES) -> None:
        self.path = path
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)

    def add(self, table: str, **values: Any) -> None:
        self.add_all(table, [values])

    def add_all(self, table: str, rows: list[dict[str, Any]]) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            for row in rows:
                whole = REQUIRED[table] | row
                names, marks = ", ".join(whole), ", ".join("?" * len(whole))
                connection.execute(
                    f"INSERT INTO {table} ({names}) VALUES ({marks})", [*whole.values()]
                )
            connection.commit()

    def track(self, row: int, **values: Any) -> None:
        self.add("tracks", **{"id": row, "tidal_id": str(1000 + row)} | values)

    def playlist(self, row: int, name: str, **values: Any) -> None:
        self.add("playlists", id=row, name=name, **{"tidal_id": f"uuid-{row}"} | values)

    def entry(self, playlist: int, track: int, **values: Any) -> None:
        self.add("playlist_tracks", playlist_id=playlist, track_id=track, **values)


_DATES = {"created_at": THEN, "updated_at": THEN}
REQUIRED: dict[str, dict[str, Any]] = {
    "tracks": {"title": "Title", "artist": "Artist", "normalized_name": "artist - title"} | _DATES,
    "playlists": dict.fromkeys(
        ("track_count_tidal", "track_count_local", "track_count_rekordbox"), 0
    )
    | _DATES,
    "playlist_tracks": {"in_tidal": 1, "in_local": 0, "in_rekordbox": 0} | _DATES,
    "sync_operations": {"operation_type": "x", "status": "done", "created_at": THEN},
    "sync_snapshots": {"snapshot_type": "tidal", "snapshot_data": "{}", "created_at": THEN},
}


def rows(path: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query, read by the driver alone."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query, values).fetchall()


def change(path: Path, statement: str, *values: Any) -> None:
    """One change, committed, by the driver alone."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def row(path: Path, query: str, *values: Any) -> tuple[Any, ...]:
    """The one row of a query."""
    (only,) = rows(path, query, *values)
    return only


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in an order that is always the same."""
    names = rows(path, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return {
        name: sorted(rows(path, f'SELECT * FROM "{name}"'), key=repr)
        for (name,) in names
        if not name.startswith("sqlite_")
    }


def schema(path: Path) -> dict[str, Any]:
    """Tables with columns, indexes and references as SQLite understands them, and the text."""
    told: dict[str, Any] = {}
    for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'"):
        indexes = rows(path, f"PRAGMA index_list({name})")
        told[name] = {
            "columns": rows(path, f"PRAGMA table_info({name})"),
            "indexes": sorted(
                (index[1:], rows(path, f'PRAGMA index_info("{index[1]}")')) for index in indexes
            ),
            "references": sorted(r[2:] for r in rows(path, f"PRAGMA foreign_key_list({name})")),
        }
    told["text"] = sorted(
        " ".join(sql.split())
        for (sql,) in rows(path, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    )
    return told
