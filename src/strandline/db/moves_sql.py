"""The statements of moves: each is bound just before the row of the track is changed."""

from __future__ import annotations

from strandline.db.ledger_sql import IN_RENAMED, RENAMED_PATH, RENAMES

# Where the audio was that is not there now, if it went away from somewhere.
_LAST = """
    SELECT CASE WHEN new_path IS NULL THEN old_path END FROM moves
    WHERE track = :track ORDER BY id DESC LIMIT 1
"""
# An undo puts the very file back that the undone run had replaced.
_BACK = """
    SELECT -moves.offset FROM moves JOIN runs ON runs.undoes = moves.run
    WHERE runs.id = :run AND moves.track = :track AND moves.old_path = :path
        AND moves.new_path = tracks.file_path
    ORDER BY moves.id DESC LIMIT 1
"""
_OURS = "{0} >= 'Playlists/' AND {0} < 'Playlists0' OR {0} >= 'Tracks/' AND {0} < 'Tracks0'"

MOVED = f"""
    INSERT INTO moves (track, old_path, new_path, run, at, offset)
    SELECT track, old_path, :path, :run, :now, offset FROM (
        SELECT tidal_id AS track, coalesce(file_path, ({_LAST})) AS old_path,
            CASE WHEN file_hash = :sha256 THEN 0.0 ELSE ({_BACK}) END AS offset
        FROM tracks WHERE tidal_id = :track AND file_path IS NOT :path)
    WHERE old_path <> :path AND ({_OURS.format("old_path")})
"""  # noqa: S608

WENT_AWAY = f"""
    INSERT INTO moves (track, old_path, run, at, in_file)
    SELECT tidal_id, file_path, :run, :now, 1
    FROM tracks WHERE tidal_id = :track AND ({_OURS.format("file_path")})
"""  # noqa: S608

WENT_ALONG = f"""
    INSERT INTO moves (track, old_path, new_path, run, at, offset)
    SELECT tidal_id, file_path, {RENAMED_PATH}, :run, :now, 0.0
    FROM (SELECT * {RENAMES}) CROSS JOIN tracks
    WHERE tidal_id IS NOT NULL AND {IN_RENAMED}
"""  # noqa: S608

# A track gave up its file for that of another id of its recording, or follows that elsewhere.
SHARED_MOVED = f"""
    INSERT INTO moves (track, old_path, new_path, run, at, offset)
    SELECT it, old_path, new_path, :run, :now, offset FROM (
        SELECT tracks.tidal_id AS it, holder.file_path AS new_path,
            CASE WHEN tracks.file_hash = holder.file_hash THEN 0.0 END AS offset,
            coalesce(tracks.file_path, (
                SELECT CASE WHEN new_path IS NULL THEN old_path END FROM moves
                WHERE track = tracks.tidal_id ORDER BY id DESC LIMIT 1)) AS old_path
        FROM shared_recordings AS shared
        JOIN tracks ON tracks.tidal_id = shared.track
        JOIN tracks AS holder ON holder.tidal_id = shared.holder)
    WHERE old_path <> new_path AND ({_OURS.format("old_path")})
"""  # noqa: S608

_TRACK = "coalesce((SELECT new_id FROM replaced_ids WHERE old_id = track), track)"
ALL = f"""
    SELECT {_TRACK}, old_path, new_path, run, at, offset FROM moves
    WHERE new_path IS NOT NULL ORDER BY id
"""  # noqa: S608
UNWRITTEN = "SELECT EXISTS (SELECT 1 FROM moves WHERE in_file = 0)"
WRITTEN = "UPDATE moves SET in_file = 1 WHERE in_file = 0"
EVER_WRITTEN = "SELECT EXISTS (SELECT 1 FROM moves WHERE in_file = 1 AND new_path IS NOT NULL)"
MEASURED = """
    UPDATE moves SET offset = :offset, in_file = 0
    WHERE id = (
        SELECT max(id) FROM moves WHERE track = :track AND new_path = :path AND run = :run)
"""
CHANGED_IN_PLACE = """
    INSERT INTO moves (track, old_path, new_path, run, at, offset)
    VALUES (:track, :path, :path, :run, :now, :offset)
"""
FIRST = "SELECT coalesce(min(id), 1) FROM moves"
LEARN = """
    INSERT INTO moves (id, track, old_path, new_path, run, at, offset, in_file)
    VALUES (?, ?, ?, ?, ?, ?, ?, 1)
"""
FILE_PATHS = """
    SELECT tidal_id, file_path FROM tracks WHERE tidal_id IS NOT NULL AND file_path IS NOT NULL
"""
