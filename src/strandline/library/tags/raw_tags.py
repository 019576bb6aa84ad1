"""The tags of FLAC and MP4 files as they lie there, to be compared byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from strandline.library.tags.id3_frames import CannotCarryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_STREAMINFO, _PADDING, _SEEKTABLE, _COMMENTS, _PICTURE = 0, 1, 3, 4, 6
MOST: Final = 64 << 20  # bytes of tags that are looked at
_BOX: Final = 8


class RawItem(NamedTuple):
    """One tag: its name as mutagen has it, and all of its bytes."""

    name: str
    data: bytes


# ---------------------------------------------------------------- FLAC


def flac_items(file: BinaryIO) -> list[RawItem]:
    """Comments by ``NAME``, pictures by ``picture:3``, other blocks by ``block:2``.

    Raises CannotCarryError for what mutagen would write in another form.
    """
    file.seek(0)
    if file.read(4) != b"fLaC":
        raise CannotCarryError("its tags do not begin where FLAC's do")
    found: list[RawItem] = []
    for kind, data in _blocks(file):
        if kind == _COMMENTS:
            found += _comments(data)
        elif kind == _PICTURE:
            found.append(RawItem(f"picture:{int.from_bytes(data[:4], 'big')}", data))
        elif kind not in (_PADDING, _STREAMINFO, _SEEKTABLE):
            found.append(RawItem(f"block:{kind}", data))
    return found


def _blocks(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    last, total = False, 0
    while not last:
        head = file.read(4)
        size = int.from_bytes(head[1:], "big")
        total += size
        data = file.read(size) if total < MOST else b""
        if len(head) < 4 or len(data) < size:
            raise CannotCarryError("its tags are damaged")
        last = bool(head[0] & 0x80)
        yield head[0] & 0x7F, data


def _comments(data: bytes) -> Iterator[RawItem]:
    """Of a Vorbis comment: the vendor first, without a name."""
    at = 4 + int.from_bytes(data[:4], "little")
    number, at = int.from_bytes(data[at : at + 4], "little"), at + 4
    for _ in range(number):
        size, at = int.from_bytes(data[at : at + 4], "little"), at + 4
        entry, at = data[at : at + size], at + size
        name, equals, value = entry.partition(b"=")
        if len(entry) < size or not equals:
            raise CannotCarryError("one of its comments has no name")
        try:
            value.decode()
            yield RawItem(name.decode("ascii").upper(), value)
        except UnicodeDecodeError as error:
            raise CannotCarryError("one of its comments is no text") from error


# ---------------------------------------------------------------- MP4


def mp4_items(file: BinaryIO) -> list[RawItem]:
    """The atoms of ``ilst`` by their names (``----:mean:name``), and what else is in ``udta``."""
    file.seek(0)
    moov = next((body for kind, body in _top(file) if kind == b"moov"), None)
    if moov is None:
        raise CannotCarryError("it has no place for tags")
    found: list[RawItem] = []
    for kind, body in _boxes(moov):
        if kind == b"udta":
            found += _user_data(body)
        elif kind not in (b"trak", b"mvhd"):
            found.append(RawItem(f"moov:{_name(kind)}", body))
    return found


def _top(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    while len(head := file.read(_BOX)) == _BOX:
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        before = _BOX
        if size == 1:
            size, before = int.from_bytes(file.read(8), "big"), 16
        if kind == b"moov" and before < size < MOST:
            yield kind, file.read(size - before)
        elif size < before:
            return
        else:
            file.seek(size - before, 1)


def _boxes(data: bytes, at: int = 0) -> Iterator[tuple[bytes, bytes]]:
    while at + _BOX <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < _BOX or at + size > len(data):
            raise CannotCarryError("its tags are damaged")
        yield data[at + 4 : at + 8], data[at + _BOX : at + size]
        at += size


def _user_data(udta: bytes) -> Iterator[RawItem]:
    for kind, body in _boxes(udta):
        if kind != b"meta":
            yield RawItem(f"udta:{_name(kind)}", body)
            continue
        for inner, tags in _boxes(body, 4):  # after its version and flags
            if inner == b"ilst":
                yield from (RawItem(_key(name, tag), tag) for name, tag in _boxes(tags))
            elif inner != b"free":
                yield RawItem(f"meta:{_name(inner)}", tags)


def _key(kind: bytes, body: bytes) -> str:
    if kind != b"----":
        return _name(kind)
    parts = {name: part[4:].decode("utf-8", "replace") for name, part in _boxes(body)
             if name in (b"mean", b"name")}  # fmt: skip
    return f"----:{parts.get(b'mean', '')}:{parts.get(b'name', '')}"


def _name(kind: bytes) -> str:
    return kind.decode("latin-1")
