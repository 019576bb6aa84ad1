"""The tags of a file as ID3, for an AIFF or MP3 that is made of it: version 2.3, which all read."""

from __future__ import annotations

import base64
import os
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Final

from strandline.core.lyrics import LONGEST
from strandline.errors import DownloadError
from strandline.library.tags.write import (
    ID3_FRAMES,
    ITUNES,
    LARGEST_COVER,
    LONGEST_TEXT,
    M4A_ATOMS,
    MUTAGEN_LEAKS,
    TRACK_ID,
    TRACK_ID_M4A,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mutagen.id3 import APIC, ID3

_MORE_FRAMES: Final = {
    "BPM": "TBPM", "INITIALKEY": "TKEY", "KEY": "TKEY", "COMPOSER": "TCOM", "LABEL": "TPUB",
    "ORGANIZATION": "TPUB", "REMIXER": "TPE4", "GROUPING": "TIT1", "MOOD": "TMOO",
    "ALBUMARTISTSORT": "TSO2", "ENCODED-BY": "TENC",
}  # fmt: skip
_FRAMES: Final = {**_MORE_FRAMES, **ID3_FRAMES}
_ATOMS: Final = {atom: key for key, atom in M4A_ATOMS.items() if key != TRACK_ID} | {
    TRACK_ID_M4A: TRACK_ID, "\xa9wrt": "COMPOSER", "\xa9grp": "GROUPING", "\xa9cmt": "COMMENT",
    "tmpo": "BPM", "trkn": "TRACKNUMBER", "disk": "DISCNUMBER", "rtng": "ITUNESADVISORY",
    "\xa9lyr": "LYRICS",
}  # fmt: skip
_PICTURES: Final = "METADATA_BLOCK_PICTURE"
_NOT_CARRIED: Final = (_PICTURES, "ENCODER")
_PROGRAMS_OWN: Final = ("SERATO_", "TRAKTOR4", "NATIVE_")
"""Beat grids and cues in forms of their own, which mean nothing in another kind of file."""


def carry_tags(source: str | Path, target: int, form: str) -> None:
    """Write the tags of ``source`` into the ``aiff`` or ``mp3`` open at ``target``.

    A file whose tags cannot be read gets none. Raises OSError, and DownloadError (``untaggable``).
    """
    try:
        id3 = _tags_of(source)
    except MUTAGEN_LEAKS:
        return
    if not id3:
        return
    id3.update_to_v23()
    try:
        with os.fdopen(os.dup(target), "r+b") as file:
            _save(id3, file, form)
    except MUTAGEN_LEAKS as error:
        if isinstance(cause := error.__cause__ or error.args[:1], OSError):
            raise cause from error
        name = os.path.basename(source)
        raise DownloadError(f"The tags of {name} could not be carried over: {error}.",
                            code="untaggable") from error  # fmt: skip


def bears_tags(made: str | Path, source: str | Path, form: str) -> bool:
    """Whether ``made`` bears the tags of ``source`` as they are carried over, and no others.

    One of them must be strandline's, which says what track it is.
    """
    try:
        with TemporaryFile() as blank:
            carry_tags(source, blank.fileno(), "mp3")
            blank.seek(0)
            wanted, found = _frames(blank, "mp3"), _frames(made, form)
    except (*MUTAGEN_LEAKS, DownloadError):
        return False
    mark = found.get(f"TXXX:{TRACK_ID}")
    return mark is not None and mark == wanted.get(f"TXXX:{TRACK_ID}") and found == wanted


def _frames(file: Any, form: str) -> dict[str, str]:
    from mutagen.aiff import AIFF
    from mutagen.id3 import ID3

    tags: Any = AIFF(file).tags if form == "aiff" else ID3(file)
    return {} if tags is None else {key: repr(frame) for key, frame in tags.items()}


def _save(id3: ID3, file: Any, form: str) -> None:
    from mutagen.aiff import AIFF

    file.seek(0)
    if form == "mp3":
        id3.save(file, v1=0, v2_version=3, v23_sep="/")
        return
    aiff: Any = AIFF(file)
    aiff.add_tags()
    for frame in id3.values():
        aiff.tags.add(frame)
    file.seek(0)
    aiff.tags.save(file, v2_version=3, v23_sep="/")


def _tags_of(source: str | Path) -> ID3:
    from mutagen import File
    from mutagen.flac import FLAC
    from mutagen.id3 import ID3
    from mutagen.mp4 import MP4

    found: Any = File(source)
    tags = None if found is None else found.tags
    id3 = ID3()
    if isinstance(tags, ID3):
        for frame in tags.values():
            id3.add(frame)
    elif isinstance(found, MP4):
        _fill(id3, _of_mp4(tags or {}))
        for cover in (tags or {}).get("covr", ())[:1]:
            mime = "image/png" if cover.imageformat == cover.FORMAT_PNG else "image/jpeg"
            id3.add(_picture(bytes(cover), mime))
    elif tags is not None:
        _fill(id3, ((key.upper(), [str(it) for it in values]) for key, values in _lists(tags)))
        pictures = found.pictures if isinstance(found, FLAC) else _pictures(tags)
        for picture in list(pictures)[:1]:
            id3.add(_picture(picture.data, picture.mime))
    return id3


def _lists(tags: Any) -> Iterator[tuple[str, list[Any]]]:
    for key in tags.keys():  # noqa: SIM118 - a comment block iterates over its pairs
        values = tags[key]
        yield key, values if isinstance(values, list) else [values]


def _of_mp4(tags: Any) -> Iterator[tuple[str, list[str]]]:
    for atom, values in tags.items():
        key = _ATOMS.get(atom) or (atom.removeprefix(ITUNES) if atom.startswith(ITUNES) else "")
        if key and isinstance(values, list):
            yield key.upper(), [_text(it) for it in values]


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(value[0]) if isinstance(value, tuple) else str(value)


def _fill(id3: ID3, texts: Any) -> None:
    from mutagen import id3 as frames

    utf16 = frames.Encoding.UTF16
    for key, raw in texts:
        values = [it[:LONGEST_TEXT] for it in raw if it]
        if not values or key in _NOT_CARRIED or key.startswith(_PROGRAMS_OWN):
            continue
        if key == "UNSYNCEDLYRICS" or (key == "LYRICS" and not id3.getall("USLT")):
            text = raw[0][:LONGEST]
            id3.setall("USLT", [frames.USLT(encoding=utf16, lang="XXX", desc="", text=text)])
        elif key == "LYRICS":
            continue  # the same, with times
        elif name := _FRAMES.get(key):
            id3.setall(name, [getattr(frames, name)(encoding=utf16, text=values)])
        elif key in ("COMMENT", "DESCRIPTION"):
            id3.setall("COMM", [frames.COMM(encoding=utf16, lang="eng", desc="", text=values)])
        else:
            id3.add(frames.TXXX(encoding=utf16, desc=key, text=values))


def _pictures(tags: Any) -> Iterator[Any]:
    """Of Ogg, whose comments hold them in base64."""
    from mutagen.flac import Picture

    for text in tags.get(_PICTURES, ()) if hasattr(tags, "get") else ():
        yield Picture(base64.b64decode(text))


def _picture(data: bytes, mime: str) -> APIC:
    from mutagen import id3 as frames

    front = frames.PictureType.COVER_FRONT
    return frames.APIC(encoding=0, mime=mime, type=front, desc="", data=data[:LARGEST_COVER])
