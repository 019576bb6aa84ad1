"""What DJ programs and people write into files: put there, and looked for byte for byte."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from mutagen.aiff import AIFF
from mutagen.flac import FLAC, Picture
from mutagen.id3 import COMM, GEOB, ID3, POPM, PRIV, TCON, TIT1, TIT2, TXXX, UFID
from mutagen.mp4 import MP4, AtomDataType, MP4FreeForm

_CUE = b"\0\0" + (1234).to_bytes(4, "big") + b"\0\xcc\0\0\0\0drop\0"
_ENTRY = b"CUE\0" + len(_CUE).to_bytes(4, "big") + _CUE
MARKERS = (b"\x01\x01" + base64.b64encode(b"\x01\x01" + _ENTRY + b"\0")).ljust(470, b"\0")
"""One hot cue at 1.234 s, in Serato's form."""
GRID = b"\x01\0\0\0\0\x00"
TRAKTOR = b"DMRT" + bytes(range(256)) * 5
"""A tree of Traktor's; what is in it is its own affair."""
COMMENT = "8A - Energy 6"


def dj_frames() -> list[Any]:
    """In ID3: cues, grids, a rating, a comment, a genre of one's own, other programs' ids."""
    octets = "application/octet-stream"
    return [
        GEOB(encoding=0, mime=octets, filename="", desc="Serato Markers2", data=MARKERS),
        GEOB(encoding=0, mime=octets, filename="", desc="Serato BeatGrid", data=GRID),
        GEOB(encoding=0, mime=octets, filename="", desc="Serato Analysis", data=b"\x02\x01"),
        PRIV(owner="TRAKTOR4", data=TRAKTOR),
        POPM(email="traktor@native-instruments.de", rating=204, count=7),
        COMM(encoding=1, lang="eng", desc="", text=[COMMENT]),
        TXXX(encoding=1, desc="SERATO_PLAYCOUNT", text=["12"]),
        TXXX(encoding=0, desc="CATALOGNUMBER", text=["ANA001"]),
        UFID(owner="http://musicbrainz.org", data=b"f" * 36),
        TCON(encoding=1, text=["Dub Techno"]),
        TIT1(encoding=1, text=["Warm up"]),
    ]


def write_into(path: Path) -> None:
    """As DJ programs and a tagger do it, in the version that the file has."""
    match path.suffix:
        case ".mp3" | ".aiff":
            _into_id3(path)
        case ".flac":
            _into_flac(path)
        case _:
            _into_mp4(path)


def _into_id3(path: Path) -> None:
    tagged: Any = ID3(path) if path.suffix == ".mp3" else AIFF(path)
    id3 = tagged if path.suffix == ".mp3" else tagged.tags
    version = id3.version[1]
    for frame in dj_frames():
        id3.add(frame)
    if version == 3:
        id3.update_to_v23()
    id3.save(path, v2_version=version)


def _into_flac(path: Path) -> None:
    flac = FLAC(path)
    tags: Any = flac
    tags["SERATO_MARKERS_V2"] = base64.b64encode(b"application/octet-stream\0\0" + MARKERS).decode()
    tags["SERATO_BEATGRID"] = base64.b64encode(GRID).decode()
    tags["TRAKTOR4"] = base64.b64encode(TRAKTOR).decode()
    tags["RATING"], tags["COMMENT"] = "204", COMMENT
    tags["GENRE"], tags["GROUPING"] = "Dub Techno", "Warm up"
    back = Picture()
    back.type, back.mime, back.data = 4, "image/png", b"\x89PNG\r\n\x1a\n" + b"back" * 9
    flac.add_picture(back)
    flac.save()


def _into_mp4(path: Path) -> None:
    m4a: Any = MP4(path)
    octets = AtomDataType.IMPLICIT
    m4a["----:com.serato.dj:markersv2"] = [MP4FreeForm(base64.b64encode(MARKERS), octets)]
    m4a["----:com.serato.dj:beatgrid"] = [MP4FreeForm(base64.b64encode(GRID), octets)]
    m4a["----:com.native-instruments:TRAKTOR4"] = [MP4FreeForm(TRAKTOR, octets)]
    m4a["\xa9cmt"], m4a["\xa9gen"], m4a["\xa9grp"] = [COMMENT], ["Dub Techno"], ["Warm up"]
    m4a.save()


def others(path: Path) -> dict[str, object]:
    """All that is in the file and none of strandline's, in a form that can be compared."""
    match path.suffix:
        case ".mp3":
            return dict(_of_id3(ID3(path)))
        case ".aiff":
            return dict(_of_id3(AIFF(path).tags))
        case ".flac":
            flac: Any = FLAC(path)
            names = ("serato_markers_v2", "serato_beatgrid", "traktor4", "rating", "comment",
                     "genre", "grouping")  # fmt: skip
            backs = [it.data for it in flac.pictures if it.type == 4]
            return {name: flac.get(name) for name in names} | {"back": backs}
        case _:
            m4a: Any = MP4(path)
            names = ("\xa9cmt", "\xa9gen", "\xa9grp")
            free = {key: [(bytes(it), it.dataformat) for it in values]
                    for key, values in m4a.items() if key.startswith(("----:com.serato", "----:com.n"))}  # fmt: skip # noqa: E501
            return free | {name: m4a.get(name) for name in names}


def _of_id3(id3: Any) -> Iterator[tuple[str, object]]:
    kinds = ("GEOB", "PRIV", "POPM", "COMM", "UFID", "TCON", "TIT1", "TXXX:SERATO_PLAYCOUNT",
             "TXXX:CATALOGNUMBER")  # fmt: skip
    for kind in kinds:
        for frame in id3.getall(kind):
            told = {key: value for key, value in vars(frame).items() if key != "encoding"}
            yield frame.HashKey, {key: str(value) for key, value in told.items()}


def expected(path: Path) -> int:
    """How many of them there are to be."""
    return {".mp3": 11, ".aiff": 11, ".flac": 8}.get(path.suffix, 6)


def raw_frames(path: Path) -> dict[str, list[bytes]]:
    """Of an MP3: each frame's bytes, by its name."""
    from strandline.library.tags.id3_frames import parse_tag

    data = BytesIO(path.read_bytes())

    def head(size: int) -> bytes:
        data.seek(0)
        return data.read(size)

    found: dict[str, list[bytes]] = {}
    for frame in parse_tag(head).frames:
        found.setdefault(frame.name, []).append(frame.data)
    return found


__all__ = ["MARKERS", "TIT2", "dj_frames", "expected", "others", "raw_frames", "write_into"]
