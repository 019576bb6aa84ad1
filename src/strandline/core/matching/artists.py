"""Who plays: names taken out of a credit line, and how alike two of them are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from strandline.core.matching.text import unbroken, words_of

_GUESTS: Final = re.compile(r"\s[(\[]?(?:feat|ft|featuring)(?:\.|\s)\s*", re.IGNORECASE)
_SEPARATOR: Final = re.compile(
    r"\s*[,;/&+\0]\s*|"
    r"\s+(?:x|vs\.?|versus|and|with|pres\.?|presents|prod\.?(?: by)?|meets|und|et|y)\s+",
    re.IGNORECASE,
)
_THE_LAST: Final = re.compile(r"^(.+),\s*(the|die|les|los)$", re.IGNORECASE)
_NOBODY: Final = {
    "", "various", "various artists", "va", "unknown artist", "unknown", "artist", "none", "dj mix",
    "diverse", "diverse interpreten", "varios artistas", "soundtrack",
}  # fmt: skip

ALIKE: Final = 0.86
"""From here two names are taken for one; a short name must be equal."""
NEAR: Final = 0.6
_SHORT: Final = 5


class Artists(NamedTuple):
    """The main artists and the guests of a credit line, as they are compared."""

    whole: str
    main: frozenset[str]
    guests: frozenset[str]

    @property
    def known(self) -> bool:
        """False for no name at all, and for a name that is nobody's."""
        return bool(self.main)


def parse_artists(lines: Iterable[str], guests: Iterable[str] = ()) -> Artists:
    """The names in credit lines; ``guests``: the texts that a title has behind its feat."""
    main: dict[str, None] = {}
    aside: dict[str, None] = {}
    whole = ""
    for line in lines:
        first, *rest = _GUESTS.split(unbroken(line))
        whole = whole or _plain(first)
        main.update(dict.fromkeys(names_in(first)))
        for text in rest:
            aside.update(dict.fromkeys(names_in(text.rstrip(")]"))))
    for text in guests:
        aside.update(dict.fromkeys(names_in(text)))
    return Artists(whole, frozenset(main) - _NOBODY, frozenset(aside) - _NOBODY)


def names_in(text: str) -> list[str]:
    """Every single name in a line, and the line as one name."""
    text = unbroken(text).strip()
    if turned := _THE_LAST.match(text):
        text = f"{turned[2]} {turned[1]}"
    single = [_plain(name) for name in _SEPARATOR.split(text)]
    return [name for name in (_plain(text), *single) if name]


def _plain(name: str) -> str:
    words = words_of(name)
    if len(words) > 1 and words[0] in {"the", "die", "les", "los"}:
        words = words[1:]
    return " ".join(words)


def likeness(one: Artists, other: Artists) -> float:
    """0 to 1: the best of all pairs of names of which one at least is a main artist's."""
    if one.main & other.main or one.main & other.guests or one.guests & other.main:
        return 1.0
    pairs = [
        (a, b)
        for a in one.main | one.guests
        for b in other.main | other.guests
        if a in one.main or b in other.main
    ]
    return max((alike(a, b) for a, b in pairs), default=0.0)


def alike(one: str, other: str) -> float:
    """0 to 1; of names that have each other's words, or of short ones, less than ALIKE."""
    one, other = one.replace(" ", ""), other.replace(" ", "")
    if one == other:
        return 1.0
    score = float(OSA.normalized_similarity(one, other))
    if min(len(one), len(other)) <= _SHORT:
        score = min(score, ALIKE - 0.01)
    inside = min(len(one), len(other)) >= 4 and (one in other or other in one)
    return max(score, NEAR + 0.1) if inside else score
