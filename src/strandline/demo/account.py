"""The account behind the stand-in TIDAL: change it as a user (or TIDAL) would, between two runs.

Every method takes the lock, so a test may change things while the server answers. Changes move a
playlist's ``lastUpdated`` by at least a millisecond, unless inside ``silently()``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from strandline.demo.things import (
    Album,
    Artist,
    Availability,
    Entry,
    Folder,
    Playlist,
    Quality,
    Track,
    Video,
)

Clock = Callable[[], datetime]

_NAMES = UUID("6f2a4a52-6a54-4f0e-9d0c-6e1d0b8d8f5a")
_STEP = 48
_EDITORS = 777


def now() -> datetime:
    """The time by this machine's clock, with its zone."""
    return datetime.now(UTC)


class Account:
    """One user's playlists, folders and favourites, and the tracks TIDAL knows.

    Ids and uuids come from a counter: two accounts built alike are alike.
    """

    def __init__(
        self, *, user_id: int = 1001, username: str = "dj@example.org", clock: Clock = now
    ) -> None:
        self.user_id = user_id
        self.username = username
        self.clock = clock
        self.country = "DE"
        self.highest_quality = Quality.HI_RES_LOSSLESS
        self.seconds = 2
        """Length of tracks added without one."""
        self.lock = threading.RLock()
        self.tracks: dict[int, Track] = {}
        self.videos: dict[int, Video] = {}
        self.albums: dict[int, Album] = {}
        self.playlists: dict[str, Playlist] = {}
        self.folders: dict[str, Folder] = {}
        self.favorite_tracks: list[tuple[Track, datetime]] = []
        self._artists: dict[str, Artist] = {}
        self._count = 0
        self._silent = False

    # ---------------------------------------------------------------- tracks

    def track(
        self,
        title: str,
        artist: str | tuple[str, ...] = "Nora Vale",
        *,
        track_id: int | None = None,
        version: str | None = None,
        album: str | Album | None = None,
        duration: int | None = None,
        isrc: str | None = None,
        quality: Quality = Quality.LOSSLESS,
        explicit: bool = False,
        audio_id: int | None = None,
    ) -> Track:
        """Make a track that TIDAL knows and no playlist holds yet."""
        with self.lock:
            number = self._next()
            track_id = 100_000_000 + number if track_id is None else track_id
            artists = self._credit((artist,) if isinstance(artist, str) else artist)
            track = Track(
                id=track_id,
                title=title,
                artists=artists,
                album=album if isinstance(album, Album) else self.album(album or title, artists),
                duration=self.seconds if duration is None else duration,
                version=version,
                isrc=isrc or f"ZZSTR26{number:05d}",
                quality=quality,
                explicit=explicit,
                audio_id=audio_id,
            )
            self.tracks[track_id] = track
            return track

    def album(self, title: str, artists: tuple[Artist, ...], *, cover: bool = True) -> Album:
        """Make an album; give it to ``track`` to put several tracks on it."""
        with self.lock:
            number = self._next()
            picture = self._uuid("cover", number) if cover else None
            made = Album(50_000_000 + number, title, artists, picture)
            self.albums[made.id] = made
            return made

    def video(self, title: str, artist: str = "Nora Vale") -> Video:
        """Make a music video."""
        with self.lock:
            made = Video(300_000_000 + self._next(), title, self._credit((artist,)))
            self.videos[made.id] = made
            return made

    def withhold(self, track: Track, how: Availability = Availability.PLACEHOLDER) -> None:
        """Make a track unavailable (or, with AVAILABLE, have it back); playlists do not change."""
        with self.lock:
            track.availability = how

    def favorite(self, track: Track) -> None:
        """Give a track the user's heart."""
        with self.lock:
            self.favorite_tracks.append((track, self.clock()))

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
        made = self._collect(title, items, uuid=uuid, folder=folder, creator_id=_EDITORS)
        made.creator_name, made.public = creator, True
        made.kind = "USER" if creator else "EDITORIAL"
        made.creator_id = _EDITORS if creator else 0
        return made

    def add(self, playlist: Playlist, *items: Track | Video, at: int | None = None) -> None:
        """Add items at the end, or so that the first stands at position ``at`` (from 0)."""
        with self.changing(playlist):
            for offset, item in enumerate(items):
                place = len(playlist.entries) if at is None else at + offset
                playlist.entries.insert(place, self._entry(playlist, item, place))

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
            entry = playlist.entries.pop(source)
            entry.index = self._index(playlist, target)
            playlist.entries.insert(target, entry)

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
        """Delete an own playlist, or stop following one: its uuid answers 404 from now on."""
        with self.lock:
            del self.playlists[playlist.uuid]

    @contextmanager
    def changing(self, playlist: Playlist) -> Iterator[Playlist]:
        """Hold the lock for a change by hand, then move ``lastUpdated``."""
        with self.lock:
            yield playlist
            if not self._silent:
                least = playlist.last_updated + timedelta(milliseconds=1)
                playlist.last_updated = max(least, self.clock())

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
                id=self._uuid("folder", self._next()),
                name=name,
                parent=parent.id if parent else "root",
                created=self.clock(),
            )
            self.folders[made.id] = made
            return made

    def put_into(self, folder: Folder | None, playlist: Playlist) -> None:
        """Move a playlist into a folder, or with None back to the top."""
        with self.lock:
            playlist.folder = folder.id if folder else "root"

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
                uuid=uuid or self._uuid("playlist", self._next()),
                title=title,
                creator_id=creator_id,
                created=time,
                last_updated=time,
                collected=time,
                folder=folder.id if folder else "root",
            )
            self.playlists[made.uuid] = made
            made.entries.extend(self._entry(made, item, None) for item in items)
            return made

    def _entry(self, playlist: Playlist, item: Track | Video, place: int | None) -> Entry:
        number = self._next()
        index = number * _STEP if place is None else self._index(playlist, place)
        return Entry(self._uuid("entry", number), item, self.clock(), index)

    @staticmethod
    def _index(playlist: Playlist, place: int) -> int:
        """A sort key between the neighbours'; rising at the end, and halved gaps elsewhere."""
        entries = playlist.entries
        before = entries[place - 1].index if place > 0 else 0
        if place >= len(entries):
            return before + _STEP
        return (before + entries[place].index) // 2

    def _credit(self, names: tuple[str, ...]) -> tuple[Artist, ...]:
        for name in names:
            self._artists.setdefault(name, Artist(7_000_000 + len(self._artists), name))
        return tuple(self._artists[name] for name in names)

    def _next(self) -> int:
        self._count += 1
        return self._count

    @staticmethod
    def _uuid(kind: str, number: int) -> str:
        return str(uuid5(_NAMES, f"{kind} {number}"))
