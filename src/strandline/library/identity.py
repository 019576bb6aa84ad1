"""Who is this file? The track id, ISRC and length that a file tells of itself, from its headers.

Any file of the user's may come along here, so nothing is believed: sizes are capped, nothing
compressed is unpacked, and no damaged file raises.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from strandline.core.ids import TrackId
from strandline.library.sniff import HEAD, Container, id3_end, kind_of
from strandline.library.tags import ITUNES, MUTAGEN_LEAKS, TRACK_ID, TRACK_ID_M4A

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

LARGEST_TAG: Final = 64 << 20  # bytes; an ID3 tag announcing more is not believed
LARGEST_FRAME: Final = 4096  # bytes of an id or ISRC frame; longer ones are not ours
_ID: Final = re.compile(r"[0-9]{1,20}")
_ISRC: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")


class FileIdentity(NamedTuple):
    """What a file tells of itself. All None and ``readable`` false: not audio, or damaged."""

    container: Container | None = None
    embedded: TrackId | None = None
    isrc: str | None = None
    duration: float | None = None  # seconds, as the headers have it
    readable: bool = True


UNREADABLE: Final = FileIdentity(readable=False)


def read_identity(path: str | Path) -> FileIdentity:
    """The identity of a file from its headers alone; ``UNREADABLE`` for what is no audio.

    Raises OSError if the file cannot be opened or read, and nothing else.
    """
    with open(path, "rb") as file:
        head = file.read(HEAD)
        kind = kind_of(path, head)
        try:
            return _read(file, head, kind) if kind else UNREADABLE
        except MUTAGEN_LEAKS as error:
            _raise_disk_failure(error)
            return UNREADABLE


def _raise_disk_failure(error: BaseException) -> None:
    """Mutagen wraps the OSError of a failing read; that says nothing about the file."""
    for cause in (*error.args, error.__cause__, error.__context__):
        if isinstance(cause, OSError) and cause.errno:
            raise cause from error


def _read(file: BinaryIO, head: bytes, kind: Container) -> FileIdentity:
    match kind:
        case Container.MP3:
            return _read_mp3(file, head)
        case Container.FLAC:
            return _read_flac(file)
        case Container.M4A:
            return _read_m4a(file)
    return _read_other(file, kind)


def _identity(
    kind: Container, track: str | None, isrc: str | None, seconds: float | None
) -> FileIdentity:
    """The fields, each only if it is what it should be."""
    track = track if track and _ID.fullmatch(track) else None
    isrc = (isrc or "").replace("-", "").strip().upper()
    length = seconds if seconds is not None and 0 < seconds < 1e7 else None
    return FileIdentity(
        kind, TrackId(track) if track else None, isrc if _ISRC.fullmatch(isrc) else None, length
    )


# ---------------------------------------------------------------- MP3


def _read_mp3(file: BinaryIO, head: bytes) -> FileIdentity:
    from mutagen.mp3 import MPEGInfo

    tag_end = _tag_end(head)
    frames = dict(_own_frames(file, head, tag_end)) if tag_end else {}
    file.seek(tag_end)
    info = MPEGInfo(file, tag_end)
    return _identity(Container.MP3, frames.get(TRACK_ID), frames.get("TSRC"), info.length)


def _syncsafe(data: bytes) -> int:
    a, b, c, d = data
    return (a & 127) << 21 | (b & 127) << 14 | (c & 127) << 7 | (d & 127)


def _tag_end(head: bytes) -> int:
    size = id3_end(head)
    if size > LARGEST_TAG:
        raise ValueError("an ID3 tag of more than 64 MiB")
    return size


def _own_frames(file: BinaryIO, head: bytes, end: int) -> Iterator[tuple[str, str]]:
    """The id and ISRC frames of an ID3v2.3 or 2.4 tag as (name, text); other frames are skipped."""
    newer, offset = head[3] >= 4, 10
    if head[3] not in (3, 4) or head[5] & 0xC0:
        return  # unsynchronised or with an extended header: never strandline's own
    while offset + 10 < end:
        name, size, flags = _frame_header(file, head, offset, newer)
        if not name.isalnum():
            return
        if name in (b"TXXX", b"TSRC") and size <= LARGEST_FRAME and not flags:
            yield _text_frame(name.decode("ascii"), _bytes_at(file, head, offset + 10, size))
        offset += 10 + size


def _frame_header(file: BinaryIO, head: bytes, offset: int, newer: bool) -> tuple[bytes, int, int]:
    raw = _bytes_at(file, head, offset, 10)
    if len(raw) < 10:
        return b"", 0, 0
    size = _syncsafe(raw[4:8]) if newer else int.from_bytes(raw[4:8], "big")
    return raw[:4], size, raw[9]


def _bytes_at(file: BinaryIO, head: bytes, offset: int, count: int) -> bytes:
    if offset + count <= len(head):
        return head[offset : offset + count]
    file.seek(offset)
    return file.read(count)


_ENCODINGS: Final = ("latin-1", "utf-16", "utf-16-be", "utf-8")


def _text_frame(name: str, raw: bytes) -> tuple[str, str]:
    """(description, text) of a TXXX frame, (name, text) of any other."""
    if not raw or raw[0] >= len(_ENCODINGS):
        return name, ""
    parts = raw[1:].decode(_ENCODINGS[raw[0]], "replace").replace("\ufeff", "").split("\0")
    if name == "TXXX":
        return parts[0], parts[1] if len(parts) > 1 else ""
    return name, parts[0]


# ---------------------------------------------------------------- FLAC, M4A and the rest


def _read_flac(file: BinaryIO) -> FileIdentity:
    from mutagen.flac import FLAC

    file.seek(0)
    flac = FLAC(file)
    track, isrc = (_first(flac.get(key)) for key in (TRACK_ID, "ISRC"))
    return _identity(Container.FLAC, track, isrc, flac.info.length)


def _read_m4a(file: BinaryIO) -> FileIdentity:
    from mutagen.mp4 import MP4

    file.seek(0)
    m4a = MP4(file)
    track, isrc = (_first(m4a.get(key)) for key in (TRACK_ID_M4A, f"{ITUNES}ISRC"))
    return _identity(Container.M4A, track, isrc, getattr(m4a.info, "length", None))


def _read_other(file: BinaryIO, kind: Container) -> FileIdentity:
    from mutagen import File
    from mutagen.aac import AAC
    from mutagen.aiff import AIFF
    from mutagen.oggflac import OggFLAC
    from mutagen.oggopus import OggOpus
    from mutagen.oggvorbis import OggVorbis
    from mutagen.wave import WAVE

    file.seek(0)
    found = File(file, options=[OggVorbis, OggOpus, OggFLAC, WAVE, AIFF, AAC])
    if found is None:
        return UNREADABLE
    isrc = _first((found.tags or {}).get("isrc")) if kind is Container.OGG else None
    return _identity(kind, None, isrc, found.info.length)


def _first(values: object) -> str | None:
    """The first of a tag's values as text."""
    if not isinstance(values, list) or not values:
        return None
    value = values[0]
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
