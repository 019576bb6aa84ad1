"""Whether a segment of a stream holds sound: its boxes are counted as its bytes pass by.

A server that has lost a segment answers it empty, or as a shell without samples, with a status that
says all is well; put in a row with the others, the track would be a few seconds short.
"""

from __future__ import annotations

from collections.abc import Iterator

from strandline.errors import DownloadError
from strandline.tidal.media import AudioSink

LARGEST_INDEX = 4 << 20
"""Bytes of a ``moof`` box; a real one has a few thousand."""
_SAMPLES_AT = 12
"""Bytes into a ``trun`` box: size, type, version and flags; then the number of samples."""


class Segment:
    """A sink for the bytes of one MP4 segment, on their way to ``sink``."""

    def __init__(self, sink: AudioSink) -> None:
        self.samples = 0
        """That the segment's index names."""
        self.sound = 0
        """Bytes of sound."""
        self._sink = sink
        self._head = bytearray()
        self._kind = b""
        self._left = 0
        self._open_end = False
        self._index = bytearray()

    def write(self, data: bytes) -> None:
        """Passed on, and counted."""
        self._sink.write(data)
        view = memoryview(data)
        while view:
            view = view[self._take(view) :]

    def restart(self) -> None:
        """Never needed: a download that begins anew makes new segments."""
        self._sink.restart()

    @property
    def has_sound(self) -> bool:
        """It names samples, there are bytes for them, and no box is cut off."""
        whole = not self._head and (self._open_end or not self._left)
        return whole and self.samples > 0 and self.sound > 0

    def _take(self, view: memoryview) -> int:
        """How many bytes belong to the head or the body of the box at hand."""
        if not self._left:
            return self._take_head(view)
        size = min(self._left, len(view))
        if self._kind == b"mdat":
            self.sound += size
        elif self._kind == b"moof" and len(self._index) < LARGEST_INDEX:
            self._index += view[:size]
        self._left -= size
        if not self._left and self._kind == b"moof":
            self.samples += samples_in(bytes(self._index))
        return size

    def _take_head(self, view: memoryview) -> int:
        wanted = 16 if self._head[:4] == b"\0\0\0\1" else 8
        size = min(wanted - len(self._head), len(view))
        self._head += view[:size]
        if len(self._head) < wanted or (wanted == 8 and self._head[:4] == b"\0\0\0\1"):
            return size
        length = int.from_bytes(self._head[:4] if wanted == 8 else self._head[8:], "big")
        self._kind = bytes(self._head[4:8])
        self._open_end = length == 0
        self._left = (1 << 62) if self._open_end else max(length - wanted, 0)
        self._head.clear()
        self._index.clear()
        return size


def samples_in(moof: bytes) -> int:
    """The samples that the body of a ``moof`` box names."""
    return sum(
        int.from_bytes(trun[_SAMPLES_AT - 8 : _SAMPLES_AT - 4], "big")
        for kind, traf in _boxes(moof)
        if kind == b"traf"
        for inner, trun in _boxes(traf)
        if inner == b"trun"
    )


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each box in a row; ends at the first that does not fit."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > len(data):
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def no_sound(number: int, of: int) -> DownloadError:
    """A piece of the audio came without sound."""
    return DownloadError(
        f"TIDAL sent piece {number} of {of} of the audio without any sound.",
        hint="It is tried again in the next run.",
        code="truncated",
    )
