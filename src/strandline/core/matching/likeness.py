"""How two titles compare, part by part: equal, near, or another recording, and in which words."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from strandline.core.matching.titles import Title, Version
from strandline.core.matching.vocabulary import CARRIERS


class Agreement(IntEnum):
    """How far two titles agree."""

    OTHER = 0
    """They name two recordings."""
    APART = 1
    """Their words have little in common."""
    NEAR = 2
    """One may be the other; a person has to say."""
    EQUAL = 3


class Compared(NamedTuple):
    """How far two titles agree, and what they differ in."""

    agreement: Agreement
    because: str = ""


EQUAL: Final = Compared(Agreement.EQUAL)
_NAME_ALIKE: Final = 88.0
_NEAR: Final = 0.8
_CUT: Final = 24
"""Letters from which on a title that ends in the middle is taken for the start of another."""
_TYPO: Final = 6
"""Letters of a word from which on one wrong letter is a slip, and not another word."""


def compare_titles(one: Title, other: Title) -> Compared:
    """The weakest agreement of all the parts: versions, parts and numbers must be equal."""
    base = _bases(one, other)
    if base.agreement <= Agreement.APART:
        return base
    checks = (_parts(one, other), _versions(one, other), _years(one, other), _numbers(one, other))
    return min((*checks, base), key=lambda found: found.agreement)


def _parts(one: Title, other: Title) -> Compared:
    if one.parts == other.parts or ((one.cut or other.cut) and not (one.parts and other.parts)):
        return EQUAL if one.parts == other.parts else _near("one title is cut short")
    if {n for _, n in one.parts} == {n for _, n in other.parts}:
        return _near("the parts are named differently")
    return _other(f"another part: {_part_words(one)} and {_part_words(other)}")


def _part_words(title: Title) -> str:
    return ", ".join(f"{kind} {number}" for kind, number in sorted(title.parts)) or "no part"


def _numbers(one: Title, other: Title) -> Compared:
    if one.numbers == other.numbers:
        return EQUAL
    if one.cut or other.cut:
        return _near("one title is cut short")
    return _other("other numbers in the title")


def _years(one: Title, other: Title) -> Compared:
    if one.years == other.years:
        return EQUAL
    both = one.years and other.years
    return _other("another year") if both else _near("only one title names a year")


def _versions(one: Title, other: Title) -> Compared:
    if one.versions == other.versions:
        return EQUAL
    if one.hard != other.hard:
        return _other_versions(one, other)
    if _carried(one) != _carried(other) and not (one.bare or other.bare):
        return _near(f"{version_words(one)} may be another version than {version_words(other)}")
    if one.version_numbers != other.version_numbers:
        if "remaster" in one.hard:
            return _near("remastered in different years, or one does not say when")
        return _other(f"another version: {version_words(one)} and {version_words(other)}")
    return _names(one, other)


def _other_versions(one: Title, other: Title) -> Compared:
    words = f"{version_words(one)} and {version_words(other)}"
    if one.cut or other.cut:
        shorter, longer = (one, other) if one.cut else (other, one)
        if shorter.hard <= longer.hard:
            return _near(f"one title is cut short: {words}")
    if one.hard ^ other.hard == {"remaster"}:
        return _near("only one of the two says that it is a remaster")
    if (one.hard ^ other.hard) <= {"single", "vocal"} | CARRIERS:
        return _near(f"perhaps another version: {words}")
    if one.hard ^ other.hard == {"edit"} and "radio" in one.hard & other.hard:
        return _near(f"perhaps another version: {words}")
    return _other(f"another version: {words}")


def _carried(title: Title) -> frozenset[str]:
    """Of a version named by no more than a carrier, that."""
    found = frozenset().union(*(version.hard for version in title.versions))
    return found & CARRIERS if not found - CARRIERS else frozenset()


def _names(one: Title, other: Title) -> Compared:
    """Whose version it is. Where a name was not set apart, all words are compared."""
    if one.bare != other.bare:
        return EQUAL if _flat(one) == _flat(other) else _near("a version's name is not set apart")
    mine, theirs = " ".join(one.names), " ".join(other.names)
    if mine == theirs:
        return EQUAL
    if not mine or not theirs:
        return _near(f"only one title says which {_kind(one)} it is")
    score = ratio(mine, theirs)
    if score >= _NAME_ALIKE and mine.replace(" ", "")[:1] == theirs.replace(" ", "")[:1]:
        return EQUAL
    if set(mine.split()) <= set(theirs.split()) or set(theirs.split()) <= set(mine.split()):
        return _near(f"{version_words(one)} and {version_words(other)}")
    return _other(f"another {_kind(one)}: {version_words(one)} and {version_words(other)}")


def _kind(title: Title) -> str:
    return " ".join(sorted(title.hard)) or "version"


def _flat(title: Title) -> str:
    words = [title.base, *title.names]
    return "".join(sorted(" ".join(words).split()))


def version_words(title: Title) -> str:
    """A title's versions as a person reads them."""
    return " + ".join(_words(version) for version in title.versions) or "the original"


def _words(version: Version) -> str:
    numbers = [str(n) for n in version.numbers if str(n) not in version.name]
    return " ".join((*version.name.split(), *numbers, *sorted(version.hard)))


def _bases(one: Title, other: Title) -> Compared:
    if one.bare != other.bare and _flat(one) == _flat(other):
        return EQUAL
    a, b = one.letters, other.letters
    if a == b and a:
        return EQUAL
    if "*" in a or "*" in b:
        return EQUAL if _masked(a, b) or _masked(b, a) else Compared(Agreement.APART, "other words")
    if _is_start(one, b) or _is_start(other, a):
        return EQUAL
    score = float(OSA.normalized_similarity(a, b))
    if score >= _least(min(len(a), len(b))) and _is_slip(one.base.split(), other.base.split()):
        return EQUAL
    if score >= _NEAR and min(len(a), len(b)) > 3:
        return _near("the titles differ by a few letters")
    return Compared(Agreement.APART, "other words in the title")


def _is_start(cut: Title, whole: str) -> bool:
    return cut.cut and len(cut.letters) >= _CUT and whole.startswith(cut.letters)


def _masked(masked: str, plain: str) -> bool:
    if "*" not in masked:
        return False
    pattern = "".join("." if letter == "*" else re.escape(letter) for letter in masked)
    return re.fullmatch(pattern, plain) is not None


def _least(letters: int) -> float:
    """From which likeness on two titles of so many letters are one."""
    if letters <= 5:
        return 1.0
    return 0.94 if letters <= 10 else 0.92


def _is_slip(one: list[str], other: list[str]) -> bool:
    """Whether only long words differ, and not by an ending: ``Stranger`` is not ``Strangers``."""
    if len(one) != len(other):
        return "".join(one) == "".join(other)
    for mine, theirs in zip(one, other, strict=True):
        if mine == theirs:
            continue
        if min(len(mine), len(theirs)) < _TYPO or mine.isdigit() or theirs.isdigit():
            return False
        if mine.startswith(theirs) or theirs.startswith(mine):
            return False
    return True


def _near(because: str) -> Compared:
    return Compared(Agreement.NEAR, because)


def _other(because: str) -> Compared:
    return Compared(Agreement.OTHER, because)
