"""The tags of a file in the one that is made of it: whatever others wrote, byte for byte.

Between two files of one kind (MP3 and AIFF are one: both have ID3) the tags go over as they lie in
the file. Into another kind go texts, pictures and Serato's data, each in the form that it has
there. What has none there (Traktor's cues in ID3, ratings, private frames …) is named, and the file
is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from strandline.library.audio.containers import HEAD, Container, container_of
from strandline.library.tags.carried import Carried
from strandline.library.tags.carried_flac import from_flac, to_flac
from strandline.library.tags.carried_id3 import from_id3, is_of_the_encoding, meant, to_id3
from strandline.library.tags.carried_m4a import UNTOLD, from_m4a, to_m4a
from strandline.library.tags.id3_frames import (
    CannotCarryError,
    RawFrame,
    RawTag,
    frames_of,
    parse_tag,
    rendered,
)
from strandline.library.tags.write import MUTAGEN_LEAKS, TRACK_ID, TRACK_ID_M4A

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from strandline.core.ids import TrackId

ID3: Final = (Container.MP3, Container.AIFF)
KINDS: Final = (*ID3, Container.FLAC, Container.M4A)


def not_carried(source: str | Path, kind: Container) -> tuple[str, ...]:
    """What of ``source`` a file of that kind cannot hold, by name; empty: it can hold all.

    Raises CannotCarryError for tags that are damaged, and OSError.
    """
    with _reading(source) as (file, old):
        if old is kind or (old in ID3 and kind in ID3):
            _same_kind(file, old)
            return ()
        return tuple(dict.fromkeys(_read(file, old, kind).others))


def carry(source: str | Path, target: str | Path, track: TrackId) -> None:
    """Give ``target``, a temporary file of sound alone, the tags of ``source``, and the track's id.

    Raises CannotCarryError where something would not be the same after, and OSError.
    """
    with _reading(source) as (file, old), open(target, "r+b") as made:
        new = container_of(made.read(HEAD))
        try:
            if old in ID3 and new in ID3:
                _write_id3(made, new, _same_kind(file, old), track)
            elif old is new is Container.FLAC:
                _same_flac(file, made, track)
            elif old is new is Container.M4A:
                _same_m4a(file, made, track)
            elif new in KINDS:
                carried = _read(file, old, new)
                if carried.others:
                    raise CannotCarryError(cannot(carried.others, new))
                carried.texts.setdefault(TRACK_ID, [track])
                _write(made, new, carried, track)
            else:
                raise CannotCarryError("its new form has no tags that are written here")
        except MUTAGEN_LEAKS as error:
            if isinstance(cause := error.__cause__ or next(iter(error.args), None), OSError):
                raise cause from error
            raise CannotCarryError(f"its tags could not be carried over: {error}") from error


def cannot(names: Sequence[str], kind: Container) -> str:
    """In words for a person."""
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{kind.value} cannot hold what other programs wrote into it: {listed}"


@contextmanager
def _reading(source: str | Path) -> Iterator[tuple[BinaryIO, Container]]:
    """The file, and of which kind it is."""
    with open(source, "rb") as file:
        kind = container_of(file.read(HEAD))
        if kind not in KINDS:
            raise CannotCarryError("its tags are of a kind that is not read here")
        yield file, kind


def _read(file: BinaryIO, old: Container, new: Container) -> Carried:
    """For another kind of file. CannotCarryError for tags that are damaged."""
    try:
        if old in ID3:
            return from_id3(_same_kind(file, old), new)
        if old is Container.FLAC:
            return from_flac(file)
        return from_m4a(file)
    except MUTAGEN_LEAKS as error:
        raise CannotCarryError("its tags are damaged") from error


def _write(file: BinaryIO, kind: Container, carried: Carried, track: TrackId) -> None:
    if kind is Container.FLAC:
        to_flac(file, carried)
    elif kind is Container.M4A:
        to_m4a(file, carried)
    else:
        _write_id3(file, kind, to_id3(carried), track)


# ---------------------------------------------------------------- ID3, as it lies in the file


def _same_kind(file: BinaryIO, kind: Container) -> RawTag:
    if kind not in ID3:
        return RawTag(0)
    if kind is Container.AIFF:
        return _tag_of_aiff(file)

    def head(size: int) -> bytes:
        file.seek(0)
        return file.read(size)

    return parse_tag(head)


def _tag_of_aiff(file: BinaryIO) -> RawTag:
    from mutagen.aiff import AIFFFile

    file.seek(0)
    form: Any = AIFFFile(file)
    if "ID3" not in form:
        return RawTag(0)
    data = form["ID3"].read()
    return parse_tag(lambda size: bytes(data[:size]))


def _write_id3(file: BinaryIO, kind: Container, tag: RawTag, track: TrackId) -> None:
    from mutagen import id3 as frames
    from mutagen.aiff import AIFFFile

    version = tag.version or 3
    kept = [frame for frame in tag.frames if not is_of_the_encoding(frame, version)]
    if not any(_id_in(frame, version) for frame in kept):
        own = frames.ID3()
        own.add(frames.TXXX(encoding=0, desc=TRACK_ID, text=[track]))
        kept += frames_of(own, version)
    data = rendered(kept, version)
    file.seek(0)
    if kind is Container.AIFF:
        form: Any = AIFFFile(file)
        if "ID3" not in form:
            form.insert_chunk("ID3")
        chunk = form["ID3"]
        chunk.resize(len(data))
        chunk.write(data)
        return
    from mutagen._util import insert_bytes

    insert_bytes(file, len(data), 0)
    file.seek(0)
    file.write(data)


def _id_in(frame: RawFrame, version: int) -> bool:
    return frame.name == "TXXX" and any(it.desc == TRACK_ID for it in meant(frame, version))


# ---------------------------------------------------------------- FLAC and M4A


def _same_flac(file: BinaryIO, made: BinaryIO, track: TrackId) -> None:
    """Every block but those of the sound and the padding."""
    from mutagen.flac import FLAC

    file.seek(0)
    made.seek(0)
    old, new = FLAC(file), FLAC(made)
    sound, room = (0, 3), 1
    kept = [block for block in old.metadata_blocks if block.code not in (*sound, room)]
    new.metadata_blocks[:] = [block for block in new.metadata_blocks if block.code in sound] + kept
    new.tags = old.tags
    if new.tags is None:
        new.add_tags()
    tags: Any = new.tags
    if TRACK_ID not in tags:
        tags[TRACK_ID] = [track]
    before = [block.write() for block in kept if block.code != 4]  # 4: the comments
    pairs = [pair for pair in tags if pair[0].upper() != TRACK_ID]
    made.seek(0)
    new.save(made)
    made.seek(0)
    again: Any = FLAC(made)
    blocks = [b.write() for b in again.metadata_blocks if b.code not in (*sound, room, 4)]
    if blocks != before or [it for it in again.tags if it[0].upper() != TRACK_ID] != pairs:
        raise CannotCarryError("its tags would not be the same after")


def _same_m4a(file: BinaryIO, made: BinaryIO, track: TrackId) -> None:
    """Every atom of the tags, those that nobody knows as well."""
    from mutagen.mp4 import MP4

    file.seek(0)
    made.seek(0)
    old, new = MP4(file), MP4(made)
    tags: Any = old.tags
    if tags is None:
        new.add_tags()
        tags = new.tags
    for name in UNTOLD:
        tags.pop(name, None)
    if TRACK_ID_M4A not in tags:
        tags[TRACK_ID_M4A] = [track.encode()]
    new.tags = tags
    made.seek(0)
    new.save(made)
    made.seek(0)
    again: Any = MP4(made).tags
    if dict(again) != dict(tags) or again._failed_atoms != tags._failed_atoms:  # noqa: SLF001
        raise CannotCarryError("its tags would not be the same after")
