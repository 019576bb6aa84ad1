"""What TIDAL told, as plain records. The TIDAL side makes them, the database stores them.

Dates are naive UTC. Rows that exist a hundred thousand times are named tuples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from strandline.core.ids import PlaylistId, TrackId


class Origin(str, Enum):
    """Whose playlist it is."""

    OWN = "own"
    FOLLOWED = "followed"
    FAVORITES = "favorites"
    """The favourite tracks, an album or a mix: a playlist here, and none of TIDAL's."""


class ItemKind(str, Enum):
    """What stands at a position of a playlist."""

    TRACK = "track"
    VIDEO = "video"
    UNKNOWN = "unknown"


class RemoteTrack(NamedTuple):
    """A track as TIDAL describes it now; field names are those of the ``tracks`` table."""

    tidal_id: TrackId
    title: str
    artist: str
    """The main artists' names, joined by ``", "``."""
    artists: tuple[str, ...] = ()
    """Every artist's name, featured ones too."""
    album: str | None = None
    album_artist: str | None = None
    year: int | None = None
    duration: int | None = None
    """Seconds."""
    isrc: str | None = None
    track_number: int | None = None
    volume_number: int | None = None
    explicit: bool | None = None
    popularity: int | None = None
    copyright: str | None = None
    tidal_release_date: datetime | None = None
    audio_quality: str | None = None
    audio_modes: str | None = None
    version: str | None = None
    album_upc: str | None = None
    album_release_date: datetime | None = None
    album_cover_url: str | None = None
    available: bool = True
    unavailable_reason: str | None = None
    """``placeholder``, ``not_allowed`` or ``not_ready``; None when available."""
    media_tags: str | None = None
    """``LOSSLESS, HIRES_LOSSLESS``: what TIDAL says it has, whoever asks. None: it does not say."""
    bpm: float | None = None
    """Beats a minute; None where TIDAL does not say."""
    key: str | None = None
    """As DJ programs write it: ``F#m``."""

    @property
    def placeholder(self) -> bool:
        """Title and artist are TIDAL's stand-in text: real metadata is never overwritten by it."""
        return self.unavailable_reason == "placeholder"


class RemoteItem(NamedTuple):
    """One position of a playlist. The same track may stand at several."""

    position: int
    """From 0, in TIDAL's order."""
    item_uuid: str | None
    """Names this occurrence, not the track."""
    added_at: datetime | None
    kind: ItemKind
    track: RemoteTrack | None = None
    """None for a video and for what could not be read."""


@dataclass(frozen=True, slots=True)
class RemotePlaylist:
    """A playlist's header; field names are those of the ``playlists`` table."""

    tidal_id: PlaylistId
    name: str
    origin: Origin = Origin.OWN
    description: str | None = None
    creator_name: str | None = None
    creator_id: str | None = None
    duration: int | None = None
    """Seconds."""
    num_tracks: int = 0
    num_videos: int = 0
    popularity: int | None = None
    public: bool | None = None
    picture_url: str | None = None
    square_picture_url: str | None = None
    created: datetime | None = None
    last_updated: datetime | None = None
    last_item_added_at: datetime | None = None
    share_url: str | None = None
    listen_url: str | None = None
    etag: str | None = None
    """Of the last items page read; None when only the list was read."""
    folder: str | None = None
    """The name of the TIDAL folder it lies in, where known."""


@dataclass(frozen=True, slots=True)
class FolderTree:
    """TIDAL's folders of playlists; what lies at the top is in none of them."""

    folders: Mapping[str, tuple[str, str]]
    """By id, each with its name and the id of the one it lies in, or ``root``."""
    inside: Mapping[PlaylistId, str]
    """The id of the folder in which a playlist lies."""


@dataclass(frozen=True, slots=True)
class ReadPlaylist:
    """A playlist as it was read, ready to be stored."""

    playlist: RemotePlaylist
    items: tuple[RemoteItem, ...] | None
    """None: only the header could be read; the items that are stored stay."""
    incomplete: str | None = None
    """Why it may add items but never remove any; None when it was read whole."""
    adds: bool = False
    """What it listed before stays, and what is new comes after it."""
    as_known: bool = False
    """Nothing of it is to be recorded but ``incomplete``: what is stored is newer."""


@dataclass(frozen=True, slots=True)
class KnownPlaylist:
    """What the last snapshot stored about a playlist: enough to see that nothing moved."""

    last_updated: datetime | None
    num_tracks: int
    num_videos: int
    name: str
    complete: bool
    """It was read whole the last time its items were read."""
    last_full_read_at: datetime | None
    origin: Origin | None = None

    def is_newer_than(self, read: RemotePlaylist, now: datetime) -> bool:
        """Whether ``read`` is from before a state that was read whole: replicas of TIDAL's lag.

        A date a year ahead tells nothing, neither does one of an old database.
        """
        told = self.last_updated
        if told is None or read.last_updated is None or self.last_full_read_at is None:
            return False
        return read.last_updated < told <= now + timedelta(days=366)
