"""Are two track ids one recording? By the recording's code, but never by the code alone.

Labels send one code for several tracks, and one recording stands under several ids; so title,
version, explicitness, audio mode and length must agree too, and a code that is seen on different
music says nothing at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from strandline.core.names import full_title
from strandline.core.states import WantedTrack

LENGTH_TOLERANCE = 2
"""Seconds by which two lengths of one recording may differ."""

_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_GUESTS = re.compile(r"\W+(?:feat|ft|featuring)\b[^()\[\]]*", re.IGNORECASE)
_STEREO = "STEREO"


def valid_code(isrc: str | None) -> str | None:
    """The ISRC without hyphens, in capitals; None for what cannot be one."""
    code = (isrc or "").replace("-", "").strip().upper()
    return code if _CODE.fullmatch(code) and code[5:] != "0000000" else None


def base_of(track: WantedTrack) -> str:
    """The title with its version, without guests, punctuation and case."""
    title = unicodedata.normalize("NFKC", full_title(track)).casefold()
    words = re.findall(r"\w+", _GUESTS.sub(" ", title))
    return " ".join(words) or title


def same_recording(one: WantedTrack, other: WantedTrack) -> bool:
    """Whether ``other`` is the recording ``one``, as far as TIDAL's words on both can tell."""
    code = valid_code(one.isrc)
    return (
        code is not None
        and code == valid_code(other.isrc)
        and base_of(one) == base_of(other)
        and _artists(one) & _artists(other) != set()
        and one.explicit == other.explicit
        and _mode(one) == _mode(other)
        and one.duration > 0
        and other.duration > 0
        and abs(one.duration - other.duration) <= LENGTH_TOLERANCE
    )


def same_sound_by_words(one: WantedTrack, other: WantedTrack) -> bool:
    """Whether nothing that TIDAL says of both contradicts that they are one sound.

    For where TIDAL itself has said that one is in the place of the other: titles and codes of the
    new release may be other ones.
    """
    known = one.duration > 0 and other.duration > 0
    alike = one.explicit == other.explicit and _mode(one) == _mode(other)
    return known and alike and abs(one.duration - other.duration) <= LENGTH_TOLERANCE


def burnt_codes(*groups: Iterable[WantedTrack]) -> frozenset[str]:
    """Codes that stand for different music: for two tracks of one album of one of the groups, or
    for titles that differ, in whatever group.

    A replaced id has its successor's album, so what left and what came are groups of their own.
    """
    bases: dict[str, set[str]] = defaultdict(set)
    burnt: set[str] = set()
    for group in groups:
        seen: set[tuple[str, str]] = set()
        for track in group:
            if track.isrc and (code := valid_code(track.isrc)):
                bases[code].add(base_of(track))
                on_album = (code, (track.album or "").casefold())
                if track.album and on_album in seen:
                    burnt.add(code)
                seen.add(on_album)
    return frozenset(burnt.union(code for code, found in bases.items() if len(found) > 1))


def _artists(track: WantedTrack) -> set[str]:
    folded = unicodedata.normalize("NFKC", track.artist).casefold()
    return {name.strip() for name in re.split(r"[,;&+/]", folded)}


def _mode(track: WantedTrack) -> str:
    """What it is heard in; a track of which TIDAL does not say is in stereo."""
    return (track.mode or _STEREO).upper()
