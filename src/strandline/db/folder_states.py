"""The expected state of each playlist's folder by the database alone, to compare with the disk."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.folder_state import FileMark, FolderState
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.names import display_name
from strandline.core.states import WantedTrack
from strandline.db import folder_states_sql as sql
from strandline.db.ledger import folder_in
from strandline.db.sqlite.bulk import no_collection
from strandline.db.sqlite.inodes import from_column

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator


_Known = tuple[int, str, int, int, int, str, TrackId, "str | None"]
"""A track's row: its id, the text of a link to its primary, that file's inode, size and mtime_ns,
the track's name and id in TIDAL, and the file's sha256 where it was asked for."""


class _Playlist(NamedTuple):
    id: PlaylistId
    folder: str | None
    ino: int | None
    settled: bool


class FolderStateRows:
    """All folder states, one at a time; what was counted is there after the last one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.tracks = 0
        """That some playlist lists."""
        self.entries = 0
        """With a place on disk."""

    def load(self, *, hashes: bool = False) -> Iterator[FolderState]:
        """The state of every playlist's folder, those without entries last."""
        with no_collection():
            playlists = self._playlists()
            states = _FolderStates(self._tracks(hashes=hashes), self._ids)
            listed: set[int] = set()
            self.entries = 0
            for playlist, *lists, letters in self._db.execute(sql.ENTRIES):
                rows, paths, names = map(json.loads, lists)
                entries = _Entries(rows, paths, names, letters)
                listed.update(entries.wanted())
                self.entries += len(letters) - letters.count("m")
                yield states.state(playlists.pop(playlist), entries)
            self.tracks = self._with_id(listed)
            for empty in playlists.values():
                yield states.state(empty, _Entries([], [], [], ""))

    def holding(self, tracks: Collection[TrackId]) -> set[PlaylistId]:
        """The playlists that want or hold one of these."""
        return {id for (id,) in self._db.execute(sql.HOLDING, (json.dumps(list(tracks)),))}

    def _playlists(self) -> dict[int, _Playlist]:
        return {
            row: _Playlist(
                id_, folder_in(path), None if ino is None else from_column(ino), settled == 1
            )
            for row, id_, path, ino, settled in self._db.execute(sql.PLAYLISTS)
        }

    def _tracks(self, *, hashes: bool) -> dict[int, _Known]:
        statement = sql.TRACKS.format(sha256="file_hash" if hashes else "NULL")
        known: dict[int, _Known] = {row[0]: row for row in self._db.execute(statement)}
        for row, artist, title, version in self._db.execute(sql.ODD_TRACKS):
            if row in known:
                _, target, ino, size, mtime_ns, _, id_, sha256 = known[row]
                name = display_name(WantedTrack(id_, artist, title, version, 0, None))
                known[row] = row, target, from_column(ino), size, mtime_ns, name, id_, sha256
        return known

    def _with_id(self, rows: set[int]) -> int:
        local: list[tuple[int]] = self._db.execute(sql.ONLY_LOCAL).fetchall()
        return len(rows) - sum(row in rows for (row,) in local)

    def _ids(self) -> dict[int, TrackId]:
        return dict(self._db.execute(sql.TRACK_IDS))


class _Entries(NamedTuple):
    """A playlist's: rows of tracks, paths, names in TIDAL they were named for, letters."""

    rows: list[int]
    paths: list[str | None]
    named_for: list[str | None]
    letters: str

    def wanted(self) -> Iterable[int]:
        """The rows of the tracks that TIDAL lists."""
        if "x" not in self.letters:
            return self.rows
        pairs = zip(self.rows, self.letters, strict=True)
        return (row for row, letter in pairs if letter != "x")


class _FolderStates:
    """Makes folder states; the ids of tracks are only read where something differs."""

    def __init__(self, tracks: dict[int, _Known], ids: Callable[[], dict[int, TrackId]]) -> None:
        self._tracks, self._ids = tracks, cache(ids)

    def state(self, playlist: _Playlist, entries: _Entries) -> FolderState:
        """``open`` are the entries in question even if the disk is as it was left."""
        prefix = f"Playlists/{playlist.folder}/"
        links: dict[str, str] = {}
        files: dict[str, FileMark] = {}
        hashes: dict[str, str | None] = {}
        cut, get, odd = len(prefix), self._tracks.get, []
        for row, path, named_for, letter in zip(*entries, strict=True):
            known = get(row)
            if (
                known is None
                or path is None
                or path[:cut] != prefix
                or (named_for is not None and named_for != known[5])
            ):
                odd.append(row)
            elif letter == "s":
                links[path[cut:]] = known[1]
            elif letter == "p" and path[10:] == known[1][3:]:
                name = path[cut:]
                files[name], hashes[name] = known[2:5], known[7]
            else:
                odd.append(row)
        return FolderState(
            playlist.id,
            playlist.folder or "",
            playlist.ino,
            links,
            files,
            lambda: self._by_name(entries, cut),
            frozenset(self._of(odd)) if odd else frozenset(),
            playlist.settled and playlist.folder is not None,
            hashes,
        )

    def _of(self, rows: Iterable[int]) -> list[TrackId]:
        """Tracks that are only local are not strandline's."""
        ids = self._ids()
        return [ids[row] for row in rows if row in ids]

    def _by_name(self, entries: _Entries, cut: int) -> dict[str, TrackId]:
        ids = self._ids()
        pairs = zip(entries.rows, entries.paths, strict=True)
        return {path[cut:]: ids[row] for row, path in pairs if path and row in ids}
