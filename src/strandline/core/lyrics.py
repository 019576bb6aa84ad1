"""Lyrics: the words of a song, and when each line of them is sung."""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST = 100_000
"""Characters; an opera's libretto is shorter."""
_STAMP = re.compile(r"\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]")


class Lyrics(NamedTuple):
    """What TIDAL has; either may be empty."""

    text: str
    """Line by line, without times."""
    lrc: str = ""
    """The same with the time before each line, in the form of an ``.lrc`` file."""

    def timed(self) -> list[tuple[int, str]]:
        """Milliseconds and line, in order; empty where no times are known."""
        return timed_lines(self.lrc)


def lyrics_of(text: object, lrc: object) -> Lyrics | None:
    """Both cleaned; None where there is not a word of either."""
    times = _cleaned(lrc)
    lines = timed_lines(times)
    words = _cleaned(text) or "\n".join(line for _, line in lines).strip()
    return Lyrics(words, times if lines else "") if words else None


def timed_lines(lrc: str) -> list[tuple[int, str]]:
    """Milliseconds and line, in order. A line may have several times; what has none is left out."""
    found = []
    for line in lrc.splitlines():
        at, stamps = 0, []
        while stamp := _STAMP.match(line, at):
            stamps.append(_milliseconds(*stamp.groups()))
            at = stamp.end()
            while line[at : at + 1] == " ":
                at += 1
        found += [(when, line[at:].strip()) for when in stamps]
    return sorted(found, key=lambda pair: pair[0])


def _milliseconds(minutes: str, seconds: str, part: str | None) -> int:
    return (int(minutes) * 60 + int(seconds)) * 1000 + int((part or "0").ljust(3, "0"))


def _cleaned(text: object) -> str:
    """Without what breaks tags and terminals; lines end in ``\\n`` alone."""
    if not isinstance(text, str):
        return ""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").lstrip("\ufeff")
    kept = (c for c in text if c == "\n" or (c.isprintable() and not "\ud800" <= c <= "\udfff"))
    return "".join(kept)[:LONGEST].strip()
