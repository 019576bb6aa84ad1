"""A track's audio and its cover: which quality TIDAL gives, where it is, and getting it here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from strandline.core.ids import TrackId
from strandline.errors import DownloadError, UnreachableError
from strandline.tidal.address import check_address
from strandline.tidal.client import TidalClient
from strandline.tidal.manifest import read_manifest
from strandline.tidal.media import AudioSink, CannotResumeError, Media, Piece
from strandline.tidal.refusals import RefusedError, Scope
from strandline.tidal.source import AudioSource, bad_manifest
from strandline.tidal.transport import read_body, tidal_errors
from strandline.tidal.wire import TRY_LATER

QUALITIES = {
    "low": ("LOW",),
    "high": ("HIGH", "LOW"),
    "lossless": ("LOSSLESS", "HIGH", "LOW"),
    "hires": ("HI_RES_LOSSLESS", "LOSSLESS", "HIGH", "LOW"),
}
"""By the word in the configuration: what is asked for, in turn, while TIDAL refuses."""
RESTARTS = 3
COVER_BYTES = 16 * 1024 * 1024
COVER_TRIES = 3
"""Of one picture, while its server has a fault; the next track of the album asks again."""
MOST_BYTES_PER_SECOND = 2_500_000
"""More than 24 bit at 192 kHz in stereo takes even without compression, twice over."""
LEAST_CAP, NO_DURATION_CAP = 64 << 20, 4 << 30
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def fetch_audio_source(client: TidalClient, track_id: TrackId, quality: str) -> AudioSource:
    """Where the audio of a track is, in the best quality up to ``quality`` that TIDAL gives.

    DownloadError with one of the codes ``preview``, ``encrypted``, ``bad_manifest``,
    ``forbidden_address``; RefusedError of ``Scope.TIER`` when every tier is refused, of another
    scope at the first such refusal; LoginError, UnreachableError.
    """
    tiers = QUALITIES[quality]
    for asked in tiers[:-1]:
        try:
            return _source(client, _playback(client, track_id, asked))
        except RefusedError as error:
            if error.scope is not Scope.TIER:
                raise
    return _source(client, _playback(client, track_id, tiers[-1]))


def _playback(client: TidalClient, track_id: TrackId, quality: str) -> dict[str, Any]:
    params = {
        "playbackmode": "STREAM",
        "assetpresentation": "FULL",
        "audioquality": quality,
    }
    path = f"tracks/{track_id}/playbackinfopostpaywall"
    return client.get(path, params, what=f"track {track_id}", playback=True).document


def _source(client: TidalClient, answer: dict[str, Any]) -> AudioSource:
    if answer.get("assetPresentation") not in (None, "FULL"):
        raise DownloadError(
            "TIDAL gives only a preview of this track.",
            hint="The account may need a subscription that plays it whole.",
            code="preview",
        )
    source = read_manifest(answer)
    if not source.urls:
        raise bad_manifest("names no address")
    for url in source.urls:
        check_address(url, client.wire.origin)
    return source


def _uncounted(_bytes: int) -> None: ...


class AudioStreams:
    """Audio and covers, for as many threads as the client's wire has connections."""

    def __init__(self, client: TidalClient) -> None:
        self._client = client
        self._media = Media(client.wire)

    def close(self) -> None:
        """Give the connections back."""
        self._media.close()

    def source(self, track_id: TrackId, quality: str) -> AudioSource:
        """See ``fetch_audio_source``."""
        return fetch_audio_source(self._client, track_id, quality)

    def fetch(
        self,
        track_id: TrackId,
        quality: str,
        open_sink: Callable[[AudioSource], AudioSink],
        *,
        duration: int | None = None,
        count: Callable[[int], object] = _uncounted,
    ) -> AudioSource:
        """Source and download in one; an address that expired meanwhile is asked for anew, once.

        ``open_sink`` is called once, when the kind of audio is known.
        """
        source = self.source(track_id, quality)
        sink = open_sink(source)
        try:
            self.download(source, sink, duration=duration, count=count)
        except DownloadError as error:
            if error.code != "gone":
                raise
            sink.restart()
            again = self.source(track_id, quality)
            if again.extension != source.extension:
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
        for url in source.urls:
            piece = Piece(self._media, url, sink, most=cap - total, first=not total)
            total += piece.read(count)
        if not total:
            raise DownloadError("TIDAL sent audio without a single byte.", code="empty")
        return total

    def cover(self, url: str) -> tuple[bytes, str] | None:
        """A picture and its type (``image/jpeg``); None when it cannot be had. Never an error:
        audio without its cover is still the audio.
        """
        policy, pace = self._media.wire.policy, self._media.wire.pace
        for attempt in range(1, COVER_TRIES + 1):
            try:
                return self._picture(url)
            except UnreachableError:
                if attempt < COVER_TRIES:
                    pace.sleep(policy.backoff(attempt, pace.jitter()))
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
