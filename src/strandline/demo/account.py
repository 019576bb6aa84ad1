"""The account behind the stand-in TIDAL: change it as a user (or TIDAL) would, between two runs.

Every method takes the lock, so a test may change things while the server answers. Changes move a
playlist's ``lastUpdated`` by at least a millisecond, unless inside ``silently()``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from strandline.demo.entitlements import DeviceLink
from strandline.demo.http import Answer
from strandline.demo.model import Album, Entry, Folder, Mix, Playlist, Quality, Track, Video
from strandline.demo.recordings import Clock, Recordings, now, uuid_of

_STEP = 48
_SOMEBODY = 777


class Account(Recordings):
    """One user's playlists, folders and favourites."""

    def __init__(
        self, *, user_id: int = 1001, username: str = "dj@example.org", clock: Clock = now
    ) -> None:
        super().__init__()
        self.user_id = user_id
        self.username = username
        self.clock = clock
        self.country = "DE"
        self.highest_quality = Quality.HI_RES_LOSSLESS
        self.device_link = DeviceLink.FULL
        """What logins by device link are worth."""
        self.gated = False
        """Playback is refused to whoever does not look like a player of TIDAL's own."""
        self.playlists: dict[str, Playlist] = {}
        self.folders: dict[str, Folder] = {}
        self.favorite_tracks: list[tuple[Track, datetime]] = []
        self.favorite_albums: list[tuple[Album, datetime]] = []
        self.mixes: dict[str, Mix] = {}
        self.replacements: dict[int, int] = {}
        """By the id of a track that is listed no more, the one that TIDAL put in its place."""
        self.still = False
        """Promise that nothing changes any more: answers are then made only once (benchmarks)."""
        self.answers: dict[object, Answer] = {}
        self.collection_changed = clock()
        self._silent = False

    # ---------------------------------------------------------------- what is on offer

    def offers(self, track: Track, quality: Quality) -> None:
        """TIDAL has the track in this quality from now on; no playlist changes by that."""
        with self.lock:
            track.quality = quality

    # ---------------------------------------------------------------- favourites and mixes

    def favorite(self, *what: Track | Album) -> None:
        """Give tracks or albums the user's heart, the last one newest."""
        with self.lock:
            for one in what:
                if isinstance(one, Album):
                    self.favorite_albums.append((one, self._later(self.favorite_albums)))
                else:
                    self.favorite_tracks.append((one, self._later(self.favorite_tracks)))

    def _later(self, hearts: Sequence[tuple[object, datetime]]) -> datetime:
        least = max((when for _, when in hearts), default=None)
        now = self.clock()
        return now if least is None else max(now, least + timedelta(milliseconds=1))

    def unfavorite(self, what: Track | Album) -> None:
        """Take the heart away."""
        with self.lock:
            self.favorite_tracks = [heart for heart in self.favorite_tracks if heart[0] != what]
            self.favorite_albums = [heart for heart in self.favorite_albums if heart[0] != what]

    def mix(
        self,
        title: str,
        tracks: Iterable[Track | Video],
        *,
        kind: str = "DAILY_MIX",
        made: bool = True,
        saved: bool = False,
    ) -> Mix:
        """TIDAL makes a mix for the user, and with ``saved`` it is in the collection."""
        with self.lock:
            digits = uuid_of("mix", self.next_number()).replace("-", "")[3:30]
            now = self.clock()
            mix = Mix(f"002{digits}", title, list(tracks), now, kind, made, now if saved else None)
            self.mixes[mix.id] = mix
            return mix

    def remix(self, mix: Mix, *tracks: Track | Video) -> None:
        """TIDAL makes it anew, as it does every day."""
        with self.lock:
            mix.tracks, mix.updated = list(tracks), self.clock()

    def drop_mix(self, mix: Mix) -> None:
        """TIDAL makes it no more."""
        with self.lock:
            del self.mixes[mix.id]

    # ---------------------------------------------------------------- playlists

    def playlist(
        self,
        title: str,
        items: Iterable[Track | Video] = (),
        *,
        uuid: str | None = None,
        folder: Folder | None = None,
    ) -> Playlist:
        """Create a playlist of the user's own."""
        return self._collect(title, items, uuid=uuid, folder=folder, creator_id=self.user_id)

    def follow(
        self,
        title: str,
        items: Iterable[Track | Video] = (),
        *,
        uuid: str | None = None,
        folder: Folder | None = None,
        creator: str | None = "Somebody Else",
    ) -> Playlist:
        """Follow a playlist of somebody else's; with ``creator=None``, one of TIDAL's editors'."""
        with self.lock:
            made = self._collect(title, items, uuid=uuid, folder=folder, creator_id=0)
            made.public = True
            if creator is None:
                made.kind = "EDITORIAL"
            else:
                made.creator_id, made.creator_name = _SOMEBODY, creator
            return made

    def unfollow(self, playlist: Playlist) -> None:
        """Take a followed playlist out of the collection; it can still be read by its uuid."""
        with self.lock:
            playlist.collected = None
            self.collection_changed = self.clock()

    def add(self, playlist: Playlist, *items: Track | Video, at: int | None = None) -> None:
        """Add items at the end, or so that the first stands at position ``at`` (from 0)."""
        with self.changing(playlist):
            for offset, item in enumerate(items):
                place = len(playlist.entries) if at is None else at + offset
                self._place(playlist, self._entry(item), place)

    def remove(self, playlist: Playlist, what: Track | Video | int) -> None:
        """Take out the item at a position, or every place of a track."""
        with self.changing(playlist):
            if isinstance(what, int):
                del playlist.entries[what]
            else:
                playlist.entries[:] = [e for e in playlist.entries if e.item.id != what.id]

    def move(self, playlist: Playlist, source: int, target: int) -> None:
        """Drag the item at one position to another."""
        with self.changing(playlist):
            self._place(playlist, playlist.entries.pop(source), target)

    def reorder(self, playlist: Playlist, order: Iterable[int]) -> None:
        """Put the entries into the order of their old positions."""
        with self.changing(playlist):
            keys = [entry.index for entry in playlist.entries]
            playlist.entries[:] = [playlist.entries[place] for place in order]
            for entry, key in zip(playlist.entries, keys, strict=True):
                entry.index = key

    def replace(self, playlist: Playlist, position: int, item: Track) -> None:
        """Put another track in the same place, as TIDAL does when a release changes its id."""
        with self.changing(playlist):
            playlist.entries[position].item = item

    def clear(self, playlist: Playlist) -> None:
        """Take every item out."""
        with self.changing(playlist):
            playlist.entries.clear()

    def rename(self, playlist: Playlist, title: str) -> None:
        """Give the playlist another title."""
        with self.changing(playlist):
            playlist.title = title

    def delete(self, playlist: Playlist) -> None:
        """Delete a playlist: its uuid answers 404 from now on."""
        with self.lock:
            del self.playlists[playlist.uuid]
            self.collection_changed = self.clock()

    @contextmanager
    def changing(self, playlist: Playlist) -> Iterator[Playlist]:
        """Hold the lock for a change by hand, then move ``lastUpdated``."""
        with self.lock:
            yield playlist
            if not self._silent:
                least = playlist.last_updated + timedelta(milliseconds=1)
                playlist.last_updated = max(least, self.clock())
                self.collection_changed = playlist.last_updated

    @contextmanager
    def silently(self) -> Iterator[None]:
        """Changes made within move neither ``lastUpdated`` nor the ETag."""
        with self.lock:
            self._silent = True
            try:
                yield
            finally:
                self._silent = False

    # ---------------------------------------------------------------- folders

    def folder(self, name: str, parent: Folder | None = None) -> Folder:
        """Create a folder for playlists."""
        with self.lock:
            made = Folder(
                id=uuid_of("folder", self.next_number()),
                name=name,
                parent=parent.id if parent else "root",
                created=self.clock(),
            )
            self.folders[made.id] = made
            self.collection_changed = made.created
            return made

    def put_into(self, folder: Folder | None, playlist: Playlist) -> None:
        """Move a playlist into a folder, or with None back to the top."""
        with self.lock:
            playlist.folder = folder.id if folder else "root"
            self.collection_changed = self.clock()

    # ---------------------------------------------------------------- making

    def _collect(
        self,
        title: str,
        items: Iterable[Track | Video],
        *,
        uuid: str | None,
        folder: Folder | None,
        creator_id: int,
    ) -> Playlist:
        with self.lock:
            time = self.clock()
            made = Playlist(
                uuid=uuid or uuid_of("playlist", self.next_number()),
                title=title,
                creator_id=creator_id,
                created=time,
                last_updated=time,
                collected=time,
                folder=folder.id if folder else "root",
            )
            for item in items:
                made.entries.append(self._entry(item))
                made.entries[-1].index = _STEP * len(made.entries)
            self.playlists[made.uuid] = made
            self.collection_changed = time
            return made

    def _entry(self, item: Track | Video) -> Entry:
        return Entry(uuid_of("entry", self.next_number()), item, self.clock(), index=0)

    @staticmethod
    def _place(playlist: Playlist, entry: Entry, place: int) -> None:
        """Put an entry in, its sort key between its neighbours'; without room, all get new ones."""
        entries = playlist.entries
        entries.insert(place, entry)
        before = entries[place - 1].index if place else 0
        after = entries[place + 1].index if place + 1 < len(entries) else before + 2 * _STEP
        entry.index = (before + after) // 2
        if not before < entry.index < after:
            for number, each in enumerate(entries, start=1):
                each.index = number * _STEP
