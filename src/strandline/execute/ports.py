"""The executor's ports: what it asks of others, so that each part can be swapped in a test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from strandline.core.actions import Action, Link
from strandline.core.encoding import Form
from strandline.core.ids import TrackId
from strandline.core.ledger_facts import LedgerFact
from strandline.core.quality import Tier

if TYPE_CHECKING:
    from strandline.core.loudness import ReplayGain
    from strandline.core.lyrics import Lyrics
    from strandline.errors import StrandlineError
    from strandline.library.files import LibraryFiles, Temp
    from strandline.library.tags.write import TrackTags
    from strandline.tidal.refusals import RefusedError

RESERVE = 16 << 20
"""Bytes that downloads leave free on the library's disk."""
Clock = Callable[[], datetime]
"""The time now, naive UTC."""


class ExecutionPlan(Protocol):
    """What is to be done: a Plan, or an undo."""

    @property
    def actions(self) -> Sequence[Action]:
        """In the order in which they are carried out."""

    @property
    def agreed(self) -> Iterable[LedgerFact]:
        """Facts for the ledger that hold from the beginning of the run."""

    @property
    def forgone(self) -> Sequence[Action]:
        """What is to be done once TIDAL turned out not to have a track that was to be fetched."""

    @property
    def following(self) -> Sequence[Link]:
        """Links that stand, to be named anew where audio comes under another ending."""

    @property
    def facts(self) -> Iterable[LedgerFact]:
        """Facts recognised on disk; the ledger hears of them before the first action."""


class StopFlag:
    """Raised by the first Ctrl-C: the current track is finished, nothing new is begun."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask for the end; may be called from a signal handler and more than once."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """So long, or until someone asks; then True."""
        return self._event.wait(seconds)

    def is_set(self) -> bool:
        """Whether someone asked."""
        return self._event.is_set()


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture for the tags."""

    data: bytes
    mime: str


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """A track to fetch, with what its checks and its tags need."""

    tags: TrackTags
    """All but the cover."""
    duration: int | None = None
    """Seconds, as TIDAL says; what comes may differ by two."""
    cover_url: str | None = None
    hires: bool | None = None
    """It has TIDAL's tag HIRES_LOSSLESS; None where no tags are known."""
    without: frozenset[Tier] = frozenset()
    """Tiers that were tried and came to nothing; another one is to be asked for."""
    least: Tier | None = None
    """What is below this is no better than what is there, and not fetched."""

    @property
    def track(self) -> TrackId:
        """TIDAL's id of it."""
        return self.tags.track_id

    @property
    def name(self) -> str:
        """``Artist - Title``: what a person calls it."""
        return f"{self.tags.artist} - {self.tags.title}"


class Fetched(NamedTuple):
    """Audio as it came, and what its source says of it; the file itself has the last word."""

    temp: Temp
    asked: Tier | None = None
    """What was asked for when this came; None: the source knows no tiers."""
    said: Tier | None = None
    """What the source takes it for."""
    mode: str | None = None
    """TIDAL's word: ``STEREO`` …"""
    replay_gain: ReplayGain | None = None


Counter = Callable[[int], None]
"""Told the number of bytes that just arrived; raises to break off."""


class AudioSourcePort(Protocol):
    """Where audio comes from. Called from several threads at once."""

    def fetch(self, request: DownloadRequest, files: LibraryFiles, count: Counter) -> Fetched:
        """The track's audio as it came, in a new temporary file of ``files``.

        Raises DownloadError (this track cannot be had), UnreachableError, LoginError, or
        LibraryError (no room). Leaves no temporary file behind when it raises. A DownloadError with
        a ``tier`` is about what came at that tier: with it in ``order.without``, another is tried.
        """

    def cover(self, request: DownloadRequest) -> Cover | None:
        """The album's picture; None when there is none or it cannot be had."""

    def lyrics(self, request: DownloadRequest) -> Lyrics | None:
        """None when there are none. StrandlineError when they cannot be had just now."""


@runtime_checkable
class LoudnessSource(Protocol):
    """A source that knows how loud a track is without fetching it."""

    def loudness(self, request: DownloadRequest) -> ReplayGain | None:
        """None where TIDAL does not say. StrandlineError when it cannot be had just now."""


@runtime_checkable
class Inquiry(Protocol):
    """What a source can be asked about TIDAL without fetching anything: one question each."""

    def plays(self, track: TrackId) -> None:
        """Returns when TIDAL gives out its audio. RefusedError, LoginError, UnreachableError."""

    def offers(self, track: TrackId) -> bool:
        """Whether it is on offer by TIDAL's own word; True where TIDAL does not say."""

    def ending(self, refused: RefusedError) -> StrandlineError:
        """What a run ends with when this refusal meets every track."""


class TagChoice(NamedTuple):
    """What goes into the tags besides the names."""

    id3: int = 3
    """Version of ID3v2: 3 or 4."""
    bpm_and_key: bool = True
    replaygain: bool = True
    lyrics: bool = False
    cover: bool = True
    lyrics_file: bool = False
    """Lyrics go into a file beside the audio, and not into the tags."""


EVERY_TAG = TagChoice()


@dataclass(frozen=True, slots=True)
class RunSettings:
    """The settings that shape how a plan is carried out."""

    workers: int = 4
    """Downloads at a time."""
    encoders: int = 2
    """Checks and encodings at a time."""
    audio_format: str = "mp3"
    """mp3, aiff, flac or original."""
    max_sample_rate: int = 0
    """Hz; 0: as it comes."""
    bit_depth: int = 0
    """At most so many bits a sample; 0: as it comes."""
    bitrate: int = 320
    """kbit/s of an encoded mp3."""
    quality: str = "lossless"
    """low, high, lossless or hires: sets how much room a download is expected to need."""
    quality_floor: str = "low"
    """The least that is stored; what comes below it is an item that failed."""
    tags: TagChoice = EVERY_TAG
    reserve: int = RESERVE
    """Bytes that stay free on the library's disk."""
    bytes_a_second: int = 0
    """Of all downloads together; 0 for no limit."""
    batch: int = 1000
    """Steps that share one commit and one fsync a folder."""

    @property
    def form(self) -> Form:
        """What is made of the audio that comes."""
        return Form(self.audio_format, self.max_sample_rate, self.bit_depth)
