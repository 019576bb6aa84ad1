"""The ledger as rows: what strandline made, read in one pass and changed fact by fact."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import (
    EntryGone,
    EntryIs,
    FileGone,
    FileIs,
    FolderGone,
    FolderIs,
    IdBack,
    IdReplaced,
    Renames,
    SharedGone,
    SharedIs,
)
from strandline.core.states import (
    Kind,
    Ledger,
    LedgerEntry,
    LedgerFile,
    LedgerPlaylist,
    Stamp,
)
from strandline.db import ledger_sql as sql
from strandline.db import moves_sql
from strandline.db.library import text_of
from strandline.db.sqlite.bulk import no_collection
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.inodes import from_column, to_column
from strandline.db.sqlite.scope import narrowed, scope
from strandline.db.sqlite.writing import writing
from strandline.errors import RefusedRowError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from strandline.core.ledger_facts import LedgerFact

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (columns are naive UTC)
_FOLDER = "mp3/Playlists/"
_Values = dict[str, str | int | None]
_Row = tuple[str | int | None, ...]
_KINDS = {kind.value: kind for kind in Kind}


class LedgerRows:
    """What strandline believes it made, in ``playlists``, ``playlist_tracks`` and ``tracks``.

    ``library`` is the library folder: only the full paths of links need it.
    """

    def __init__(self, connection: sqlite3.Connection, library: Path) -> None:
        self._db = connection
        self._mp3 = f"{text_of(library)}/mp3/"

    def load(self, only: Collection[PlaylistId] | None = None) -> Ledger:
        """Everything with a place in ``mp3/Playlists``; local-only tracks are not strandline's.

        With ``only``: every folder, but the entries of these playlists and their tracks' files.
        """
        with no_collection():
            tracks: dict[int, TrackId] = dict(self._some(sql.TRACK_IDS, only))
            playlists: dict[int, PlaylistId] = dict(self._db.execute(sql.PLAYLIST_IDS))
            folders, local = self._folders()
            entries = self._entries(playlists, tracks, only)
            replaced = dict(self._db.execute(sql.REPLACED))
            shared = self.shared()
            return Ledger(folders, entries, self._files(only), local, replaced, shared)

    def files(self, only: Collection[PlaylistId] | None = None) -> dict[TrackId, LedgerFile]:
        """The primaries alone; with ``only``, of the tracks these playlists list or hold."""
        with no_collection():
            return self._files(only)

    def shared(self) -> dict[TrackId, TrackId]:
        """Tracks whose audio is another one's file -> that one."""
        return dict(self._db.execute(sql.SHARED))

    def shares_recordings(self) -> bool:
        """Whether any track's audio is another one's file."""
        return bool(self._db.execute(sql.IS_SHARED).fetchone()[0])

    def how_many(self) -> tuple[int, int]:
        """The count of the primaries, and their bytes."""
        files, of_bytes = self._db.execute(sql.FILES_ALL).fetchone()
        return files, of_bytes

    def playlists(self) -> set[PlaylistId]:
        """Every playlist of which something can be noted, gone from TIDAL or not."""
        return {id_ for _, id_ in self._db.execute(sql.PLAYLIST_IDS)}

    def apply(self, changes: Iterable[LedgerFact], now: datetime) -> None:
        """``core.ledger.with_changes`` on the rows, in one commit; none for no changes."""
        if listed := list(changes):
            with writing(self._db):
                self.write(listed, now)

    def write(self, changes: Iterable[LedgerFact], now: datetime, run: str | None = None) -> None:
        """The same within a transaction that the caller has begun; ``run`` is the one at work."""
        batch = _Batch(self._db, self._mp3, stored(now), run)
        for change in changes:
            batch.add(change)
        batch.flush()

    def linked(self, run: str, steps: str, now: datetime) -> int:
        """What symlinks mean that are as their steps said, given by number, in JSON.

        Of entries that are there already; their number. The caller has begun a transaction.
        """
        return self._db.execute(sql.LINKED, (stored(now), self._mp3, run, steps)).rowcount

    def _some(self, statement: str, only: Collection[PlaylistId] | None) -> sqlite3.Cursor:
        return self._db.execute(narrowed(statement, only), scope(only))

    def _folders(self) -> tuple[dict[PlaylistId, LedgerPlaylist], frozenset[str]]:
        """Those of TIDAL's playlists, and the names of those of others."""
        folders: dict[PlaylistId, LedgerPlaylist] = {}
        local: set[str] = set()
        for id_, path, named_for, inode in self._db.execute(sql.FOLDERS):
            if not (folder := folder_in(path)):
                continue
            if id_ is None:
                local.add(folder)
            else:
                ino = None if inode is None else from_column(inode)
                folders[id_] = LedgerPlaylist(id_, folder, named_for, ino)
        return folders, frozenset(local - {known.folder for known in folders.values()})

    def _entries(
        self,
        playlists: dict[int, PlaylistId],
        tracks: dict[int, TrackId],
        only: Collection[PlaylistId] | None,
    ) -> dict[tuple[PlaylistId, TrackId], LedgerEntry]:
        entries, make = {}, LedgerEntry._make
        for in_playlist, *lists, copies in self._some(sql.ENTRIES, only):
            playlist, stamps = playlists[in_playlist], _stamps(copies)
            for row, path, kind, named_for in zip(*map(json.loads, lists), strict=True):
                if row in tracks:
                    key = playlist, tracks[row]
                    entries[key] = make((*key, path, _KINDS[kind], named_for, stamps.get(row)))
        return entries

    def _files(self, only: Collection[PlaylistId] | None) -> dict[TrackId, LedgerFile]:
        files, make, stamp_of = {}, LedgerFile._make, Stamp._make
        for track, path, ino, size, mtime, sha256, known in self._some(sql.FILES, only):
            if "/../" not in path:
                stamp = stamp_of((from_column(ino), size, mtime)) if known else None
                files[track] = make((track, path, stamp, size, sha256))
        return files


class _Batch:
    """Gathers facts about entries and files (the last one counts) and writes them in bulk.

    Facts about folders are written at once; a renamed one takes along what was said before.
    """

    def __init__(self, db: sqlite3.Connection, mp3: str, now: str, run: str | None) -> None:
        self._db, self._mp3, self._now, self._run = db, mp3, now, run
        self._entries: dict[tuple[PlaylistId, TrackId], EntryIs | EntryGone] = {}
        self._files: dict[TrackId, FileIs | FileGone] = {}
        self._shared: dict[TrackId, SharedIs | SharedGone] = {}
        self._renames = Renames()

    def add(self, change: LedgerFact) -> None:  # noqa: C901 - one case a fact
        if not isinstance(change, FolderIs):
            self._follow()
        match change:
            case EntryIs(entry):
                self._entries[entry.playlist, entry.track] = change
            case EntryGone(playlist, track):
                self._entries[playlist, track] = change
            case FileIs(file):
                self._files[file.track] = change
                self._shared[file.track] = SharedGone(file.track)
            case FileGone(track):
                self._files[track] = change
            case FolderIs(playlist=folder):
                self._folder_is(folder)
            case FolderGone(playlist=gone):
                self._db.execute(sql.FOLDER_GONE, {"playlist": gone, "now": self._now})
            case IdReplaced() | IdBack():
                self._id_is(change)
            case SharedIs(track, _):
                self._shared[track] = change
                self._files.pop(track, None)
            case SharedGone(track):
                self._shared[track] = change

    def flush(self) -> None:
        """What was gathered: no entry or file is while a folder's new name is."""
        self._follow()
        self._write()
        self._share()

    def _unshare(self) -> None:
        """What ends: a row says no longer that another's file is its track's."""
        ended = [(it.track,) for it in self._shared.values() if isinstance(it, SharedGone)]
        known = dict(self._db.execute(sql.SHARED)) if ended else {}
        ended = [it for it in ended if it[0] in known]
        gone = [self._gone(FileGone(track)) for (track,) in ended]
        self._many(sql.FILE_GONE, gone)
        self._many(sql.SHARED_GONE, ended)

    def _share(self) -> None:
        """What begins, and what the rows of all say of the file that is another's."""
        begun = [it for it in self._shared.values() if isinstance(it, SharedIs)]
        self._many(sql.SHARED_IS, [(it.track, it.holder) for it in begun])
        self._shared.clear()
        if self._db.execute(sql.IS_SHARED).fetchone()[0]:
            values = {"now": self._now, "run": self._run}
            self._db.execute(moves_sql.SHARED_MOVED, values)
            self._db.execute(sql.SHARED_FOLLOW, values)

    def _write(self) -> None:
        """Files first: an entry's row is only removed once nothing more is said of it."""
        files, entries = self._files.values(), self._entries.values()
        self._unshare()
        there = [self._file(f.file) for f in files if isinstance(f, FileIs)]
        self._many(moves_sql.MOVED, there)
        if self._many(sql.FILE_IS, there) != len(there):
            raise RefusedRowError("The database does not know a track whose file is to be noted.")
        left = [self._gone(f) for f in files if isinstance(f, FileGone)]
        self._many(moves_sql.WENT_AWAY, left)
        self._many(sql.FILE_GONE, left)
        self._write_entries([self._entry(e.entry) for e in entries if isinstance(e, EntryIs)])
        gone = [self._gone(e) for e in entries if isinstance(e, EntryGone)]
        self._many(sql.ENTRY_GONE, gone)
        self._many(sql.ENTRY_FORGOTTEN, gone)
        self._files.clear()
        self._entries.clear()

    def _write_entries(self, rows: list[_Row]) -> None:
        missing = len(rows) - self._many(sql.ENTRY_IS, rows)
        if missing and self._many(sql.ENTRY_NEW, [(self._now, *row) for row in rows]) != missing:
            keys = json.dumps([row[-2:] for row in rows])
            playlist, track = self._db.execute(sql.UNKNOWN, (keys,)).fetchone()
            raise RefusedRowError(
                f"The database no longer knows playlist {playlist} or track {track},"
                " whose entry is to be noted."
            )

    def _many(self, statement: str, rows: Sequence[_Values | _Row]) -> int:
        """The number of rows written."""
        return self._db.executemany(statement, rows).rowcount if rows else 0

    def _id_is(self, change: IdReplaced | IdBack) -> None:
        if isinstance(change, IdBack):
            self._db.execute(sql.ID_BACK, (change.old,))
            return
        for statement in sql.ID_REPLACED:
            self._db.execute(statement, {"old": change.old, "new": change.new})

    def _folder_is(self, folder: LedgerPlaylist) -> None:
        path, ino = self._db.execute(sql.FOLDER_OF, (folder.id,)).fetchone() or (None, None)
        old = folder_in(path)
        if old and old != folder.folder:
            self._write()
        if old:
            known = LedgerPlaylist(folder.id, old, None, None if ino is None else from_column(ino))
            self._renames.add(known, folder)
        values: _Values = {
            "playlist": folder.id,
            "path": f"{_FOLDER}{folder.folder}/",
            "named_for": folder.named_for,
            "inode": to_column(folder.ino),
            "now": self._now,
        }
        self._db.execute(sql.FOLDER_IS, values)

    def _follow(self) -> None:
        """All paths in the folders that were renamed, at once."""
        if renames := self._renames.ended(self._folders()):
            values = {"renames": json.dumps(renames), "mp3": self._mp3, "now": self._now}
            self._db.execute(moves_sql.WENT_ALONG, values | {"run": self._run})
            self._db.execute(sql.FILES_FOLLOW, values)
            self._db.execute(sql.ENTRIES_FOLLOW, values)

    def _folders(self) -> Iterator[tuple[PlaylistId, str]]:
        for id, path in self._db.execute(sql.FOLDERS_OF_ALL):
            if name := folder_in(path):
                yield id, name

    def _gone(self, gone: EntryGone | FileGone) -> _Values:
        playlist = gone.playlist if isinstance(gone, EntryGone) else None
        return {"playlist": playlist, "track": gone.track, "now": self._now, "run": self._run}

    def _entry(self, entry: LedgerEntry) -> _Row:
        playlist, track, path, kind, named_for, stamp = entry
        ino, size, mtime_ns = stamp or (None, None, None)
        match kind:
            case Kind.PRIMARY:
                place: _Row = (True, None, None, None)
            case Kind.YOURS:
                place = (False, None, None, kind.value)
            case _:
                place = (False, self._mp3 + path, True, kind.value)
        copy = (to_column(ino), size, mtime_ns)
        now = self._now
        return (now, now, now, path, *place, named_for, *copy, playlist, track)

    def _file(self, file: LedgerFile) -> _Values:
        ino, size, mtime_ns = file.stamp or (None, file.size, None)
        return {
            "track": file.track,
            "path": file.path,
            "size": size if file.size is None else file.size,
            "sha256": file.sha256,
            "inode": to_column(ino),
            "mtime_ns": mtime_ns,
            "modified": None if mtime_ns is None else _time_of(mtime_ns),
            "format": _extension(file.path),
            "now": self._now,
            "run": self._run,
        }


def _stamps(copies: str) -> dict[int, Stamp]:
    """Of the copies in a playlist, by the track's row."""
    return {
        int(row): Stamp(from_column(ino), size, mtime_ns)
        for row, (ino, size, mtime_ns) in json.loads(copies).items()
    }


def folder_in(path: str | None) -> str | None:
    """``x`` of ``mp3/Playlists/x/``; None for anything else an old database may hold."""
    if not path or not path.startswith(_FOLDER) or not path.endswith("/"):
        return None
    folder = path[len(_FOLDER) : -1]
    return None if folder in ("", ".", "..") or "/" in folder else folder


def _time_of(mtime_ns: int) -> str:
    """A file's time as the DateTime columns hold it; a file may claim any year."""
    try:
        return stored(_EPOCH + timedelta(microseconds=mtime_ns // 1000))
    except OverflowError:
        return stored(_EPOCH)


def _extension(path: LibPath) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower()[:10] if "." in name else ""
