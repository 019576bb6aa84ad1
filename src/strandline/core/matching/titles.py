"""A title taken apart: what it is called, which version, which part, and who is a guest on it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from strandline.core.matching.text import numbers_in, roman, unbroken, value_of_roman, words_of
from strandline.core.matching.vocabulary import (
    CARRIERS,
    canonical,
    explicitness,
    hard_words,
    is_catalogue_number,
    says_nothing,
)


class Version(NamedTuple):
    """One version's words: those that every title of it has, and the name between them."""

    hard: frozenset[str]
    name: str
    """Whose remix it is, where it was live; empty if the title does not say."""
    numbers: tuple[int, ...]


class Title(NamedTuple):
    """A title in its parts, each as it is compared."""

    base: str
    """The words left when brackets, versions, parts and guests are taken off."""
    numbers: tuple[int, ...]
    """In the base."""
    parts: frozenset[tuple[str, int]]
    """``("part", 2)``."""
    versions: tuple[Version, ...]
    years: frozenset[int]
    """Brackets of a year alone."""
    guests: tuple[str, ...]
    """Texts with their names."""
    explicit: bool | None
    cut: bool
    """It ends in the middle, as the thirty letters of an old tag make it."""
    heads: tuple[str, ...] = ()
    """Its pieces between dashes, where there are some: the first may be the artist's name."""
    bare: bool = False
    """A version's name was not set apart, so that it is among the words of the base."""

    @property
    def hard(self) -> frozenset[str]:
        """The version words, without those that say nothing beside others."""
        found = frozenset().union(*(version.hard for version in self.versions))
        return found - CARRIERS or found

    @property
    def letters(self) -> str:
        """The base without spaces."""
        return self.base.replace(" ", "")

    @property
    def tail(self) -> Title:
        """The title without what stands before its first dash."""
        words = base_words(" ".join(self.heads[1:]))
        return self._replace(base=" ".join(words), numbers=numbers_in(words), heads=())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its versions."""
        return tuple(sorted(version.name for version in self.versions if version.name))

    @property
    def version_numbers(self) -> tuple[int, ...]:
        """Every number in its versions but a remaster's year."""
        return tuple(sorted(n for v in self.versions for n in v.numbers))


ID3V1: Final = 30
"""Letters that an ID3v1 tag has room for."""

_BRACKETS: Final = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_OPEN: Final = re.compile(r"[(\[{][^()\[\]{}]*$")
_DASH: Final = re.compile(r"\s+[-–—~|]+\s+|\s*[—|]\s*")
_GUESTS: Final = re.compile(
    r"^(?:feat|ft|featuring)\b\.?\s*(.+)$|^(?:with|w/)\s+(.+)$", re.IGNORECASE
)
_GUESTS_INSIDE: Final = re.compile(
    r"\s+(?:feat|ft|featuring)(?:\.|\s)\s*([^()\[\]{}]+)$", re.IGNORECASE
)
_SPELLED: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "i": 1, "v": 5, "x": 10,
}  # fmt: skip
_PART: Final = re.compile(
    r"\b(pt|part|parts|vol|volume|chapter|ch|act|no|nr|number|mvt|movement|episode|ep|scene|side)"
    r"(?:\s+|\s*\.\s*|\s*#\s*|(?=[0-9]))([0-9]{1,4}|[ivx]{1,6}|one|two|three|four|five|six|seven|eight|nine|ten)"
    r"\b",
    re.IGNORECASE,
)
_DIGITS_ONLY: Final = {"no", "nr", "number", "ep", "side", "ch", "act", "scene"}
"""Before other words these are words of the name: "No One", "Act Two" may be both."""
_MOVEMENT: Final = re.compile(
    r"(?<=:)\s*([ivx]{1,6})\s*[.:]\s+|^\s*([ivx]{1,6})\.\s+", re.IGNORECASE
)
_KINDS: Final = {
    "pt": "part", "parts": "part", "vol": "volume", "ch": "chapter", "nr": "no", "number": "no",
    "mvt": "movement", "ep": "episode",
}  # fmt: skip
_BARE: Final = re.compile(
    r"\s+((?:extended|original|club|radio|dub|instrumental|vip|acoustic|live|album|single|festival|"
    r"vocal|main|full|piano|orchestral)\s+(?:mix|version|edit|remix|dub|cut)|"
    r"sped\s+up|slowed(?:\s+(?:down|and reverb))?|acapella|a\s?cappella|"
    r"(?:19|20)[0-9]{2}\s+remaster(?:ed)?|remaster(?:ed)?(?:\s+(?:19|20)[0-9]{2})?)$",
    re.IGNORECASE,
)
_NAMED_BARE: Final = re.compile(
    r"\s(?:remix|rmx|bootleg|rework|refix|vip|mashup|edit|dub|instrumental|live)$", re.IGNORECASE
)
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")


def parse_title(text: str, *, may_be_cut: bool = False) -> Title:
    """``text`` in its parts; brackets and what stands behind a dash may be versions.

    ``may_be_cut``: it comes from a tag with room for thirty letters.
    """
    return _Parser(text, may_be_cut=may_be_cut).title()


def base_words(text: str) -> tuple[str, ...]:
    """The words of a name, Roman numerals as digits."""
    return tuple(str(roman(word) or word) for word in words_of(text))


class _Parser:
    """One title on its way from a text to its parts."""

    def __init__(self, text: str, *, may_be_cut: bool) -> None:
        self._text = unbroken(text).strip()
        self._cut = may_be_cut and len(self._text) >= ID3V1 - 2
        self._parts: set[tuple[str, int]] = set()
        self._versions: list[Version] = []
        self._years: set[int] = set()
        self._guests: list[str] = []
        self._explicit: bool | None = None
        self._bare = False

    def title(self) -> Title:
        main = self._without_brackets(self._text)
        head, *tails = [piece for piece in _DASH.split(main) if piece.strip()] or [main]
        kept, heads = [head], [head]
        for tail in tails:
            if not self._takes(tail):
                kept.append(_MOVEMENT.sub(self._movement, tail))
                heads.append(kept[-1])
        base = self._base(" ".join(kept))
        words = base_words(base) or base_words(self._text)
        return Title(
            " ".join(words),
            numbers_in(words),
            frozenset(self._parts),
            tuple(sorted(self._versions, key=lambda version: (sorted(version.hard), version.name))),
            frozenset(self._years),
            tuple(self._guests),
            self._explicit,
            self._cut,
            tuple(heads) if len(heads) > 1 else (),
            self._bare,
        )

    def _without_brackets(self, text: str) -> str:
        """What stands outside of brackets, with those brackets that belong to the name."""
        start = 0
        while found := _BRACKETS.search(text, start):
            inside = found[1]
            outside = (text[: found.start()] + " " + text[found.end() :]).strip()
            if outside and self._takes(inside, bracket=True):
                text, start = text[: found.start()] + " " + text[found.end() :], 0
            else:  # a name, or a part of one
                text = f"{text[: found.start()]} {inside} {text[found.end() :]}"
                start = 0
        if self._cut and (broken := _OPEN.search(text)):
            text = text[: broken.start()] if text[: broken.start()].strip() else text
        return text

    def _takes(self, text: str, *, bracket: bool = False) -> bool:
        """Whether a bracket or tail is understood as something else than a part of the name."""
        text = text.strip()
        if guests := _GUESTS.match(text):
            self._guests.append(guests[1] or guests[2])
            return True
        rest = self._without_parts(text)
        words = " ".join(words_of(rest)) if rest.strip() else ""
        if not words or says_nothing(words):
            return rest != text or bool(words) or not words_of(text)
        if (explicit := explicitness(words)) is not None:
            self._explicit = explicit
            return True
        if bracket and _YEAR.fullmatch(words):
            self._years.add(int(words))
            return True
        meaning = canonical(words).split()
        if hard_words(meaning):
            self._versions.append(_version(meaning))
            return True
        if (
            is_catalogue_number(words)
            and not hard_words(meaning)
            and any(c.isupper() for c in text)
        ):
            return text.upper() == text
        return False

    def _without_parts(self, text: str) -> str:
        """``text`` without "Part 2" and its like, which are noted."""

        def noted(found: re.Match[str]) -> str:
            kind = found[1].casefold()
            if kind in _DIGITS_ONLY and not found[2].isdigit():
                return found[0]
            self._parts.add((_KINDS.get(kind, kind), _number(found[2])))
            return " "

        return _PART.sub(noted, text)

    def _base(self, text: str) -> str:
        """The name itself, with no guests, parts, movements and bare versions left in it."""
        if guests := _GUESTS_INSIDE.search(text):
            self._guests.append(guests[1])
            text = text[: guests.start()]
        while (bare := _BARE.search(text)) and text[: bare.start()].strip():
            if not self._takes(bare[1]):
                break
            text = text[: bare.start()]
        text = self._without_parts(text)
        text = _MOVEMENT.sub(self._movement, text)
        if (named := _NAMED_BARE.search(text)) and text[: named.start()].strip():
            self._versions.append(_version(canonical(named[0].strip().casefold()).split()))
            self._bare = True
            text = text[: named.start()]
        return text

    def _movement(self, found: re.Match[str]) -> str:
        self._parts.add(("movement", value_of_roman((found[1] or found[2]).casefold())))
        return " "


def _number(word: str) -> int:
    word = word.casefold()
    if word.isdigit():
        return int(word)
    return _SPELLED.get(word) or value_of_roman(word)


def _version(words: list[str]) -> Version:
    hard = hard_words(words)
    name = " ".join(word for word in words if word not in hard and not _is_filler(word))
    return Version(hard, name, numbers_in(tuple(words)))


def _is_filler(word: str) -> bool:
    return word in {"the", "a", "an", "original", "official", "of", "and", "at", "in", "s"} or (
        word.isdigit()
    )
