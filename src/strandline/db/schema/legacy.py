"""A legacy database: what its rows mean in the unified schema.

No row is dropped and no text lost: what cannot be understood stays as it was and is reported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strandline.db.schema.backup import copy_beside
from strandline.db.schema.legacy_paths import GONE, LegacyPath, Music, music_in
from strandline.db.schema.legacy_versions import LOCAL, disbelieve, local_folders, paths_in
from strandline.db.schema.tables import columns_of
from strandline.db.sqlite.connection import stored
from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus

if TYPE_CHECKING:
    from sqlalchemy import Connection

Note = Callable[[str], None]


@dataclass(slots=True)
class Report:
    """What a person should know after a migration, a line each."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """One more line."""
        self.lines.append(line)


@dataclass(slots=True)
class Takeover:
    """What a migration is told (the music, the time, whom to tell) and what it has to tell."""

    mp3_dir: Path
    now: datetime  # naive UTC
    note: Note
    report: Report = field(default_factory=Report)
    copy: Path | None = None
    is_whole: Callable[[Path], bool] = lambda _path: True
    """Whether a file's audio is; asked where files that should be equal differ in size."""

    def copy_first(self, connection: Connection, before: str) -> None:
        """Copy the database beside itself, once, unless nothing is committed in it yet."""
        if self.copy is None and (path := _file_with_tables(connection)):
            self.copy = copy_beside(path, before=before, now=self.now)
            self.note(f"The database was copied first, to {self.copy}")

    def tell(self) -> None:
        """Note every line of the report."""
        for line in self.report.lines:
            self.note(line)


def _file_with_tables(connection: Connection) -> Path | None:
    """The database's file, if others who open it now see tables in it."""
    from contextlib import closing

    from strandline.db.sqlite.connection import connect

    name: str = connection.exec_driver_sql("PRAGMA database_list").all()[0][2]
    if not name:
        return None
    with closing(connect(Path(name))) as other:
        (tables,) = other.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
        ).fetchone()
    return Path(name) if tables else None


def take_over(connection: Connection, takeover: Takeover) -> None:
    """Give every row its first statuses and bring its paths into today's form."""
    music = music_in(takeover.mp3_dir)
    disbelieve(connection, music)
    _tracks(connection, music, takeover)
    _playlists(connection, music, takeover.report)
    _positions(connection)
    _dangling(connection, takeover.report)


# ---------------------------------------------------------------- tracks


def _tracks(connection: Connection, music: Music, takeover: Takeover) -> None:
    """A track whose file exists is downloaded; any other keeps the default, not downloaded."""
    listed = "file_paths" if "file_paths" in columns_of(connection, "tracks") else "NULL"
    rows = connection.exec_driver_sql(
        "SELECT id, artist, title, tidal_id, file_path, file_last_modified, "  # noqa: S608
        f"{listed} FROM tracks ORDER BY id"
    ).all()
    local = local_folders(connection, music)
    changes = list(_track_changes(rows, music, local, takeover))
    if changes:
        connection.exec_driver_sql(
            "UPDATE tracks SET file_path = ?, download_status = ?, downloaded_at = ? WHERE id = ?",
            changes,
        )
    _shared_files(connection, takeover.report)


def _track_changes(
    rows: Any, music: Music, local: frozenset[str], takeover: Takeover
) -> Iterator[tuple[str | None, str, str | None, int]]:
    """(path, status, downloaded at, id) of every track that names a file."""
    report, unseen, now = takeover.report, 0, stored(takeover.now)
    for row, artist, title, tidal_id, text, modified, listed in rows:
        who = f"track {row} ({artist} - {title})"
        if tidal_id is not None and not tidal_id.strip():
            report.add(f"{who}: its TIDAL id is empty")
        texts = paths_in(listed)
        if texts is None:
            report.add(f"{who}: its list of files cannot be read: {listed}")
        texts = list(dict.fromkeys([*([] if text is None else [text]), *(texts or ())]))
        if not texts:
            continue
        theirs = local if tidal_id and listed else frozenset()
        best, place = _best(texts, music, theirs, takeover)
        if theirs and place.path and place.path.rpartition("/")[0] in theirs:
            report.add(f"{who}: its file is a local playlist's and stays that: {best}")
            yield None, DownloadStatus.NOT_DOWNLOADED.value, None, row
            continue
        if place.exists:
            yield place.path, DownloadStatus.DOWNLOADED.value, modified or now, row
        else:
            yield place.path or best, DownloadStatus.NOT_DOWNLOADED.value, None, row
        if place.trouble == GONE and not music.is_there:
            unseen += 1
        elif place.trouble:
            report.add(f"{who}: its file {place.trouble}: {best}")
    if unseen:
        report.add(_not_mounted(music, unseen))


def _best(
    texts: list[str], music: Music, local: frozenset[str], takeover: Takeover
) -> tuple[str, LegacyPath]:
    """The first path with a whole file, in the folder of a playlist of TIDAL's if there is one."""
    found = [(text, music.file(text)) for text in texts]
    found.sort(key=lambda one: (one[1].path or "").rpartition("/")[0] in local)
    files = [(text, place) for text, place in found if place.exists and not place.trouble]
    files = [one for one in files if one[1].path and not _is_in(one[1].path, local)] or files
    sizes = {os.path.getsize(f"{music.directory}/{place.path}") for _, place in files}
    for text, place in files:
        if len(sizes) < 2 or takeover.is_whole(Path(f"{music.directory}/{place.path}")):
            return text, place
    there = [one for one in found if one[1].exists]
    return (files or there or found)[0]


def _is_in(path: str, folders: frozenset[str]) -> bool:
    return path.rpartition("/")[0] in folders


def _not_mounted(music: Music, tracks: int) -> str:
    return (
        f"The folder {music.directory} is not there, so no file could be looked at: {tracks} "
        "tracks count as not downloaded until the next sync finds their files."
    )


def _shared_files(connection: Connection, report: Report) -> None:
    rows = connection.exec_driver_sql(
        "SELECT file_path, count(*) FROM tracks WHERE file_path <> '' "
        "GROUP BY file_path HAVING count(*) > 1 ORDER BY file_path"
    )
    for path, tracks in rows:
        report.add(f"{tracks} tracks name the same file: {path}")


# ---------------------------------------------------------------- playlists and entries


def _playlists(connection: Connection, music: Music, report: Report) -> None:
    connection.exec_driver_sql(
        "UPDATE playlists SET last_synced_filesystem = last_synced_at, "
        "sync_status = CASE WHEN last_synced_at IS NULL THEN ? ELSE ? END",
        (PlaylistSyncStatus.NEEDS_DOWNLOAD.value, PlaylistSyncStatus.UNKNOWN.value),
    )
    folders: dict[str, str] = {}
    rows = connection.exec_driver_sql(
        "SELECT id, name, local_folder_path FROM playlists ORDER BY id"
    ).all()
    for row, name, text in rows:
        who = f"playlist {row} ({name})"
        if text:
            _folder(connection, row, text, music.folder(text), who, folders, report)


def _folder(
    connection: Connection,
    row: int,
    text: str,
    folder: str | None,
    who: str,
    folders: dict[str, str],
    report: Report,
) -> None:
    if folder is None:
        report.add(f"{who}: its folder is not one of the library's playlist folders: {text}")
        return
    connection.exec_driver_sql(
        "UPDATE playlists SET local_folder_path = ? WHERE id = ?",
        (f"mp3/Playlists/{folder}/", row),
    )
    other = folders.setdefault(folder.casefold(), who)
    if other != who:
        report.add(f"{who}: its folder is also that of {other}: {text}")


def _positions(connection: Connection) -> None:
    """Positions from 0 without gaps, in the old order, of what TIDAL had when last asked."""
    connection.exec_driver_sql(
        "INSERT OR IGNORE INTO playlist_positions (playlist_id, position, track_id, added_at) "
        "SELECT e.playlist_id, row_number() OVER "
        "(PARTITION BY e.playlist_id ORDER BY e.position, e.id) - 1, e.track_id, e.added_to_tidal "
        "FROM playlist_tracks e JOIN playlists p ON p.id = e.playlist_id "
        "JOIN tracks t ON t.id = e.track_id WHERE e.in_tidal AND e.position IS NOT NULL "
        "AND p.tidal_id NOT LIKE ?",
        (f"{LOCAL}%",),
    )


def _dangling(connection: Connection, report: Report) -> None:
    """Old programs did not enforce references; what points nowhere is kept, and said."""
    rows = connection.exec_driver_sql(
        'SELECT "table", rowid, parent FROM pragma_foreign_key_check ORDER BY 1, 2'
    )
    for table, row, parent in rows:
        report.add(f"{table} row {row}: refers to a row of {parent} that is not there")
