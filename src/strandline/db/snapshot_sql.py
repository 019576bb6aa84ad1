"""The statements of the snapshot's rows: staged in temporary tables, then merged in one go each."""

from __future__ import annotations

from collections.abc import Iterable

# What TIDAL leaves out of these has really gone: a version that was dropped changes the name.
_TOLD = ("title", "artist", "version", "audio_quality", "explicit")
# What TIDAL leaves out of these is only untold: the stored value stays.
_KEPT = (
    "album", "album_artist", "year", "duration", "isrc", "track_number", "volume_number",
    "copyright", "audio_modes", "album_upc", "album_cover_url",
    "tidal_release_date", "album_release_date",
)  # fmt: skip
TRACK_COLUMNS = ("tidal_id", "popularity", *_TOLD, *_KEPT)
"""Fields of a RemoteTrack, in the order they are staged; the last two are dates."""

PLAYLIST_COLUMNS = (
    "tidal_id", "name", "origin", "description", "creator_name", "creator_id", "duration",
    "num_tracks", "num_videos", "public", "picture_url", "square_picture_url", "created",
    "last_updated", "last_item_added_at", "share_url", "listen_url", "popularity",
)  # fmt: skip
"""Fields of a RemotePlaylist, in the order they are bound."""


def _listed(columns: Iterable[str], form: str = "{}") -> str:
    return ", ".join(form.format(column) for column in columns)


_STAGED_COLUMNS = (
    *TRACK_COLUMNS, "normalized_name", "available", "unavailable_reason", "media_tags",
    "bpm", "key",
)  # fmt: skip

# What was read of several playlists: many commits, and statements on a few rows each, would take
# far longer than the reading.
STAGES = (
    f"CREATE TEMP TABLE IF NOT EXISTS staged_tracks ({_listed(_STAGED_COLUMNS)})",
    """CREATE TEMP TABLE IF NOT EXISTS staged_playlists
        (playlist INTEGER PRIMARY KEY, whole INTEGER, positions INTEGER, tracks INTEGER,
        adds INTEGER)""",
    """CREATE TEMP TABLE IF NOT EXISTS staged_positions
        (playlist INTEGER, position INTEGER, tidal_id TEXT, is_first INTEGER, item_uuid TEXT,
        added_at TEXT)""",
    "DELETE FROM staged_tracks",
    "DELETE FROM staged_playlists",
    "DELETE FROM staged_positions",
)

STAGE_TRACK = f"INSERT INTO staged_tracks VALUES ({_listed('?' * len(_STAGED_COLUMNS))})"  # noqa: S608

STAGE_PLAYLIST = "INSERT INTO staged_playlists VALUES (?, ?, ?, ?, ?)"

STAGE_POSITION = "INSERT INTO staged_positions VALUES (?, ?, ?, ?, ?, ?)"

_WHOLE = "SELECT playlist FROM staged_playlists WHERE whole"
_PARTLY = "SELECT playlist FROM staged_playlists WHERE NOT whole"

# The staged rows first, each with its track by the unique index.
_STAGED = "staged_positions AS staged CROSS JOIN tracks ON tracks.tidal_id = staged.tidal_id"

_NEW = _listed(_TOLD, "excluded.{}") + ", " + _listed(_KEPT, "coalesce(excluded.{0}, tracks.{0})")
_OLD = _listed((*_TOLD, *_KEPT), "tracks.{}")

# What TIDAL lists as any other track but does not give out: the list says nothing new about that.
_NOT_REFUSED = "tracks.unavailable_reason IS NOT 'refused'"

# Popularity moves every day: alone it is no reason to write.
MERGE_AVAILABLE = f"""
    INSERT INTO tracks (
        {_listed(TRACK_COLUMNS)}, normalized_name, tidal_available,
        last_seen_in_tidal, created_at, updated_at)
    SELECT {_listed(TRACK_COLUMNS)}, normalized_name, 1, :now, :now, :now
    FROM staged_tracks WHERE available
    ON CONFLICT (tidal_id) DO UPDATE SET
        normalized_name = CASE
            WHEN (tracks.artist, tracks.title) IS (excluded.artist, excluded.title)
            THEN tracks.normalized_name ELSE excluded.normalized_name END,
        ({_listed((*_TOLD, *_KEPT))}) = ({_NEW}),
        popularity = excluded.popularity,
        tidal_available = {_NOT_REFUSED},
        unavailable_reason = CASE WHEN {_NOT_REFUSED} THEN NULL ELSE tracks.unavailable_reason END,
        updated_at = excluded.updated_at
    WHERE ({_OLD}) IS NOT ({_NEW}) OR (NOT tracks.tidal_available AND {_NOT_REFUSED})
"""  # noqa: S608

# TIDAL's stand-in text never replaces what is stored; it is all there is for a track never seen.
MERGE_UNAVAILABLE = f"""
    INSERT INTO tracks (
        {_listed(TRACK_COLUMNS)}, normalized_name, tidal_available, unavailable_reason,
        last_seen_in_tidal, created_at, updated_at)
    SELECT {_listed(TRACK_COLUMNS)}, normalized_name, 0, unavailable_reason, :now, :now, :now
    FROM staged_tracks WHERE NOT available
    ON CONFLICT (tidal_id) DO UPDATE SET
        tidal_available = 0, unavailable_reason = excluded.unavailable_reason,
        updated_at = excluded.updated_at
    WHERE tracks.tidal_available OR tracks.unavailable_reason IS NOT excluded.unavailable_reason
"""  # noqa: S608

# What TIDAL has of it, whoever asks; told with tracks that can be had.
MERGE_TAGS = """
    INSERT INTO track_tags (tidal_id, tags)
    SELECT tidal_id, media_tags FROM staged_tracks WHERE available AND media_tags IS NOT NULL
    ON CONFLICT (tidal_id) DO UPDATE SET tags = excluded.tags WHERE tags <> excluded.tags
"""

# What TIDAL does not say any more is only untold.
MERGE_TEMPOS = """
    INSERT INTO track_tempos (tidal_id, bpm, key)
    SELECT tidal_id, bpm, key FROM staged_tracks
    WHERE available AND (bpm IS NOT NULL OR key IS NOT NULL)
    ON CONFLICT (tidal_id) DO UPDATE SET
        bpm = coalesce(excluded.bpm, bpm), key = coalesce(excluded.key, key)
    WHERE (bpm, key) IS NOT (coalesce(excluded.bpm, bpm), coalesce(excluded.key, key))
"""

_HEADER = PLAYLIST_COLUMNS[1:-1]

MERGE_PLAYLIST = f"""
    INSERT INTO playlists (
        {_listed(PLAYLIST_COLUMNS)}, last_updated_tidal, incomplete_reason, created_at, updated_at,
        track_count_tidal, track_count_local, track_count_rekordbox)
    VALUES (
        {_listed(PLAYLIST_COLUMNS, ":{}")}, :last_updated, :incomplete, :now, :now, 0, 0, 0)
    ON CONFLICT (tidal_id) DO UPDATE SET
        ({_listed(_HEADER)}) = ({_listed(_HEADER, "excluded.{}")}),
        popularity = excluded.popularity, last_updated_tidal = excluded.last_updated_tidal,
        incomplete_reason = excluded.incomplete_reason, removed_from_tidal = NULL,
        updated_at = excluded.updated_at
    WHERE ({_listed(_HEADER, "playlists.{}")}) IS NOT ({_listed(_HEADER, "excluded.{}")})
        OR playlists.last_updated_tidal IS NOT excluded.last_updated_tidal
        OR playlists.incomplete_reason IS NOT excluded.incomplete_reason
        OR playlists.removed_from_tidal IS NOT NULL
"""  # noqa: S608

# What is stored is newer than what was read: nothing else of it is taken.
MARK_INCOMPLETE = """
    UPDATE playlists SET incomplete_reason = :incomplete, updated_at = :now
    WHERE tidal_id = :tidal_id AND incomplete_reason IS NOT :incomplete
"""

PLAYLIST_ROW = "SELECT id FROM playlists WHERE tidal_id = ?"

# Before the entries and positions are merged: a playlist that is new has none to look through.
DROP_ENTRIES = f"""
    UPDATE playlist_tracks SET in_tidal = 0, removed_from_tidal = :now, updated_at = :now
    WHERE in_tidal AND playlist_id IN ({_WHOLE}) AND (playlist_id, track_id) NOT IN (
        SELECT staged.playlist, tracks.id FROM {_STAGED} WHERE staged.is_first)
"""  # noqa: S608

DROP_POSITIONS = f"""
    DELETE FROM playlist_positions
    WHERE playlist_id IN ({_WHOLE}) AND position >= (
        SELECT positions FROM staged_playlists WHERE playlist = playlist_id)
"""  # noqa: S608

_ENTRIES = """
    INSERT INTO playlist_tracks (
        playlist_id, track_id, position, in_tidal, in_local, in_rekordbox,
        added_to_tidal, created_at, updated_at)
    SELECT staged.playlist, tracks.id, staged.position, 1, 0, 0,
        coalesce(staged.added_at, :now), :now, :now
    FROM {staged} WHERE staged.is_first AND staged.playlist IN ({playlists})
    ON CONFLICT (playlist_id, track_id) DO UPDATE SET
        position = excluded.position, in_tidal = 1, removed_from_tidal = NULL,
        added_to_tidal = excluded.added_to_tidal, updated_at = excluded.updated_at
    WHERE NOT playlist_tracks.in_tidal
"""

# A date TIDAL did not tell was filled in with the day we first saw the entry, and stays.
MERGE_ENTRIES = f"""
    {_ENTRIES.format(staged=_STAGED, playlists=_WHOLE)}
        OR playlist_tracks.position IS NOT excluded.position
        OR (playlist_tracks.added_to_tidal IS NOT excluded.added_to_tidal
            AND excluded.added_to_tidal IS NOT :now)
"""

ADD_ENTRIES = _ENTRIES.format(staged=_STAGED, playlists=_PARTLY)

_POSITIONS = """
    INSERT INTO playlist_positions (playlist_id, position, track_id, item_uuid, added_at)
    SELECT staged.playlist, staged.position, tracks.id, staged.item_uuid, staged.added_at
    FROM {staged} WHERE staged.playlist IN ({playlists})
    ON CONFLICT (playlist_id, position) DO
"""

MERGE_POSITIONS = f"""
    {_POSITIONS.format(staged=_STAGED, playlists=_WHOLE)} UPDATE SET
        track_id = excluded.track_id, item_uuid = excluded.item_uuid, added_at = excluded.added_at
    WHERE (playlist_positions.track_id, playlist_positions.item_uuid, playlist_positions.added_at)
        IS NOT (excluded.track_id, excluded.item_uuid, excluded.added_at)
"""

ADD_POSITIONS = _POSITIONS.format(staged=_STAGED, playlists=_PARTLY) + " NOTHING"

READ_WHOLE = """
    UPDATE playlists SET last_full_read_at = :now, track_count_tidal = (
        SELECT tracks FROM staged_playlists WHERE playlist = playlists.id)
    WHERE id IN (SELECT playlist FROM staged_playlists WHERE whole OR adds)
"""

# By the few entries TIDAL does not list, not by all those of the playlists.
FORGET_ENTRIES = f"""
    DELETE FROM playlist_tracks
    WHERE in_tidal = 0 AND path IS NULL AND NOT in_rekordbox AND +playlist_id IN ({_WHOLE})
"""  # noqa: S608

MERGE_TRACKS = (MERGE_AVAILABLE, MERGE_UNAVAILABLE)

MERGE = (
    MERGE_AVAILABLE,
    MERGE_UNAVAILABLE,
    MERGE_TAGS,
    MERGE_TEMPOS,
    DROP_ENTRIES,
    DROP_POSITIONS,
    MERGE_ENTRIES,
    ADD_ENTRIES,
    FORGET_ENTRIES,
    MERGE_POSITIONS,
    ADD_POSITIONS,
    READ_WHOLE,
)

BACK_AGAIN = """
    UPDATE playlists SET removed_from_tidal = NULL, updated_at = :now
    WHERE removed_from_tidal IS NOT NULL AND tidal_id IN (SELECT value FROM json_each(:seen))
"""

# Its items are no longer known, should it come back: it will be read anew.
REMOVE_PLAYLISTS = """
    UPDATE playlists SET
        removed_from_tidal = :now, last_full_read_at = NULL, incomplete_reason = NULL,
        updated_at = :now
    WHERE removed_from_tidal IS NULL AND tidal_id NOT IN (SELECT value FROM json_each(:seen))
"""

_REMOVED = "SELECT id FROM playlists WHERE removed_from_tidal IS NOT NULL"

CLEAR_REMOVED = (
    f"""
    UPDATE playlist_tracks SET in_tidal = 0, removed_from_tidal = :now, updated_at = :now
    WHERE in_tidal AND playlist_id IN ({_REMOVED})
    """,  # noqa: S608
    f"DELETE FROM playlist_positions WHERE playlist_id IN ({_REMOVED})",  # noqa: S608
    f"""
    DELETE FROM playlist_tracks
    WHERE playlist_id IN ({_REMOVED}) AND path IS NULL AND NOT in_rekordbox
    """,  # noqa: S608
)

# Nothing on disk, nothing in another program, nothing in the history speaks of these any more. What
# a step names stays: an undo, a restore or a recovery may ask for it. Only what left just now is
# asked about, so that the journal is not searched for the same playlists night after night.
FORGET_PLAYLISTS = """
    DELETE FROM playlists
    WHERE removed_from_tidal = :now
        AND local_folder_path IS NULL AND rekordbox_playlist_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM playlist_tracks WHERE playlist_id = playlists.id)
        AND NOT EXISTS (SELECT 1 FROM sync_operations WHERE playlist_id = playlists.id)
        AND tidal_id NOT IN (
            SELECT playlist FROM run_steps WHERE playlist IS NOT NULL
            UNION SELECT target FROM run_steps WHERE action = 'move' AND target IS NOT NULL)
"""

# To within a day, so that an unchanged account costs no write.
SEEN_PLAYLISTS = """
    UPDATE playlists SET last_seen_in_tidal = :now
    WHERE tidal_id IN (SELECT value FROM json_each(:seen))
        AND (last_seen_in_tidal IS NULL OR last_seen_in_tidal < :yesterday)
"""
SEEN_TRACKS = """
    UPDATE tracks SET last_seen_in_tidal = :now
    WHERE (last_seen_in_tidal IS NULL OR last_seen_in_tidal < :yesterday)
        AND id IN (
            SELECT track_id FROM playlist_positions WHERE playlist_id IN (
                SELECT id FROM playlists WHERE tidal_id IN (SELECT value FROM json_each(:seen))))
"""

SAVE_USER = "UPDATE library SET tidal_user_id = :user WHERE tidal_user_id IS NOT :user"

KNOWN = """
    SELECT tidal_id, last_updated, coalesce(num_tracks, 0), coalesce(num_videos, 0), name,
        incomplete_reason IS NULL AND last_full_read_at IS NOT NULL, last_full_read_at, origin
    FROM playlists WHERE removed_from_tidal IS NULL AND tidal_id IS NOT NULL
"""

LIST = "SELECT snapshot_data FROM sync_snapshots WHERE snapshot_type = 'tidal_account'"
LIST_TIME = "SELECT created_at FROM sync_snapshots WHERE snapshot_type = 'tidal_account'"
FORGET_LIST = "DELETE FROM sync_snapshots WHERE snapshot_type = 'tidal_account'"
SAVE_LIST = """
    INSERT INTO sync_snapshots (
        snapshot_type, snapshot_data, playlist_count, track_count, created_at)
    VALUES ('tidal_account', ?, ?, (SELECT count(DISTINCT track_id) FROM playlist_positions), ?)
"""

TRACKS_OF = """
    SELECT tracks.tidal_id FROM playlist_positions JOIN tracks ON tracks.id = track_id
    WHERE playlist_id = (SELECT id FROM playlists WHERE tidal_id = ?) ORDER BY position
"""

# What a playlist that only ever gets more held until now.
ALREADY_IN = """
    SELECT tracks.tidal_id, position FROM playlist_positions JOIN tracks ON tracks.id = track_id
    WHERE playlist_id = ?
"""

# What TIDAL put in the place of tracks: a row like the list's own, so that no table is needed.
REPLACEMENTS = "SELECT snapshot_data FROM sync_snapshots WHERE snapshot_type = 'replacements'"
FORGET_REPLACEMENTS = "DELETE FROM sync_snapshots WHERE snapshot_type = 'replacements'"
SAVE_REPLACEMENTS = """
    INSERT INTO sync_snapshots (
        snapshot_type, snapshot_data, playlist_count, track_count, created_at)
    VALUES ('replacements', ?, 0, 0, ?)
"""
LEFT_WITH_AUDIO = """
    SELECT tidal_id FROM tracks
    WHERE tidal_id IS NOT NULL AND file_path IS NOT NULL
        AND id IN (SELECT track_id FROM playlist_tracks WHERE in_tidal = 0 AND path IS NOT NULL)
        AND id NOT IN (SELECT track_id FROM playlist_tracks WHERE in_tidal)
    ORDER BY id
"""
# Of these, the ones that a listed track without audio might have come for.
MAY_BE_REPLACED = f"""
    SELECT old.tidal_id FROM tracks AS old
    WHERE old.tidal_id IN ({LEFT_WITH_AUDIO}) AND EXISTS (
        SELECT 1 FROM tracks AS new
        WHERE new.tidal_id IS NOT NULL AND new.file_path IS NULL
            AND abs(new.duration - old.duration) <= 2
            AND (instr(lower(new.artist), lower(old.artist))
                OR instr(lower(old.artist), lower(new.artist)))
            AND new.id IN (SELECT track_id FROM playlist_tracks WHERE in_tidal))
    ORDER BY old.id
"""  # noqa: S608

TRACK_IDS = "SELECT id, tidal_id FROM tracks WHERE tidal_id IS NOT NULL"
WANTED_PLAYLISTS = """
    SELECT id, tidal_id, name, CASE WHEN last_full_read_at IS NULL
        THEN coalesce(incomplete_reason, 'It has not been read from TIDAL yet.')
        ELSE incomplete_reason END
    FROM playlists WHERE removed_from_tidal IS NULL AND tidal_id IS NOT NULL
"""
WANTED_ENTRIES = """
    SELECT playlist_id, track_id FROM playlist_tracks
    WHERE in_tidal AND {entries} ORDER BY playlist_id, position, id
"""
LEAVING = "SELECT DISTINCT track_id FROM playlist_tracks WHERE in_tidal = 0 AND path IS NOT NULL"
WANTED_TRACKS = """
    SELECT id, tidal_id, artist, title, version, coalesce(duration, 0), isrc, tidal_available,
        album, audio_quality IS NULL OR audio_quality NOT IN ('LOW', 'HIGH'), explicit, audio_modes
    FROM tracks WHERE tidal_id IS NOT NULL AND {tracks}
"""

# The condition for other tracks with a code of the recordings that are leaving.
ALIKE = """tracks.isrc IN (SELECT value FROM json_each(:codes))
    AND EXISTS (SELECT 1 FROM playlist_tracks WHERE track_id = tracks.id AND in_tidal)
"""
