"""What can be said from the database alone: the status, what links save, what there is to verify.

The dataclasses have the names of the JSON documents' keys: ``dataclasses.asdict`` is the document.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.db import report_sql as sql
from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class StatusItem:
    """One playlist. ``downloaded`` and ``errors`` count its tracks; times are ISO 8601 in UTC."""

    playlist: PlaylistId
    name: str
    folder: str | None
    status: str
    tracks: int
    downloaded: int
    errors: int
    last_updated_tidal: str | None
    last_synced_filesystem: str | None


@dataclass(frozen=True, slots=True)
class Saved:
    """What links save: a hard link as much as a symlink, a copy counts as one but saves nothing."""

    shared_tracks: int
    links: int
    bytes_saved: int


@dataclass(frozen=True, slots=True)
class StatusReport:
    """``playlists`` and ``tracks`` count by status; a track counts once, whatever lists it."""

    playlists: dict[str, int]
    tracks: dict[str, int]
    dedupe: Saved
    items: tuple[StatusItem, ...]


@dataclass(frozen=True, slots=True)
class SharedTrack:
    """A track with its primary and the links to it, in the order of their paths."""

    track: TrackId
    artist: str
    title: str
    bytes: int
    primary: LibPath
    links: tuple[LibPath, ...]
    bytes_saved: int


@dataclass(frozen=True, slots=True)
class DedupeReport:
    """Every track that stands in more than one playlist folder, by artist and title."""

    shared_tracks: int
    links: int
    bytes_saved: int
    groups: tuple[SharedTrack, ...]


class Primary(NamedTuple):
    """A primary to be verified."""

    track: TrackId
    path: LibPath
    size: int | None  # bytes
    sha256: str | None
    mtime_ns: int | None


class Reports:
    """Questions to the database; nothing here writes. ``only`` narrows to some playlists."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def playlist_names(self) -> dict[PlaylistId, str]:
        """Names of the playlists that TIDAL or the disk still has."""
        return dict(self._db.execute(sql.NAMES))

    def status(self, only: Collection[PlaylistId] | None = None) -> StatusReport:
        """How collection and TIDAL stood to each other at the last check."""
        scope = _scope(only)
        items = tuple(StatusItem(*row) for row in self._db.execute(sql.ITEMS, scope))
        playlists = {"total": len(items)} | {status.value: 0 for status in PlaylistSyncStatus}
        for item in items:
            playlists[item.status] += 1
        return StatusReport(playlists, self._tracks(scope), self._saved(scope), items)

    def dedupe(self) -> DedupeReport:
        """Who shares which file, and what that saves."""
        groups: list[SharedTrack] = []
        for track, artist, title, size, primary, links, saving in self._db.execute(sql.GROUPS):
            paths = tuple(sorted(json.loads(links)))
            groups.append(SharedTrack(track, artist, title, size, primary, paths, size * saving))
        saved = self._saved(_scope(None))
        return DedupeReport(saved.shared_tracks, saved.links, saved.bytes_saved, tuple(groups))

    def verify_list(self, only: Collection[PlaylistId] | None = None) -> list[Primary]:
        """Every primary in the library, by path."""
        return [Primary(*row) for row in self._db.execute(sql.PRIMARIES, _scope(only))]

    def _tracks(self, scope: dict[str, str | bool]) -> dict[str, int]:
        counts = {status.value: 0 for status in DownloadStatus} | {"unavailable": 0}
        counts |= dict(self._db.execute(sql.TRACKS, scope))
        return {"total": sum(counts.values())} | counts

    def _saved(self, scope: dict[str, str | bool]) -> Saved:
        return Saved(*self._db.execute(sql.SAVED, scope).fetchone())


def _scope(only: Collection[PlaylistId] | None) -> dict[str, str | bool]:
    return {"all": only is None, "only": json.dumps(list(only or ()))}
