"""Audio fetched from the stand-in into memory."""

from __future__ import annotations

import io
from pathlib import Path

import av
from tidal_side import FakeTime, client_of

from strandline.core.ids import TrackId
from strandline.demo.model import Track
from strandline.demo.server import StandIn
from strandline.tidal.playback import PlaybackRequest
from strandline.tidal.source import AudioSource
from strandline.tidal.stream import AudioStreams


class Sink:
    """Audio in memory, and how often it began anew."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.restarts = 0

    def write(self, data: bytes) -> None:
        self.data += data

    def restart(self) -> None:
        self.data.clear()
        self.restarts += 1


def seconds_of(data: bytes) -> float:
    with av.open(io.BytesIO(bytes(data))) as file:
        stream = file.streams.audio[0]
        return float(sum(frame.samples for frame in file.decode(stream)) / stream.rate)


def get(
    tidal: StandIn, state: Path, track: Track, quality: str = "lossless", *, hires: bool = False
) -> tuple[Sink, AudioSource]:
    wanted = PlaybackRequest(id_of(track), quality, hires)
    streams, sink = AudioStreams(client_of(tidal, state, FakeTime())), Sink()
    try:
        source = streams.fetch(wanted, lambda _source: sink, duration=track.duration)
    finally:
        streams.close()
    return sink, source


def id_of(track: Track) -> TrackId:
    return TrackId(str(track.id))
