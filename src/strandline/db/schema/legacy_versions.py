"""What the later versions of the earlier tool left: other columns, several local playlists.

Everything is found by looking at the columns. What that tool believed of its files and links is
not believed; where its links lie, and which playlists were never TIDAL's, is kept.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from strandline.db.schema.tables import columns_of, table_names

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from sqlalchemy import Connection

    from strandline.db.schema.legacy import Report
    from strandline.db.schema.legacy_paths import Music

LOCAL = "local:"
"""What the made-up id of a local playlist begins with, while every playlist has to have one."""
_KNOWN_BY = {
    "tracks": {"id", "tidal_id", "title", "artist"},
    "playlists": {"id", "tidal_id", "name"},
}


def is_the_earlier_tools(tables: Collection[str], columns: dict[str, set[str]]) -> bool:
    """Whether these are tables of that tool, whatever version it says they are of."""
    there = _KNOWN_BY.keys() & set(tables)
    return bool(there) and all(columns[name] >= _KNOWN_BY[name] for name in there)


def is_of_strandline(revision: str) -> bool:
    """Whether strandline, of this version or another, names its revisions so: ``0007_words``."""
    return re.fullmatch(r"\d{4}_[a-z0-9_]+", revision) is not None


def disown(connection: Connection, known: Collection[str]) -> None:
    """Forget the version of another program's migrations, so that strandline's can begin."""
    if "alembic_version" not in table_names(connection):
        return
    rows = connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()
    foreign = [name for (name,) in rows if name not in known and not is_of_strandline(str(name))]
    for name in foreign:
        connection.exec_driver_sql("DELETE FROM alembic_version WHERE version_num = ?", (name,))


# ---------------------------------------------------------------- before the tables are made anew


def settle_ids(connection: Connection, report: Report) -> None:
    """No id twice, and one for each playlist: the tables made anew hold nothing else."""
    there = table_names(connection)
    if "playlists" in there:
        _tell_empty(connection, report)
        local_ids_given(connection)
        _no_id_twice(connection, "playlists", f"'{LOCAL}' || id", report)
    if "tracks" in there:
        _no_id_twice(connection, "tracks", "NULL", report)
    if "playlist_tracks" in there:
        _no_entry_twice(connection, report)


def _tell_empty(connection: Connection, report: Report) -> None:
    rows = connection.exec_driver_sql(
        "SELECT id, name FROM playlists WHERE tidal_id IS NOT NULL AND trim(tidal_id) = ''"
    )
    for row, name in rows:
        report.add(f"playlist {row} ({name}): its TIDAL id is empty")


def local_ids_given(connection: Connection) -> None:
    """A made-up id for every playlist that has none."""
    connection.exec_driver_sql(
        f"UPDATE playlists SET tidal_id = '{LOCAL}' || id WHERE coalesce(trim(tidal_id), '') = ''"  # noqa: S608
    )


def local_ids_away(connection: Connection) -> None:
    """Playlists that are not TIDAL's have no id; and TIDAL lists none of what is in them."""
    connection.exec_driver_sql(
        "UPDATE playlists SET tidal_id = NULL WHERE trim(tidal_id) = '' OR tidal_id LIKE ?",
        (f"{LOCAL}%",),
    )
    connection.exec_driver_sql(
        "UPDATE playlist_tracks SET in_tidal = 0 WHERE in_tidal "
        "AND playlist_id IN (SELECT id FROM playlists WHERE tidal_id IS NULL)"
    )


def _no_id_twice(connection: Connection, table: str, instead: str, report: Report) -> None:
    """The first row keeps the id, the others keep everything else."""
    twice = (
        f"FROM {table} WHERE tidal_id IS NOT NULL AND id NOT IN "  # noqa: S608
        f"(SELECT min(id) FROM {table} WHERE tidal_id IS NOT NULL GROUP BY tidal_id)"
    )
    rows = connection.exec_driver_sql(f"SELECT id, tidal_id {twice} ORDER BY id").all()
    for row, tidal_id in rows:
        report.add(f"{table} row {row}: its TIDAL id {tidal_id} is another row's already")
    if rows:
        connection.exec_driver_sql(
            f"UPDATE {table} SET tidal_id = {instead} WHERE id IN (SELECT id {twice})"  # noqa: S608
        )


def _no_entry_twice(connection: Connection, report: Report) -> None:
    twice = (
        "FROM playlist_tracks WHERE id NOT IN "
        "(SELECT min(id) FROM playlist_tracks GROUP BY playlist_id, track_id)"
    )
    rows = connection.exec_driver_sql(f"SELECT id, playlist_id, track_id {twice}").all()
    for row, playlist, track in rows:
        report.add(f"playlist_tracks row {row}: playlist {playlist} has track {track} twice")
    if rows:
        connection.exec_driver_sql(f"DELETE {twice}")


# ---------------------------------------------------------------- after it


def disbelieve(connection: Connection, music: Music) -> None:
    """Statuses start anew; links are known where they lie, wherever they lead."""
    connection.exec_driver_sql(
        "UPDATE tracks SET download_status = 'not_downloaded', download_error = NULL, "
        "downloaded_at = NULL, last_verified_at = NULL"
    )
    if "tidal_unavailable" in columns_of(connection, "tracks"):
        connection.exec_driver_sql(
            "UPDATE tracks SET tidal_available = 0, unavailable_reason = 'not_allowed' "
            "WHERE tidal_unavailable"
        )
    rows = connection.exec_driver_sql(
        "SELECT id, symlink_path FROM playlist_tracks WHERE symlink_path IS NOT NULL ORDER BY id"
    ).all()
    connection.exec_driver_sql(
        "UPDATE playlist_tracks SET is_primary = 1, symlink_path = NULL, symlink_valid = NULL, "
        "sync_status = 'unknown', synced_at = NULL"
    )
    links = [(link, f"{music.directory}/{link}", row) for row, text in rows
             if (link := music.link(text))]  # fmt: skip
    if links:
        connection.exec_driver_sql(
            "UPDATE playlist_tracks SET path = ?, symlink_path = ?, is_primary = 0, "
            "link_kind = 'symlink' WHERE id = ?",
            links,
        )


def local_folders(connection: Connection, music: Music) -> frozenset[str]:
    """The folders of playlists that are not TIDAL's, as paths."""
    rows = connection.exec_driver_sql(
        f"SELECT local_folder_path FROM playlists WHERE tidal_id LIKE '{LOCAL}%'"  # noqa: S608
    )
    names = (music.folder(text) for (text,) in rows if text)
    return frozenset(f"Playlists/{name}" for name in names if name)


def paths_in(text: Any) -> list[str] | None:
    """A JSON list of paths; None for what is not one."""
    if text is None or text == "":
        return []
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return None
    if isinstance(found, str):
        return [found]
    if not isinstance(found, list) or not all(isinstance(path, str) for path in found):
        return None
    return [path for path in found if path]
