"""Audio from TIDAL itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from strandline.execute.ports import Counter, Cover, Order
from strandline.library.files.errors import told

if TYPE_CHECKING:
    from strandline.library.files import LibraryFiles, Temp
    from strandline.tidal.stream import AudioStreams

COVERS = 32
"""Kept in memory: the tracks of an album often come one after the other."""


class TidalSource:
    """An AudioSourcePort over TIDAL's streams, in the best quality up to ``quality``."""

    def __init__(self, streams: AudioStreams, quality: str) -> None:
        self._streams = streams
        self._quality = quality
        self._cover = lru_cache(COVERS)(self._found)

    def fetch(self, order: Order, files: LibraryFiles, count: Counter) -> Temp:
        """See AudioSourcePort."""
        from strandline.tidal.media import FileSink

        temp = files.new_temp()
        try:
            self._streams.fetch(
                order.track,
                self._quality,
                lambda _: FileSink(temp.fd),
                duration=order.duration,
                count=count,
            )
        except OSError as error:
            temp.discard()
            raise told(error, f"{order.tags.artist} - {order.tags.title}") from error
        except BaseException:
            temp.discard()
            raise
        return temp

    def cover(self, order: Order) -> Cover | None:
        """See AudioSourcePort. Two threads may ask for the same cover at once; that is harmless."""
        try:
            return self._cover(order.cover_url) if order.cover_url else None
        except LookupError:  # is kept nowhere, so that the album's next track asks again
            return None

    def _found(self, url: str) -> Cover:
        found = self._streams.cover(url)
        if found is None:
            raise LookupError(url)
        return Cover(*found)
