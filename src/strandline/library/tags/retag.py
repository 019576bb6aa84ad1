"""Tags of a file that is there already: what they hold, and writing some of them anew.

Whatever is not strandline's own goes over byte for byte, and this is looked at before the file is
believed; so is its sound, packet by packet.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from strandline.core.retag import TagFacts
from strandline.library.audio.containers import HEAD, Container, container_of
from strandline.library.tags.id3_frames import (
    FRONT,
    CannotCarryError,
    RawFrame,
    RawTag,
    description_of,
    frames_of,
    is_front,
    loaded,
    parse_tag,
    rendered,
    translated,
)
from strandline.library.tags.picture import shrunk, side_of, size_of
from strandline.library.tags.raw_tags import RawItem, flac_items, mp4_items
from strandline.library.tags.write import (
    ID3_FRAMES,
    M4A_ATOMS,
    MUTAGEN_LEAKS,
    TRACK_ID,
    TrackTags,
    drop_front,
    fill_flac,
    fill_id3,
    fill_m4a,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import BinaryIO

KINDS: Final = (Container.MP3, Container.AIFF, Container.FLAC, Container.M4A)
_OWN: Final = (
    *ID3_FRAMES,
    "ARTISTS",
    "ITUNESADVISORY",
    TRACK_ID,
    *(f"REPLAYGAIN_{of}_{what}" for of in ("TRACK", "ALBUM") for what in ("GAIN", "PEAK")),
)
"""The texts that strandline writes, by the names of Vorbis comments."""
_NUMBERS: Final = {"TRACKNUMBER": "trkn", "DISCNUMBER": "disk", "ITUNESADVISORY": "rtng",
                   "BPM": "tmpo"}  # fmt: skip
_OTHER: Final = 0
_FLAC_LYRICS: Final = ("LYRICS", "UNSYNCEDLYRICS")


@dataclass(frozen=True, slots=True)
class TagEdit:
    """What is written into a file, and what is taken out of it."""

    tags: TrackTags
    write: frozenset[str]
    """The texts of ``tags`` that are meant; lyrics and cover are, where there are any."""
    drop: frozenset[str] = frozenset()
    drop_cover: bool = False
    drop_lyrics: bool = False
    id3: int = 3
    shrink: int = 0
    """Pixels to which the cover in the file is made smaller; 0: as it is."""

    @property
    def touches_cover(self) -> bool:
        """Whether the front picture becomes another one."""
        return bool(self.tags.cover or self.shrink or self.drop_cover)


# ---------------------------------------------------------------- what is there


def tag_facts(path: str | Path) -> TagFacts:
    """What the tags hold. Raises CannotCarryError for what could not be kept, and OSError."""
    with open(path, "rb") as file:
        kind = container_of(file.read(HEAD))
        if kind not in KINDS:
            raise CannotCarryError("its tags are of a kind that is not written here")
        try:
            return _FACTS[kind](file)
        except MUTAGEN_LEAKS as error:
            raise CannotCarryError("its tags are damaged") from error


def _facts_mp3(file: BinaryIO) -> TagFacts:
    return _facts_id3(_tag_of_mp3(file))


def _tag_of_mp3(file: BinaryIO) -> RawTag:
    def head(size: int) -> bytes:
        file.seek(0)
        return file.read(size)

    return parse_tag(head)


def _facts_aiff(file: BinaryIO) -> TagFacts:
    return _facts_id3(_tag_of_aiff(file))


def _tag_of_aiff(file: BinaryIO) -> RawTag:
    chunk = _id3_chunk(file)
    if chunk is None:
        return RawTag(0)
    data = chunk.read()
    return parse_tag(lambda size: data[:size])


def _id3_chunk(file: BinaryIO) -> Any:
    from mutagen.aiff import AIFFFile

    file.seek(0)
    form: Any = AIFFFile(file)
    return form["ID3"] if "ID3" in form else None  # noqa: SIM401 - it has no get()


def _facts_id3(tag: RawTag) -> TagFacts:
    if not tag.version:
        return TagFacts(0, has_id3=True)
    id3 = loaded([frame for frame in tag.frames if not frame.flags[1]], tag.version)
    texts: dict[str, tuple[str, ...]] = {}
    named = {frame.desc.upper(): frame for frame in reversed(id3.getall("TXXX"))}
    for name in _OWN:
        frames = id3.getall(ID3_FRAMES[name]) if name in ID3_FRAMES else [named.get(name)]
        if frames and frames[0] is not None:
            texts[name] = tuple(str(value) for value in frames[0].text)
    pictures = id3.getall("APIC")
    front = [it for it in pictures if it.type == FRONT]
    return TagFacts(
        tag.version,
        has_id3=True,
        texts=texts,
        cover=side_of(front[0].data) if front else _unsure(pictures),
        lyrics=bool(id3.getall("USLT")),
    )


def _facts_flac(file: BinaryIO) -> TagFacts:
    from mutagen.flac import FLAC

    flac_items(file)
    file.seek(0)
    flac: Any = FLAC(file)
    tags = flac.tags if flac.tags is not None else {}
    texts = {name: tuple(tags[name]) for name in _OWN if name in tags}
    front = [it for it in flac.pictures if it.type == FRONT]
    return TagFacts(
        texts=texts,
        cover=side_of(front[0].data) if front else _unsure(flac.pictures),
        lyrics="LYRICS" in tags or "UNSYNCEDLYRICS" in tags,
    )


def _unsure(pictures: Iterable[Any]) -> int:
    """A picture that does not say what it shows is the cover, to most taggers."""
    return -1 if any(it.type == _OTHER for it in pictures) else 0


def _facts_m4a(file: BinaryIO) -> TagFacts:
    from mutagen.mp4 import MP4

    names = [item.name for item in mp4_items(file)]
    if len(set(names)) < len(names):
        raise CannotCarryError("it has two tags of one name")
    file.seek(0)
    m4a: Any = MP4(file)
    tags = m4a.tags or {}
    lower = {key.lower(): values for key, values in tags.items()}
    texts = {
        name: tuple(map(_text, values))
        for name in _OWN
        if (values := tags.get(_atom(name)) or lower.get(_atom(name).lower()))
    }
    covers = tags.get("covr") or []
    side = side_of(bytes(covers[0])) if covers else 0
    return TagFacts(texts=texts, cover=side, lyrics="\xa9lyr" in tags)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return bytes(value).decode("utf-8", "replace")
    return str(value[0] if isinstance(value, tuple) else value)


_FACTS: Final = {
    Container.MP3: _facts_mp3, Container.AIFF: _facts_aiff,
    Container.FLAC: _facts_flac, Container.M4A: _facts_m4a,
}  # fmt: skip


# ---------------------------------------------------------------- writing


def retag(path: str | Path, edit: TagEdit) -> None:
    """Write the tags of ``path`` in place; a crash in the middle leaves it damaged.

    Raises CannotCarryError where what others wrote would not be the same after, and OSError.
    """
    with open(path, "r+b") as file:
        kind = container_of(file.read(HEAD))
        file.seek(0)
        try:
            match kind:
                case Container.MP3:
                    _retag_mp3(file, edit)
                case Container.AIFF:
                    _retag_aiff(file, edit)
                case Container.FLAC:
                    _retag_flac(file, edit)
                case Container.M4A:
                    _retag_m4a(file, edit)
                case _:
                    raise CannotCarryError("its tags are of a kind that is not written here")
        except MUTAGEN_LEAKS as error:
            if isinstance(cause := error.__cause__ or next(iter(error.args), None), OSError):
                raise cause from error
            raise CannotCarryError(f"its tags could not be written: {error}") from error


def _retag_mp3(file: BinaryIO, edit: TagEdit) -> None:
    tag = _tag_of_mp3(file)
    new = rendered(_edited(tag, edit), edit.id3, tag.size)
    if len(new) != tag.size:
        _shift(file, tag.size, len(new) - tag.size)
    file.seek(0)
    file.write(new)


_BLOCK: Final = 1 << 20


def _shift(file: BinaryIO, start: int, by: int) -> None:
    """What lies from ``start`` on comes to lie so many bytes later, or earlier."""
    end = file.seek(0, os.SEEK_END)
    places = list(range(start, end, _BLOCK))
    for at in reversed(places) if by > 0 else places:
        file.seek(at)
        block = file.read(min(_BLOCK, end - at))
        file.seek(at + by)
        file.write(block)
    file.truncate(end + by)


def _retag_aiff(file: BinaryIO, edit: TagEdit) -> None:
    from mutagen.aiff import AIFFFile

    tag = _tag_of_aiff(file)
    new = rendered(_edited(tag, edit), edit.id3, tag.size)
    file.seek(0)
    form: Any = AIFFFile(file)
    if "ID3" not in form:
        form.insert_chunk("ID3")
    chunk: Any = form["ID3"]
    if chunk.data_size != len(new):
        chunk.resize(len(new))
    chunk.write(new)


def _edited(tag: RawTag, edit: TagEdit) -> tuple[RawFrame, ...]:
    """Strandline's own frames anew, in the places of the old ones; the others as they are."""
    own = _own_frames(tag, edit)
    gone = {_key(frame) for frame in own} | _dropped(edit)
    if any(frame.name == "APIC" for frame in own):
        gone.add("APIC:front")
    kept = [frame for frame in tag.frames if not _keys(frame) & gone]
    others = translated(kept, tag.version, edit.id3)
    return (*own, *others)


def _own_frames(tag: RawTag, edit: TagEdit) -> tuple[RawFrame, ...]:
    from mutagen.id3 import ID3

    id3 = ID3()
    fill_id3(id3, edit.tags, edit.id3, only=edit.write)
    if edit.shrink and (front := next((f for f in tag.frames if "APIC:front" in _keys(f)), None)):
        picture = loaded([front], tag.version).getall("APIC")[0]
        picture.data, picture.mime = shrunk(picture.data, picture.mime, edit.shrink)
        id3.add(picture)
    return frames_of(id3, edit.id3)


def _dropped(edit: TagEdit) -> set[str]:
    gone = {ID3_FRAMES.get(name, f"TXXX:{name}") for name in edit.drop}
    gone |= {"APIC:front"} if edit.drop_cover else set()
    return gone | ({"USLT", "SYLT"} if edit.drop_lyrics else set())


def _key(frame: RawFrame) -> str:
    """What tells a frame of strandline's from others."""
    if frame.name == "TXXX":
        return f"TXXX:{description_of(frame)}"
    return "TDRC" if frame.name == "TYER" else frame.name


def _keys(frame: RawFrame) -> set[str]:
    """The same, and whether it is the front picture; the old forms of a date are one with it."""
    keys = {_key(frame)}
    if frame.name in ("TDAT", "TIME"):
        keys.add("TDRC")
    if frame.name == "APIC" and is_front(frame):
        keys.add("APIC:front")
    return keys - {"APIC"} if frame.name == "APIC" else keys


# ---------------------------------------------------------------- FLAC and M4A


def _retag_flac(file: BinaryIO, edit: TagEdit) -> None:
    from mutagen.flac import FLAC

    before = flac_items(file)
    file.seek(0)
    flac: Any = FLAC(file)
    if edit.shrink:
        for picture in flac.pictures:
            if picture.type == FRONT:
                picture.data, picture.mime = shrunk(picture.data, picture.mime, edit.shrink)
                picture.width, picture.height = size_of(picture.data)
    if edit.drop_cover:
        drop_front(flac)
    fill_flac(flac, edit.tags, only=edit.write)
    names = set(edit.drop) | (set(_FLAC_LYRICS) if edit.drop_lyrics else set())
    for name in names & {key.upper() for key in flac.tags.keys()}:  # noqa: SIM118
        del flac.tags[name]
    file.seek(0)
    flac.save(file)
    touched = {*edit.write, *names, "SUBTITLE"} | (set(_FLAC_LYRICS) if edit.tags.lyrics else set())
    touched |= {f"picture:{FRONT}"} if edit.touches_cover else set()
    _require_carried(before, flac_items(file), touched)


def _retag_m4a(file: BinaryIO, edit: TagEdit) -> None:
    from mutagen.mp4 import MP4

    before = mp4_items(file)
    file.seek(0)
    m4a: Any = MP4(file)
    if edit.shrink and m4a.tags:
        covers = m4a.tags.get("covr") or []
        m4a.tags["covr"] = [_smaller(it, edit.shrink) for it in covers[:1]] + covers[1:]
    fill_m4a(m4a, edit.tags, only=edit.write)
    gone = {_atom(name) for name in edit.drop}
    gone |= {"covr"} if edit.drop_cover else set()
    gone |= {"\xa9lyr"} if edit.drop_lyrics else set()
    for atom in gone & set(m4a.tags):
        del m4a.tags[atom]
    file.seek(0)
    m4a.save(file)
    touched = gone | {_atom(name) for name in edit.write}
    touched |= {"\xa9lyr"} if edit.tags.lyrics else set()
    touched |= {"covr"} if edit.touches_cover else set()
    _require_carried(before, mp4_items(file), touched)


def _smaller(cover: Any, pixels: int) -> Any:
    from mutagen.mp4 import MP4Cover

    png = cover.imageformat == MP4Cover.FORMAT_PNG
    data, mime = shrunk(bytes(cover), "image/png" if png else "image/jpeg", pixels)
    form = MP4Cover.FORMAT_PNG if mime == "image/png" else MP4Cover.FORMAT_JPEG
    return MP4Cover(data, form)


def _atom(name: str) -> str:
    return _NUMBERS.get(name) or M4A_ATOMS[name]


def _require_carried(before: list[RawItem], after: list[RawItem], touched: set[str]) -> None:
    """What is none of strandline's is there as often as before, byte for byte."""

    def others(items: list[RawItem]) -> Counter[RawItem]:
        return Counter(item for item in items if item.name not in touched)

    if others(before) != others(after):
        lost = next(iter((others(before) - others(after)) or (others(after) - others(before))))
        raise CannotCarryError(f"its tag {lost.name} could not be kept as it is")
