"""Where the audio of a run comes from, by the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from strandline.execute.sources.command import CommandSource
from strandline.execute.sources.tidal import TidalSource

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.execute.ports import AudioSourcePort, Counter, DownloadRequest
    from strandline.library.files import LibraryFiles
    from strandline.tidal.client import TidalClient


def audio_source(session: Session, client: TidalClient) -> AudioSourcePort:
    """TIDAL itself, or the person's own downloader with TIDAL's covers. ConfigError."""
    from strandline.tidal.stream import AudioStreams

    config = session.config
    streams = AudioStreams(client)
    session.closing.callback(streams.close)
    tidal = TidalSource(
        streams, config.tidal_quality, config.tidal_quality_floor, cover=config.tags_cover
    )
    if config.download_source == "command":
        return CommandSource(
            config.download_command,
            config.tidal_quality,
            cover=tidal.cover,
            lyrics=tidal.lyrics,
        )
    return tidal


class NoSource:
    """For work that downloads nothing."""

    def fetch(self, request: DownloadRequest, _files: LibraryFiles, _count: Counter) -> NoReturn:
        """Never called."""
        raise AssertionError(f"nothing is downloaded here, not even {request.track}")

    def cover(self, _order: DownloadRequest) -> None:
        """There is none."""

    def lyrics(self, _order: DownloadRequest) -> None:
        """There are none."""
