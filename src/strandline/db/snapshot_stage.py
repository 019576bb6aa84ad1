"""What was read of playlists, put into the temporary tables it is merged from."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING

from strandline.core.remote import RemoteTrack
from strandline.db import snapshot_sql as sql
from strandline.db.sqlite.connection import stored

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from strandline.core.ids import TrackId
    from strandline.core.remote import ReadPlaylist

Value = str | int | float | None


class Stage:
    """Holds what one commit takes. Of a track only what this snapshot has not stored yet."""

    def __init__(self, connection: sqlite3.Connection, told: dict[TrackId, int]) -> None:
        """``told`` has the hash of each track as it was stored last."""
        self._db = connection
        self._stored = told
        self.told: dict[TrackId, int] = {}
        """The same of the tracks that are staged here, for when they are stored."""
        for statement in sql.STAGES:
            connection.execute(statement)

    def fill(self, read: Iterable[tuple[int, ReadPlaylist]]) -> None:
        """Playlists by their rows, with positions and tracks."""
        tracks: list[RemoteTrack] = []
        for row, one in read:
            if one.items is not None:
                self._playlist(row, one, tracks)
        told = self.told  # a telling that another one has replaced takes nothing away
        last = (track for track in tracks if track.available or told[track.tidal_id] == hash(track))
        self._db.executemany(sql.STAGE_TRACK, map(_track_row, last))

    def fill_tracks(self, tracks: Iterable[RemoteTrack]) -> None:
        """Tracks by themselves."""
        self._db.executemany(sql.STAGE_TRACK, map(_track_row, tracks))

    def _playlist(self, row: int, one: ReadPlaylist, tracks: list[RemoteTrack]) -> None:
        """Tracks only, numbered without the gaps that videos leave."""
        before, start = self._already_in(row) if one.adds else (set(), 0)
        listed: set[TrackId] = set(before)
        positions: list[tuple[Value, ...]] = []
        for _, uuid, added, _, track in one.items or ():
            if track is None or track.tidal_id in before:
                continue
            id_, place = track.tidal_id, start + len(positions)
            positions.append((row, place, id_, id_ not in listed, uuid, column(added)))
            listed.add(id_)
            self._track(track, tracks)
        self._db.executemany(sql.STAGE_POSITION, positions)
        whole = one.incomplete is None and not one.adds
        playlist = (row, whole, start + len(positions), len(listed), one.adds)
        self._db.execute(sql.STAGE_PLAYLIST, playlist)

    def _already_in(self, row: int) -> tuple[set[TrackId], int]:
        """The tracks that a playlist holds, and the first position after them."""
        held = self._db.execute(sql.ALREADY_IN, (row,)).fetchall()
        return {id_ for id_, _ in held}, max((at for _, at in held), default=-1) + 1

    def _track(self, track: RemoteTrack, tracks: list[RemoteTrack]) -> None:
        id_, telling = track.tidal_id, hash(track)
        if (self.told.get(id_) or self._stored.get(id_)) != telling:
            self.told[id_] = telling
            tracks.append(track)


_FIELDS = itemgetter(*map(RemoteTrack._fields.index, sql.TRACK_COLUMNS[:-2]))


def _track_row(track: RemoteTrack) -> tuple[Value, ...]:
    return (
        *_FIELDS(track),
        column(track.tidal_release_date),
        column(track.album_release_date),
        f"{track.artist} - {track.title}".lower(),
        track.available,
        track.unavailable_reason,
        track.media_tags,
        track.bpm,
        track.key,
    )


def column(value: Value | datetime) -> Value:
    """As the database holds it."""
    return stored(value) if isinstance(value, datetime) else value
