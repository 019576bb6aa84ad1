"""Lists of files as programs and people keep them: M3U, rekordbox XML, Traktor NML.

They name files of any computer; what is here is looked for under every spelling of its path.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from strandline.core.ids import TrackId
from strandline.library.exports.reading import NotUnderstoodError, parse_xml
from strandline.library.exports.rekordbox_reading import path_of

LISTS: Final = (".m3u", ".m3u8", ".xml", ".nml")
LARGEST: Final = 1 << 30  # bytes
_STREAM: Final = re.compile(r"(?:file://localhost)?tidal:tracks:([0-9]{1,20})|td([0-9]{4,20})")
_ADDRESS: Final = re.compile(r"https?://(?:[a-z]+\.)?tidal\.com/(?:browse/)?track/([0-9]{1,20})")
_FORMS: Final = ("NFC", "NFD")
_DRIVE: Final = re.compile(r"/?[A-Za-z]:[/\\]")


class Listed(NamedTuple):
    """An entry: a file by its full path, or a track that a program streams from TIDAL."""

    entry: str
    """As the list has it."""
    path: str = ""
    stream: TrackId | None = None


def is_list(path: str) -> bool:
    """Whether a path is that of a list, by its ending."""
    return path.lower().endswith(LISTS)


def read_list(path: str) -> Iterator[Listed]:
    """What a list names, each file once. Raises NotUnderstoodError, OSError."""
    if os.path.getsize(path) > LARGEST:
        raise NotUnderstoodError("it is larger than any list")
    folder = os.path.dirname(os.path.abspath(path))
    entries = _lines(path) if path.lower().endswith((".m3u", ".m3u8")) else _of_xml(path)
    for entry in dict.fromkeys(entries):
        if found := _STREAM.fullmatch(entry) or _ADDRESS.match(entry):
            yield Listed(entry, stream=TrackId(found[1] or found[2] or ""))
        else:
            yield Listed(entry, _place(entry, folder))


def _lines(path: str) -> Iterator[str]:
    """UTF-8 with or without a mark; older programs write what Windows had."""
    data = Path(path).read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise NotUnderstoodError("it is not text")
    for line in text.splitlines():
        if (line := line.strip()) and not line.startswith("#"):
            yield line


def _of_xml(path: str) -> list[str]:
    found: list[str] = []
    roots: list[str] = []

    def start(name: str, told: dict[str, str]) -> None:
        roots.append(name) if not roots else None
        if name == "TRACK" and (location := told.get("Location")):
            found.append(location)
        elif name == "LOCATION" and (file := told.get("FILE")):
            folder = told.get("DIR", "").replace("/:", "/")
            drive = told.get("VOLUME", "")
            found.append(f"{drive if drive.endswith(':') else ''}{folder}{file}")

    with open(path, "rb") as file:
        parse_xml(file, start)
    if roots[:1] not in (["DJ_PLAYLISTS"], ["NML"]):
        raise NotUnderstoodError("it is neither a rekordbox XML nor a Traktor NML")
    return found


def _place(entry: str, folder: str) -> str:
    """The full path: the first spelling under which something is there, else the likeliest."""
    spellings = list(dict.fromkeys(_spellings(entry, folder)))
    return next((it for it in spellings if os.path.lexists(it)), spellings[0])


def _spellings(entry: str, folder: str) -> Iterator[str]:
    for text in _written(entry):
        composed, taken_apart = (unicodedata.normalize(form, text) for form in _FORMS)
        for spelled in (text, composed, taken_apart):
            yield os.path.normpath(os.path.join(folder, spelled))


def _written(entry: str) -> Iterator[str]:
    """Addresses are percent-encoded; paths may be; ``\\`` is a name's letter or Windows' slash."""
    if entry.lower().startswith("file:"):
        yield path_of(entry) or _decoded(re.sub(r"^(?i:file):(//[^/]*)?", "", entry))
        return
    yield entry
    if "%" in entry:
        yield _decoded(entry)
    if "\\" in entry:
        yield entry.replace("\\", "/")


def _decoded(text: str) -> str:
    return unquote_to_bytes(text).decode("utf-8", "surrogateescape")


def is_elsewhere(entry: str) -> bool:
    """Whether it is a path of Windows, which leads nowhere on another system."""
    return os.name != "nt" and _DRIVE.match(entry.removeprefix("file://localhost")) is not None
