"""The atoms of an M4A's tags, for other kinds of files and from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from strandline.library.tags import serato
from strandline.library.tags.carried import TOTALS, Carried, Picture
from strandline.library.tags.carried_id3 import PLACES
from strandline.library.tags.write import ITUNES, M4A_ATOMS, TRACK_ID, TRACK_ID_M4A

if TYPE_CHECKING:
    from typing import BinaryIO

_ATOMS: Final = {
    **{atom: name for name, atom in M4A_ATOMS.items() if name != TRACK_ID},
    TRACK_ID_M4A: TRACK_ID, "\xa9wrt": "COMPOSER", "\xa9grp": "GROUPING", "\xa9cmt": "COMMENT",
    "\xa9lyr": "UNSYNCEDLYRICS", "soar": "ARTISTSORT", "soal": "ALBUMSORT", "sonm": "TITLESORT",
    "soaa": "ALBUMARTISTSORT", "soco": "COMPOSERSORT", "desc": "DESCRIPTION",
}  # fmt: skip
_NUMBERS: Final = {"tmpo": "BPM", "rtng": "ITUNESADVISORY"}
_PAIRS: Final = {"trkn": "TRACKNUMBER", "disk": "DISCNUMBER"}
UNTOLD: Final = ("\xa9too", f"{ITUNES}{PLACES}", "pgap")
"""By which encoder, and what only that one's sound needs."""
_MP4_CUES: Final = "markers"


def from_m4a(file: BinaryIO) -> Carried:
    """What goes into another kind of file."""
    from mutagen.mp4 import MP4

    file.seek(0)
    m4a: Any = MP4(file)
    carried = Carried()
    tags = m4a.tags if m4a.tags is not None else {}
    carried.others += (_printed(name) for name in getattr(tags, "_failed_atoms", ()))
    for name, values in tags.items():
        _take_atom(carried, name, values)
    return carried


def _take_atom(carried: Carried, name: str, values: Any) -> None:
    if name in UNTOLD:
        return
    if name == "covr":
        for cover in values:
            mime = "image/png" if cover.imageformat == cover.FORMAT_PNG else "image/jpeg"
            carried.pictures.append(Picture(3, mime, "", bytes(cover)))
    elif name in _PAIRS:
        number, total = values[0]
        carried.add(_PAIRS[name], [str(number)] if number else [])
        carried.add(TOTALS[_PAIRS[name]], [str(total)] if total else [])
    elif name in _NUMBERS:
        carried.add(_NUMBERS[name], [str(values[0])])
    elif name == "cpil":
        carried.add("COMPILATION", ["1"] if values else [])
    elif name.startswith(serato.MP4):
        _take_serato_atom(carried, name.removeprefix(serato.MP4), values)
    elif name in _ATOMS:
        carried.add(_ATOMS[name], map(_text, values))
    elif name.startswith(ITUNES) and all(_is_text(value) for value in values):
        carried.add(name.removeprefix(ITUNES), map(_text, values))
    else:
        carried.others.append(_printed(name))


def _take_serato_atom(carried: Carried, atom: str, values: Any) -> None:
    kind = serato.BY_ATOM.get(atom)
    if kind is not None:
        carried.add_wrapped(kind.geob, f"{serato.MP4}{atom}", _text(values[0]))
    elif atom == _MP4_CUES:
        carried.add("SERATO_MP4_MARKERS", [_text(values[0])])  # the same cues are in markersv2
    else:
        carried.others.append(f"{serato.MP4}{atom}")


def _is_text(value: Any) -> bool:
    if not isinstance(value, bytes):
        return True
    try:
        bytes(value).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return getattr(value, "dataformat", 1) == 1  # AtomDataType.UTF8


def _text(value: Any) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _printed(name: str) -> str:
    return name.replace("\xa9", "©")


def to_m4a(file: BinaryIO, carried: Carried) -> None:
    """Into a file without tags of its own."""
    from mutagen.mp4 import MP4, MP4Cover

    file.seek(0)
    m4a: Any = MP4(file)
    if m4a.tags is None:
        m4a.add_tags()
    atoms = {name: atom for atom, name in _ATOMS.items()}
    numbers = {name: atom for atom, name in _NUMBERS.items()}
    pairs = {name: atom for atom, name in _PAIRS.items()}
    for name, values in carried.texts.items():
        upper = name.upper()
        if upper in pairs:
            total = carried.texts.get(TOTALS[upper], ["0"])[0]
            m4a.tags[pairs[upper]] = [(_whole(values[0]), _whole(total))]
        elif upper in TOTALS.values():
            continue
        elif upper in numbers:
            m4a.tags[numbers[upper]] = [_whole(values[0])]
        elif upper in atoms:
            atom = atoms[upper]
            m4a.tags[atom] = [it.encode() for it in values] if atom[:4] == "----" else values
        else:
            m4a.tags[f"{ITUNES}{name}"] = [it.encode() for it in values]
    for picture in carried.pictures[:1]:
        png = picture.mime == "image/png"
        form = MP4Cover.FORMAT_PNG if png else MP4Cover.FORMAT_JPEG
        m4a.tags["covr"] = [MP4Cover(picture.data, form)]
    for geob, data in carried.serato.items():
        kind = serato.BY_GEOB[geob]
        text = serato.wrapped(geob, data, lines=kind.atom == "markersv2")
        m4a.tags[f"{serato.MP4}{kind.atom}"] = [text.encode()]
    file.seek(0)
    m4a.save(file)


def _whole(text: str) -> int:
    try:
        return max(0, min(round(float(text)), 65_535))
    except ValueError:
        return 0
