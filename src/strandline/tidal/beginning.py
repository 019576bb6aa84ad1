"""How a track begins: the first bytes of the lowest quality that TIDAL gives, and no more.

An MP4 whose index comes last, which tells nothing before it is whole, is fetched whole.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from strandline.core.quality import Tier
from strandline.tidal.media import FileSink
from strandline.tidal.playback import PlaybackRequest

if TYPE_CHECKING:
    from strandline.core.ids import TrackId
    from strandline.tidal.source import AudioSource
    from strandline.tidal.stream import AudioStreams

_BYTES_A_SECOND: Final = {
    Tier.LOW: 12_500, Tier.HIGH: 41_000, Tier.LOSSLESS: 180_000, Tier.HI_RES_LOSSLESS: 600_000,
}  # fmt: skip
_HEADERS: Final = 128 << 10
"""Bytes in front of the sound: an index of a long track, a cover."""


class _EnoughError(Exception):
    """Nothing more is to be fetched."""


class _FirstBytes(FileSink):
    """Writes until there are enough."""

    def __init__(self, handle: int, seconds: float) -> None:
        super().__init__(handle)
        self._seconds, self._most, self.got = seconds, 0, 0
        self._first = bytearray()

    def meant_for(self, source: AudioSource) -> _FirstBytes:
        """As many as the quality that comes needs for so many seconds."""
        self._most = round(_BYTES_A_SECOND[source.tier] * self._seconds) + _HEADERS
        return self

    def write(self, data: bytes) -> None:
        """All of it; _EnoughError once that is enough."""
        super().write(data)
        self.got += len(data)
        self._first += data[: max(0, _HEADERS - len(self._first))]
        if self.got >= self._most and not index_comes_last(self._first):
            raise _EnoughError

    def restart(self) -> None:
        """An empty file again."""
        super().restart()
        self.got = 0
        self._first.clear()


def index_comes_last(first: bytes | bytearray) -> bool:
    """Whether the first bytes are of an MP4 in which the sound comes before its index."""
    at = 0
    while first[4:8] == b"ftyp" and at + 16 <= len(first):
        size, kind = int.from_bytes(first[at : at + 4], "big"), bytes(first[at + 4 : at + 8])
        if kind in (b"moov", b"mdat"):
            return kind == b"mdat"
        if size == 1:  # told in the next eight bytes
            size = int.from_bytes(first[at + 8 : at + 16], "big")
        if size < 8:
            return False
        at += size
    return False


def fetch_beginning(
    streams: AudioStreams,
    track: TrackId,
    handle: int,
    seconds: float,
    count: Callable[[int], object],
) -> int:
    """Write how the track begins to an open file, and return its bytes; a short one comes whole.

    ``count`` hears of every byte. Errors as ``AudioStreams.fetch``.
    """
    sink = _FirstBytes(handle, seconds)
    with suppress(_EnoughError):
        streams.fetch(PlaybackRequest(track, Tier.LOW.word), sink.meant_for, count=count)
    return sink.got
