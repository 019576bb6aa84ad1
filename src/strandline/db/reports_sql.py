"""The questions of the reports. Every one takes ``:all`` and ``:only`` (a JSON list of ids)."""

from __future__ import annotations

from strandline.db.sqlite.scope import PLAYLISTS as _SCOPE

# In TIDAL, or gone from there with a folder of ours left on disk.
_THERE = "(removed_from_tidal IS NULL OR local_folder_path LIKE 'mp3/Playlists/_%/')"

NAMES = (
    f"SELECT tidal_id, name FROM playlists WHERE tidal_id IS NOT NULL AND {_THERE} ORDER BY name"  # noqa: S608
)

NAMES_SO_FAR = "SELECT tidal_id, name FROM playlists WHERE tidal_id IS NOT NULL"

FOLDERS = """
    SELECT local_folder_path, name FROM playlists WHERE local_folder_path LIKE 'mp3/Playlists/_%/'
"""

IN_FOLDER = """
    SELECT tidal_id FROM playlists WHERE tidal_id IS NOT NULL AND local_folder_path = ?
"""

# As the plan sees it: see WANTED_PLAYLISTS.
INCOMPLETE = f"""
    SELECT tidal_id, coalesce(incomplete_reason, 'It has not been read from TIDAL yet.')
    FROM playlists
    WHERE (last_full_read_at IS NULL OR incomplete_reason IS NOT NULL)
        AND removed_from_tidal IS NULL AND {_THERE}
        AND tidal_id IN (SELECT value FROM json_each(?))
"""  # noqa: S608

FOLLOWED = "SELECT tidal_id FROM playlists WHERE origin = 'followed'"

FAVORITES = "SELECT tidal_id FROM playlists WHERE origin = 'favorites'"

REMOVED = f"SELECT tidal_id FROM playlists WHERE removed_from_tidal IS NOT NULL AND {_THERE}"  # noqa: S608

# The statuses come from their index: a join would look each track's row up at random.
ITEMS = f"""
    SELECT tidal_id, name, local_folder_path, sync_status,
        coalesce(counted.tracks, 0), coalesce(counted.downloaded, 0), coalesce(counted.errors, 0),
        strftime('%Y-%m-%dT%H:%M:%SZ', last_updated_tidal),
        strftime('%Y-%m-%dT%H:%M:%SZ', last_synced_filesystem)
    FROM playlists LEFT JOIN (
        SELECT playlist_id, count(*) AS tracks,
            sum(track_id IN (SELECT id FROM tracks WHERE download_status = 'downloaded'))
                AS downloaded,
            sum(track_id IN (SELECT id FROM tracks WHERE download_status = 'error')) AS errors
        FROM playlist_tracks
        WHERE in_tidal AND {_SCOPE} AND {{entries}}
        GROUP BY playlist_id) AS counted ON counted.playlist_id = playlists.id
    WHERE {_THERE} AND (:all OR tidal_id IN (SELECT value FROM json_each(:only)))
    ORDER BY lower(name), tidal_id
"""  # noqa: S608

# What is on disk counts as downloaded, whether TIDAL still has it or not.
TRACKS = f"""
    SELECT CASE WHEN tidal_available OR download_status = 'downloaded'
        THEN download_status ELSE 'unavailable' END, count(*)
    FROM tracks
    WHERE tidal_id IS NOT NULL AND {{tracks}}
        AND id IN (SELECT track_id FROM playlist_tracks WHERE in_tidal AND {_SCOPE})
    GROUP BY 1
"""  # noqa: S608

# A row's track is none that the settings ignore.
ENTRY_COUNTS = """track_id NOT IN (
    SELECT id FROM tracks WHERE tidal_id IN (SELECT value FROM json_each(:ignored)))"""
TRACK_COUNTS = "tracks.tidal_id NOT IN (SELECT value FROM json_each(:ignored))"

IGNORED = f"""
    SELECT count(*) FROM tracks
    WHERE tidal_id IN (SELECT value FROM json_each(:ignored))
        AND id IN (SELECT track_id FROM playlist_tracks WHERE in_tidal AND {_SCOPE})
"""  # noqa: S608

NEW_IDS = "SELECT new_id FROM replaced_ids WHERE old_id IN (SELECT value FROM json_each(?))"

# Wanted, but TIDAL does not have the audio; a row for each playlist that lists it. Those that the
# disk does not have either are found by the index on their place.
UNAVAILABLE = f"""
    SELECT tracks.tidal_id, artist, title, version, file_path IS NOT NULL, playlists.tidal_id, name
    FROM tracks
    JOIN playlist_tracks ON track_id = tracks.id AND in_tidal
    JOIN playlists ON playlists.id = playlist_id
    WHERE NOT tidal_available AND {{where}} AND {_SCOPE} AND {{tracks}}
    ORDER BY artist, title, tracks.tidal_id, name
"""  # noqa: S608

# Entries that stand in a primary's stead, by the last look at the disk: not a person's own version,
# and no link that leads nowhere or is gone.
_LINKS = """
    FROM playlist_tracks JOIN tracks ON tracks.id = track_id
    WHERE path IS NOT NULL AND NOT is_primary AND link_kind IS NOT 'yours' AND symlink_valid
        AND file_path IS NOT NULL
"""

# In the pool every entry is one of these, and the first of a track saves nothing.
SAVED = f"""
    SELECT count(*) FILTER (WHERE entries > pooled), coalesce(sum(entries), 0),
        coalesce(sum(max(linked - pooled, 0) * size), 0), coalesce(sum(shared), 0)
    FROM (
        SELECT count(*) AS entries, sum(link_kind IS NOT 'copy') AS linked,
            coalesce(file_size_bytes, 0) AS size,
            file_path >= 'Tracks/' AND file_path < 'Tracks0' AS pooled,
            tidal_id IN (SELECT track FROM shared_recordings) AS shared
        {_LINKS} AND {_SCOPE}
        GROUP BY track_id)
"""  # noqa: S608

LINKS = f"""
    SELECT tidal_id, artist, title, version, coalesce(file_size_bytes, 0), file_path,
        path, link_kind IS NOT 'copy'
    {_LINKS}
    ORDER BY artist, title, tidal_id, path
"""
