"""The recordings TIDAL has, whoever asks: tracks, albums, videos."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid5

from strandline.demo.model import Album, Artist, Availability, Blemish, Quality, Track, Video

Clock = Callable[[], datetime]

_NAMES = UUID("6f2a4a52-6a54-4f0e-9d0c-6e1d0b8d8f5a")


def now() -> datetime:
    """The time by this machine's clock, with its zone."""
    return datetime.now(UTC)


def uuid_of(kind: str, number: int) -> str:
    """Always the same uuid for the same thing."""
    return str(uuid5(_NAMES, f"{kind} {number}"))


class Recordings:
    """Makes tracks; ids and uuids come from a counter, so two made alike are alike."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.seconds = 2
        """Length of tracks made without one."""
        self.tracks: dict[int, Track] = {}
        self.videos: dict[int, Video] = {}
        self.albums: dict[int, Album] = {}
        self._artists: dict[str, Artist] = {}
        self._count = 0

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
        atmos: bool = False,
        blemishes: Mapping[Quality, Blemish] | None = None,
    ) -> Track:
        """Make a track that TIDAL knows and no playlist holds yet."""
        with self.lock:
            number = self.next_number()
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
                atmos=atmos,
                blemishes=dict(blemishes or {}),
            )
            self.tracks[track_id] = track
            return track

    def album(self, title: str, artists: tuple[Artist, ...], *, cover: bool = True) -> Album:
        """Make an album; give it to ``track`` to put several tracks on it."""
        with self.lock:
            number = self.next_number()
            picture = uuid_of("cover", number) if cover else None
            made = Album(50_000_000 + number, title, artists, picture)
            self.albums[made.id] = made
            return made

    def video(self, title: str, artist: str = "Nora Vale") -> Video:
        """Make a music video."""
        with self.lock:
            made = Video(300_000_000 + self.next_number(), title, self._credit((artist,)))
            self.videos[made.id] = made
            return made

    def withhold(self, track: Track, how: Availability = Availability.PLACEHOLDER) -> None:
        """Make a track unavailable (or, with AVAILABLE, have it back); playlists do not change."""
        with self.lock:
            track.availability = how

    def _credit(self, names: tuple[str, ...]) -> tuple[Artist, ...]:
        for name in names:
            self._artists.setdefault(name, Artist(7_000_000 + len(self._artists), name))
        return tuple(self._artists[name] for name in names)

    def next_number(self) -> int:
        """From 1; everything made here has its own."""
        self._count += 1
        return self._count
