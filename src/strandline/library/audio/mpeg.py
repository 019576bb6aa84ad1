"""The frames of an MP3, found by the format's own rules (ISO 11172-3 and 13818-3, 2.4).

What is no frame is told apart by where it lies: tags anywhere and rubbish in front of the first or
behind the last frame harm nothing; in between, sound is missing.
"""

from __future__ import annotations

import mmap
import os
from array import array
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from strandline.library.audio.containers import id3_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Bytes = bytes | mmap.mmap

_V1: Final = {
    3: (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}  # fmt: skip
_V2: Final = {
    3: (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    1: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}  # fmt: skip
"""kbit/s by the header's two layer bits and its four bitrate bits; 0: free format."""
_RATES: Final = {
    3: (44_100, 48_000, 32_000),
    2: (22_050, 24_000, 16_000),
    0: (11_025, 12_000, 8_000),
}
_SEEK: Final = 1 << 20  # bytes between two frames beyond which nothing more is looked for


class Header(NamedTuple):
    """What a frame's first three bytes say."""

    size: int  # bytes
    samples: int
    rate: int  # Hz
    kind: int
    """Version, layer and rate: the same in all frames of a stream."""


@dataclass(slots=True)
class Frames:
    """Where the frames of an MP3 are, and what lies between them."""

    starts: array[int] = field(default_factory=lambda: array("Q"))
    sizes: array[int] = field(default_factory=lambda: array("L"))
    rate: int = 0
    samples: int = 0
    """Of the frames that hold sound."""
    promised: int | None = None
    """Frames with sound, by the Xing, Info or VBRI header."""
    padding: int = 0
    """Samples in front and at the end that an encoder added, by LAME's header."""
    leading: int = 0
    """Bytes in front of the first frame that are no tag."""
    gaps: int = 0
    """Bytes between frames that are neither frame nor tag."""
    trailing: int = 0
    """Bytes behind the last frame that are no tag."""
    cut: bool = False
    """The last frame is shorter than its header says."""

    @property
    def seconds(self) -> float:
        """How long the sound is."""
        return self.heard / self.rate if self.rate else 0.0

    @property
    def heard(self) -> int:
        """Samples without the padding."""
        return max(self.samples - self.padding, 0)

    @property
    def missing(self) -> int:
        """Frames that are promised and not there."""
        return max((self.promised or 0) - len(self.starts), 0)


def header_of(data: Bytes, at: int) -> Header | None:
    """The frame header at ``at``; None where there is none, and for the free format."""
    three = data[at : at + 3]
    if len(three) < 3 or three[0] != 0xFF or three[1] < 0xE0:
        return None
    return _HEADERS.get(three[1] << 8 | three[2])


def _headers() -> Iterator[tuple[int, Header]]:
    for version, rates in _RATES.items():
        for layer in (3, 2, 1):
            table = (_V1 if version == 3 else _V2)[layer]
            samples = 384 if layer == 3 else 576 if layer == 1 and version != 3 else 1152
            for index, kbit in enumerate(table[1:], 1):
                for number, rate in enumerate(rates):
                    for padding in (0, 1):
                        bits = samples // 8 * kbit * 1000 // rate
                        size = (bits // 4 + padding) * 4 if layer == 3 else bits + padding
                        kind = version << 4 | layer << 2 | number
                        first = 0xE0 | version << 3 | layer << 1
                        second = index << 4 | number << 2 | padding << 1
                        for loose in range(4):  # no CRC; the private bit
                            key = (first | loose & 1) << 8 | second | loose >> 1
                            yield key, Header(size, samples, rate, kind)


_HEADERS: Final = dict(_headers())


@contextmanager
def mapped(path: str | Path) -> Iterator[Bytes]:
    """A file's bytes, without reading them all. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if not os.fstat(fd).st_size:
            yield b""
            return
        with mmap.mmap(fd, 0, access=mmap.ACCESS_READ) as data:
            yield data
    finally:
        os.close(fd)


def find_frames(data: Bytes) -> Frames:
    """All frames; the one with the Xing, Info or VBRI header, which holds no sound, is not among
    them."""
    found, end = Frames(), len(data)
    at = after_tags(data, 0)
    at = min(10, end) if at == end else at  # a tag that claims the whole file
    start = _next_frame(data, at, far=True)
    if start is None:
        return found
    found.leading = start - at
    at, first = start, header_of(data, start)
    assert first
    found.rate = first.rate
    if (promised := _promised(data, at, first)) is not None:
        found.promised, found.padding = promised
        at += first.size
    _walk(data, at, end, first.kind, found)
    return found


def _walk(data: Bytes, at: int, end: int, kind: int, found: Frames) -> None:
    starts, sizes = found.starts, found.sizes
    while at < end:
        header = header_of(data, at)
        if header and (header.kind == kind or _goes_on(data, at, header)):
            if at + header.size > end:
                found.cut, found.trailing = True, end - at
                return
            starts.append(at)
            sizes.append(header.size)
            found.samples += header.samples
            at += header.size
            continue
        after = after_tags(data, at)
        if after == at:
            following = _next_frame(data, at + 1)
            if following is None:
                found.trailing = _rubbish(data, at, end)
                return
            found.gaps += following - at
            after = following
        at = after


def _next_frame(data: Bytes, at: int, *, far: bool = False) -> int | None:
    """Where the next frame begins that is followed by another, by a tag or by the end."""
    end = len(data) if far else min(len(data), at + _SEEK)
    while (at := data.find(b"\xff", at, end)) >= 0:
        header = header_of(data, at)
        if header and _goes_on(data, at, header):
            return at
        at += 1
    return None


def _goes_on(data: Bytes, at: int, header: Header) -> bool:
    for _ in range(2):
        at += header.size
        if at == len(data) or after_tags(data, at) > at:
            return True
        following = header_of(data, at)
        if following is None or following.kind != header.kind:
            return False
        header = following
    return True


def _promised(data: Bytes, at: int, header: Header) -> tuple[int, int] | None:
    """What the header in a first frame says: frames (0: it does not say) and padding in samples.

    None where the frame holds no such header, but sound.
    """
    frame = data[at : at + header.size]
    mpeg1, mono = header.kind >> 4 == 3, frame[3] >> 6 == 3
    side = (17 if mono else 32) if mpeg1 else (9 if mono else 17)
    for place in (4 + side, 6 + side):  # the second one behind a CRC
        if frame[place : place + 4] in (b"Xing", b"Info"):
            flags, after = frame[place + 7 : place + 8], place + 8
            has = flags[0] if flags else 0
            count = int.from_bytes(frame[after : after + 4], "big") if has & 1 else 0
            after += 4 * (has & 1) + 2 * (has & 2) + 25 * (has & 4) + (has & 8) // 2
            return count, _padding(frame[after : after + 24])
    if frame[36:40] == b"VBRI":
        return int.from_bytes(frame[50:54], "big"), 0
    return None


def _padding(lame: bytes) -> int:
    if lame[:4] not in (b"LAME", b"Lavf", b"Lavc") or len(lame) < 24:
        return 0
    both = int.from_bytes(lame[21:24], "big")
    return (both >> 12) + (both & 0xFFF)


# ---------------------------------------------------------------- tags


def after_tags(data: Bytes, at: int) -> int:
    """Where the tags that begin at ``at`` end (ID3v2, ID3v1, APEv2, Lyrics3); ``at`` for none."""
    while (after := _after_tag(data, at)) > at:
        at = after
    return min(at, len(data))


def _after_tag(data: Bytes, at: int) -> int:
    head = data[at : at + 32]
    if head[:3] == b"ID3" and len(head) >= 10 and head[3] < 0xFF and max(head[6:10]) < 0x80:
        return at + id3_end(head)
    if head[:3] == b"TAG" and len(data) - at <= 128 + 355:
        return at + 128
    if head[:4] == b"TAG+":
        return at + 227
    if head[:8] == b"APETAGEX" and len(head) == 32:
        size = int.from_bytes(head[12:16], "little")
        flags = int.from_bytes(head[20:24], "little")
        return at + (32 + size if flags & 1 << 29 else 32)
    if head[:11] == b"LYRICSBEGIN":
        ends = (data.find(word, at, at + _SEEK) for word in (b"LYRICS200", b"LYRICSEND"))
        return max(at, *(end + 9 for end in ends if end >= 0), at)
    return at


def _rubbish(data: Bytes, at: int, end: int) -> int:
    """Bytes behind the last frame that are no tag, should one follow them."""
    for word in (b"APETAGEX", b"LYRICSBEGIN", b"ID3", b"TAG"):
        tag = data.find(word, at, end)
        if tag >= 0 and after_tags(data, tag) >= end - 128:
            return tag - at
    return end - at


def before_tags(data: Bytes) -> int:
    """Where the tags at the end of a file begin (APEv2, Lyrics3, ID3v1); its end for none."""
    end = len(data)
    if end >= 128 and data[end - 128 : end - 125] == b"TAG":
        end -= 128
    footer = data[max(end - 32, 0) : end]
    if footer[:8] == b"APETAGEX":
        size, flags = (
            int.from_bytes(footer[12:16], "little"),
            int.from_bytes(footer[20:24], "little"),
        )
        end -= min(end, size + (32 if flags & 1 << 31 else 0))
    return end
