"""The texts in an ID3 tag, in whatever form a tagger left it: as mutagen reads them.

Own code because any file may come along: nothing is unpacked without a limit, no picture is read
that can be passed over. A property test holds it equal to mutagen.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final

LARGEST_FRAME: Final = 4096  # bytes of a text frame; longer ones are no id or code
_HEADER: Final = 10  # bytes, of a tag and of a frame
_NAMES: Final = {b"TXX": "TXXX", b"TRC": "TSRC", b"WAF": "WOAF"}  # ID3v2.2's, as in later versions
_COMPRESSED, _ENCRYPTED, _GROUPED = (0x80, 0x08), (0x40, 0x04), (0x20, 0x40)  # v2.3, v2.4
_UNSYNCHRONISED, _WITH_LENGTH = 0x02, 0x01  # v2.4


def syncsafe(data: bytes) -> int:
    """Four bytes of seven bits each."""
    a, b, c, d = data
    return (a & 127) << 21 | (b & 127) << 14 | (c & 127) << 7 | (d & 127)


def texts(tag: bytes) -> dict[str, str]:
    """The first value of each text frame of a whole tag; user texts (TXXX) by their description."""
    found: dict[str, str] = {}
    for name, text in _frames(tag):
        found.setdefault(name, text)
    return found


def text_frame(name: str, raw: bytes) -> tuple[str, str]:
    """(description, text) of a TXXX frame, (name, text) of any other, from the frame's bytes."""
    parts = _strings(raw)
    if name != "TXXX":
        return name, parts[0] if parts else ""
    return parts[0] if parts else "", parts[1] if len(parts) > 1 else ""


def _frames(tag: bytes) -> Iterator[tuple[str, str]]:
    major, flags, size = tag[3], tag[5], tag[6:_HEADER]
    if major not in (2, 3, 4) or max(size) > 127 or flags & (0, 0, 0x7F, 0x1F, 0x0F)[major]:
        return
    body = tag[_HEADER : _HEADER + syncsafe(size)]
    if flags & 0x40:
        body = body[_extended(body, major) :]
    unsynchronised = bool(flags & 0x80)
    if unsynchronised and major < 4:
        body = _synchronised(body)
    split = _split_old(body) if major == 2 else _split(body, _sizes(body, major))
    for name, frame_flags, data in split:
        if name not in ("TXXX", "TSRC", "WOAF") or len(data) > LARGEST_FRAME:
            continue
        if (plain := _plain(data, frame_flags, major, unsynchronised)) is not None:
            yield text_frame(name, plain)


def _extended(body: bytes, major: int) -> int:
    """The length of the extended header; some taggers announce one and write none."""
    if len(body) < 4 or body[:4].isalnum():
        return 0
    return syncsafe(body[:4]) if major == 4 else 4 + int.from_bytes(body[:4], "big")


def _synchronised(data: bytes) -> bytes:
    """Without the zero after each 0xFF; as it is where that was promised and not done."""
    head, *rest = data.split(b"\xff")
    if any(not part or part[0] >= 0xE0 for part in rest):
        return data
    return b"\xff".join([head, *(part[part[0] == 0 :] for part in rest)])


def _split_old(body: bytes) -> Iterator[tuple[str, int, bytes]]:
    """ID3v2.2: three letters, three bytes of length, no flags."""
    at = 0
    while at + 6 <= len(body) and body[at : at + 3].strip(b"\0"):
        size = int.from_bytes(body[at + 3 : at + 6], "big")
        name = _NAMES.get(body[at : at + 3], "")
        yield name, 0, body[at + 6 : at + 6 + size]
        at += 6 + size


Size = Callable[[bytes], int]


def _split(body: bytes, size_of: Size) -> Iterator[tuple[str, int, bytes]]:
    at = 0
    while at + _HEADER <= len(body) and body[at : at + 4].strip(b"\0"):
        size = size_of(body[at + 4 : at + 8])
        name = body[at : at + 4].decode("latin-1")
        yield name, body[at + 9], body[at + _HEADER : at + _HEADER + size]
        at += _HEADER + size


def _sizes(body: bytes, major: int) -> Size:
    """How long frames are: iTunes once wrote plain numbers where ID3v2.4 has syncsafe ones."""
    if major < 4:
        return _plainly
    safe, plain = _walk(body, syncsafe), _walk(body, _plainly)
    return _plainly if plain > safe else syncsafe


def _plainly(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _walk(body: bytes, size_of: Size) -> tuple[int, bool]:
    """How many frames make sense that way, and whether the last one ends within the tag."""
    from mutagen.id3 import Frames

    known = at = 0
    while at < len(body) - _HEADER and body[at : at + _HEADER].strip(b"\0"):
        known += body[at : at + 4].decode("latin-1") in Frames
        at += _HEADER + size_of(body[at + 4 : at + 8])
    return known, at <= len(body)


def _plain(data: bytes, flags: int, major: int, unsynchronised: bool) -> bytes | None:
    """A frame's bytes without what flags added to them; None where only a key would help."""
    newer = major == 4
    if flags & _ENCRYPTED[newer]:
        return None
    packed, grouped = flags & _COMPRESSED[newer], flags & _GROUPED[newer]
    lengths = 4 if packed or (newer and flags & _WITH_LENGTH) else 0
    data = data[lengths + bool(grouped) :]
    if newer and (unsynchronised or flags & _UNSYNCHRONISED):
        data = _synchronised(data)
    return _unpacked(data) if packed else data


def _unpacked(data: bytes) -> bytes | None:
    """At most LARGEST_FRAME bytes of it, whatever it claims to hold."""
    try:
        return zlib.decompressobj().decompress(data, LARGEST_FRAME)
    except zlib.error:
        return None


_ENCODINGS: Final = ("latin-1", "utf-16", "utf-16-be", "utf-8")


def _strings(raw: bytes) -> list[str]:
    """What stands in a text frame, between its zeros."""
    if not raw or raw[0] >= len(_ENCODINGS):
        return []
    encoding, data = _ENCODINGS[raw[0]], raw[1:]
    parts = data.split(b"\0") if raw[0] in (0, 3) else _wide(data)
    return [part.decode(encoding, "replace") for part in parts]


def _wide(data: bytes) -> list[bytes]:
    """Split at the zeros of a text of two bytes a letter."""
    parts, start = [], 0
    for at in range(0, len(data) - 1, 2):
        if data[at : at + 2] == b"\0\0":
            parts.append(data[start:at])
            start = at + 2
    return [*parts, data[start:]]
