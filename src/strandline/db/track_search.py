"""Finding tracks: where each is, in which playlists and positions, and how it stands."""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from strandline.core.names import with_version
from strandline.db.ours import ours
from strandline.db.sqlite.bulk import no_collection
from strandline.db.sqlite.inodes import from_column

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence


class TrackRow(NamedTuple):
    """A track as the database has it."""

    id: int
    track: str
    artist: str
    title: str
    version: str | None
    status: str
    error: str | None
    available: int
    unavailable: str | None
    path: str | None
    sha256: str | None
    inode: int | None
    size: int | None  # bytes
    mtime_ns: int | None
    isrc: str | None
    rekordbox: str | None
    """The id that rekordbox gave it."""

    @property
    def full_title(self) -> str:
        """With its version."""
        return with_version(self.title, self.version)


class EntryRow(NamedTuple):
    """A track in a playlist; ``playlist`` is null for a local one of an old database."""

    track_id: int
    playlist_id: int
    playlist: str | None
    name: str
    in_tidal: int
    path: str | None
    is_primary: int
    link_kind: str | None
    valid: int | None
    """Null where the link is not there, 0 where it leads nowhere."""
    status: str
    in_rekordbox: int
    rekordbox_playlist: str | None
    """The playlist's id in an old database, or its place in rekordbox's tree."""


class TrackSearch:
    """Questions about single tracks. Ids are those of rows, unless they are called tracks."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def matching(self, words: Sequence[str]) -> list[int]:
        """Tracks whose artist, title, version, album or id have all of ``words``, in any case."""
        wanted = [folded(word) for word in words]
        has_all = " AND ".join(["instr(text, ?)"] * len(wanted))
        rows = self._db.execute(_MATCHING.format(has_all=has_all), wanted)
        return [
            id_
            for id_, text in rows
            if text.isascii() or all(word in folded(text) for word in wanted)
        ]

    def nearest(self, words: str, most: int) -> list[str]:
        """Artist and title of the tracks that are written most alike."""
        wanted = folded(words)
        parts = {wanted[at : at + 3] for at in range(max(1, len(wanted) - 2))}
        scored = ((sum(part in text for part in parts), id_) for id_, text in self._texts())
        best = sorted((score for score in scored if score[0] * 2 >= len(parts)), reverse=True)
        rows = self.tracks([id_ for _, id_ in best[:most]])
        order = {id_: place for place, (_, id_) in enumerate(best[:most])}
        return [
            f"{row.artist} - {row.full_title}" for row in sorted(rows, key=lambda r: order[r.id])
        ]

    def any_known(self) -> bool:
        """Whether there is any track at all."""
        return self._db.execute("SELECT 1 FROM tracks LIMIT 1").fetchone() is not None

    def in_playlists(self, playlists: Collection[str]) -> list[int]:
        """Tracks that these playlists list or hold."""
        rows = self._db.execute(_IN_PLAYLISTS, (json.dumps(list(playlists)),))
        return [id_ for (id_,) in rows]

    def on_disk_in(self, playlist: str) -> int:
        """How many files and links of a playlist there are."""
        count: int = self._db.execute(_ON_DISK_IN, (playlist,)).fetchone()[0]
        return count

    def with_statuses(self, statuses: Collection[str]) -> list[int]:
        """Tracks of which the column has one of these statuses."""
        rows = self._db.execute(_WITH_STATUS, (json.dumps(list(statuses)),))
        return [id_ for (id_,) in rows]

    def known(self, track: str) -> list[int]:
        """The track of that id in TIDAL, or of the one that stands for it now."""
        rows = self._db.execute(_KNOWN, {"track": track})
        return [id_ for (id_,) in rows]

    def at_path(self, path: str) -> list[int]:
        """The tracks whose file or link is there."""
        return [id_ for (id_,) in self._db.execute(_AT_PATH, {"path": path})]

    def tracks(self, ids: Collection[int] | None) -> list[TrackRow]:
        """Those of TIDAL's that some playlist lists or the disk has (None: all), by artist."""
        values = {"all": ids is None, "ids": json.dumps(list(ids or ()))}
        statement = _TRACKS.format(which="1" if ids is None else _THESE)
        with no_collection():
            return [_track(*row) for row in self._db.execute(statement, values)]

    def entries(self, ids: Collection[int] | None) -> dict[int, list[EntryRow]]:
        """By track, in the order of the playlists' names."""
        found: dict[int, list[EntryRow]] = defaultdict(list)
        with no_collection():
            for row in self._select(_ENTRIES, "track_id", ids):
                found[row[0]].append(EntryRow(*row))
        return found

    def positions(self, ids: Collection[int] | None) -> dict[tuple[int, int], list[int]]:
        """By track and playlist, from 1."""
        found: dict[tuple[int, int], list[int]] = defaultdict(list)
        for track, playlist, position in self._select(_POSITIONS, "track_id", ids):
            found[track, playlist].append(position + 1)
        return found

    def old_ids(self, track: str) -> list[str]:
        """Ids of it that TIDAL replaced."""
        rows = self._db.execute("SELECT old_id FROM replaced_ids WHERE new_id = ?", (track,))
        return [old for (old,) in rows]

    def _texts(self) -> Iterable[tuple[int, str]]:
        for id_, text in self._db.execute(_TEXTS):
            yield id_, text.lower() if text.isascii() else folded(text)

    def _select(
        self, statement: str, column: str, ids: Collection[int] | None
    ) -> Iterable[tuple[Any, ...]]:
        if ids is None:
            return self._db.execute(statement.format(which="1"))
        which = f"{column} IN (SELECT value FROM json_each(:ids))"  # noqa: S608
        return self._db.execute(statement.format(which=which), {"ids": json.dumps(list(ids))})


def _track(*columns: Any) -> TrackRow:
    row = TrackRow(*columns)
    return row if row.inode is None else row._replace(inode=from_column(row.inode))


def folded(text: str) -> str:
    """Equal for words that differ in case and accents alone."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


_TEXT = """
    artist || ' - ' || title || ' ' || coalesce(version, '') || ' ' || coalesce(album, '')
        || ' ' || tidal_id
"""
_TEXTS = f"SELECT id, {_TEXT} FROM tracks WHERE tidal_id IS NOT NULL"  # noqa: S608
# SQLite knows case in ASCII only: what is written otherwise is looked at after it.
_MATCHING = f"""
    SELECT id, text FROM (
        SELECT id, lower({_TEXT}) AS text FROM tracks WHERE tidal_id IS NOT NULL)
    WHERE ({{has_all}}) OR text GLOB '*[^ -~]*'
"""  # noqa: S608
_IN_PLAYLISTS = """
    SELECT DISTINCT track_id FROM playlist_tracks
    WHERE (in_tidal OR path IS NOT NULL) AND playlist_id IN (
        SELECT id FROM playlists WHERE tidal_id IN (SELECT value FROM json_each(?)))
"""
_ON_DISK_IN = """
    SELECT count(*) FROM playlist_tracks JOIN playlists ON playlists.id = playlist_id
    WHERE tidal_id = ? AND path IS NOT NULL
"""
_WITH_STATUS = """
    SELECT id FROM tracks WHERE download_status IN (SELECT value FROM json_each(?))
"""
_KNOWN = """
    SELECT id FROM tracks WHERE tidal_id = coalesce(
        (SELECT new_id FROM replaced_ids WHERE old_id = :track), :track)
"""
_AT_PATH = """
    SELECT track_id FROM playlist_tracks WHERE path = :path
    UNION SELECT id FROM tracks WHERE file_path = :path
"""
_THESE = "tracks.id IN (SELECT value FROM json_each(:ids))"
_TRACKS = f"""
    SELECT id, tidal_id, artist, title, version, download_status, download_error, tidal_available,
        unavailable_reason, CASE WHEN {ours()}
            THEN file_path END,
        file_hash, file_inode, file_size_bytes, file_mtime_ns, isrc, rekordbox_content_id
    FROM tracks
    WHERE tidal_id IS NOT NULL AND {{which}}
    ORDER BY artist COLLATE NOCASE, title COLLATE NOCASE, id
"""  # noqa: S608
_ENTRIES = """
    SELECT track_id, playlists.id, playlists.tidal_id, name, in_tidal, path, is_primary,
        link_kind, symlink_valid, playlist_tracks.sync_status, in_rekordbox, rekordbox_playlist_id
    FROM playlist_tracks JOIN playlists ON playlists.id = playlist_id
    WHERE {which} AND (in_tidal OR in_local OR path IS NOT NULL)
    ORDER BY lower(name), playlists.id
"""
_POSITIONS = "SELECT track_id, playlist_id, position FROM playlist_positions WHERE {which}"
