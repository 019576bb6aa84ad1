"""ID3 frames by what they mean, for other kinds of files and from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from strandline.library.audio.containers import Container
from strandline.library.tags import serato
from strandline.library.tags.carried import TOTALS, Carried, Picture
from strandline.library.tags.id3_frames import RawFrame, RawTag, frames_of, loaded
from strandline.library.tags.write import ID3_FRAMES, MUTAGEN_LEAKS, to_v23

_OF_THE_ENCODING: Final = ("MLLT", "ASPI", "SEEK", "TSIZ", "TSSE")
"""Frames that tell of the bytes of the sound as it was encoded."""
PLACES: Final = "iTunSMPB"
"""iTunes' comment on how many samples that encoder put in front."""
_MORE: Final = {
    "COMPOSER": "TCOM", "LABEL": "TPUB", "REMIXER": "TPE4", "CONDUCTOR": "TPE3",
    "LYRICIST": "TEXT", "GROUPING": "TIT1", "MOOD": "TMOO", "ENCODED-BY": "TENC",
    "ALBUMARTISTSORT": "TSO2", "ARTISTSORT": "TSOP", "ALBUMSORT": "TSOA", "TITLESORT": "TSOT",
    "COMPOSERSORT": "TSOC", "LANGUAGE": "TLAN", "MEDIA": "TMED", "ORIGINALDATE": "TDOR",
    "COMPILATION": "TCMP", "DISCSUBTITLE": "TSST",
}  # fmt: skip
_FRAMES: Final = {**_MORE, **ID3_FRAMES}
_COMMENTS: Final = {frame: name for name, frame in _FRAMES.items()}
_MILLISECONDS: Final = 2  # of SYLT's two kinds of time
_MUSICBRAINZ: Final = "http://musicbrainz.org"
_QUIET: Final = ("TLEN", "TFLT", "TDTG", "TDEN")
"""Frames that tell of the file, not of the music: in another one they would not be true."""


def is_of_the_encoding(frame: RawFrame, version: int) -> bool:
    """Whether it tells of nothing but the sound as it was encoded."""
    if frame.name in _OF_THE_ENCODING:
        return True
    if frame.name not in ("GEOB", "COMM"):
        return False
    return any(it.desc in (serato.SEEKING, PLACES) for it in meant(frame, version))


def meant(frame: RawFrame, version: int) -> list[Any]:
    """As mutagen reads it; empty for what it does not know."""
    try:
        return list(loaded([frame], version).values())
    except MUTAGEN_LEAKS:
        return []


def from_id3(tag: RawTag, new: Container) -> Carried:
    """What of a tag goes into a file of the kind ``new``."""
    carried = Carried()
    for raw in tag.frames:
        if is_of_the_encoding(raw, tag.version) or raw.name in _QUIET:
            continue
        found = meant(raw, tag.version)
        if not found:
            carried.others.append(raw.name)
        for frame in found:
            _take_frame(carried, frame)
    _settle_markers(carried, new)
    return carried


def _take_frame(carried: Carried, frame: Any) -> None:
    name = str(frame.FrameID)
    if take := _TAKEN.get(name):
        take(carried, frame)
    elif name[0] == "T":
        _take_text(carried, frame)
    elif name[0] == "W":
        carried.add(name, [frame.url])
    else:
        carried.others.append(name)


def _take_free_text(carried: Carried, frame: Any) -> None:
    carried.add(frame.desc, map(str, frame.text))


def _take_genres(carried: Carried, frame: Any) -> None:
    carried.add("GENRE", frame.genres)


def _take_comment(carried: Carried, frame: Any) -> None:
    carried.add(f"COMMENT:{frame.desc}" if frame.desc else "COMMENT", map(str, frame.text))


def _take_words(carried: Carried, frame: Any) -> None:
    carried.add("UNSYNCEDLYRICS", [frame.text])


def _take_times(carried: Carried, frame: Any) -> None:
    if frame.format != _MILLISECONDS:
        carried.others.append("SYLT")
        return
    lines = (f"[{at // 60_000:02d}:{at % 60_000 / 1000:05.2f}]{it}" for it, at in frame.text)
    carried.add("LYRICS", ["\n".join(lines)])


def _take_picture(carried: Carried, frame: Any) -> None:
    carried.pictures.append(Picture(int(frame.type), frame.mime, frame.desc, frame.data))


def _take_id(carried: Carried, frame: Any) -> None:
    if frame.owner == _MUSICBRAINZ:
        carried.add("MUSICBRAINZ_TRACKID", [frame.data.decode("ascii")])
    else:
        carried.others.append(f"UFID {frame.owner}".strip())


def _take_address(carried: Carried, frame: Any) -> None:
    carried.add(frame.desc.upper() or "URL", [frame.url])


def _take_object(carried: Carried, frame: Any) -> None:
    if frame.desc in serato.BY_GEOB or frame.desc == serato.OLD_MARKERS:
        carried.serato[frame.desc] = frame.data
    else:
        carried.others.append(f"GEOB {frame.desc}".strip())


def _leave_private(carried: Carried, frame: Any) -> None:
    carried.others.append(f"PRIV {frame.owner}".strip())


_TAKEN: Final[dict[str, Callable[[Carried, Any], None]]] = {
    "TXXX": _take_free_text, "TCON": _take_genres, "COMM": _take_comment, "USLT": _take_words,
    "SYLT": _take_times, "APIC": _take_picture, "UFID": _take_id, "WXXX": _take_address,
    "GEOB": _take_object, "PRIV": _leave_private,
}  # fmt: skip


def _take_text(carried: Carried, frame: Any) -> None:
    name = _COMMENTS.get(frame.FrameID, frame.FrameID)
    values = [str(value) for value in frame.text]
    if name in TOTALS and values:
        number, _, total = values[0].partition("/")
        carried.add(name, [number])
        carried.add(TOTALS[name], [total])
    else:
        carried.add(name, values)


def _settle_markers(carried: Carried, new: Container) -> None:
    """The old cues are in the new ones as well: FLAC has those alone, which Serato reads there."""
    if serato.OLD_MARKERS not in carried.serato:
        return
    if new is Container.FLAC and serato.MARKERS2 in carried.serato:
        data = carried.serato.pop(serato.OLD_MARKERS)
        carried.add("SERATO_MARKERS_", [serato.wrapped(serato.OLD_MARKERS, data)])
    else:
        carried.others.append(f"GEOB {serato.OLD_MARKERS}")


def to_id3(carried: Carried) -> RawTag:
    """The tag, of version 2.3."""
    from mutagen import id3 as frames

    id3 = frames.ID3()
    if carried.texts.get("SUBTITLE") == carried.texts.get("VERSION"):
        carried.texts.pop("SUBTITLE", None)
    for name, values in _with_totals(carried.texts):
        if name.upper() == "LYRICS":
            _add_lyrics(id3, values[0])
        else:
            id3.add(_frame_of(name, values))
    for picture in carried.pictures:
        id3.add(_apic(picture))
    for geob, data in carried.serato.items():
        mime = "application/octet-stream"
        id3.add(frames.GEOB(encoding=0, mime=mime, filename="", desc=geob, data=data))
    to_v23(id3)
    return RawTag(3, frames_of(id3, 3))


def _frame_of(name: str, values: list[str]) -> Any:
    from mutagen import id3 as frames

    utf16, upper = frames.Encoding.UTF16, name.upper()
    if frame := _FRAMES.get(upper):
        return getattr(frames, frame)(encoding=utf16, text=values)
    if upper == "UNSYNCEDLYRICS":
        return frames.USLT(encoding=utf16, lang="XXX", desc="", text=values[0])
    if upper == "MUSICBRAINZ_TRACKID":
        return frames.UFID(owner=_MUSICBRAINZ, data=values[0].encode())
    kind, _, desc = name.partition(":")
    if kind.upper() in ("COMMENT", "DESCRIPTION"):
        return frames.COMM(encoding=utf16, lang="eng", desc=desc, text=values)
    return frames.TXXX(encoding=utf16, desc=name, text=values)


def _with_totals(texts: dict[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    totals = {total: texts.get(total) for total in TOTALS.values()}
    for name, values in texts.items():
        if name.upper() in totals:
            continue
        total = totals.get(TOTALS.get(name.upper(), ""))
        yield name, [f"{values[0]}/{total[0]}"] if total else values


def _add_lyrics(id3: Any, text: str) -> None:
    """Also with times; the words alone where they are nowhere else."""
    from mutagen import id3 as frames

    from strandline.core.lyrics import Lyrics

    utf16 = frames.Encoding.UTF16
    timed = Lyrics("", text).timed()
    if timed:
        lines = [(line, when) for when, line in timed]
        id3.add(frames.SYLT(encoding=utf16, lang="XXX", format=2, type=1, desc="", text=lines))
    if not timed or not id3.getall("USLT"):
        words = "\n".join(line for _, line in timed) if timed else text
        id3.add(frames.USLT(encoding=utf16, lang="XXX", desc="", text=words))


def _apic(picture: Picture) -> Any:
    from mutagen import id3 as frames

    return frames.APIC(
        encoding=frames.Encoding.LATIN1 if picture.text.isascii() else frames.Encoding.UTF16,
        mime=picture.mime, type=picture.kind, desc=picture.text, data=picture.data,
    )  # fmt: skip
