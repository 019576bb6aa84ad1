"""What can be said from the database alone: the status, and what links save.

The fields have the names of the JSON documents' keys.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from strandline.core.ids import LibPath, PlaylistId, TrackId, in_pool
from strandline.core.names import with_version
from strandline.db import reports_sql as sql
from strandline.db.sqlite.bulk import no_collection
from strandline.db.sqlite.scope import scope
from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable


EXCLUDED = "excluded"
"""A status that is never stored: it follows from the settings."""


class StatusItem(NamedTuple):
    """One playlist. ``downloaded`` and ``errors`` count its tracks; times are ISO 8601 in UTC.

    A local one of an old database has no id, and counts for nothing.
    """

    playlist: PlaylistId | None
    name: str
    folder: str | None
    status: str
    tracks: int
    downloaded: int
    errors: int
    last_updated_tidal: str | None
    last_synced_filesystem: str | None


class UnavailableTrack(NamedTuple):
    """A wanted track whose audio TIDAL does not have; the playlists that list it."""

    track: TrackId
    artist: str
    title: str
    on_disk: bool
    playlists: tuple[PlaylistId, ...]
    names: tuple[str, ...]


class Saved(NamedTuple):
    """What links save: a hard link as much as a symlink, a copy counts as one but saves nothing."""

    shared_tracks: int
    links: int
    bytes_saved: int


class StatusReport(NamedTuple):
    """``playlists`` and ``tracks`` count by status; a track counts once, whatever lists it."""

    playlists: dict[str, int]
    tracks: dict[str, int]
    dedupe: Saved
    same_recording: int
    """Tracks whose audio is the file of another id of the same recording."""
    items: tuple[StatusItem, ...]

    def document(self) -> dict[str, object]:
        """The JSON document of ``sync-status``, without its schema."""
        items = [item._asdict() for item in self.items]
        return {**self._asdict(), "dedupe": self.dedupe._asdict(), "items": items}


class SharedTrack(NamedTuple):
    """A track with its primary and the links to it, in the order of their paths."""

    track: TrackId
    artist: str
    title: str
    bytes: int
    primary: LibPath
    links: tuple[LibPath, ...]
    bytes_saved: int


class DedupeReport(NamedTuple):
    """Every track that stands in more than one playlist folder, by artist and title."""

    shared_tracks: int
    links: int
    bytes_saved: int
    groups: tuple[SharedTrack, ...]

    def document(self) -> dict[str, object]:
        """The JSON document of ``dedupe-report``, without its schema."""
        return {**self._asdict(), "groups": [group._asdict() for group in self.groups]}


class Reports:
    """Questions to the database; nothing here writes. ``only`` narrows to some playlists."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def playlist_names(self) -> dict[PlaylistId, str]:
        """Names of the playlists that TIDAL or the disk still has."""
        return dict(self._db.execute(sql.NAMES))

    def names_so_far(self) -> dict[PlaylistId, str]:
        """Those of playlists that are gone, too."""
        return dict(self._db.execute(sql.NAMES_SO_FAR))

    def folders(self) -> dict[str, str]:
        """The name of the playlist that has each folder."""
        return {path.split("/")[2]: name for path, name in self._db.execute(sql.FOLDERS)}

    def playlists_in(self, folder: str) -> list[PlaylistId]:
        """The playlists whose folder that is."""
        rows = self._db.execute(sql.IN_FOLDER, (f"mp3/Playlists/{folder}/",))
        return [id for (id,) in rows]

    def incomplete(self, playlists: Collection[PlaylistId]) -> dict[PlaylistId, str]:
        """Those of these that could not be read completely, each with why."""
        return dict(self._db.execute(sql.INCOMPLETE, (json.dumps(list(playlists)),)))

    def followed(self) -> frozenset[PlaylistId]:
        """Playlists of others."""
        return frozenset(id for (id,) in self._db.execute(sql.FOLLOWED))

    def favorites(self) -> frozenset[PlaylistId]:
        """Favourite tracks and albums, and mixes, that are playlists here."""
        return frozenset(id for (id,) in self._db.execute(sql.FAVORITES))

    def removed(self) -> frozenset[PlaylistId]:
        """Playlists that TIDAL has no more and the disk still has."""
        return frozenset(id for (id,) in self._db.execute(sql.REMOVED))

    def under_new_ids(self, tracks: Collection[TrackId]) -> frozenset[TrackId]:
        """These tracks, also by the ids that TIDAL gave them since."""
        new = self._db.execute(sql.NEW_IDS, (json.dumps(list(tracks)),)) if tracks else ()
        return frozenset(tracks).union(id for (id,) in new)

    def ignored(
        self, tracks: Collection[TrackId], only: Collection[PlaylistId] | None = None
    ) -> int:
        """How many of these tracks some playlist lists."""
        values = scope(only) | {"ignored": json.dumps(list(tracks))}
        count: int = self._db.execute(sql.IGNORED, values).fetchone()[0] if tracks else 0
        return count

    def status(
        self,
        only: Collection[PlaylistId] | None = None,
        excluded: Collection[PlaylistId] = frozenset(),
        ignored: Collection[TrackId] = frozenset(),
    ) -> StatusReport:
        """How collection and TIDAL stood to each other at the last check.

        ``excluded`` playlists are listed and counted as such, and count for nothing else but for
        what links save: that is what the disk holds, as in ``dedupe``. So do ``ignored`` tracks.
        """
        values = everything = scope(only)
        statement, names = _but(sql.ITEMS, ignored)
        rows = [StatusItem(*row) for row in self._db.execute(statement, values | names)]
        items = tuple(
            item._replace(status=EXCLUDED) if item.playlist in excluded else item for item in rows
        )
        counts = Counter(item.status for item in items if item.playlist is not None)
        playlists = {"total": counts.total() - counts[EXCLUDED]}
        playlists |= {status.value: counts[status.value] for status in PlaylistSyncStatus}
        playlists[EXCLUDED] = counts[EXCLUDED]
        if excluded:
            only = [item.playlist for item in items if item.playlist and item.status != EXCLUDED]
        tracks = self._tracks(only, ignored)
        *saved, shared = self._db.execute(sql.SAVED, everything).fetchone()
        return StatusReport(playlists, tracks, Saved(*saved), shared, items)

    def dedupe(self) -> DedupeReport:
        """Who shares which file, and what that saves."""
        with no_collection():
            rows = self._db.execute(sql.LINKS)
            tracks = [_shared(list(links)) for _, links in groupby(rows, itemgetter(0))]
        groups = tuple(it for it in tracks if len(it.links) > in_pool(it.primary))
        return DedupeReport(
            shared_tracks=len(groups),
            links=sum(len(track.links) for track in tracks),
            bytes_saved=sum(group.bytes_saved for group in groups),
            groups=groups,
        )

    def unavailable(
        self,
        only: Collection[PlaylistId] | None = None,
        ignored: Collection[TrackId] = frozenset(),
        *,
        on_disk_too: bool = False,
    ) -> tuple[UnavailableTrack, ...]:
        """The tracks that are missing through no fault of the library, by artist and title.

        ``on_disk_too``: and those that the disk has; then every track is looked at.
        """
        where = "1" if on_disk_too else "file_path IS NULL"
        statement, names = _but(sql.UNAVAILABLE, ignored, where=where)
        rows = self._db.execute(statement, scope(only) | names)
        return tuple(
            _unavailable(track, listing) for track, listing in groupby(rows, lambda row: row[:5])
        )

    def _tracks(
        self, only: Collection[PlaylistId] | None, ignored: Collection[TrackId]
    ) -> dict[str, int]:
        counts = {status.value: 0 for status in DownloadStatus} | {"unavailable": 0}
        statement, names = _but(sql.TRACKS, ignored)
        counts |= dict(self._db.execute(statement, scope(only) | names))
        return {"total": sum(counts.values())} | counts | {EXCLUDED: self.ignored(ignored, only)}


def _but(
    statement: str, ignored: Collection[TrackId], **more: str
) -> tuple[str, dict[str, str | bool]]:
    """The statement without tracks that are ignored, and their names; without any, no condition."""
    if not ignored:
        return statement.format(entries="1", tracks="1", **more), {}
    made = statement.format(entries=sql.ENTRY_COUNTS, tracks=sql.TRACK_COUNTS, **more)
    return made, {"ignored": json.dumps(list(ignored))}


def _unavailable(track: tuple[Any, ...], listing: Iterable[tuple[Any, ...]]) -> UnavailableTrack:
    id_, artist, title, version, on_disk = track
    playlists, names = zip(*(row[5:] for row in listing), strict=True)
    full = with_version(title, version)
    return UnavailableTrack(id_, artist, full, on_disk == 1, playlists, names)


def _shared(
    links: list[tuple[TrackId, str, str, str | None, int, LibPath, LibPath, int]],
) -> SharedTrack:
    track, artist, title, version, size, primary, _, _ = links[0]
    paths = tuple(link[6] for link in links)
    saving = max(sum(link[7] for link in links) - in_pool(primary), 0)
    return SharedTrack(
        track, artist, with_version(title, version), size, primary, paths, size * saving
    )
