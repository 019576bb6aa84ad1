"""The places in files of DJ programs: read, and rewritten where a track has moved.

Everything else stays byte for byte: cues, grids and the person's own order are not touched.
"""

from __future__ import annotations

import html
import posixpath
import re
import struct
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from functools import partial
from typing import BinaryIO
from urllib.parse import unquote_to_bytes

from strandline.library.exports.markup import rewritten, value_of, with_value
from strandline.library.exports.reading import NotUnderstoodError
from strandline.library.exports.text import address
from strandline.library.exports.volumes import OnVolume, on_volume

Place = Callable[[str], str | None]
"""A full path -> where its track is now; None for what has not moved."""


class Kind(str, Enum):
    """What holds places of tracks."""

    REKORDBOX = "rekordbox"
    TRAKTOR = "traktor"
    CRATE = "serato"
    ITUNES = "itunes"
    M3U8 = "m3u8"


_CRATE_HEAD = b"vrsn"
_DATABASE = "Scratch LIVE Database".encode("utf-16-be")
_HEAD = 4096
_LINES = 1 << 18  # bytes
_FILE = re.compile(r"(file://(?:localhost)?/*)(/.*)", re.IGNORECASE | re.DOTALL)
_PLIST = re.compile(rb"(<key>Location</key>\s*<string>)file://(?:localhost)?(/[^<]*)(</string>)")
_OWN_LOCATION = re.compile(rb'\bLocation="file://localhost(/[^"]*)"')
_OWN_NML = re.compile(rb"<LOCATION( [^>]*)>")
"""As strandline writes them, to be read fast."""
COLLECTION = (b"DJ_PLAYLISTS", b"COLLECTION")
"""Where rekordbox has its tracks."""
_LISTS = (b"DJ_PLAYLISTS", b"PLAYLISTS")
ENTRY = (b"NML", b"COLLECTION", b"ENTRY")
"""What Traktor keeps a track in."""
_KINDS = "a rekordbox XML, a Traktor NML or a Serato crate"


def kind_of(data: bytes) -> Kind:
    """By its beginning. Raises NotUnderstoodError."""
    head = data[:_HEAD]
    if head.startswith(_CRATE_HEAD):
        if _DATABASE in head:
            raise NotUnderstoodError(
                "it is Serato's library itself, which Serato alone writes (there: Relocate Lost"
                " Files)"
            )
        return Kind.CRATE
    if b"<DJ_PLAYLISTS" in head:
        return Kind.REKORDBOX
    if b"<NML" in head:
        return Kind.TRAKTOR
    if b"<plist" in head:
        return Kind.ITUNES
    if head.removeprefix(b"\xef\xbb\xbf").startswith(b"#EXTM3U"):
        return Kind.M3U8
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise _written_in("UTF-16")
    raise NotUnderstoodError(f"it is not {_KINDS}")


def relocated(data: bytes, place: Place, disk: str = "") -> bytes:
    """``data`` with the places of moved tracks as they are now; ``disk``: a crate's, by name.

    Raises NotUnderstoodError.
    """
    match kind_of(data):
        case Kind.REKORDBOX:
            require_text(data)
            return rewritten(data, {b"TRACK": partial(_track, place)})
        case Kind.TRAKTOR:
            require_text(data)
            changes = {b"LOCATION": partial(_location, place), b"PRIMARYKEY": partial(_key, place)}
            return rewritten(data, changes)
        case Kind.CRATE:
            return b"".join(_crate(data, place, disk))
        case _:
            raise NotUnderstoodError(f"it is not {_KINDS}")


def places_in(file: BinaryIO, folder: str) -> Iterator[str]:
    """The full path of every track in a file that strandline wrote; ``folder``: where it lies.

    It is read some lines at a time: no element that strandline writes is broken by one.
    Raises OSError, NotUnderstoodError.
    """
    kind = kind_of(file.read(_HEAD))
    file.seek(0)
    size = -1 if kind is Kind.CRATE else _LINES
    while lines := file.readlines(size):
        yield from _places_in(kind, b"".join(lines), folder)


def _places_in(kind: Kind, data: bytes, folder: str) -> Iterator[str]:
    if kind is Kind.M3U8:
        for line in data.decode(errors="surrogateescape").split("\n"):
            if line and not line.startswith("#"):
                yield posixpath.normpath(posixpath.join(folder, line))
    elif kind is Kind.ITUNES:
        yield from (
            unquoted(html.unescape(it[2].decode(errors="surrogateescape")))
            for it in _PLIST.finditer(data)
        )
    elif kind is Kind.REKORDBOX:
        yield from (unquoted(html.unescape(it[1].decode())) for it in _OWN_LOCATION.finditer(data))
    elif kind is Kind.TRAKTOR:
        for entry in _OWN_NML.finditer(data):
            yield from paths_of_nml(entry[1])
    else:
        found: list[str] = []

        def note(path: str) -> None:
            found.append(path)

        relocated(data, note, on_volume(folder).name)
        yield from found


def path_of_location(told: bytes) -> str | None:
    """The full path by the attributes of a rekordbox ``TRACK``; None of a streaming track."""
    return path_of_address(value_of(told, "Location") or "")


def path_of_address(text: str) -> str | None:
    """The full path of a ``file://`` address; None of what is nowhere on disk, as a stream."""
    found = _FILE.fullmatch(text)
    return unquoted(found[2]) if found else None


def paths_of_nml(told: bytes) -> Iterator[str]:
    """The full paths that the attributes of a Traktor ``LOCATION`` may mean."""
    folder, name = (value_of(told, it) or "" for it in ("DIR", "FILE"))
    yield from _on_disk(value_of(told, "VOLUME") or "", folder.replace("/:", "/") + name)


def require_text(data: bytes) -> None:
    """In UTF-8 a byte of ASCII is that character; in UTF-16 the patterns would find nothing."""
    declared = re.match(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*encoding=["']([^"']+)""", data)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise _written_in(declared[1].decode(errors="replace"))


def _written_in(encoding: str) -> NotUnderstoodError:
    return NotUnderstoodError(f"it is written in {encoding}, and only UTF-8 is read; save it so")


def unquoted(address: str) -> str:
    """The path of what stands in an address, percent-encoded."""
    return unquote_to_bytes(address.encode(errors="surrogateescape")).decode(
        errors="surrogateescape"
    )


def _track(place: Place, above: tuple[bytes, ...], told: bytes) -> bytes:
    """In the collection, and in playlists that name tracks by their places."""
    if above == COLLECTION:
        return _address(place, told, "Location")
    return _address(place, told, "Key") if above[:2] == _LISTS else told


def _address(place: Place, told: bytes, name: str) -> bytes:
    found = _FILE.fullmatch(value_of(told, name) or "")
    new = place(unquoted(found[2])) if found else None
    return told if found is None or new is None else with_value(told, name, found[1] + address(new))


def _on_disk(volume: str, inside: str) -> Iterator[str]:
    """The full paths that a disk's name and a path on it may mean, the system's own disk first."""
    yield inside
    for mounts in ("/Volumes", "/mnt"):
        yield f"{mounts}/{volume}{inside}"


def _first(paths: Iterable[str], place: Place) -> OnVolume | None:
    """Where the first of these is that has moved, by disk."""
    new = next((it for path in paths if (it := place(path))), None)
    return None if new is None else on_volume(new)


def _location(place: Place, above: tuple[bytes, ...], told: bytes) -> bytes:
    new = _first(paths_of_nml(told), place) if above == ENTRY else None
    if new is None:
        return told
    folder, _, name = new.inside.rpartition("/")
    told = with_value(told, "DIR", f"{folder}/".replace("/", "/:"))
    return with_value(told, "FILE", name)


def _key(place: Place, above: tuple[bytes, ...], told: bytes) -> bytes:
    volume, slash, inside = (value_of(told, "KEY") or "").partition("/:")
    if not slash or above[:1] != ENTRY[:1]:
        return told
    new = _first(_on_disk(volume, "/" + inside.replace("/:", "/")), place)
    return told if new is None else with_value(told, "KEY", volume + new.inside.replace("/", "/:"))


def _records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        if len(data) < at + 8:
            raise NotUnderstoodError("the crate is cut off")
        tag, size = data[at : at + 4], struct.unpack(">I", data[at + 4 : at + 8])[0]
        if len(data) < at + 8 + size:
            raise NotUnderstoodError("the crate is cut off")
        yield tag, data[at + 8 : at + 8 + size]
        at += 8 + size


def _record(tag: bytes, content: bytes) -> bytes:
    return tag + struct.pack(">I", len(content)) + content


def _crate(data: bytes, place: Place, disk: str) -> Iterator[bytes]:
    for tag, content in _records(data):
        yield _record(tag, b"".join(_of_crate(content, place, disk)) if tag == b"otrk" else content)


def _of_crate(content: bytes, place: Place, disk: str) -> Iterator[bytes]:
    for tag, value in _records(content):
        yield _record(tag, _crate_track(value, place, disk) if tag == b"ptrk" else value)


def _crate_track(value: bytes, place: Place, disk: str) -> bytes:
    try:
        inside = "/" + value.decode("utf-16-be")
    except UnicodeDecodeError as error:
        raise NotUnderstoodError("a path in the crate is not text") from error
    new = _first(_on_disk(disk, inside), place)
    return value if new is None else new.inside[1:].encode("utf-16-be")
