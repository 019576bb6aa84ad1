"""The comments and pictures of a FLAC, for other kinds of files and from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from strandline.library.tags import serato
from strandline.library.tags.carried import Carried, Picture
from strandline.library.tags.id3_frames import CannotCarryError

if TYPE_CHECKING:
    from typing import BinaryIO

_PROGRAMS: Final = {2: "APPLICATION", 5: "CUESHEET"}
"""Blocks of programs, by their number."""


def from_flac(file: BinaryIO) -> Carried:
    """What goes into another kind of file."""
    from mutagen.flac import FLAC

    file.seek(0)
    flac: Any = FLAC(file)
    carried = Carried()
    for block in flac.metadata_blocks:
        if block.code in _PROGRAMS:
            carried.others.append(_PROGRAMS[block.code])
    for name, value in flac.tags or ():
        upper = name.upper()
        if upper == "ENCODER":
            continue
        if upper == "SERATO_MARKERS_" and (data := serato.unwrapped(serato.OLD_MARKERS, value)):
            carried.serato[serato.OLD_MARKERS] = data
        elif (kind := serato.BY_COMMENT.get(upper)) is not None:
            carried.add_wrapped(kind.geob, upper, value)
        elif upper.startswith(("SERATO_", "TRAKTOR4", "NATIVE_")):
            carried.others.append(upper)
        else:
            carried.add(upper, [value])
    for it in flac.pictures:
        carried.pictures.append(Picture(int(it.type), it.mime, it.desc, it.data))
    return carried


def to_flac(file: BinaryIO, carried: Carried) -> None:
    """Into a file without tags of its own."""
    from mutagen.flac import FLAC
    from mutagen.flac import Picture as Block

    file.seek(0)
    flac: Any = FLAC(file)
    if flac.tags is None:
        flac.add_tags()
    if version := carried.texts.get("VERSION"):
        carried.texts.setdefault("SUBTITLE", version)
    for name, values in carried.texts.items():
        flac.tags[_vorbis_name(name)] = values
    for geob, data in carried.serato.items():
        flac.tags[serato.BY_GEOB[geob].comment] = [serato.wrapped(geob, data)]
    for picture in carried.pictures:
        block = Block()
        block.type, block.mime, block.desc = picture.kind, picture.mime, picture.text
        block.data = picture.data
        flac.add_picture(block)
    file.seek(0)
    flac.save(file)


def _vorbis_name(name: str) -> str:
    """Of printable ASCII, without ``=``."""
    kept = "".join(it for it in name if " " <= it <= "}" and it != "=")
    if kept != name:
        raise CannotCarryError(f"flac cannot hold a tag of the name {name!r}")
    return kept
