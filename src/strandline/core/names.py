"""From a name in TIDAL to one safe path component, on every file system at once.

A name given stays until TIDAL's own changes; two that would collide get their id appended.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Container
from itertools import chain

from strandline.core.ids import TrackId
from strandline.core.states import WantedTrack

MAX_BYTES = 240
"""Of UTF-8, extension included: ext4 and APFS allow 255, encrypted homes fewer."""

AUDIO_EXTENSIONS = frozenset({
    ".mp3", ".flac", ".m4a", ".aac", ".ogg", ".wav", ".aiff", ".wma", ".wv", ".ape", ".dsf",
    ".dff", ".tta", ".mpc", ".tak", ".caf", ".mka", ".ac3", ".ofr", ".w64",
})  # fmt: skip
"""What a download may end in: a downloader of the person's own may bring anything."""

_REPLACED = str.maketrans(
    {"/": "-", "\\": "-", ":": "-", "|": "-", '"': "'", "<": "(", ">": ")", "?": "", "*": ""}
)
_DEVICES = {"con", "prn", "aux", "nul", "clock$", "conin$", "conout$"} | {
    f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"
}
_FIELDS = {"artist", "title", "album", "isrc", "id"}


def safe_name(
    text: str, *, suffix: str = "", fallback: str = "untitled", most: int = MAX_BYTES
) -> str:
    """One path component made from ``text``, ending in ``suffix`` (an id, an extension).

    NFC, no separators, no control, bidi or zero-width characters, no device name of Windows, no
    leading or trailing dot or space, at most ``most`` bytes with the suffix.
    """
    base = _stripped(_visible(text).translate(_REPLACED))
    while (again := _stripped(unicodedata.normalize("NFC", base))) != base:
        base = again
    room = most - len(suffix.encode())
    base = _cut(base, room) or fallback
    if base.partition(".")[0].rstrip().casefold() in _DEVICES:
        stem, dot, rest = base.partition(".")
        base = _cut(f"{stem.rstrip()}_{dot}{rest}", room)
    return base + suffix


def is_visible(text: str) -> bool:
    """Whether there is anything to see in it; blanks of any script are nothing."""
    return any(" " < character < "\x7f" for character in text) or bool(_visible(text).strip())


def nfc(text: str) -> str:
    """The one spelling of what disks may spell with other accents."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def collision_key(name: str) -> str:
    """Equal for names that some file system takes for the same one."""
    folded = unicodedata.normalize("NFD", name).casefold()
    return unicodedata.normalize("NFD", folded)


def full_title(track: WantedTrack) -> str:
    """``Title (Extended Mix)``; a version the title already contains is not said twice."""
    return with_version(track.title, track.version)


def with_version(title: str, version: str | None) -> str:
    """See ``full_title``."""
    version = (version or "").strip()
    if not version or version.casefold() in title.casefold():
        return title
    return f"{title} ({version})"


def display_name(track: WantedTrack) -> str:
    """What a file name was given for: when this changes, TIDAL's own name has changed."""
    return f"{track.artist} - {full_title(track)}"


def check_template(template: str) -> str:
    """The template itself; ValueError says what is wrong with it."""
    parts = list(string.Formatter().parse(template))
    fields = [name for _, name, _, _ in parts if name is not None]
    unknown = [name for name in fields if name not in _FIELDS]
    if unknown:
        known = ", ".join(sorted(_FIELDS))
        raise ValueError(f"{{{unknown[0]}}} is not a field; there are {known}")
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise ValueError("fields take no format or conversion")
    if re.search(r"[/\\]", template):
        raise ValueError("a file name cannot hold a path separator")
    if not {"title", "id"} & set(fields):
        raise ValueError("must hold {title} or {id}, or all files would have one name")
    return template


def track_base(track: WantedTrack, template: str) -> str:
    """The file name before it is made safe, without extension."""
    return template.format_map(
        {
            "artist": track.artist or "Unknown Artist",
            "title": full_title(track) or "Untitled",
            "album": track.album or "",
            "isrc": track.isrc or "",
            "id": track.id,
        }
    )


def track_name(track: WantedTrack, template: str, extension: str, taken: Container[str]) -> str:
    """A free name for a track's entry. ``taken`` holds collision keys of the folder's names."""
    return free_name(track_base(track, template), extension, track.id, taken)


def free_name(base: str, extension: str, identifier: str, taken: Container[str]) -> str:
    """``base``, or with `` [identifier]`` where that is taken, or counted where even that is."""
    counted = (f" [{identifier}] ({n})" for n in range(2, 100))
    for mark in chain(["", f" [{identifier}]"], counted):
        name = safe_name(base, suffix=mark + extension)
        if collision_key(name) not in taken:
            return name
    raise AssertionError(f"a hundred names taken for {base!r}")


def names_for(path: str, track: WantedTrack, template: str) -> bool:
    """Whether the last part of ``path`` is, letter by letter, one that the template gives."""
    name, base = nfc(path.rpartition("/")[2]), track_base(track, template)
    extension = name[len(name.rpartition(".")[0]) :] if "." in name else ""
    marked = f" [{track.id}]"
    counted = [f"{marked} ({n})" for n in range(2, 100)] if f"{marked} (" in name else []
    return any(name == safe_name(base, suffix=mark + extension) for mark in ["", marked, *counted])


def is_name_for(name: str, base: str, identifier: TrackId | str) -> bool:
    """Whether a file found under ``name`` bears the name strandline would give it."""
    extension = name[len(name.rpartition(".")[0]) :] if "." in name else ""
    marks = (extension, f" [{identifier}]{extension}")
    return collision_key(name) in {collision_key(safe_name(base, suffix=mark)) for mark in marks}


def _visible(text: str) -> str:
    """Without what cannot be seen; every kind of space is one plain space."""
    kept = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in {"Zs", "Zl", "Zp"} or character in "\t\n\r\v\f":
            kept.append(" ")
        elif category not in {"Cc", "Cf", "Cs", "Cn"} and character not in _BLANK:
            kept.append(character)
    return re.sub(" +", " ", "".join(kept))


_BLANK = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"
"""Letters to Unicode, yet nothing to see."""


def _stripped(text: str) -> str:
    return text.strip(" .")


def _cut(text: str, room: int) -> str:
    if len(text.encode()) <= room:
        return text
    return _stripped(text.encode()[: max(room, 0)].decode(errors="ignore"))
