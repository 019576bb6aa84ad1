"""What other tools wrote into a file: TIDAL's id for the track, the recording's code.

For messages and for ``import``. It makes no file strandline's own: an id may be that of a lookup,
a code that of another pressing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from strandline.core.ids import TrackId
from strandline.core.recordings import valid_code
from strandline.library.tags.write import MUTAGEN_LEAKS

if TYPE_CHECKING:
    from pathlib import Path

_TRACK: Final = re.compile(r"/track/([0-9]{1,20})(?:/|$)")
_ID: Final = re.compile(r"[0-9]{1,20}")
_ADDRESSES: Final = {
    "url", "\xa9url", "woas", "woaf", "wpub", "wxxx", "comment", "comm", "\xa9cmt", "description",
}  # fmt: skip
"""Where an address of the track may stand, in each kind of tag, in lower case."""


class Marks(NamedTuple):
    """What a file says of itself in other tools' words."""

    tidal_id: TrackId | None = None
    isrc: str | None = None
    """The code in capitals, without hyphens; None for what cannot be one."""


def read_marks(path: str | Path) -> Marks:
    """The marks in a file's tags; none for what is no audio. Raises OSError."""
    import mutagen

    with open(path, "rb") as file:
        try:
            found = mutagen.File(file)
        except MUTAGEN_LEAKS:
            return Marks()
    return marks_in(_pairs(found.tags)) if found is not None and found.tags else Marks()


def marks_in(tags: Iterable[tuple[str, str]]) -> Marks:
    """The marks among (name, value) pairs; names in lower case, user texts by their description."""
    ids: list[str] = []
    addressed: list[str] = []
    codes: list[str] = []
    for name, value in tags:
        if name == "tidal_track_id" and _ID.fullmatch(value):
            ids.append(value)
        elif name in ("isrc", "tsrc") and (code := valid_code(value)):
            codes.append(code)
        elif name in _ADDRESSES and (id_ := id_in_address(value)):
            addressed.append(id_)
    track = next(iter([*ids, *addressed]), None)
    return Marks(TrackId(track) if track else None, next(iter(codes), None))


def id_in_address(text: str) -> TrackId | None:
    """The track that an address of TIDAL's names; None for all other texts."""
    try:
        address = urlsplit(text.strip())
        host = (address.hostname or "").lower()
    except ValueError:
        return None
    ours = address.scheme in ("http", "https") and (
        host == "tidal.com" or host.endswith(".tidal.com")
    )
    found = _TRACK.search(address.path) if ours else None
    return TrackId(found[1]) if found else None


def _pairs(tags: Any) -> Iterator[tuple[str, str]]:
    """Names and texts of any kind of tag that mutagen knows."""
    for key, value in tags.items():
        name = str(key)
        if name.startswith("----:"):  # MP4: ----:mean:name
            name = name.split(":", 2)[2]
        elif name.startswith(("TXXX:", "WXXX:")):
            name = name[5:] if name[0] == "T" else "wxxx"
        elif name.startswith("COMM:"):
            name = "comm"
        for text in _texts(value):
            yield name.lower(), text


def _texts(value: Any) -> list[str]:
    if hasattr(value, "url"):  # an ID3 frame that is an address
        return [str(value.url)]
    values = getattr(value, "text", value)
    values = values if isinstance(values, list) else [values]
    return [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in values]
