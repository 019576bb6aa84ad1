"""TidalSnapshotService: reads the account and hands each playlist over as soon as it is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from strandline.core.favorites import FavoriteSettings, is_favorite
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.remote import (
    FolderTree,
    ItemKind,
    KnownPlaylist,
    Origin,
    ReadPlaylist,
    RemotePlaylist,
)
from strandline.events import Progress, Silent
from strandline.tidal.absent import list_playlists
from strandline.tidal.client import TidalClient
from strandline.tidal.contents import Refusals, read_all
from strandline.tidal.favorite_lists import Favorites, list_favorites
from strandline.tidal.favorite_turns import as_stored, split_favorites
from strandline.tidal.listing import Listing
from strandline.tidal.playlist_reading import Contents, ReadRequest
from strandline.tidal.unchanged import READ_AGAIN, is_unchanged

COMMIT_ITEMS, COMMIT_SECONDS = 5_000, 1.0
"""What is read is stored when so much is together, or after so long."""


class SnapshotStore(Protocol):
    """Where a snapshot goes. All calls come from the thread that called ``take``."""

    def known_playlists(self) -> dict[PlaylistId, KnownPlaylist]:
        """What the last snapshot left, by TIDAL id; removed ones not among them."""

    def tracks_of(self, playlist: PlaylistId) -> Sequence[TrackId]:
        """The tracks that a playlist listed when it was read last, in its order."""

    def begin_snapshot(self, user_id: str) -> None:
        """The list of playlists is there and belongs to this user; the first save follows."""

    def save_playlist_unchanged(self, ids: Sequence[PlaylistId]) -> None:
        """Seen again, with the items that are stored."""

    def save_playlists(self, read: Sequence[ReadPlaylist]) -> None:
        """Headers and items in one transaction. Incomplete ones only ever add items."""

    def finish_snapshot(
        self,
        *,
        complete: bool,
        reason: str,
        seen: Collection[PlaylistId],
        hollow: Mapping[PlaylistId, str],
        tree: FolderTree | None,
    ) -> None:
        """Only a complete list may mark what is not in ``seen`` as removed from TIDAL.

        ``hollow`` are listed without data, by id, with their names. No ``tree``: as it is known.
        """


@dataclass(frozen=True, slots=True)
class IncompletePlaylist:
    """A playlist that may add but never remove, and why."""

    id: PlaylistId
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SnapshotReport:
    """What one ``take`` read."""

    complete: bool
    """The list of playlists is whole, and so is every playlist."""
    reason: str
    """Why the list of playlists is not whole; empty when it is."""
    playlists: int
    tracks: int
    """Playlist entries that are tracks, unchanged playlists included."""
    requests: int
    skipped_unchanged: int
    videos: int
    incomplete: tuple[IncompletePlaylist, ...]


@dataclass
class _Tally:
    """What one ``take`` has read so far."""

    tracks: int = 0
    videos: int = 0
    incomplete: list[IncompletePlaylist] = field(default_factory=list)

    def count(self, read: ReadPlaylist) -> None:
        """One playlist more, by its items, or by what TIDAL's list says where none came."""
        if read.items is None:
            self.count_listed(read.playlist)
        else:
            kinds = Counter(item.kind for item in read.items)
            self.tracks += kinds[ItemKind.TRACK]
            self.videos += kinds[ItemKind.VIDEO]
        if read.incomplete is not None:
            self.mark(read)

    def count_listed(self, playlist: RemotePlaylist) -> None:
        """One that was not read."""
        self.tracks += playlist.num_tracks
        self.videos += playlist.num_videos

    def mark(self, read: ReadPlaylist) -> None:
        """This playlist may add but never remove."""
        playlist, reason = read.playlist, read.incomplete or ""
        self.incomplete.append(IncompletePlaylist(playlist.tidal_id, playlist.name, reason))


def naive_utc_now() -> datetime:
    """The time, as the database stores it."""
    return datetime.now(UTC).replace(tzinfo=None)


class TidalSnapshotService:
    """Fills the TIDAL side. The store is called from the caller's thread only."""

    def __init__(
        self,
        client: TidalClient,
        store: SnapshotStore,
        *,
        include_followed: bool = True,
        wishes: FavoriteSettings | None = None,
        workers: int = 8,
        progress: Progress | None = None,
        now: Callable[[], datetime] = naive_utc_now,
        read_again: timedelta = READ_AGAIN,
    ) -> None:
        """``wishes`` are for favourites and mixes.

        ``workers`` playlists are read at a time; the client needs as many connections.

        After ``read_again`` at the latest a playlist that seems unchanged is read anew.
        """
        self._client, self._store = client, store
        self._include_followed, self._workers = include_followed, workers
        self._wishes = wishes or FavoriteSettings()
        self._progress = progress or Silent()
        self._now, self._clock = now, client.http.limiter.clock
        self._read_again = read_again

    def take(self, full: bool = False) -> SnapshotReport:
        """Read the account; with ``full`` also what seems unchanged.

        LoginError, InterruptedRunError; UnreachableError when not even a list of playlists could
        be had, or many playlists were asked for and all refused alike. Anything less than that is
        in the report, and what was read is in the store.
        """
        before = self._client.requests
        user_id = self._client.confirm().user_id
        known, others = _by_kind(self._store.known_playlists())
        listing = list_playlists(self._client, user_id, known, now=self._now(), thorough=full)
        favorites = list_favorites(self._client, user_id, others, self._wishes, self._now())
        self._store.begin_snapshot(user_id)
        total = len(listing.playlists) + len(favorites.playlists)
        self._progress.phase("snapshot", total=total)
        unchanged, changed = self._split(listing, known, full=full)
        same, wanted = split_favorites(favorites, others, self._now(), self._read_again, full=full)
        tally = _Tally()
        self._pass_over([*unchanged, *same], tally)
        wanted += [ReadRequest(one, known.get(one.tidal_id)) for one in changed]
        self._read(wanted, user_id, tally, favorites, others)
        self._keep(listing, known, tally)
        self._note_unwanted(listing, known)
        reason = "; ".join(dict.fromkeys([*listing.reasons, *favorites.reasons]))
        self._store.finish_snapshot(
            complete=not reason,
            reason=reason,
            seen=listing.ids | favorites.ids,
            hollow=listing.hollow,
            tree=listing.tree,
        )
        return SnapshotReport(
            complete=not reason and not tally.incomplete,
            reason=reason,
            playlists=total,
            tracks=tally.tracks,
            requests=self._client.requests - before,
            skipped_unchanged=len(unchanged) + len(same),
            videos=tally.videos,
            incomplete=tuple(tally.incomplete),
        )

    def _split(
        self, listing: Listing, known: Mapping[PlaylistId, KnownPlaylist], *, full: bool
    ) -> tuple[list[RemotePlaylist], list[RemotePlaylist]]:
        """Those that are as they were, and the others with the longest first."""
        now = self._now()
        unchanged: list[RemotePlaylist] = []
        changed: list[RemotePlaylist] = []
        for playlist in listing.playlists.values():
            same = not full and is_unchanged(
                playlist, known.get(playlist.tidal_id), now, self._read_again
            )
            if self._is_wanted(playlist):
                (unchanged if same else changed).append(playlist)
        changed.sort(key=lambda playlist: -playlist.num_tracks)
        return unchanged, changed

    def _is_wanted(self, playlist: RemotePlaylist) -> bool:
        """Whether the settings want it read; of the others only what the list says is stored."""
        return self._include_followed or playlist.origin is Origin.OWN

    def _pass_over(self, unchanged: Sequence[RemotePlaylist], tally: _Tally) -> None:
        for playlist in unchanged:
            tally.count_listed(playlist)
        if unchanged:
            self._store.save_playlist_unchanged([playlist.tidal_id for playlist in unchanged])
            self._progress.advance(len(unchanged))

    def _read(
        self,
        changed: Sequence[ReadRequest],
        user_id: str,
        tally: _Tally,
        favorites: Favorites,
        known: Mapping[PlaylistId, KnownPlaylist],
    ) -> None:
        """Whatever ends it: what has been read is stored. RefusedError when nobody is let in."""
        batch, refusals = _Batch(self._store, self._clock), Refusals()
        try:
            coming = read_all(
                self._client, changed, user_id, self._workers, COMMIT_SECONDS, self._now()
            )
            for contents in coming:
                if contents is not None:
                    self._take(contents, batch, favorites, known)
                    tally.count(contents.read)
                    self._progress.advance(1)
                    refusals.note(contents)
                if batch.is_due():
                    batch.save()
            refusals.end()
        finally:
            batch.save()

    def _take(
        self,
        contents: Contents,
        batch: _Batch,
        favorites: Favorites,
        known: Mapping[PlaylistId, KnownPlaylist],
    ) -> None:
        read = contents.read
        stored = as_stored(read, known, self._wishes.mixes, self._store.tracks_of)
        if stored is not None:
            batch.add(stored)
        else:
            favorites.reasons.append(f"{read.playlist.name}: {read.incomplete}")

    def _keep(
        self, listing: Listing, known: Mapping[PlaylistId, KnownPlaylist], tally: _Tally
    ) -> None:
        """What is not listed and may be there all the same stays as it is known."""
        kept = [
            ReadPlaylist(_as_known(id, known[id]), None, why, as_known=True)
            for id, why in sorted(listing.kept.items())
        ]
        for one in kept:
            tally.mark(one)
        if kept:
            self._store.save_playlists(kept)

    def _note_unwanted(self, listing: Listing, known: Mapping[PlaylistId, KnownPlaylist]) -> None:
        """What the settings leave out is stored by name alone, so that it can be counted."""
        new = [
            ReadPlaylist(playlist, None)
            for id, playlist in sorted(listing.playlists.items())
            if not self._is_wanted(playlist)
            and ((old := known.get(id)) is None or old.origin is not playlist.origin)
        ]
        if new:
            self._store.save_playlists(new)


class _Batch:
    """What was read and is not stored yet: one commit for many playlists."""

    def __init__(self, store: SnapshotStore, clock: Callable[[], float]) -> None:
        self._store, self._clock = store, clock
        self._read: list[ReadPlaylist] = []
        self._items, self._since = 0, 0.0

    def add(self, read: ReadPlaylist) -> None:
        """One more."""
        if not self._read:
            self._since = self._clock()
        self._read.append(read)
        self._items += len(read.items or ())

    def is_due(self) -> bool:
        """Enough of it, or old enough, that it should not be lost."""
        return self._items >= COMMIT_ITEMS or self._clock() - self._since >= COMMIT_SECONDS

    def save(self) -> None:
        """Store what there is."""
        read, self._read, self._items = self._read, [], 0
        if read:
            self._store.save_playlists(read)


def _by_kind(
    known: Mapping[PlaylistId, KnownPlaylist],
) -> tuple[dict[PlaylistId, KnownPlaylist], dict[PlaylistId, KnownPlaylist]]:
    """TIDAL's playlists, and the favourites and mixes."""
    playlists = {id: old for id, old in known.items() if not is_favorite(id)}
    return playlists, {id: old for id, old in known.items() if id not in playlists}


def _as_known(uuid: PlaylistId, old: KnownPlaylist) -> RemotePlaylist:
    return RemotePlaylist(
        uuid,
        old.name,
        num_tracks=old.num_tracks,
        num_videos=old.num_videos,
        last_updated=old.last_updated,
    )
