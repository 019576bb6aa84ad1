"""Serato's data in a music file: one and the same, in the wrapping of each kind of file.

In ID3 it is a GEOB frame. FLAC and MP4 know texts alone: there it is the whole of that, mime type,
empty file name, description and data, in base64 without padding, with a line feed every 72 letters
in FLAC and in MP4's cues. As published by Jan Holthuis (serato-tags) and read by Mixxx.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final, NamedTuple

_MIME: Final = b"application/octet-stream"
MP4: Final = "----:com.serato.dj:"
_LINE: Final = 72


class Name(NamedTuple):
    """What one piece of data is called."""

    geob: str
    comment: str
    atom: str


NAMES: Final = (
    Name("Serato Analysis", "SERATO_ANALYSIS", "analysisVersion"),
    Name("Serato Autotags", "SERATO_AUTOGAIN", "autgain"),
    Name("Serato BeatGrid", "SERATO_BEATGRID", "beatgrid"),
    Name("Serato Markers2", "SERATO_MARKERS_V2", "markersv2"),
    Name("Serato Overview", "SERATO_OVERVIEW", "overview"),
    Name("Serato RelVolAd", "SERATO_RELVOL", "relvol"),
    Name("Serato VidAssoc", "SERATO_VIDEO_ASSOC", "videoassociation"),
)
MARKERS2: Final = "Serato Markers2"
OLD_MARKERS: Final = "Serato Markers_"
"""The first five cues once more, in a form that ID3 and MP4 have, each its own."""
SEEKING: Final = "Serato Offsets_"
"""Where frames lie in this very MP3; worth nothing for another."""
BY_GEOB: Final = {name.geob: name for name in NAMES}
BY_COMMENT: Final = {name.comment: name for name in NAMES}
BY_ATOM: Final = {name.atom: name for name in NAMES}


def wrapped(geob: str, data: bytes, *, lines: bool = True) -> str:
    """The data as a text, as FLAC and MP4 hold it."""
    whole = b"\0".join((_MIME, b"", geob.encode("ascii"), data))
    text = base64.b64encode(whole).decode("ascii").rstrip("=")
    if not lines:
        return text
    return "\n".join(text[at : at + _LINE] for at in range(0, len(text), _LINE))


def unwrapped(geob: str, text: str) -> bytes | None:
    """The data of such a text; None for what is none, or could not be wrapped the same again."""
    letters = "".join(text.split()).rstrip("=")
    try:
        whole = base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    head = b"\0".join((_MIME, b"", geob.encode("ascii"), b""))
    return whole[len(head) :] if whole.startswith(head) else None
