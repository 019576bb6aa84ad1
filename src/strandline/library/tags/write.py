"""Tags: what strandline writes into a track's file, by the conventions of common taggers.

=============  ==========================  ====================  ==================================
field          MP3, AIFF (ID3v2)           FLAC                  M4A
=============  ==========================  ====================  ==================================
track_id       TXXX:STRANDLINE_TRACK_ID    STRANDLINE_TRACK_ID   ----:com.strandline:TRACK_ID
title          TIT2                        TITLE                 ©nam
version        TIT3                        VERSION, SUBTITLE     ----:com.apple.iTunes:SUBTITLE
artist         TPE1                        ARTIST                ©ART
artists        TXXX:ARTISTS                ARTISTS               ----:com.apple.iTunes:ARTISTS
album          TALB                        ALBUM                 ©alb
album_artist   TPE2                        ALBUMARTIST           aART
track_number   TRCK                        TRACKNUMBER           trkn
volume_number  TPOS                        DISCNUMBER            disk
year           TDRC; v2.3: TYER            DATE                  ©day
genre          TCON                        GENRE                 ©gen
isrc           TSRC                        ISRC                  ----:com.apple.iTunes:ISRC
copyright      TCOP                        COPYRIGHT             cprt
explicit       TXXX:ITUNESADVISORY         ITUNESADVISORY        rtng
bpm            TBPM                        BPM                   tmpo (whole)
key            TKEY                        INITIALKEY            ----:com.apple.iTunes:initialkey
replay_gain    TXXX:REPLAYGAIN_TRACK_GAIN  the same, no TXXX:    ----:com.apple.iTunes: and the
               and _PEAK, _ALBUM_…                               same in small letters
lyrics         USLT, SYLT                  UNSYNCEDLYRICS;       ©lyr
                                           LYRICS with times
cover          APIC (front)                PICTURE (front)       covr
=============  ==========================  ====================  ==================================

The title a player shows carries the version (``Title (Extended Mix)``), as the file name does;
the bare version stands beside it in a field of its own. ID3v2.3, the default, is what every player
and Windows read: several values are joined by ``/`` there.
"""

from __future__ import annotations

import errno
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mutagen import MutagenError

from strandline.errors import DownloadError
from strandline.library.audio.containers import HEAD, container_of
from strandline.library.audio.containers import Container as Kind

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path
    from typing import BinaryIO

    from mutagen.aiff import AIFF
    from mutagen.flac import FLAC
    from mutagen.id3 import ID3
    from mutagen.mp4 import MP4

    from strandline.core.ids import TrackId
    from strandline.core.loudness import ReplayGain
    from strandline.core.lyrics import Lyrics

TRACK_ID: Final = "STRANDLINE_TRACK_ID"
TRACK_ID_M4A: Final = "----:com.strandline:TRACK_ID"
ITUNES: Final = "----:com.apple.iTunes:"

LONGEST_TEXT: Final = 2_000  # characters of one text field; TIDAL's own are far below
LARGEST_COVER: Final = 8 << 20  # bytes; a FLAC block can hold 16 MiB

MUTAGEN_LEAKS: Final = (
    MutagenError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError,
    AssertionError, EOFError, NotImplementedError, RecursionError, MemoryError, struct.error,
)  # fmt: skip
"""What mutagen raises on damaged files; more than it documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackTags:
    """What is known of a track, in TIDAL's own words. None and empty: left out of the file."""

    track_id: TrackId
    title: str
    artist: str
    artists: tuple[str, ...] = ()
    album: str | None = None
    album_artist: str | None = None
    track_number: int | None = None
    volume_number: int | None = None
    year: int | None = None
    isrc: str | None = None
    version: str | None = None
    copyright: str | None = None
    genre: str | None = None
    explicit: bool | None = None
    bpm: float | None = None
    key: str | None = None
    """As DJ programs write it: ``F#m``."""
    replay_gain: ReplayGain | None = None
    lyrics: Lyrics | None = None
    cover: bytes | None = None
    """The image file itself: JPEG or PNG."""
    cover_mime: str = "image/jpeg"


def shown_title(title: str, version: str | None) -> str:
    """``Title (Version)``, or the title alone if the version stands in it already."""
    version = (version or "").strip()
    if not version or version.casefold() in title.casefold():
        return title
    return f"{title} ({version})"


def write_tags(path: str | Path, tags: TrackTags, *, id3: int = 3) -> None:
    """Write ``tags`` into an MP3, AIFF, FLAC or M4A file in place; tags not named here stay.

    ``id3``: 3 or 4, the version of ID3v2. Works on a temp file: a crash in the middle leaves it
    damaged. Not synced to disk.
    Raises DownloadError (``untaggable``) if the file is of another kind or damaged, and OSError.
    """
    with open(path, "r+b") as file:
        kind = container_of(file.read(HEAD))
        file.seek(0)
        try:
            _write(file, kind, tags, id3)
        except MUTAGEN_LEAKS as error:
            raise _meaning(error, tags) from error


def _write(file: BinaryIO, kind: Kind | None, tags: TrackTags, id3: int) -> None:
    match kind:
        case Kind.MP3:
            _write_mp3(file, tags, id3)
        case Kind.AIFF:
            _write_aiff(file, tags, id3)
        case Kind.FLAC:
            _write_flac(file, tags)
        case Kind.M4A:
            _write_m4a(file, tags)
        case _:
            raise MutagenError("not an MP3, AIFF, FLAC or M4A file")


def _meaning(error: BaseException, tags: TrackTags) -> Exception:
    """A failing disk comes out of mutagen wrapped; anything else is about the file."""
    for cause in (*error.args, error.__cause__, error.__context__):
        if isinstance(cause, OSError) and cause.errno not in (None, errno.EINVAL):
            return cause
    return DownloadError(
        f"The tags of {tags.artist} - {tags.title} could not be written: {error}",
        hint="It is downloaded again with the next sync.",
        code="untaggable",
    )


def clean(text: str) -> str:
    """Text without what breaks tags and terminals: control characters, lone surrogates, excess."""
    text = "".join(" " if char in "\t\n\r" else char for char in text)
    text = "".join(c for c in text if c >= " " and c != "\x7f" and not "\ud800" <= c <= "\udfff")
    return text[:LONGEST_TEXT].strip()


def _chosen(tags: TrackTags, only: Container[str] | None) -> dict[str, list[str]]:
    texts = texts_of(tags)
    return texts if only is None else {key: it for key, it in texts.items() if key in only}


def texts_of(tags: TrackTags) -> dict[str, list[str]]:
    """Every text field by its Vorbis comment name, cleaned, without the empty ones."""
    raw: dict[str, tuple[str | None, ...]] = {
        "TITLE": (shown_title(tags.title, tags.version),),
        "VERSION": (tags.version,),
        "ARTIST": (tags.artist,),
        "ARTISTS": tags.artists,
        "ALBUM": (tags.album,),
        "ALBUMARTIST": (tags.album_artist,),
        "TRACKNUMBER": (_number(tags.track_number),),
        "DISCNUMBER": (_number(tags.volume_number),),
        "DATE": (f"{tags.year:04d}" if tags.year and 0 < tags.year < 10_000 else None,),
        "GENRE": (tags.genre,),
        "ISRC": (tags.isrc,),
        "COPYRIGHT": (tags.copyright,),
        "ITUNESADVISORY": (None if tags.explicit is None else str(int(tags.explicit)),),
        "BPM": (f"{tags.bpm:.2f}".rstrip("0").rstrip(".") if tags.bpm else None,),
        "INITIALKEY": (tags.key,),
        **{name: (value,) for name, value in _replay_gain(tags).items()},
        TRACK_ID: (tags.track_id,),
    }
    cleaned = {key: [clean(value) for value in values if value] for key, values in raw.items()}
    return {key: kept for key, values in cleaned.items() if (kept := [v for v in values if v])}


def _number(value: int | None) -> str | None:
    """Track and disc numbers as MP4 can hold them: 1 to 65,535."""
    return str(value) if value is not None and 0 < value < 65_536 else None


def _replay_gain(tags: TrackTags) -> dict[str, str]:
    return tags.replay_gain.tags() if tags.replay_gain else {}


def _cover(tags: TrackTags) -> bytes | None:
    return tags.cover if tags.cover and len(tags.cover) <= LARGEST_COVER else None


# ---------------------------------------------------------------- ID3: MP3 and AIFF

ID3_FRAMES: Final = {
    "TITLE": "TIT2", "VERSION": "TIT3", "ARTIST": "TPE1", "ALBUM": "TALB", "ALBUMARTIST": "TPE2",
    "TRACKNUMBER": "TRCK", "DISCNUMBER": "TPOS", "DATE": "TDRC", "GENRE": "TCON", "ISRC": "TSRC",
    "COPYRIGHT": "TCOP", "BPM": "TBPM", "INITIALKEY": "TKEY",
}  # fmt: skip
_LANGUAGE: Final = "XXX"  # ID3's word for one that is not known


def _write_mp3(file: BinaryIO, tags: TrackTags, version: int) -> None:
    id3 = _id3_of(file)
    fill_id3(id3, tags, version)
    file.seek(0)
    id3.save(file, v1=0, v2_version=version, v23_sep="/")


def _id3_of(file: BinaryIO) -> ID3:
    from mutagen.id3 import ID3, ID3NoHeaderError

    try:
        return ID3(file)
    except ID3NoHeaderError:
        return ID3()


def _write_aiff(file: BinaryIO, tags: TrackTags, version: int) -> None:
    from mutagen.aiff import AIFF

    aiff: AIFF = AIFF(file)
    if aiff.tags is None:
        aiff.add_tags()
    id3: Any = aiff.tags
    fill_id3(id3, tags, version)
    file.seek(0)
    id3.save(file, v2_version=version, v23_sep="/")


def fill_id3(id3: ID3, tags: TrackTags, version: int, only: Container[str] | None = None) -> None:
    """``only``: the names of the texts that are meant; None for all."""
    from mutagen import id3 as frames

    for key, values in _chosen(tags, only).items():
        encoding = _encoding(version, *values)
        if name := ID3_FRAMES.get(key):
            id3.setall(name, [getattr(frames, name)(encoding=encoding, text=values)])
        else:
            id3.setall(f"TXXX:{key}", [frames.TXXX(encoding=encoding, desc=key, text=values)])
    if lyrics := tags.lyrics:
        _add_lyrics(id3, lyrics, _encoding(version, lyrics.text, lyrics.lrc))
    if cover := _cover(tags):
        front = frames.PictureType.COVER_FRONT
        picture = frames.APIC(encoding=0, mime=tags.cover_mime, type=front, desc="", data=cover)
        id3.setall("APIC", [picture])
    if version == 3:
        to_v23(id3)


_KEPT_IN_V23: Final = ("TSOA", "TSOP", "TSOT", "TSST", "TMOO", "TPRO", "RVA2")
"""Frames that came with ID3v2.4 and that taggers write into v2.3 all the same."""


def to_v23(id3: ID3) -> None:
    kept = [frame for name in _KEPT_IN_V23 for frame in id3.getall(name)]
    id3.update_to_v23()
    for frame in kept:
        id3.add(frame)


def _encoding(version: int, *values: str) -> int:
    """ID3v2.3 knows no UTF-8; what is ASCII is so in Latin-1, too, which takes half the room."""
    from mutagen.id3 import Encoding

    if version == 4:
        return Encoding.UTF8
    return Encoding.LATIN1 if all(map(str.isascii, values)) else Encoding.UTF16


def _add_lyrics(id3: ID3, lyrics: Lyrics, encoding: int) -> None:
    from mutagen.id3 import SYLT, USLT

    id3.setall("USLT", [USLT(encoding=encoding, lang=_LANGUAGE, desc="", text=lyrics.text)])
    if times := lyrics.timed():
        lines = [(line, when) for when, line in times]
        sung = SYLT(encoding=encoding, lang=_LANGUAGE, format=2, type=1, desc="", text=lines)
        id3.setall("SYLT", [sung])  # format 2: milliseconds; type 1: lyrics


# ---------------------------------------------------------------- FLAC


def _write_flac(file: BinaryIO, tags: TrackTags) -> None:
    from mutagen.flac import FLAC

    flac = FLAC(file)
    fill_flac(flac, tags)
    file.seek(0)
    flac.save(file)


def fill_flac(flac: FLAC, tags: TrackTags, only: Container[str] | None = None) -> None:
    """As ``fill_id3``. Of pictures, only the front cover gives way."""
    if flac.tags is None:
        flac.add_tags()
    texts = _chosen(tags, only)
    if "VERSION" in texts:
        texts["SUBTITLE"] = texts["VERSION"]
    if lyrics := tags.lyrics:
        texts["UNSYNCEDLYRICS"] = [lyrics.text]
        texts["LYRICS"] = [lyrics.lrc or lyrics.text]
    for key, values in texts.items():
        flac[key] = values
    if cover := _cover(tags):
        drop_front(flac)
        flac.add_picture(_flac_picture(cover, tags.cover_mime))


def drop_front(flac: FLAC) -> None:
    """Takes the front cover out; other pictures stay."""
    from mutagen.id3 import PictureType

    others = [it for it in flac.pictures if it.type != PictureType.COVER_FRONT]
    flac.clear_pictures()
    for picture in others:
        flac.add_picture(picture)


def _flac_picture(cover: bytes, mime: str) -> object:
    from mutagen.flac import Picture
    from mutagen.id3 import PictureType

    picture = Picture()
    picture.type, picture.mime, picture.data = PictureType.COVER_FRONT, mime, cover
    return picture


# ---------------------------------------------------------------- M4A

M4A_ATOMS: Final = {
    "TITLE": "\xa9nam", "ARTIST": "\xa9ART", "ALBUM": "\xa9alb", "ALBUMARTIST": "aART",
    "DATE": "\xa9day", "GENRE": "\xa9gen", "COPYRIGHT": "cprt",
    "VERSION": f"{ITUNES}SUBTITLE", "ARTISTS": f"{ITUNES}ARTISTS", "ISRC": f"{ITUNES}ISRC",
    "INITIALKEY": f"{ITUNES}initialkey",
    **{f"REPLAYGAIN_{of}_{what}": f"{ITUNES}replaygain_{of.lower()}_{what.lower()}"
       for of in ("TRACK", "ALBUM") for what in ("GAIN", "PEAK")},
    TRACK_ID: TRACK_ID_M4A,
}  # fmt: skip


def _write_m4a(file: BinaryIO, tags: TrackTags) -> None:
    from mutagen.mp4 import MP4

    m4a = MP4(file)
    fill_m4a(m4a, tags)
    file.seek(0)
    m4a.save(file)


def fill_m4a(m4a: MP4, tags: TrackTags, only: Container[str] | None = None) -> None:
    """As ``fill_id3``."""
    from mutagen.mp4 import MP4Cover

    if m4a.tags is None:
        m4a.add_tags()
    for key, values in _chosen(tags, only).items():
        match key:
            case "TRACKNUMBER":
                m4a["trkn"] = [(int(values[0]), 0)]
            case "DISCNUMBER":
                m4a["disk"] = [(int(values[0]), 0)]
            case "ITUNESADVISORY":
                m4a["rtng"] = [int(values[0])]
            case "BPM":
                m4a["tmpo"] = [round(float(values[0]))]
            case _:
                atom = M4A_ATOMS[key]
                m4a[atom] = [v.encode() for v in values] if atom.startswith("----") else values
    if tags.lyrics:
        m4a["\xa9lyr"] = [tags.lyrics.text]
    if cover := _cover(tags):
        png = tags.cover_mime == "image/png"
        m4a["covr"] = [MP4Cover(cover, MP4Cover.FORMAT_PNG if png else MP4Cover.FORMAT_JPEG)]
