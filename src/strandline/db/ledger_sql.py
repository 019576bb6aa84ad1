"""The statements of the ledger's rows."""

from __future__ import annotations

from strandline.db.ours import ours

TRACK_IDS = "SELECT id, tidal_id FROM tracks WHERE tidal_id IS NOT NULL AND {tracks}"

PLAYLIST_IDS = "SELECT id, tidal_id FROM playlists WHERE tidal_id IS NOT NULL"

FOLDERS = """
    SELECT tidal_id, local_folder_path, named_for, folder_inode
    FROM playlists WHERE local_folder_path IS NOT NULL
"""

# A row for each playlist, its entries as JSON lists of equal length: a row for each entry would
# take twice as long. The last one is a dict, for the few (or no) entries that have a stamp.
ENTRIES = """
    SELECT playlist_id, json_group_array(track_id), json_group_array(path),
        json_group_array(
            CASE WHEN is_primary THEN 'primary' ELSE coalesce(link_kind, 'symlink') END),
        json_group_array(named_for),
        json_group_object(track_id, json_array(copy_inode, copy_size, copy_mtime_ns))
            FILTER (WHERE copy_mtime_ns IS NOT NULL)
    FROM playlist_tracks WHERE path IS NOT NULL AND {entries} GROUP BY playlist_id
"""

# An old database may also name files elsewhere; strandline's own area is all it may touch.
# The unary plus keeps to the order of the rows: the index on the path would jump about.
FILES = f"""
    SELECT tidal_id, file_path, file_inode, file_size_bytes, file_mtime_ns, file_hash,
        file_inode IS NOT NULL AND file_size_bytes IS NOT NULL AND file_mtime_ns IS NOT NULL
    FROM tracks
    WHERE tidal_id IS NOT NULL
        AND {ours("+file_path")}
        AND +tidal_id NOT IN (SELECT track FROM shared_recordings)
        AND {{tracks}}
"""  # noqa: S608

# Who of a list of [playlist, track] is not in the database.
UNKNOWN = """
    SELECT json_extract(value, '$[0]') AS playlist, json_extract(value, '$[1]') AS track
    FROM json_each(?)
    WHERE playlist NOT IN (SELECT tidal_id FROM playlists WHERE tidal_id IS NOT NULL)
        OR track NOT IN (SELECT tidal_id FROM tracks WHERE tidal_id IS NOT NULL)
    LIMIT 1
"""

FILES_ALL = f"""
    SELECT count(*), coalesce(sum(file_size_bytes), 0) FROM tracks
    WHERE +tidal_id IS NOT NULL
        AND {ours("+file_path")}
        AND instr(file_path, '/../') = 0
        AND +tidal_id NOT IN (SELECT track FROM shared_recordings)
"""  # noqa: S608

FOLDER_OF = "SELECT local_folder_path, folder_inode FROM playlists WHERE tidal_id = ?"

FOLDERS_OF_ALL = """
    SELECT tidal_id, local_folder_path FROM playlists
    WHERE tidal_id IS NOT NULL AND local_folder_path IS NOT NULL
"""

FOLDER_IS = """
    UPDATE playlists SET
        local_folder_path = :path, named_for = :named_for, folder_inode = :inode, updated_at = :now
    WHERE tidal_id = :playlist
"""

FOLDER_GONE = """
    UPDATE playlists SET
        local_folder_path = NULL, named_for = NULL, folder_inode = NULL, updated_at = :now
    WHERE tidal_id = :playlist AND local_folder_path IS NOT NULL
"""

# Folders that were renamed at once, as a JSON object: old name -> new one. A name ends where the
# next "/" stands, and "0" is what follows that.
# Of a folder that was made anew the last column has its playlist, whose paths alone follow.
RENAMES = """
    FROM (
        SELECT json_extract(value, '$[0]') AS old, json_extract(value, '$[1]') AS new,
            (SELECT id FROM playlists WHERE tidal_id = json_extract(value, '$[2]')) AS only
        FROM json_each(:renames)) AS renamed
"""

# The tracks whose files go along.
IN_RENAMED = """
    file_path >= 'Playlists/' || old || '/' AND file_path < 'Playlists/' || old || '0'
        AND (only IS NULL OR EXISTS (
            SELECT 1 FROM playlist_tracks AS entry
            WHERE entry.track_id = tracks.id AND entry.playlist_id = only
                AND entry.is_primary AND entry.path = file_path))
"""
RENAMED_PATH = "'Playlists/' || new || substr(file_path, length(old) + 11)"

FILES_FOLLOW = f"""
    UPDATE tracks SET
        file_path = {RENAMED_PATH}, updated_at = :now
    {RENAMES}
    WHERE {IN_RENAMED}
"""  # noqa: S608

ENTRIES_FOLLOW = f"""
    UPDATE playlist_tracks SET
        path = 'Playlists/' || new || substr(path, length(old) + 11),
        symlink_path = CASE WHEN NOT is_primary AND link_kind IS NOT 'yours'
            THEN :mp3 || 'Playlists/' || new || substr(path, length(old) + 11) END,
        updated_at = :now
    {RENAMES}
    WHERE path >= 'Playlists/' || old || '/' AND path < 'Playlists/' || old || '0'
        AND (only IS NULL OR playlist_id = only)
"""  # noqa: S608

# The same as ENTRY_IS, from what the journal says of a link: they come by the hundred thousand.
LINKED = """
    UPDATE playlist_tracks SET
        in_local = 1, sync_status = 'synced',
        updated_at = ?1, synced_at = ?1, added_to_local = coalesce(added_to_local, ?1),
        path = step.path, is_primary = 0, symlink_path = ?2 || step.path, symlink_valid = 1,
        link_kind = step.kind, named_for = step.named_for,
        copy_inode = NULL, copy_size = NULL, copy_mtime_ns = NULL
    FROM run_steps AS step
    WHERE step.run_id = ?3 AND step.seq IN (SELECT value FROM json_each(?4))
        AND step.action IN ('link', 'relink') AND step.kind = 'symlink'
        AND playlist_id = (SELECT id FROM playlists WHERE tidal_id = step.playlist)
        AND track_id = (SELECT id FROM tracks WHERE tidal_id = step.track)
"""

# Nearly every entry is there since TIDAL listed it.
ENTRY_IS = """
    UPDATE playlist_tracks SET
        in_local = 1, sync_status = 'synced',
        updated_at = ?, synced_at = ?, added_to_local = coalesce(added_to_local, ?),
        path = ?, is_primary = ?, symlink_path = ?, symlink_valid = ?, link_kind = ?,
        named_for = ?, copy_inode = ?, copy_size = ?, copy_mtime_ns = ?
    WHERE playlist_id = (SELECT id FROM playlists WHERE tidal_id = ?)
        AND track_id = (SELECT id FROM tracks WHERE tidal_id = ?)
"""

# The same parameters after a first one, the time. Of a playlist or track that the database does not
# know, nothing is written.
ENTRY_NEW = """
    INSERT INTO playlist_tracks (
        in_tidal, in_local, in_rekordbox, sync_status, created_at,
        updated_at, synced_at, added_to_local,
        path, is_primary, symlink_path, symlink_valid, link_kind,
        named_for, copy_inode, copy_size, copy_mtime_ns, playlist_id, track_id)
    SELECT 0, 1, 0, 'synced', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, playlists.id, tracks.id
    FROM playlists, tracks WHERE playlists.tidal_id = ? AND tracks.tidal_id = ?
    ON CONFLICT (playlist_id, track_id) DO NOTHING
"""

ENTRY_GONE = """
    UPDATE playlist_tracks SET
        path = NULL, in_local = 0, is_primary = 0, symlink_path = NULL, symlink_valid = NULL,
        link_kind = NULL, named_for = NULL, copy_inode = NULL, copy_size = NULL,
        copy_mtime_ns = NULL, added_to_local = NULL, sync_status = 'unknown', updated_at = :now
    WHERE playlist_id = (SELECT id FROM playlists WHERE tidal_id = :playlist)
        AND track_id = (SELECT id FROM tracks WHERE tidal_id = :track)
"""

# What TIDAL no longer lists and the disk no longer holds is of no use to anyone.
ENTRY_FORGOTTEN = """
    DELETE FROM playlist_tracks
    WHERE playlist_id = (SELECT id FROM playlists WHERE tidal_id = :playlist)
        AND track_id = (SELECT id FROM tracks WHERE tidal_id = :track)
        AND NOT in_tidal AND NOT in_rekordbox
"""

FILE_IS = """
    UPDATE tracks SET
        file_path = :path, file_size_bytes = :size, file_hash = :sha256,
        file_inode = :inode, file_mtime_ns = :mtime_ns, file_last_modified = :modified,
        file_format = :format, downloaded_at = coalesce(downloaded_at, :now),
        last_verified_at = CASE WHEN file_hash IS :sha256 THEN last_verified_at END,
        download_status = 'downloaded', download_error = NULL, updated_at = :now
    WHERE tidal_id = :track
"""

FILE_GONE = """
    UPDATE tracks SET
        file_path = NULL, file_size_bytes = NULL, file_hash = NULL, file_inode = NULL,
        file_mtime_ns = NULL, file_last_modified = NULL, file_format = NULL,
        downloaded_at = NULL, last_verified_at = NULL,
        download_status = 'not_downloaded', updated_at = :now
    WHERE tidal_id = :track
"""

REPLACED = "SELECT old_id, new_id FROM replaced_ids"

# No id stands for another that is itself replaced; what came under the old one is the new one's.
ID_REPLACED = (
    "UPDATE replaced_ids SET new_id = :new WHERE new_id = :old",
    "DELETE FROM replaced_ids WHERE old_id = :new",
    "INSERT OR REPLACE INTO replaced_ids (old_id, new_id) VALUES (:old, :new)",
    "UPDATE OR IGNORE audio_qualities SET tidal_id = :new WHERE tidal_id = :old",
    "UPDATE shared_recordings SET holder = :new WHERE holder = :old",
    "UPDATE OR REPLACE shared_recordings SET track = :new WHERE track = :old",
    "DELETE FROM shared_recordings WHERE track = holder",
)

SHARED = "SELECT track, holder FROM shared_recordings"

IS_SHARED = "SELECT EXISTS (SELECT 1 FROM shared_recordings)"

SHARED_IS = "INSERT OR REPLACE INTO shared_recordings (track, holder) VALUES (?, ?)"

SHARED_GONE = "DELETE FROM shared_recordings WHERE track = ?"

# A row that shares another's file says of it what the other's says: a reader of the database asks
# the track's row where its audio is.
_MIRRORED = """file_path, file_size_bytes, file_hash, file_inode, file_mtime_ns, file_last_modified,
        file_format, downloaded_at, last_verified_at"""
_OF_HOLDER = ", ".join(f"holder.{column.strip()}" for column in _MIRRORED.split(","))

SHARED_FOLLOW = f"""
    UPDATE tracks SET
        ({_MIRRORED}) = ({_OF_HOLDER}),
        download_status =
            CASE WHEN holder.file_path IS NULL THEN 'not_downloaded' ELSE 'downloaded' END,
        download_error = NULL, updated_at = :now
    FROM shared_recordings AS shared JOIN tracks AS holder ON holder.tidal_id = shared.holder
    WHERE tracks.tidal_id = shared.track
        AND (tracks.file_path, tracks.file_hash, tracks.file_inode, tracks.file_mtime_ns)
            IS NOT (holder.file_path, holder.file_hash, holder.file_inode, holder.file_mtime_ns)
"""  # noqa: S608

ID_BACK = "DELETE FROM replaced_ids WHERE old_id = ?"
