"""What stands in the stand-in's account: tracks, videos, playlists, folders."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

RATE = 44_100
"""Samples a second, of all audio made here."""


class Quality(str, Enum):
    """TIDAL's words for audio, from the least to the best."""

    LOW = "LOW"
    HIGH = "HIGH"
    LOSSLESS = "LOSSLESS"
    HI_RES_LOSSLESS = "HI_RES_LOSSLESS"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Quality).index(self)


class Availability(str, Enum):
    """In what way TIDAL withholds a track that still stands in playlists."""

    AVAILABLE = "available"
    GREYED_OUT = "greyed_out"
    """True title and artist, but neither ``allowStreaming`` nor ``streamReady``."""
    PLACEHOLDER = "placeholder"
    """Like greyed out, and called "Unavailable" by "Unknown Artist"."""
    NOT_READY = "not_ready"
    """Looks available everywhere; its playback info is 401/4005."""
    GONE = "gone"
    """Looks available in playlists; 404 by its own id."""

    @property
    def streams(self) -> bool:
        """What ``allowStreaming`` and ``streamReady`` say, true or not."""
        return self not in (Availability.GREYED_OUT, Availability.PLACEHOLDER)


class Blemish(str, Enum):
    """What is wrong with one tier of a track."""

    PREVIEW = "preview"
    ENCRYPTED = "encrypted"
    UNKNOWN_MANIFEST = "unknown_manifest"
    NOT_READY = "not_ready"
    """401/4005."""
    NOT_FOUND = "not_found"
    """404/2001."""
    OTHER_TRACK = "other_track"
    """The answer is about another track."""
    ATMOS = "atmos"
    """5.1, whatever is asked for."""
    SURROUND = "surround"
    """Said to be stereo, and 5.1 all the same."""
    LOSSY = "lossy"
    """Said to be FLAC, and AAC all the same."""
    SHORT = "short"
    """Said to be the whole track, and half of it."""
    CUT_OFF = "cut_off"
    """The audio ends in the middle of a packet."""
    EMPTY_SEGMENT = "empty_segment"
    """The last DASH segment is empty, with 200."""
    SHELL_SEGMENT = "shell_segment"
    """The last DASH segment has an index of no samples."""
    INIT_ONLY = "init_only"
    """Every DASH segment but the initialization is empty."""


@dataclass(frozen=True, slots=True)
class Artist:
    """A name with TIDAL's id."""

    id: int
    name: str


@dataclass(slots=True)
class Album:
    """A release; ``cover`` is the uuid under which its picture is served, None for none."""

    id: int
    title: str
    artists: tuple[Artist, ...]
    cover: str | None
    release_date: str = "2024-05-17"


@dataclass(slots=True)
class Track:
    """A track; tests may change any field, answers follow."""

    id: int
    title: str
    artists: tuple[Artist, ...]
    album: Album | None
    duration: int  # seconds; the audio is exactly as long
    version: str | None = None
    isrc: str | None = None
    quality: Quality = Quality.LOSSLESS
    availability: Availability = Availability.AVAILABLE
    explicit: bool = False
    number: int = 1
    volume: int = 1
    bpm: float | None = None
    key: tuple[str, str] | None = None
    """In TIDAL's words: ``("FSharp", "MINOR")``."""
    gain: float | None = -8.4
    """dB; None: TIDAL does not say, nor the peak."""
    peak: float | None = 0.97
    lyrics: str | None = None
    subtitles: str | None = None
    """The lyrics with times, as LRC."""
    hires_rate: int = RATE
    """Hz, of what comes as HI_RES_LOSSLESS."""
    atmos: bool = False
    """There is an Atmos version, which comes unless stereo is asked for."""
    blemishes: dict[Quality, Blemish] = field(default_factory=dict)
    """By the tier that is asked for."""
    audio_id: int | None = None
    """The id whose tune this track plays; None for its own."""

    @property
    def tune(self) -> int:
        """The seed of the audio."""
        return self.id if self.audio_id is None else self.audio_id


@dataclass(slots=True)
class Video:
    """A music video: it stands in playlists and is no business of an audio library."""

    id: int
    title: str
    artists: tuple[Artist, ...]
    duration: int = 180


@dataclass(slots=True)
class Mix:
    """A list that TIDAL makes: it changes by itself, and its id is no uuid."""

    id: str
    title: str
    tracks: list[Track | Video]
    updated: datetime
    kind: str = "DAILY_MIX"  # or DISCOVERY_MIX, NEW_RELEASE_MIX, TRACK_MIX, VIDEO_DAILY_MIX, …
    made: bool = True
    """It stands on the page of mixes that are made for the account."""
    saved: datetime | None = None
    """When the user took it into the collection; it need not stand on that page."""


@dataclass(slots=True)
class Entry:
    """One place of a playlist; ``uuid`` tells two places of the same track apart."""

    uuid: str
    item: Track | Video
    added: datetime
    index: int  # a sparse sort key, not a position


@dataclass(slots=True)
class Folder:
    """A folder for playlists; ``parent`` is the id of another or ``root``."""

    id: str
    name: str
    parent: str
    created: datetime


@dataclass(slots=True)
class Playlist:
    """A playlist of the user's (``creator_id`` is the user's id) or one the user follows."""

    uuid: str
    title: str
    creator_id: int
    created: datetime
    last_updated: datetime
    collected: datetime | None
    """When it came into the user's collection; None if it is not there any more."""
    folder: str = "root"
    description: str = ""
    creator_name: str | None = None
    public: bool = False
    kind: str = "USER"  # or EDITORIAL, ARTIST
    image: str | None = None
    entries: list[Entry] = field(default_factory=list)

    @property
    def tracks(self) -> list[Track]:
        """The tracks in order, repeated ones repeated."""
        return [entry.item for entry in self.entries if isinstance(entry.item, Track)]

    @property
    def etag(self) -> str:
        """Moves exactly with ``last_updated``, as far as recordings show."""
        return f'"{round(self.last_updated.timestamp() * 1000)}"'
