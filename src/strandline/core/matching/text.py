"""Text as it is compared: without case, accents, script, punctuation and what encodings broke."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_ASIDE = str.maketrans("", "", "'’‘ʼ`´\u200b\u200e\u200f\ufeff")
_AND = re.compile(r"[&+]|(?<=\s)n(?=\s)")
_WORD = re.compile(r"[a-z0-9*]+")
_ROMAN = re.compile(r"(x{0,3})(ix|iv|v?i{0,3})")
_DIGITS = {"i": 1, "v": 5, "x": 10}


def unbroken(text: str) -> str:
    """``text`` without HTML's entities, and with UTF-8 that was read as Latin-1 put right."""
    text = html.unescape(text)
    for _ in range(2):
        if text.isascii():
            break
        for encoding in ("cp1252", "latin-1"):
            try:
                mended = text.encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
            text = mended
            break
        else:
            break
    return unicodedata.normalize("NFKC", text)


@lru_cache(maxsize=1 << 16)
def words_of(text: str) -> tuple[str, ...]:
    """The words of ``text`` in Latin letters and digits; ``*`` stands for a letter left out.

    Of a text without any (signs and pictures alone) the text itself, so that two of those are
    equal only if they are the same.
    """
    folded = unbroken(text).casefold().translate(_ASIDE)
    folded = _AND.sub(" and ", folded)
    latin = folded if folded.isascii() else _latin(folded)
    found = tuple(_WORD.findall(latin))
    if any(word.strip("*") for word in found):
        return found
    bare = unicodedata.normalize("NFC", text).strip()
    return (bare,) if bare else ()


def _latin(text: str) -> str:
    """In Latin letters, without pictures."""
    letters = "".join(c if unicodedata.category(c) != "So" else " " for c in text)
    return anyascii(letters).lower().translate(_ASIDE)


def roman(word: str) -> int | None:
    """The number that a Roman numeral from II to XXXIX is; a lone letter is none."""
    match = _ROMAN.fullmatch(word)
    if match is None or len(word) < 2:
        return None
    return value_of_roman(word)


def value_of_roman(word: str) -> int:
    """The value of the letters i, v and x, whatever their order says."""
    values = [_DIGITS.get(letter, 0) for letter in word]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))


def numbers_in(words: tuple[str, ...]) -> tuple[int, ...]:
    """Every number among ``words``, Roman ones included, in order of size."""
    found: list[int] = []
    for word in words:
        if (numeral := roman(word)) is not None:
            found.append(numeral)
        found.extend(int(digits) for digits in re.findall(r"[0-9]{1,9}", word))
    return tuple(sorted(found))
