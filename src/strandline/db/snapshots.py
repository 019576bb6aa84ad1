"""The snapshot as rows: what TIDAL wants, saved playlist by playlist and read in one pass."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from strandline.core.ids import PlaylistId, TrackId
from strandline.core.remote import FolderTree, KnownPlaylist, Origin
from strandline.core.states import Snapshot, WantedPlaylist, WantedTrack
from strandline.db import snapshot_sql as sql
from strandline.db.snapshot_stage import Stage, Value, column
from strandline.db.sqlite.bulk import no_collection
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.scope import narrowed, scope
from strandline.db.sqlite.writing import relaxed, writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Mapping, Sequence

    from strandline.core.remote import ReadPlaylist, RemotePlaylist, RemoteTrack

_ORIGINS = {origin.value: origin for origin in Origin}
_NEVER_READ = "The account's playlists have not been read to the end yet."


class SnapshotRows:
    """Implements the TIDAL side's SnapshotStore. Rows are written only where something changed.

    ``clock`` gives the time, naive UTC.
    """

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], datetime]) -> None:
        self._db = connection
        self._clock = clock
        self._user = ""
        self._told: dict[TrackId, int] = {}
        """The hash of each track as this snapshot stored it: most stand in several playlists."""

    def load(self, only: Collection[PlaylistId] | None = None) -> Snapshot:
        """What TIDAL wanted when it was last asked; incomplete if it never was.

        With ``only``: every playlist, but the tracks of these alone.
        """
        about = self._about_list()
        with no_collection():
            playlists, tracks, leaving = self._playlists_and_tracks(only)
            alike = {} if only is None else self._alike(tracks, leaving)
        complete, reason = bool(about["complete"]), str(about["reason"])
        hollow = about.get("hollow", {})
        told = self._replacements() if leaving else {}
        replacements = {old: new for old in leaving if (new := told.get(old))}
        return Snapshot(playlists, tracks, complete, reason, leaving, alike, replacements, hollow)

    def without_replacement(self, most: int) -> list[TrackId]:
        """Tracks on disk that no playlist lists, that may have been replaced by a listed one.

        Those of which TIDAL was not asked yet.
        """
        if self._db.execute(sql.LEFT_WITH_AUDIO).fetchone() is None:
            return []
        left = [id for (id,) in self._db.execute(sql.MAY_BE_REPLACED)]
        told = self._replacements()
        return [id for id in left if id not in told][:most]

    def save_replacements(self, told: Mapping[TrackId, TrackId | None]) -> None:
        """What TIDAL put in the place of each; None for nothing. What is no longer there goes."""
        left = {id for (id,) in self._db.execute(sql.LEFT_WITH_AUDIO)}
        kept = {old: new for old, new in self._replacements().items() if old in left}
        with writing(self._db) as db:
            db.execute(sql.FORGET_REPLACEMENTS)
            at = stored(self._clock())
            db.execute(sql.SAVE_REPLACEMENTS, (json.dumps(kept | dict(told)), at))

    def _replacements(self) -> dict[TrackId, TrackId | None]:
        row = self._db.execute(sql.REPLACEMENTS).fetchone()
        told: dict[TrackId, TrackId | None] = json.loads(row[0]) if row else {}
        return told

    def taken_at(self) -> datetime | None:
        """When the last snapshot ended, naive UTC."""
        row = self._db.execute(sql.LIST_TIME).fetchone()
        return _time(row[0]) if row else None

    def known_playlists(self) -> dict[PlaylistId, KnownPlaylist]:
        """What the last snapshot left, by TIDAL id; removed ones not among them."""
        return {
            id_: KnownPlaylist(
                _time(updated), tracks, videos, name, whole == 1, _time(at), _ORIGINS.get(origin)
            )
            for id_, updated, tracks, videos, name, whole, at, origin in self._db.execute(sql.KNOWN)
        }

    def tracks_of(self, playlist: PlaylistId) -> list[TrackId]:
        """The tracks that a playlist listed when it was read last, in its order."""
        return [id for (id,) in self._db.execute(sql.TRACKS_OF, (playlist,))]

    def begin_snapshot(self, user_id: str) -> None:
        """The playlists that follow belong to this user."""
        self._user, self._told = user_id, {}
        self._db.execute("PRAGMA cache_size = -16000")  # KiB: so that the indexes stay in memory
        with writing(self._db) as db:
            db.execute(sql.SAVE_USER, {"user": user_id})

    def save_playlist_unchanged(self, ids: Sequence[PlaylistId]) -> None:
        """Seen again, with the items that are stored."""
        values = {"seen": json.dumps(list(ids)), "now": stored(self._clock())}
        with writing(self._db) as db:
            db.execute(sql.BACK_AGAIN, values)

    def save_playlists(self, read: Sequence[ReadPlaylist]) -> None:
        """Headers and items in one transaction. Incomplete ones only ever add items."""
        now = stored(self._clock())
        with relaxed(self._db), writing(self._db) as db:
            stage = Stage(db, self._told)
            for one in read:
                if one.as_known:
                    self._mark_incomplete(one, now)
            news = (one for one in read if not one.as_known)
            stage.fill((self._header(one.playlist, one.incomplete, now), one) for one in news)
            for statement in sql.MERGE:
                db.execute(statement, {"now": now})
        self._told |= stage.told

    def save_tracks(self, read: Sequence[RemoteTrack]) -> None:
        """What TIDAL says of single tracks, whatever lists them."""
        now = stored(self._clock())
        with writing(self._db) as db:
            Stage(db, {}).fill_tracks(read)
            for statement in sql.MERGE_TRACKS:
                db.execute(statement, {"now": now})

    def finish_snapshot(
        self,
        *,
        complete: bool,
        reason: str,
        seen: Collection[PlaylistId],
        hollow: Mapping[PlaylistId, str] | None = None,
        tree: FolderTree | None = None,
    ) -> None:
        """Only a complete list marks what is not in ``seen`` as removed from TIDAL.

        A removed playlist stays as a row while anything of it is on disk. ``hollow`` are listed
        without data, by id, with their names. Without a ``tree`` the folders are as known.
        """
        known = tree or self.folder_tree()
        now = self._clock()
        values = {
            "seen": json.dumps(list(seen)),
            "now": stored(now),
            "yesterday": stored(now - timedelta(days=1)),
        }
        about = {
            "complete": complete,
            "reason": reason,
            "user_id": self._user,
            "hollow": dict(hollow or {}),
            "folders": known.folders,
            "inside": known.inside,
        }
        with writing(self._db) as db:
            if complete:
                db.execute(sql.REMOVE_PLAYLISTS, values)
            for statement in _AFTER_LIST:
                db.execute(statement, values)
            db.execute(sql.FORGET_LIST)
            db.execute(sql.SAVE_LIST, (json.dumps(about), len(seen), stored(now)))
        self._db.execute("PRAGMA cache_size = -2000")

    def folder_tree(self) -> FolderTree:
        """TIDAL's folders, as they were when they were last read to the end."""
        about = self._about_list()
        folders = {id: (name, parent) for id, (name, parent) in about.get("folders", {}).items()}
        return FolderTree(folders, about.get("inside", {}))

    def _mark_incomplete(self, one: ReadPlaylist, now: str) -> None:
        values = {"tidal_id": one.playlist.tidal_id, "incomplete": one.incomplete, "now": now}
        self._db.execute(sql.MARK_INCOMPLETE, values)

    def _header(self, playlist: RemotePlaylist, incomplete: str | None, now: str) -> int:
        values: dict[str, Value] = {
            name: column(getattr(playlist, name)) for name in sql.PLAYLIST_COLUMNS
        }
        self._db.execute(sql.MERGE_PLAYLIST, values | {"incomplete": incomplete, "now": now})
        row: int = self._db.execute(sql.PLAYLIST_ROW, (playlist.tidal_id,)).fetchone()[0]
        return row

    def _playlists_and_tracks(
        self, only: Collection[PlaylistId] | None
    ) -> tuple[
        dict[PlaylistId, WantedPlaylist], dict[TrackId, WantedTrack], dict[TrackId, WantedTrack]
    ]:
        """Playlists, the tracks that some of them lists, and those that none does any more."""
        tracks, by_row = self._tracks(only)
        listed = self._listed(by_row, only)
        playlists = {
            id_: WantedPlaylist(id_, name, tuple(listed.get(row, ())), incomplete)
            for row, id_, name, incomplete in self._db.execute(sql.WANTED_PLAYLISTS)
        }
        wanted = {id_ for playlist in playlists.values() for id_ in playlist.tracks}
        leaving = self._leaving(by_row, wanted)
        left = {id_: tracks[id_] for id_ in leaving}
        if len(wanted) < len(tracks):
            tracks = {id_: track for id_, track in tracks.items() if id_ in wanted}
        return playlists, tracks, left

    def _leaving(self, by_row: dict[int, TrackId], wanted: set[TrackId]) -> list[TrackId]:
        """Tracks that have a place on disk although no playlist lists them any more."""
        found = (by_row.get(row) for (row,) in self._db.execute(sql.LEAVING))
        return [id_ for id_ in found if id_ is not None and id_ not in wanted]

    def _tracks(
        self, only: Collection[PlaylistId] | None
    ) -> tuple[dict[TrackId, WantedTrack], dict[int, TrackId]]:
        tracks, by_row = {}, {}
        rows = self._db.execute(narrowed(sql.WANTED_TRACKS, only), scope(only))
        for row, id_, *told in rows:
            by_row[row] = id_
            tracks[id_] = _wanted(id_, *told)
        return tracks, by_row

    def _alike(
        self, tracks: Collection[TrackId], leaving: dict[TrackId, WantedTrack]
    ) -> dict[TrackId, WantedTrack]:
        """Listed tracks beyond ``tracks`` that have the code of one that is leaving."""
        if not (codes := {track.isrc for track in leaving.values() if track.isrc}):
            return {}
        statement = sql.WANTED_TRACKS.format(tracks=sql.ALIKE)
        rows = self._db.execute(statement, {"codes": json.dumps(sorted(codes))})
        return {id_: _wanted(id_, *told) for _, id_, *told in rows if id_ not in tracks}

    def _listed(
        self, by_row: dict[int, TrackId], only: Collection[PlaylistId] | None
    ) -> dict[int, list[TrackId]]:
        """Track ids in TIDAL's order, by the playlist's row."""
        listed: dict[int, list[TrackId]] = {}
        rows = self._db.execute(narrowed(sql.WANTED_ENTRIES, only), scope(only))
        for playlist, track in rows:
            if (id_ := by_row.get(track)) is not None:
                listed.setdefault(playlist, []).append(id_)
        return listed

    def _about_list(self) -> dict[str, Any]:
        row = self._db.execute(sql.LIST).fetchone()
        about: dict[str, Any] = (
            json.loads(row[0]) if row else {"complete": False, "reason": _NEVER_READ}
        )
        return about


_AFTER_LIST = (*sql.CLEAR_REMOVED, sql.FORGET_PLAYLISTS, sql.SEEN_PLAYLISTS, sql.SEEN_TRACKS)


def _wanted(id_: TrackId, *row: Any) -> WantedTrack:
    *told, available, album, lossless, explicit, mode = row
    known = None if explicit is None else explicit == 1
    return WantedTrack._make((id_, *told, available == 1, album, lossless == 1, known, mode))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
