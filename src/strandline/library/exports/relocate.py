"""The places in files of DJ programs: read, and rewritten where a track has moved.

Everything else stays byte for byte: cues, grids and the person's own order are not touched.
"""

from __future__ import annotations

import html
import posixpath
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from urllib.parse import unquote_to_bytes

from strandline.library.exports.reading import NotUnderstoodError
from strandline.library.exports.text import address, attribute
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
_LOCATION = re.compile(rb'(\bLocation=")file://localhost([^"]*)(")')
_PLIST = re.compile(rb"(<key>Location</key>\s*<string>)file://(?:localhost)?(/[^<]*)(</string>)")
_NML = re.compile(rb"""<LOCATION((?:\s+[A-Z]+="[^"]*")*)""")
_NML_KEY = re.compile(rb'(<PRIMARYKEY\s(?:[^>"]*"[^"]*"\s+)?KEY=")([^"]*)(")')
_ATTRIBUTE = re.compile(rb'(\b[A-Z]+)="([^"]*)"')


def kind_of(data: bytes) -> Kind:
    """By its beginning. Raises NotUnderstoodError."""
    head = data[:4096]
    if head.startswith(_CRATE_HEAD):
        return Kind.CRATE
    if b"<DJ_PLAYLISTS" in head:
        return Kind.REKORDBOX
    if b"<NML" in head:
        return Kind.TRAKTOR
    if b"<plist" in head:
        return Kind.ITUNES
    if head.removeprefix(b"\xef\xbb\xbf").startswith(b"#EXTM3U"):
        return Kind.M3U8
    raise NotUnderstoodError("it is no rekordbox XML, Traktor NML or Serato crate")


def relocated(data: bytes, place: Place, disk: str = "") -> bytes:
    """``data`` with the places of moved tracks as they are now; ``disk``: a crate's, by name.

    Raises NotUnderstoodError.
    """
    match kind_of(data):
        case Kind.REKORDBOX:
            require_text(data)
            return _LOCATION.sub(lambda found: _address(found, place, b"file://localhost"), data)
        case Kind.TRAKTOR:
            require_text(data)
            renamed = _NML.sub(lambda found: _location(found, place), data)
            return _NML_KEY.sub(lambda found: _key(found, place), renamed)
        case Kind.CRATE:
            return b"".join(_crate(data, place, disk))
        case _:
            raise NotUnderstoodError("it is no rekordbox XML, Traktor NML or Serato crate")


def places_in(data: bytes, folder: str) -> Iterator[str]:
    """The full path of every track in a file that strandline wrote; ``folder``: where it lies."""
    kind = kind_of(data)
    if kind is Kind.M3U8:
        for line in data.decode(errors="surrogateescape").split("\n"):
            if line and not line.startswith("#"):
                yield posixpath.normpath(posixpath.join(folder, line))
    elif kind is Kind.ITUNES:
        yield from (_path(it[2]) for it in _PLIST.finditer(data))
    else:
        found: list[str] = []

        def note(path: str) -> None:
            found.append(path)

        relocated(data, note, on_volume(folder).name)
        yield from found


def path_of_location(element: bytes) -> str | None:
    """The full path in a rekordbox ``TRACK``; None of a streaming track."""
    found = _LOCATION.search(element)
    return _path(found[2]) if found and found[2].startswith(b"/") else None


def paths_of_nml(entry: bytes) -> Iterator[str]:
    """The full paths that the ``LOCATION`` of a Traktor entry may mean."""
    if found := _NML.search(entry):
        told = {name.decode(): _plain(value) for name, value in _ATTRIBUTE.findall(found[1])}
        yield from _on_disk(told.get("VOLUME", ""), _inside(told))


def _inside(told: Mapping[str, str]) -> str:
    return told.get("DIR", "").replace("/:", "/") + told.get("FILE", "")


def require_text(data: bytes) -> None:
    """In UTF-8 a byte of ASCII is that character; in UTF-16 the patterns would find nothing."""
    declared = re.match(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*encoding=["']([^"']+)""", data)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise NotUnderstoodError(f"it is written in {declared[1].decode(errors='replace')}")


def _plain(escaped: bytes) -> str:
    return html.unescape(escaped.decode(errors="surrogateescape"))


def _escaped(text: str) -> bytes:
    return attribute(text).encode(errors="surrogateescape")


def _path(escaped: bytes) -> str:
    return unquote_to_bytes(_plain(escaped)).decode(errors="surrogateescape")


def _address(found: re.Match[bytes], place: Place, before: bytes) -> bytes:
    new = place(_path(found[2]))
    if new is None:
        return found[0]
    return found[1] + before + _escaped(address(new)) + found[3]


def _on_disk(volume: str, inside: str) -> Iterator[str]:
    """The full paths that a disk's name and a path on it may mean, the system's own disk first."""
    yield inside
    for mounts in ("/Volumes", "/mnt"):
        yield f"{mounts}/{volume}{inside}"


def _moved(volume: str, inside: str, place: Place) -> OnVolume | None:
    for path in _on_disk(volume, inside):
        if new := place(path):
            return on_volume(new)
    return None


def _location(found: re.Match[bytes], place: Place) -> bytes:
    told = {name.decode(): _plain(value) for name, value in _ATTRIBUTE.findall(found[1])}
    new = _moved(told.get("VOLUME", ""), _inside(told), place)
    if new is None:
        return found[0]
    folder, _, name = new.inside.rpartition("/")
    changed = {b"DIR": f"{folder}/".replace("/", "/:"), b"FILE": name}

    def attribute_of(one: re.Match[bytes]) -> bytes:
        return (
            one[0] if one[1] not in changed else one[1] + b'="' + _escaped(changed[one[1]]) + b'"'
        )

    return b"<LOCATION" + _ATTRIBUTE.sub(attribute_of, found[1])


def _key(found: re.Match[bytes], place: Place) -> bytes:
    volume, slash, inside = _plain(found[2]).partition("/:")
    if not slash:
        return found[0]
    new = _moved(volume, "/" + inside.replace("/:", "/"), place)
    if new is None:
        return found[0]
    return found[1] + _escaped(volume + new.inside.replace("/", "/:")) + found[3]


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
        yield _record(tag, b"".join(_of_track(content, place, disk)) if tag == b"otrk" else content)


def _of_track(content: bytes, place: Place, disk: str) -> Iterator[bytes]:
    for tag, value in _records(content):
        yield _record(tag, _track(value, place, disk) if tag == b"ptrk" else value)


def _track(value: bytes, place: Place, disk: str) -> bytes:
    try:
        inside = "/" + value.decode("utf-16-be")
    except UnicodeDecodeError as error:
        raise NotUnderstoodError("a path in the crate is no text") from error
    new = _moved(disk, inside, place)
    return value if new is None else new.inside[1:].encode("utf-16-be")
