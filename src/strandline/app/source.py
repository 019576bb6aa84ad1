"""Where the audio of a run comes from, by the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.execute.ports import Cover
from strandline.tidal.media import FileSink
from strandline.tidal.stream import AudioStreams

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.execute.ports import AudioSourcePort, Counter, Order
    from strandline.library.files import LibraryFiles, Temp
    from strandline.tidal.client import TidalClient


def audio_source(session: Session, client: TidalClient) -> AudioSourcePort:
    """TIDAL itself, or the person's own downloader; closed with the session."""
    streams = AudioStreams(client)
    session.closing.callback(streams.close)
    return TidalAudio(streams, session.config.tidal_quality)


class TidalAudio:
    """Streams from TIDAL into temporary files."""

    def __init__(self, streams: AudioStreams, quality: str) -> None:
        self._streams, self._quality = streams, quality

    def fetch(self, order: Order, files: LibraryFiles, count: Counter) -> Temp:
        """The track's audio as it came; errors as the port says."""
        temp = files.new_temp()
        try:
            self._streams.fetch(
                order.track,
                self._quality,
                lambda _source: FileSink(temp.fd),
                duration=order.duration,
                count=count,
            )
        except BaseException:
            temp.discard()
            raise
        return temp

    def cover(self, order: Order) -> Cover | None:
        """The album's picture; None when there is none or it cannot be had."""
        picture = self._streams.cover(order.cover_url) if order.cover_url else None
        return Cover(*picture) if picture else None
