"""Whether a file is as long as its own container says, by the rules of each format.

Two places in a header must agree before a file counts as cut off: writers that stream leave a
length open, and careless ones get one of them wrong. Nothing is decoded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fastcrc import crc32

from strandline.library.audio.containers import Container
from strandline.library.audio.mpeg import after_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    from strandline.library.audio.mpeg import Bytes

SLACK: Final = 4096  # bytes a header may be off without meaning anything
_OPEN: Final = 0x7FFF_F000  # a length from here on in a smaller file was never filled in


class Fault(NamedTuple):
    """What is wrong with a container."""

    code: Literal["truncated", "undecodable"]
    what: str
    """To follow the file's name: "is cut off: …"."""


def fault_in(kind: Container, data: Bytes) -> Fault | None:
    """What the container itself shows to be missing; None for nothing, or for no rule."""
    rule = _RULES.get(kind)
    return rule(data, after_tags(data, 0)) if rule else None


def _cut(missing: int, of: int) -> Fault:
    return Fault("truncated", f"is cut off: {missing} of {of} bytes of sound are missing")


_NO_SOUND: Final = Fault("truncated", "is cut off before its sound")


def _uint(data: Bytes, at: int, size: int, order: Literal["little", "big"] = "little") -> int:
    return int.from_bytes(data[at : at + size], order)


class _Chunk(NamedTuple):
    name: bytes
    start: int
    size: int


def _chunks(
    data: Bytes, at: int, order: Literal["little", "big"], width: int = 4
) -> Iterator[_Chunk]:
    """Chunks of a RIFF or IFF; an odd one may or may not be followed by the byte it should be."""
    while at + 4 + width <= len(data):
        name, size = data[at : at + 4], _uint(data, at + 4, width, order)
        yield _Chunk(name, at + 4 + width, size)
        at += 4 + width + size
        if size % 2 and not data[at : at + 4].isalnum():
            at += 1


def _sound_chunk(
    data: Bytes, chunk: _Chunk, size: int, announced: int, most: int = _OPEN
) -> Fault | None:
    """``announced``: where the whole file ends by its header."""
    end = len(data)
    missing = chunk.start + size - end
    is_open = size >= most > end
    if missing <= SLACK or is_open or announced <= end + SLACK:
        return None if end > chunk.start or not size else _NO_SOUND
    return _cut(missing, size)


def _riff(data: Bytes, at: int) -> Fault | None:
    announced, of_sound = at + 8 + _uint(data, at + 4, 4), None
    for chunk in _chunks(data, at + 12, "little"):
        if chunk.name == b"ds64":
            announced = at + 8 + _uint(data, chunk.start, 8)
            of_sound = _uint(data, chunk.start + 8, 8)
        if chunk.name == b"data":
            large = of_sound is not None and chunk.size == 0xFFFF_FFFF
            size = of_sound if large and of_sound is not None else chunk.size
            return _sound_chunk(data, chunk, size, announced, (1 << 63) if large else _OPEN)
    return _NO_SOUND


def _wave64(data: Bytes, at: int) -> Fault | None:
    """Chunks named by 16 bytes each; their sizes, of 8 bytes, count their own headers."""
    announced, start = at + _uint(data, at + 16, 8), at + 40
    while start + 24 <= len(data):
        size = _uint(data, start + 16, 8)
        if data[start : start + 4] == b"data":
            chunk = _Chunk(b"data", start + 24, size - 24)
            return _sound_chunk(data, chunk, chunk.size, announced, 1 << 63)
        start += max(size + -size % 8, 24)
    return _NO_SOUND


def _iff(data: Bytes, at: int) -> Fault | None:
    announced = at + 8 + _uint(data, at + 4, 4, "big")
    for chunk in _chunks(data, at + 12, "big"):
        if chunk.name == b"SSND":
            return _sound_chunk(data, chunk, chunk.size, announced)
    return _NO_SOUND


def _dsdiff(data: Bytes, at: int) -> Fault | None:
    announced = at + 12 + _uint(data, at + 4, 8, "big")
    for chunk in _chunks(data, at + 16, "big", 8):
        if chunk.name in (b"DSD ", b"DST "):
            return _sound_chunk(data, chunk, chunk.size, announced, 1 << 63)
    return _NO_SOUND


def _dsf(data: Bytes, at: int) -> Fault | None:
    """Sizes of its chunks count their own headers of 12 bytes."""
    announced = at + _uint(data, at + 12, 8)
    start = at + 28 + _uint(data, at + 32, 8)
    if data[start : start + 4] != b"data":
        return _NO_SOUND
    chunk = _Chunk(b"data", start + 12, _uint(data, start + 4, 8) - 12)
    return _sound_chunk(data, chunk, chunk.size, announced, 1 << 63)


def _caf(data: Bytes, at: int) -> Fault | None:
    for chunk in _chunks(data, at + 8, "big", 8):
        if chunk.name == b"data":
            return _sound_chunk(data, chunk, chunk.size, chunk.start + chunk.size, 1 << 63)
    return _NO_SOUND


_PROPERTIES: Final = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_DATA: Final = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")


def _asf(data: Bytes, at: int) -> Fault | None:
    header = _uint(data, at + 16, 8)
    start, end = at + header, len(data)
    found = data.find(_PROPERTIES, at, min(start, end))
    announced = _uint(data, found + 40, 8) if found >= 0 else start
    if start + 24 > end or data[start : start + 16] != _ASF_DATA:
        return _NO_SOUND
    size = _uint(data, start + 16, 8)
    missing = start + size - end
    if missing > SLACK and announced > end + SLACK:
        return _cut(missing, size)
    packet = _uint(data, found + 92, 4) if found >= 0 else 0
    return _hole(data, start + 50, min(start + size, end), packet) if packet else None


def _hole(data: Bytes, at: int, end: int, packet: int) -> Fault | None:
    """Packets of one size, none of which is empty."""
    empty = bytes(packet)
    if any(data[place : place + packet] == empty for place in range(at, end - packet + 1, packet)):
        return Fault("undecodable", "is damaged: there is a hole in its sound")
    return None


def _wavpack(data: Bytes, at: int) -> Fault | None:
    total = found = 0
    while data[at : at + 4] == b"wvpk":
        size = 8 + _uint(data, at + 4, 4)
        if at + size > len(data):
            return _cut(at + size - len(data), at + size)
        if not found:
            total = _uint(data, at + 12, 4)
        if _uint(data, at + 24, 4) & 0x800:  # the first block of those for the same samples
            found += _uint(data, at + 20, 4)
        at += size
    if 0 < total < 0xFFFF_FFFF and found < total:
        return Fault("truncated", f"is cut off: it holds {found} of {total} samples")
    return None


def _ape(data: Bytes, at: int) -> Fault | None:
    if _uint(data, at + 4, 2) < 3980:
        return None
    before = sum(_uint(data, at + place, 4) for place in (8, 12, 16, 20))
    sound = _uint(data, at + 28, 4) << 32 | _uint(data, at + 24, 4)
    missing = at + before + sound - len(data)
    return _cut(missing, sound) if missing > 0 else None


def _tta(data: Bytes, at: int) -> Fault | None:
    if data[at + 3 : at + 4] != b"1":
        return None
    rate, samples = _uint(data, at + 10, 4), _uint(data, at + 14, 4)
    width = rate * 256 // 245
    if not width:
        return None
    frames = -(-samples // width)
    sound = sum(_uint(data, at + 22 + 4 * number, 4) for number in range(frames))
    missing = at + 22 + 4 * frames + 4 + sound - len(data)
    return _cut(missing, sound) if missing > 0 else None


def _mp4(data: Bytes, at: int) -> Fault | None:
    indexed = False
    while at + 8 <= len(data):
        name, size = data[at + 4 : at + 8], _uint(data, at, 4, "big")
        size = _uint(data, at + 8, 8, "big") if size == 1 else size or len(data) - at
        if name not in _ATOMS and (size < 8 or at + size > len(data)):
            break  # rubbish, or a tag of another format
        if at + size > len(data):
            return _cut(at + size - len(data), size)
        indexed |= name == b"moov"
        at += size
    return None if indexed else Fault("truncated", "is cut off: it has no index of its sound")


_ATOMS: Final = (b"moov", b"mdat", b"moof")


# ---------------------------------------------------------------- Ogg


def _ogg(data: Bytes, at: int) -> Fault | None:
    """Each page has a checksum and, in its stream, a number (RFC 3533)."""
    numbers: dict[int, int] = {}
    over = False
    while data[at : at + 4] == b"OggS" and at + 27 <= len(data):
        lacing = data[at + 27 : at + 27 + data[at + 26]]
        size = 27 + len(lacing) + sum(lacing)
        if at + size > len(data):
            return _cut(at + size - len(data), size)
        page = data[at : at + size]
        if crc32.cksum(page[:22] + bytes(4) + page[26:]) ^ 0xFFFF_FFFF != _uint(page, 22, 4):
            return Fault("undecodable", "is damaged: a page does not have the content it should")
        stream, number = _uint(page, 14, 4), _uint(page, 18, 4)
        if stream in numbers and number != numbers[stream] + 1:
            return Fault("undecodable", "is damaged: some of its pages are missing")
        numbers[stream] = number
        over = bool(page[5] & 4)
        at += size
    return None if over or at >= len(data) else _after_pages(data, at)


def _after_pages(data: Bytes, at: int) -> Fault:
    """What stands where a page should, before the last one."""
    if data.find(b"OggS", at) >= 0:
        return Fault("undecodable", "is damaged: there is a hole in its sound")
    return _cut(len(data) - at, len(data))


_RULES: Final[dict[Container, Callable[[Bytes, int], Fault | None]]] = {
    Container.WAV: _riff,
    Container.W64: _wave64,
    Container.AIFF: _iff,
    Container.DFF: _dsdiff,
    Container.DSF: _dsf,
    Container.CAF: _caf,
    Container.WMA: _asf,
    Container.WAVPACK: _wavpack,
    Container.APE: _ape,
    Container.TTA: _tta,
    Container.M4A: _mp4,
    Container.OGG: _ogg,
}
