"""The statements of the folder states: two tables read once each in the order of their rows.

A join would look each track up at random, which takes longer than both reads together.
"""

from __future__ import annotations

from strandline.db.ours import ours

PLAYLISTS = """
    SELECT id, tidal_id, local_folder_path, folder_inode,
        removed_from_tidal IS NULL AND incomplete_reason IS NULL
            AND last_full_read_at IS NOT NULL AND named_for IS name
    FROM playlists WHERE tidal_id IS NOT NULL
"""

# With all that is to be known of a primary: the text of a link to it, its stamp, perhaps its hash.
TRACKS = f"""
    SELECT id, CASE WHEN file_path < 'Tracks/' THEN '../' || substr(file_path, 11)
            ELSE '../../' || file_path END, file_inode, file_size_bytes, file_mtime_ns,
        artist || ' - ' || title, tidal_id, {{sha256}}
    FROM tracks
    WHERE tidal_id IS NOT NULL
        AND file_inode IS NOT NULL AND file_size_bytes IS NOT NULL AND file_mtime_ns IS NOT NULL
        AND {ours("+file_path")}
"""  # noqa: S608

# What a statement does not say well: names with a version, inode numbers of all 64 bits.
ODD_TRACKS = """
    SELECT id, artist, title, version FROM tracks
    WHERE tidal_id IS NOT NULL AND (version IS NOT NULL OR file_inode < 0)
"""

ONLY_LOCAL = "SELECT id FROM tracks WHERE tidal_id IS NULL"

TRACK_IDS = "SELECT id, tidal_id FROM tracks WHERE tidal_id IS NOT NULL"

# One letter for each entry: p a primary, s a symlink, o another form of link; m is missing on disk
# and x no longer wanted.
ENTRIES = """
    SELECT playlist_id, json_group_array(track_id), json_group_array(path),
        json_group_array(named_for),
        group_concat(CASE
            WHEN NOT in_tidal THEN 'x' WHEN path IS NULL THEN 'm' WHEN is_primary THEN 'p'
            WHEN coalesce(link_kind, 'symlink') = 'symlink' THEN 's' ELSE 'o' END, '')
    FROM playlist_tracks WHERE in_tidal OR path IS NOT NULL GROUP BY playlist_id
"""

HOLDING = """
    SELECT DISTINCT playlists.tidal_id
    FROM playlist_tracks JOIN playlists ON playlists.id = playlist_id
    WHERE playlists.tidal_id IS NOT NULL AND (in_tidal OR path IS NOT NULL) AND track_id IN (
        SELECT id FROM tracks WHERE tidal_id IN (SELECT value FROM json_each(?)))
"""
