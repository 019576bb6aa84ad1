"""An ID3v2 tag as its raw frames, so that those of others go from file to file byte for byte.

mutagen reads and writes frames by their meaning: it drops some, and writes others in another form.
Here it only makes the frames that are strandline's own, and turns texts into another version's.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from strandline.errors import ChangedMeanwhileError
from strandline.library.tags.id3 import syncsafe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mutagen.id3 import ID3

HEADER: Final = 10  # bytes, of a tag and of a frame
LARGEST: Final = 1 << 28  # what four bytes of seven bits can say
PADDING: Final = 2048  # bytes behind a tag that had to grow
_PLAIN: Final = b"\0\0"
_DATES: Final = {
    3: ("TYER", "TDAT", "TIME", "TORY", "IPLS"), 4: ("TDRC", "TDOR", "TIPL", "TMCL"),
}  # fmt: skip
"""Frames that have another name, and another form, in the other version."""
_ENCODED: Final = ("TXXX", "WXXX", "COMM", "USLT", "SYLT", "APIC", "GEOB", "USER", "OWNE", "COMR")
"""Frames but the texts that begin with the encoding of what is written in them."""
_UTF16_BOM, _UTF16, _UTF8 = 1, 2, 3

FRONT: Final = 3
"""The type of picture that is the front cover, in ID3 and FLAC."""


class CannotCarryError(ChangedMeanwhileError):
    """What others wrote into a file could not be kept byte for byte, so it stays as it is."""

    code = "cannot_carry"


class RawFrame(NamedTuple):
    """One frame, as it lies in the file."""

    name: str
    flags: bytes
    data: bytes


class RawTag(NamedTuple):
    """A whole tag."""

    version: int
    """3 or 4; 0 where there is none."""
    frames: tuple[RawFrame, ...] = ()
    size: int = 0
    """Bytes in the file, its header and padding counted."""


def parse_tag(head: Callable[[int], bytes]) -> RawTag:
    """The tag with which ``head`` begins; that gives the first so many bytes.

    Raises CannotCarryError for one that is damaged, of version 2.2, or followed by another one.
    """
    start = head(HEADER)
    if start[:3] != b"ID3" or len(start) < HEADER:
        return RawTag(0)
    version, flags, size = start[3], start[5], syncsafe(start[6:10])
    if version not in (3, 4):
        raise CannotCarryError(f"its tags are of ID3 version 2.{version}")
    whole = HEADER + size + (HEADER if version == 4 and flags & 0x10 else 0)
    data = head(whole + 3)
    if len(data) < HEADER + size:
        raise CannotCarryError("its tag breaks off")
    if data[whole : whole + 3] == b"ID3":
        raise CannotCarryError("it has two ID3 tags")
    body = data[HEADER : HEADER + size]
    if version == 3 and flags & 0x80:
        body = _synchronised(body)
    if flags & 0x40:
        body = body[_extended(body, version) :]
    return RawTag(version, tuple(_frames(body, version)), whole)


def _synchronised(data: bytes) -> bytes:
    """Without the zeros that kept players of old from taking a tag for sound."""
    return data.replace(b"\xff\x00", b"\xff")


def _extended(body: bytes, version: int) -> int:
    """How long the extended header is, which says nothing that is needed."""
    size = int.from_bytes(body[:4], "big") + 4 if version == 3 else syncsafe(body[:4])
    if size > len(body):
        raise CannotCarryError("its tag is damaged")
    return size


def _frames(body: bytes, version: int) -> Iterable[RawFrame]:
    sizes: list[Callable[[bytes], int]] = [lambda data: int.from_bytes(data, "big")]
    if version == 4:
        sizes.insert(0, syncsafe)  # iTunes has written the other ones
    for size_of in sizes:
        found = _walked(body, size_of)
        if found is not None:
            return found
    raise CannotCarryError("its tag is damaged")


def _walked(body: bytes, size_of: Callable[[bytes], int]) -> list[RawFrame] | None:
    """All frames; None where they do not end at the padding."""
    found, at = [], 0
    while at + HEADER <= len(body) and body[at] != 0:
        name, size = body[at : at + 4], size_of(body[at + 4 : at + 8])
        end = at + HEADER + size
        if not _is_name(name) or end > len(body):
            return None
        frame = RawFrame(name.decode("ascii"), body[at + 8 : at + 10], body[at + HEADER : end])
        found.append(frame)
        at = end
    return found if not body[at:].strip(b"\0") else None


def _is_name(name: bytes) -> bool:
    return name.isalnum() and name.isascii() and name == name.upper()


def rendered(frames: Iterable[RawFrame], version: int, room: int = 0) -> bytes:
    """The tag as bytes; ``room`` of them where it fits in there, else a little more than it needs.

    Raises CannotCarryError for what is too large for a tag.
    """
    body = b"".join(_bytes_of(frame, version) for frame in frames)
    needed = HEADER + len(body)
    whole = room if needed <= room <= needed + (1 << 16) else needed + PADDING
    if whole - HEADER >= LARGEST:
        raise CannotCarryError("its tag would be too large")
    size = _seven_bits(whole - HEADER)
    return b"ID3" + bytes((version, 0, 0)) + size + body + bytes(whole - needed)


def _bytes_of(frame: RawFrame, version: int) -> bytes:
    number = len(frame.data)
    size = _seven_bits(number) if version == 4 else number.to_bytes(4, "big")
    return frame.name.encode("ascii") + size + frame.flags + frame.data


def _seven_bits(number: int) -> bytes:
    return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))


# ---------------------------------------------------------------- frames of one's own


def frames_of(id3: ID3, version: int) -> tuple[RawFrame, ...]:
    """What mutagen writes of these frames."""
    target = BytesIO()
    id3.save(target, v1=0, v2_version=version, v23_sep="/", padding=lambda _: 0)
    data = target.getvalue()
    return parse_tag(lambda size: data[:size]).frames


def loaded(frames: Iterable[RawFrame], version: int) -> ID3:
    """The frames by their meaning, as mutagen reads them, in the words of version 2.4."""
    from mutagen.id3 import ID3

    data = rendered(frames, version)
    return ID3(BytesIO(data))


# ---------------------------------------------------------------- another version


def translated(frames: Sequence[RawFrame], old: int, new: int) -> tuple[RawFrame, ...]:
    """The frames in another version's form; what need not change is the same byte for byte.

    Raises CannotCarryError for frames that are packed or encrypted.
    """
    if old == new or not old:
        return tuple(frames)
    found: list[RawFrame] = []
    dates = [frame for frame in frames if frame.name in _DATES[old]]
    for frame in frames:
        if frame not in dates:
            found += _translated(frame, old, new)
    if dates:
        id3 = loaded(dates, old)
        if new == 3:
            id3.update_to_v23()
        found += frames_of(id3, new)
    return tuple(found)


def _translated(frame: RawFrame, old: int, new: int) -> Sequence[RawFrame]:
    frame = _bare(frame, old)
    status = frame.flags[0] >> 1 if new == 4 else frame.flags[0] << 1 & 0xFF
    frame = frame._replace(flags=bytes((status, 0)))
    return [frame] if new == 4 or not _needs_text(frame) else _as_v23(frame)


def _bare(frame: RawFrame, version: int) -> RawFrame:
    """Without the ways to pack it that the other version does not know."""
    how = frame.flags[1]
    if how and (version == 3 or how & ~0x03):
        raise CannotCarryError(f"its frame {frame.name} is packed or encrypted")
    data = frame.data[4:] if how & 0x01 else frame.data
    return frame._replace(data=_synchronised(data) if how & 0x02 else data)


def _needs_text(frame: RawFrame) -> bool:
    """Whether version 2.3 has another form of it: it knows neither UTF-8 nor several values."""
    if not frame.name.startswith("T") and frame.name not in _ENCODED:
        return False
    several = frame.name[0] == "T" and frame.name != "TXXX" and b"\0" in frame.data[1:-1]
    return frame.data[0] in (_UTF16, _UTF8) or (several and frame.data[0] != _UTF16_BOM)


def _as_v23(frame: RawFrame) -> Sequence[RawFrame]:
    kept = frames_of(loaded([frame], 4), 3)
    if len(kept) != 1 or kept[0].name != frame.name:
        raise CannotCarryError(f"its frame {frame.name} has no form in ID3 version 2.3")
    return [kept[0]._replace(flags=frame.flags)]


def is_front(frame: RawFrame) -> bool:
    """Whether an APIC is the front cover."""
    mime = frame.data.find(b"\0", 1)
    return mime > 0 and frame.data[mime + 1 : mime + 2] == bytes((FRONT,))


def description_of(frame: RawFrame) -> str:
    """The name of a TXXX."""
    encoding, rest = frame.data[:1], frame.data[1:]
    if encoding not in (b"\x01", b"\x02"):
        form = "utf-8" if encoding == b"\x03" else "latin-1"
        return rest.partition(b"\0")[0].decode(form, "replace")
    ends = (at for at in range(0, len(rest) - 1, 2) if rest[at : at + 2] == b"\0\0")
    form = "utf-16" if encoding == b"\x01" else "utf-16-be"
    return rest[: next(ends, len(rest))].decode(form, "replace")
