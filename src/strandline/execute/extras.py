"""What goes into a track's tags and has to be asked for by itself: the cover and the lyrics."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from strandline.errors import InterruptedRunError, LoginError, StrandlineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strandline.core.ids import TrackId
    from strandline.core.lyrics import Lyrics
    from strandline.execute.ports import AudioSourcePort, Cover, DownloadRequest, TagChoice

log = logging.getLogger(__name__)

_NO_COVER = "no cover in the tags: TIDAL's picture server did not give it."
_NO_LYRICS = "no lyrics in the tags: TIDAL did not answer when asked for them."


class Extras(NamedTuple):
    """Of one track; None for what there is not."""

    cover: Cover | None = None
    lyrics: Lyrics | None = None


NO_EXTRAS = Extras()


class ExtraSource:
    """Asks for them, in any thread, and remembers what did not come: audio is audio without."""

    def __init__(self, source: AudioSourcePort, wanted: TagChoice) -> None:
        self._source, self._wanted = source, wanted
        self._no_cover: set[TrackId] = set()
        self._no_lyrics: set[TrackId] = set()

    def of(self, request: DownloadRequest) -> Extras:
        """LoginError, InterruptedRunError: they end the run, and the track is fetched again."""
        return Extras(
            self._cover(request) if self._wanted.cover else None,
            self._lyrics(request) if self._wanted.lyrics or self._wanted.lyrics_file else None,
        )

    def _cover(self, request: DownloadRequest) -> Cover | None:
        cover = self._source.cover(request)
        if cover is None and request.cover_url:
            self._no_cover.add(request.track)
        return cover

    def _lyrics(self, request: DownloadRequest) -> Lyrics | None:
        try:
            return self._source.lyrics(request)
        except (LoginError, InterruptedRunError):
            raise
        except StrandlineError as error:
            log.warning("No lyrics of track %s: %s", request.track, error)
            self._no_lyrics.add(request.track)
            return None

    def notes(self) -> Iterator[str]:
        """What did not come, in words for the end of the run."""
        for tracks, why in ((self._no_cover, _NO_COVER), (self._no_lyrics, _NO_LYRICS)):
            if number := len(tracks):
                have = "1 track has" if number == 1 else f"{number:,} tracks have"
                yield f"{have} {why}"
