"""Audio from TIDAL itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from strandline.core.quality import is_below
from strandline.execute.ports import Counter, Cover, DownloadRequest, Fetched
from strandline.execute.prepare import below_floor, require_better
from strandline.library.files.errors import error_from_oserror

if TYPE_CHECKING:
    from strandline.core.ids import TrackId
    from strandline.core.loudness import ReplayGain
    from strandline.core.lyrics import Lyrics
    from strandline.errors import StrandlineError
    from strandline.library.files import LibraryFiles
    from strandline.tidal.refusals import RefusedError
    from strandline.tidal.source import AudioSource
    from strandline.tidal.stream import AudioStreams

COVERS = 32
"""Kept in memory: the tracks of an album often come one after the other."""


class TidalSource:
    """An AudioSourcePort over TIDAL's streams, in the best quality up to ``quality``.

    What TIDAL says is below ``floor`` is not even fetched.
    """

    def __init__(
        self, streams: AudioStreams, quality: str, floor: str = "low", *, cover: int = 1000
    ) -> None:
        """``cover``: pixels; 0 for none."""
        self._streams, self._pixels = streams, cover
        self._quality, self._floor = quality, floor
        self._cover = lru_cache(COVERS)(self._found)

    def fetch(self, request: DownloadRequest, files: LibraryFiles, count: Counter) -> Fetched:
        """See AudioSourcePort."""
        from strandline.tidal.media import FileSink
        from strandline.tidal.playback import PlaybackRequest

        wanted = PlaybackRequest(request.track, self._quality, request.hires, request.without)

        def open_sink(source: AudioSource) -> FileSink:
            require_better(request, source.tier.word)
            if is_below(source.tier.word, self._floor):
                raise below_floor(f"track {request.track}", source.tier.word, self._floor)
            return FileSink(temp.fd)

        temp = files.new_temp()
        try:
            source = self._streams.fetch(wanted, open_sink, duration=request.duration, count=count)
        except OSError as error:
            temp.discard()
            raise error_from_oserror(
                error, f"{request.tags.artist} - {request.tags.title}"
            ) from error
        except BaseException:
            temp.discard()
            raise
        return Fetched(temp, source.asked, source.tier, source.mode, source.replay_gain)

    def plays(self, track: TrackId) -> None:
        """See Inquiry."""
        self._streams.plays(track)

    def offers(self, track: TrackId) -> bool:
        """See Inquiry."""
        return self._streams.offers(track)

    def ending(self, refused: RefusedError) -> StrandlineError:
        """See Inquiry."""
        return self._streams.ending(refused)

    def lyrics(self, request: DownloadRequest) -> Lyrics | None:
        """See AudioSourcePort."""
        return self._streams.lyrics(request.track)

    def loudness(self, request: DownloadRequest) -> ReplayGain | None:
        """See LoudnessSource."""
        from strandline.tidal.playback import PlaybackRequest

        wanted = PlaybackRequest(request.track, self._quality, request.hires, request.without)
        return self._streams.source(wanted).replay_gain

    def cover(self, request: DownloadRequest) -> Cover | None:
        """See AudioSourcePort. Two threads may ask for the same cover at once; that is harmless."""
        try:
            return self._cover(request.cover_url) if request.cover_url and self._pixels else None
        except LookupError:  # is kept nowhere, so that the album's next track asks again
            return None

    def _found(self, url: str) -> Cover:
        from strandline.library.tags.picture import shrunk
        from strandline.tidal.pictures import cover_addresses

        for address in cover_addresses(url, self._pixels):
            if found := self._streams.cover(address):
                return Cover(*shrunk(*found, self._pixels))
        raise LookupError(url)
