"""A file's headers: the track id, ISRC and length that it tells of itself.

Any file of the user's may come along here, so nothing is believed: sizes are capped, nothing
compressed is unpacked, and no damaged file raises.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from strandline.core.ids import TrackId
from strandline.library.audio.containers import HEAD, Container, id3_end, kind_of
from strandline.library.tags.id3 import LARGEST_FRAME, syncsafe, text_frame, texts
from strandline.library.tags.write import ITUNES, MUTAGEN_LEAKS, TRACK_ID, TRACK_ID_M4A

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

LARGEST_TAG: Final = 64 << 20  # bytes; an ID3 tag announcing more is not believed
MOST_TAGS: Final = 8  # ID3 tags in a row; each tagger that knows no other's puts one in front
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

    tags, end = _leading_tags(file, head)
    if TRACK_ID not in tags:
        tags = _trailing_tags(file) | tags
    file.seek(end)
    info = MPEGInfo(file, end)
    return _identity(Container.MP3, tags.get(TRACK_ID), tags.get("TSRC"), info.length)


def _leading_tags(file: BinaryIO, head: bytes) -> tuple[dict[str, str], int]:
    """What ID3 tags at the front say, the first one first, and where the last of them ends."""
    found: dict[str, str] = {}
    start = 0
    for _ in range(MOST_TAGS):
        size = id3_end(head)
        if not size:
            break
        if size > LARGEST_TAG:
            raise ValueError("an ID3 tag of more than 64 MiB")
        quick = None if start else _quick(file, head, size)
        found = (texts(_bytes_at(file, start, size)) if quick is None else quick) | found
        start += size
        head = _bytes_at(file, start, 10)
    return found, start


def _quick(file: BinaryIO, head: bytes, end: int) -> dict[str, str] | None:
    """The id and code in a plain ID3v2.3 or 2.4 tag, with everything else passed over unread.

    None for a tag of another form, which must be read whole to be sure.
    """
    found: dict[str, str] = {}
    newer, offset = head[3] >= 4, 10
    if head[3] not in (3, 4) or head[5]:
        return None
    while offset + 10 < end:
        raw = head[offset : offset + 10]
        raw = raw if len(raw) == 10 else _bytes_at(file, offset, 10)
        if not raw.strip(b"\0"):
            break
        size = syncsafe(raw[4:8]) if newer else int.from_bytes(raw[4:8], "big")
        if not raw[:4].isalnum() or offset + 10 + size > end or (newer and max(raw[4:8]) > 127):
            return None
        if raw[:4] in (b"TXXX", b"TSRC") and size <= LARGEST_FRAME:
            if raw[9]:
                return None
            name, text = text_frame(raw[:4].decode("ascii"), _bytes_at(file, offset + 10, size))
            found.setdefault(name, text)
        offset += 10 + size
    return found


def _trailing_tags(file: BinaryIO) -> dict[str, str]:
    """What an APEv2 tag, or an ID3v2.4 tag at the end, says; an ID3v1 tag may follow either."""
    size = file.seek(0, 2)
    tail = _bytes_at(file, max(0, size - 256), 256)
    for end in (len(tail), len(tail) - 128):
        if tail[max(0, end - 32) : max(0, end)].startswith(b"APETAGEX"):
            return _ape_items(file)
        footer = tail[max(0, end - 10) : max(0, end)]
        if footer[:3] == b"3DI" and len(footer) == 10:
            length = syncsafe(footer[6:]) + 20
            start = size - len(tail) + end - length
            tag = _bytes_at(file, start, length) if start >= 0 and length <= LARGEST_TAG else b""
            return texts(tag) if tag[:3] == b"ID3" else {}
    return {}


def _ape_items(file: BinaryIO) -> dict[str, str]:
    from mutagen.apev2 import APEv2

    file.seek(0)
    items = APEv2(file)
    found = {TRACK_ID: items.get(TRACK_ID), "TSRC": items.get("ISRC")}
    return {name: str(value).partition("\0")[0] for name, value in found.items() if value}


def _bytes_at(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(offset)
    return file.read(count)


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
    track = _first(m4a.get(TRACK_ID_M4A)) or _freeform(m4a, TRACK_ID_M4A, f"{ITUNES}{TRACK_ID}")
    isrc = _first(m4a.get(f"{ITUNES}ISRC")) or _freeform(m4a, f"{ITUNES}ISRC", "isrc")
    return _identity(Container.M4A, track, isrc, getattr(m4a.info, "length", None))


def _freeform(tags: Any, *names: str) -> str | None:
    """The first value under one of these names, however their letters are written."""
    wanted = {name.casefold() for name in names}
    return next((_first(tags[key]) for key in tags if key.casefold() in wanted), None)


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
    track, isrc = _ids_of(found.tags)
    return _identity(kind, track, isrc, found.info.length)


def _ids_of(tags: Any) -> tuple[str | None, str | None]:
    """The id and code in Vorbis comments, or in the ID3 chunk of a WAV or AIFF."""
    if tags is None:
        return None, None
    if not hasattr(tags, "getall"):
        return _first(tags.get(TRACK_ID)), _first(tags.get("isrc"))
    track, isrc = (tags.get(key) for key in (f"TXXX:{TRACK_ID}", "TSRC"))
    return (str(track.text[0]) if track else None), (str(isrc.text[0]) if isrc else None)


def _first(values: object) -> str | None:
    """The first of a tag's values as text."""
    if not isinstance(values, list) or not values:
        return None
    value = values[0]
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
