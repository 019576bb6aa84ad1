"""The statements of the statuses. Each writes only rows whose status changes.

The defaults go through the index on the status and so meet only rows that were exceptions before.
"""

from __future__ import annotations

from strandline.db.ours import ours

_HAS_FILE = ours()

STAGES = (
    "CREATE TEMP TABLE IF NOT EXISTS status_tracks (tidal_id TEXT PRIMARY KEY, status TEXT)",
    "CREATE TEMP TABLE IF NOT EXISTS status_entries (playlist TEXT, track TEXT, status TEXT)",
    "CREATE TEMP TABLE IF NOT EXISTS entry_exceptions (id INTEGER PRIMARY KEY, status TEXT)",
    "CREATE TEMP TABLE IF NOT EXISTS status_playlists (tidal_id TEXT PRIMARY KEY, status TEXT)",
    "CREATE TEMP TABLE IF NOT EXISTS broken_links (path TEXT PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS status_scope (id INTEGER PRIMARY KEY)",
    "DELETE FROM status_tracks",
    "DELETE FROM status_entries",
    "DELETE FROM entry_exceptions",
    "DELETE FROM status_playlists",
    "DELETE FROM broken_links",
    "DELETE FROM status_scope",
)

STAGE_TRACK = "INSERT INTO status_tracks VALUES (?, ?)"
STAGE_ENTRY = "INSERT INTO status_entries VALUES (?, ?, ?)"
STAGE_PLAYLIST = "INSERT INTO status_playlists VALUES (?, ?)"
STAGE_BROKEN = "INSERT OR IGNORE INTO broken_links VALUES (?)"
STAGE_SCOPE = "INSERT OR IGNORE INTO status_scope SELECT id FROM playlists WHERE tidal_id = ?"

_RESOLVE_ENTRIES = """
    INSERT OR REPLACE INTO entry_exceptions
    SELECT entry.id, staged.status
    FROM status_entries AS staged
    JOIN playlists ON playlists.tidal_id = staged.playlist
    JOIN tracks ON tracks.tidal_id = staged.track
    JOIN playlist_tracks AS entry
        ON entry.playlist_id = playlists.id AND entry.track_id = tracks.id
"""

# A link that dangles is never "synced", even if the caller forgot to name its entry.
_BROKEN = """
    UPDATE playlist_tracks SET
        symlink_valid = 0, updated_at = :now,
        sync_status = CASE sync_status WHEN 'synced' THEN 'needs_symlink' ELSE sync_status END
    WHERE path IN (SELECT path FROM broken_links) AND NOT is_primary
        AND link_kind IS NOT 'yours'
        AND symlink_valid IS NOT 0
"""
_WHOLE_AGAIN = """
    UPDATE playlist_tracks SET symlink_valid = 1, updated_at = :now
    WHERE sync_status IN ('needs_symlink', 'needs_move', 'needs_removal', 'unknown')
        AND symlink_path IS NOT NULL AND symlink_valid IS NOT 1
        AND path NOT IN (SELECT path FROM broken_links)
        AND (:seen OR playlist_id IN (SELECT id FROM status_scope))
"""
ABSENT = """
    UPDATE playlist_tracks SET symlink_valid = NULL, updated_at = ?
    WHERE playlist_id = (SELECT id FROM playlists WHERE tidal_id = ?)
        AND track_id = (SELECT id FROM tracks WHERE tidal_id = ?)
        AND symlink_valid IS NOT NULL
"""
_ENTRY_EXCEPTIONS = """
    UPDATE playlist_tracks SET sync_status = exception.status, updated_at = :now
    FROM entry_exceptions AS exception
    WHERE playlist_tracks.id = exception.id
        AND playlist_tracks.sync_status IS NOT exception.status
"""
_ENTRIES = """
    UPDATE playlist_tracks SET
        sync_status = CASE WHEN path IS NULL THEN 'unknown' ELSE 'synced' END,
        synced_at = CASE WHEN path IS NULL THEN synced_at ELSE :now END,
        updated_at = :now
    WHERE sync_status IN ('needs_symlink', 'needs_move', 'needs_removal', 'unknown')
        AND (path IS NOT NULL OR sync_status IS NOT 'unknown')
        AND id NOT IN (SELECT id FROM entry_exceptions)
        AND (path IS NULL OR path NOT IN (SELECT path FROM broken_links))
        AND (:seen OR playlist_id IN (SELECT id FROM status_scope))
"""

_TRACK_EXCEPTIONS = """
    UPDATE tracks SET download_status = exception.status, updated_at = :now
    FROM status_tracks AS exception
    WHERE tracks.tidal_id = exception.tidal_id
        AND tracks.download_status IS NOT exception.status
        AND NOT (tracks.download_status = 'error' AND exception.status = 'not_downloaded')
"""
_TRACKS = f"""
    UPDATE tracks SET
        download_status = CASE WHEN {_HAS_FILE} THEN 'downloaded' ELSE 'not_downloaded' END,
        download_error = NULL, updated_at = :now
    WHERE download_status IN ('not_downloaded', 'downloading', 'error')
        AND tidal_id IS NOT NULL AND tidal_id NOT IN (SELECT tidal_id FROM status_tracks)
        AND ({_HAS_FILE} OR download_status = 'downloading')
        AND (:seen OR id IN (
            SELECT track_id FROM playlist_tracks
            WHERE playlist_id IN (SELECT id FROM status_scope)))
"""  # noqa: S608

_PLAYLIST_EXCEPTIONS = """
    UPDATE playlists SET sync_status = exception.status, updated_at = :now
    FROM status_playlists AS exception
    WHERE playlists.tidal_id = exception.tidal_id
        AND playlists.sync_status IS NOT exception.status
"""
_PLAYLISTS = """
    UPDATE playlists SET
        sync_status = 'in_sync', last_synced_filesystem = :now, updated_at = :now
    WHERE sync_status IS NOT 'in_sync' AND removed_from_tidal IS NULL
        AND tidal_id NOT IN (SELECT tidal_id FROM status_playlists)
        AND (:all OR id IN (SELECT id FROM status_scope))
"""

SAVE = (
    _RESOLVE_ENTRIES,
    _BROKEN,
    _WHOLE_AGAIN,
    _ENTRY_EXCEPTIONS,
    _ENTRIES,
    _TRACK_EXCEPTIONS,
    _TRACKS,
    _PLAYLIST_EXCEPTIONS,
    _PLAYLISTS,
)

SYNCED = (
    """
    UPDATE playlists SET last_synced_filesystem = :now, last_synced_at = :now
    WHERE sync_status = 'in_sync' AND removed_from_tidal IS NULL
    """,
    """
    UPDATE playlists SET track_count_local = counted.entries
    FROM (
        SELECT playlists.id, count(entry.path) AS entries
        FROM playlists LEFT JOIN playlist_tracks AS entry ON entry.playlist_id = playlists.id
        GROUP BY playlists.id) AS counted
    WHERE playlists.id = counted.id AND playlists.track_count_local IS NOT counted.entries
        AND playlists.tidal_id IS NOT NULL
    """,
)

TRACK = """
    UPDATE tracks SET download_status = :status, download_error = :error, updated_at = :now
    WHERE tidal_id = :track
"""

DOWNLOADING = """
    UPDATE tracks SET download_status = 'downloading', updated_at = :now WHERE tidal_id = :track
"""

# The newest, by the index on the status.
WITNESSES = """
    SELECT tidal_id FROM tracks
    WHERE download_status = 'downloaded' AND tidal_available AND tidal_id IS NOT NULL
    ORDER BY id DESC LIMIT ?
"""

SETTLE_DOWNLOADING = f"""
    UPDATE tracks SET
        download_status = CASE WHEN {_HAS_FILE} THEN 'downloaded' ELSE 'not_downloaded' END,
        updated_at = :now
    WHERE download_status = 'downloading'
"""  # noqa: S608

# The unary plus keeps to the order of the rows: it is nearly all of them.
# The unary pluses keep to the order of the rows: an index would jump about.
LAST_RIGHT = """
    SELECT tidal_id, max(coalesce(last_verified_at, downloaded_at), downloaded_at) FROM tracks
    WHERE tidal_id IN (SELECT value FROM json_each(?)) AND downloaded_at IS NOT NULL
"""

VERIFIED = f"""
    UPDATE tracks SET last_verified_at = :now
    WHERE +tidal_id IS NOT NULL
        AND {ours("+file_path")}
        AND instr(file_path, '/../') = 0
        AND (:all OR +tidal_id IN (SELECT value FROM json_each(:tracks)))
        AND +tidal_id NOT IN (SELECT value FROM json_each(:but))
"""  # noqa: S608
