"""The later versions of the earlier tool, as they declared their tables."""

from __future__ import annotations

from tests.migrations.old_databases import INDEXES, TABLES


def _swapped(script: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in script, old
        script = script.replace(old, new, 1)
    return script


FIRST = """
CREATE TABLE tracks (
    id INTEGER NOT NULL PRIMARY KEY, tidal_id VARCHAR(255), title VARCHAR(500) NOT NULL,
    artist VARCHAR(500) NOT NULL, album VARCHAR(500), duration INTEGER,
    normalized_name VARCHAR(1000) NOT NULL, file_path VARCHAR(1000), file_hash VARCHAR(64),
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL
);
CREATE TABLE playlists (
    id INTEGER NOT NULL PRIMARY KEY, tidal_id VARCHAR(255) NOT NULL, name VARCHAR(500) NOT NULL,
    description TEXT, local_folder_path VARCHAR(1000), created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, last_synced_at DATETIME, track_count_tidal INTEGER NOT NULL,
    track_count_local INTEGER NOT NULL, track_count_rekordbox INTEGER NOT NULL
);
""" + TABLES[TABLES.index("CREATE TABLE playlist_tracks") :]
"""Fewer columns, no index."""

UNIFIED = (
    _swapped(
        TABLES,
        (
            "last_seen_in_tidal DATETIME\n);\nCREATE TABLE playlists",
            (
                "last_seen_in_tidal DATETIME, download_status VARCHAR(20), download_error TEXT, "
                "downloaded_at DATETIME, last_verified_at DATETIME\n);\nCREATE TABLE playlists"
            ),
        ),
        (
            "track_count_rekordbox INTEGER NOT NULL\n",
            (
                "track_count_rekordbox INTEGER NOT NULL, sync_status VARCHAR(20), "
                "last_updated_tidal DATETIME, last_synced_filesystem DATETIME\n"
            ),
        ),
        (
            "    CONSTRAINT uq_playlist_track",
            (
                "    is_primary BOOLEAN, symlink_path VARCHAR(1000), symlink_valid BOOLEAN, "
                "sync_status VARCHAR(20), synced_at DATETIME,\n    CONSTRAINT uq_playlist_track"
            ),
        ),
    )
    + INDEXES
)
"""The new columns already there, filled by a tool whose statuses are not to be believed."""

VERSION = """
CREATE TABLE alembic_version ( version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num) );
INSERT INTO alembic_version VALUES ('5042779864de');
CREATE TABLE rekordbox_folders (
    id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(200),
    playlist_id INTEGER REFERENCES playlists (id) ON DELETE CASCADE
);
INSERT INTO rekordbox_folders (id, name) VALUES (1, 'Gigs');
"""

DECEMBER = (
    _swapped(
        TABLES,
        ("file_path VARCHAR(1000)", "file_paths TEXT, tidal_unavailable BOOLEAN"),
        ("tidal_id VARCHAR(255) NOT NULL, name", "tidal_id VARCHAR(255), name"),
        (
            "track_count_rekordbox INTEGER NOT NULL\n",
            "track_count_rekordbox INTEGER NOT NULL, source VARCHAR(20) DEFAULT 'tidal'\n",
        ),
    )
    + INDEXES.replace("CREATE INDEX ix_tracks_file_path ON tracks (file_path);\n", "")
    + VERSION
)
"""Lists of paths, local playlists without an id, a version and a table of its own."""

EVERY = {"first": FIRST, "unified sync": UNIFIED, "December": DECEMBER}
