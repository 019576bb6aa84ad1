"""A track's audio and its cover: which quality TIDAL gives, where it is, and getting it here."""

from __future__ import annotations

from collections.abc import Callable

from strandline.core.ids import TrackId
from strandline.core.lyrics import Lyrics
from strandline.errors import DownloadError, StrandlineError, UnreachableError
from strandline.tidal.client import TidalClient
from strandline.tidal.endings import ending
from strandline.tidal.http import TRY_LATER
from strandline.tidal.lyrics import fetch_lyrics
from strandline.tidal.media import AudioSink, CannotResumeError, Media, Piece
from strandline.tidal.playback import Playback, PlaybackRequest
from strandline.tidal.probe import offers, plays
from strandline.tidal.refusals import RefusedError
from strandline.tidal.segments import Segment, no_sound
from strandline.tidal.source import AudioSource
from strandline.tidal.transport import read_body, tidal_errors

RESTARTS = 3
COVER_BYTES = 16 * 1024 * 1024
COVER_TRIES = 3
"""Of one picture, while its server has a fault; the next track of the album asks again."""
MOST_BYTES_PER_SECOND = 2_500_000
"""More than 24 bit at 192 kHz in stereo takes even without compression, twice over."""
LEAST_CAP, NO_DURATION_CAP = 64 << 20, 4 << 30
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def fetch_audio_source(client: TidalClient, track_id: TrackId, quality: str) -> AudioSource:
    """Where one track's audio is. See ``Playback.source``."""
    return Playback(client).source(PlaybackRequest(track_id, quality))


def _uncounted(_bytes: int) -> None: ...


class AudioStreams:
    """Audio and covers, for as many threads as the client's wire has connections."""

    def __init__(self, client: TidalClient) -> None:
        self._client, self._playback = client, Playback(client)
        self._media = Media(client.http)

    def close(self) -> None:
        """Give the connections back."""
        self._media.close()

    def source(self, wanted: PlaybackRequest) -> AudioSource:
        """See ``Playback.source``."""
        return self._playback.source(wanted)

    def plays(self, track: TrackId) -> None:
        """See ``probe.plays``."""
        plays(self._client, track)

    def offers(self, track: TrackId) -> bool:
        """See ``probe.offers``."""
        return offers(self._client, track)

    def lyrics(self, track: TrackId) -> Lyrics | None:
        """See ``lyrics.fetch_lyrics``."""
        return fetch_lyrics(self._client, track)

    def ending(self, refused: RefusedError) -> StrandlineError:
        """What a run ends with when this refusal meets every track."""
        return ending(refused, self._client.token().way)

    def fetch(
        self,
        wanted: PlaybackRequest,
        open_sink: Callable[[AudioSource], AudioSink],
        *,
        duration: int | None = None,
        count: Callable[[int], object] = _uncounted,
    ) -> AudioSource:
        """Source and download in one; an address that expired meanwhile is asked for anew, once.

        ``open_sink`` is called once, when the kind of audio is known. A DownloadError names the
        tier that did not come, for another one to be tried.
        """
        source = self.source(wanted)
        sink = open_sink(source)
        try:
            return self._fetched(wanted, source, sink, duration, count)
        except DownloadError as error:
            error.tier = source.asked
            raise

    def _fetched(
        self,
        wanted: PlaybackRequest,
        source: AudioSource,
        sink: AudioSink,
        duration: int | None,
        count: Callable[[int], object],
    ) -> AudioSource:
        try:
            self.download(source, sink, duration=duration, count=count)
        except DownloadError as error:
            if error.code != "gone":
                raise
            sink.restart()
            again = self.source(wanted)
            if (again.extension, again.tier) != (source.extension, source.tier):
                raise
            self.download(again, sink, duration=duration, count=count)
            return again
        return source

    def download(
        self,
        source: AudioSource,
        sink: AudioSink,
        *,
        duration: int | None = None,
        count: Callable[[int], object] = _uncounted,
    ) -> int:
        """Write the audio to ``sink`` and return its bytes; memory stays flat.

        ``duration`` (seconds) bounds how much is taken. ``count`` hears of every byte, and of
        those of a restart again; what it raises ends the download. DownloadError with a code,
        UnreachableError when the server cannot be reached at all.
        """
        for _ in range(RESTARTS):
            try:
                return self._pieces(source, sink, _cap(duration), count)
            except CannotResumeError:
                sink.restart()
        raise DownloadError("TIDAL's audio breaks off every time.", code="truncated")

    def _pieces(
        self, source: AudioSource, sink: AudioSink, cap: int, count: Callable[[int], object]
    ) -> int:
        total = 0
        for number, url in enumerate(source.urls):
            segment = Segment(sink) if source.segmented else None
            piece = Piece(self._media, url, segment or sink, most=cap - total, first=not total)
            total += piece.read(count)
            if segment is not None:
                _require_sound(source, number, piece.got, segment)
        if not total:
            raise DownloadError("TIDAL sent audio without a single byte.", code="empty")
        return total

    def cover(self, url: str) -> tuple[bytes, str] | None:
        """A picture and its type (``image/jpeg``); None when it cannot be had. Never an error:
        audio without its cover is still the audio.
        """
        policy, limiter = self._media.http.policy, self._media.http.limiter
        for attempt in range(1, COVER_TRIES + 1):
            try:
                return self._picture(url)
            except UnreachableError:
                if attempt < COVER_TRIES:
                    limiter.sleep(policy.backoff(attempt, limiter.jitter()))
            except DownloadError:
                return None
        return None

    def _picture(self, url: str) -> tuple[bytes, str] | None:
        with self._media.open(url) as response, tidal_errors():
            if response.status_code in TRY_LATER:
                raise UnreachableError(f"TIDAL's covers have a fault ({response.status_code}).")
            data = read_body(response, cap=COVER_BYTES) if response.status_code == 200 else b""
        mime = next((kind for head, kind in _PICTURES.items() if data.startswith(head)), None)
        return (data, mime) if mime else None


def _require_sound(source: AudioSource, number: int, size: int, segment: Segment) -> None:
    """Every piece that the manifest names holds bytes, and sound unless it is an initialization."""
    boxes = source.extension == ".m4a" and number >= source.inits
    if not size or (boxes and not segment.has_sound):
        raise no_sound(number + 1, len(source.urls))


def fetch_cover(client: TidalClient, url: str) -> tuple[bytes, str] | None:
    """One cover, with a connection of its own. See ``AudioStreams.cover``."""
    streams = AudioStreams(client)
    try:
        return streams.cover(url)
    finally:
        streams.close()


def _cap(duration: int | None) -> int:
    if not duration or duration < 0:
        return NO_DURATION_CAP
    return max(LEAST_CAP, duration * MOST_BYTES_PER_SECOND)
