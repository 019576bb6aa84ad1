"""The three statuses as columns: the exceptions are named, everything else is as it should be.

So a check that finds nothing to do binds nothing, writes nothing, and costs the same few
statements for ten tracks or a hundred thousand.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from strandline.db import status_sql as sql
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.writing import relaxed, writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping

    from strandline.core.ids import LibPath, PlaylistId, TrackId
    from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus, TrackSyncStatus


class StatusRows:
    """What a reader of the database meets in the status columns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def save(
        self,
        *,
        tracks: Mapping[TrackId, DownloadStatus],
        entries: Mapping[tuple[PlaylistId, TrackId], TrackSyncStatus],
        playlists: Mapping[PlaylistId, PlaylistSyncStatus],
        broken: Collection[LibPath],
        absent: Collection[tuple[PlaylistId, TrackId]] = (),
        now: datetime,
        scope: Collection[PlaylistId] | None = None,
        all_seen: bool = False,
    ) -> None:
        """What a check found, in one commit; ``scope`` are the playlists it decided on (None: all).

        With ``all_seen`` it looked at the entries of the others too, which the settings leave out.

        Not named: an entry with a place on disk is synced, a track with a file downloaded, a
        playlist in sync. ``broken`` are links whose target is not there, ``absent`` entries whose
        link is not there itself. A failed download stays ``error`` until it succeeds, although
        the track is not downloaded either.
        """
        staged = (
            (sql.STAGE_TRACK, [(track, status.value) for track, status in tracks.items()]),
            (sql.STAGE_ENTRY, [(*entry, status.value) for entry, status in entries.items()]),
            (sql.STAGE_PLAYLIST, [(id_, status.value) for id_, status in playlists.items()]),
            (sql.STAGE_BROKEN, [(path,) for path in broken]),
            (sql.STAGE_SCOPE, [(id_,) for id_ in scope or ()]),
        )
        values = {"now": stored(now), "all": scope is None, "seen": scope is None or all_seen}
        with writing(self._db) as db:
            for statement in sql.STAGES:
                db.execute(statement)
            for statement, rows in staged:
                if rows:
                    db.executemany(statement, rows)
            for statement in sql.SAVE:
                db.execute(statement, values)
            db.executemany(sql.ABSENT, [(stored(now), *entry) for entry in absent])

    def playlists_synced(self, now: datetime) -> None:
        """A run has brought the disk to where TIDAL is: every playlist in sync was synced now."""
        with writing(self._db) as db:
            for statement in sql.SYNCED:
                db.execute(statement, {"now": stored(now)})

    def track_downloading(self, track: TrackId, now: datetime) -> None:
        """A download of it has begun; why the last one failed stays known until it succeeds."""
        with relaxed(self._db), writing(self._db) as db:
            db.execute(sql.DOWNLOADING, {"track": track, "now": stored(now)})

    def track_failed(self, track: TrackId, error: str, now: datetime) -> None:
        """A download of it failed; ``error`` is what a person can act on."""
        self._track(track, "error", error, now)

    def witnesses(self, most: int) -> list[TrackId]:
        """A few tracks that TIDAL gave out before, the newest last."""
        found = [track for (track,) in self._db.execute(sql.WITNESSES, (most,))]
        return found[::-1]

    def settle_downloading(self, now: datetime) -> None:
        """After a killed run: nothing is being downloaded."""
        with writing(self._db) as db:
            db.execute(sql.SETTLE_DOWNLOADING, {"now": stored(now)})

    def verified(
        self, tracks: Iterable[TrackId] | None, now: datetime, *, but: Iterable[TrackId] = ()
    ) -> None:
        """The files of these tracks (None: all) but a few were read and are what they were."""
        values = {
            "now": stored(now),
            "all": tracks is None,
            "tracks": json.dumps(list(tracks or ())),
            "but": json.dumps(list(but)),
        }
        with writing(self._db) as db:
            db.execute(sql.VERIFIED, values)

    def last_right(self, tracks: Iterable[TrackId]) -> dict[TrackId, datetime]:
        """When the files of these tracks were last known to be what is stored, naive UTC."""
        rows = self._db.execute(sql.LAST_RIGHT, (json.dumps(list(tracks)),))
        return {track: datetime.fromisoformat(at) for track, at in rows}

    def _track(self, track: TrackId, status: str, error: str | None, now: datetime) -> None:
        values = {"track": track, "status": status, "error": error, "now": stored(now)}
        with writing(self._db) as db:
            db.execute(sql.TRACK, values)
