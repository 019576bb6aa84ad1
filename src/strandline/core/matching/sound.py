"""Do two sounds go alike? By their prints alone: 32 bits for each eighth of a second. Pure.

Only the share of bits that differ, at the offset where it is least, says that two sounds are one;
a second that differs in a sound that is else the same says that words were taken out. Silence
equals any other silence, so it counts for nothing.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

RATE: Final = 11_025  # Hz
FRAME: Final = 4096  # samples
HOP: Final = FRAME // 3
ITEM: Final = HOP / RATE
"""Seconds from one item to the next."""
SILENT: Final = (627_964_279).to_bytes(4, "big")
"""The item of silence."""
PHASES: Final = 8
"""Prints of one beginning, each a fraction of an item later than the one before."""
SECOND: Final = round(1 / ITEM)
"""Items in a window of about one second."""
_REACH: Final = 2.3
"""Seconds from the beginning of an item to the middle of what it looks at, and a window."""
_BYTES: Final = 4
_BITS: Final = 32
_LOOP: Final = 0.02
"""Share of the bits within which two offsets are alike, as in music that is made of loops: then
the one nearer to the beginning counts."""
LEAST_OVERLAP: Final = 30.0
"""Seconds that two sounds have in common at least, or the shorter one whole."""


@dataclass(frozen=True)
class SoundPrint:
    """How a sound goes, or the beginning of one."""

    items: bytes
    seconds: float
    """That were heard."""

    @property
    def length(self) -> int:
        """In items."""
        return len(self.items) // _BYTES

    @cached_property
    def lead(self) -> int:
        """Items of silence at its beginning."""
        return _silence(self.items)

    @cached_property
    def body(self) -> bytes:
        """Without the silence before and behind it."""
        end = len(self.items) - _silence(self.items[::-1], SILENT[::-1]) * _BYTES
        return self.items[self.lead * _BYTES : max(end, self.lead * _BYTES)]

    @cached_property
    def variety(self) -> int:
        """How many different items it has; a tone that is held has one."""
        return len({*array("I", self.body)} - {*array("I", SILENT)})


def _silence(items: bytes, silent: bytes = SILENT) -> int:
    count = 0
    while items[count * _BYTES : (count + 1) * _BYTES] == silent:
        count += 1
    return count


@dataclass(frozen=True)
class Likeness:
    """Two sounds laid on each other where they fit best."""

    apart: float
    """Share of the bits that differ: 0 of the same sound, near one half of two others."""
    offset: float
    """Seconds by which the first sound begins later: what it has in front of the other."""
    seconds: float
    """Of sound that were compared."""
    covers_first: float
    covers_second: float
    """Share of each that lies on the other."""
    bursts: tuple[float, ...]
    """Where in the second sound, in seconds, a second of it begins to differ by itself."""
    worst: float
    """Share of the bits that differ in the worst second."""

    def moved(self, seconds: float) -> Likeness:
        """The same, where the first sound begins so much later than its print says."""
        return replace(self, offset=self.offset + seconds)


def compare(
    one: SoundPrint, other: SoundPrint, *, most: float | None = None, below: float = 1.0
) -> Likeness | None:
    """The best fit; ``most``: seconds that the beginnings may be apart.

    None: too little sound, or a share of more than ``below`` differs.
    """
    first, second = one.body, other.body
    shorter = min(len(first), len(second)) // _BYTES
    least = min(shorter, round(LEAST_OVERLAP / ITEM))
    if least < SECOND:
        return None
    limit = None if most is None else round(most / ITEM)
    offset = _best_offset(first, second, least, limit)
    if _apart(first, second, offset) > below:
        return None
    return _laid(one, other, offset)


def _best_offset(first: bytes, second: bytes, least: int, limit: int | None) -> int:
    """Items of ``first`` before ``second`` begins; negative where ``second`` begins earlier."""
    lowest = least - len(second) // _BYTES
    highest = len(first) // _BYTES - least
    if limit is not None:
        lowest, highest = max(lowest, -limit), min(highest, limit)
    near = sorted(range(min(lowest, 0), max(highest, 0) + 1), key=abs)
    apart = {offset: _apart(first, second, offset) for offset in near}
    enough = min(apart.values()) + _LOOP
    found = next(offset for offset, share in apart.items() if share <= enough)
    around = range(found - SECOND // 2, found + SECOND // 2 + 1)
    return min((it for it in around if it in apart), key=apart.__getitem__)


def _overlap(first: bytes, second: bytes, offset: int) -> tuple[bytes, bytes]:
    one = first[max(offset, 0) * _BYTES :]
    two = second[max(-offset, 0) * _BYTES :]
    size = min(len(one), len(two))
    return one[:size], two[:size]


def _apart(first: bytes, second: bytes, offset: int) -> float:
    one, two = _overlap(first, second, offset)
    differing = int.from_bytes(one, "big") ^ int.from_bytes(two, "big")
    return differing.bit_count() / (len(one) * 8) if one else 1.0


def _laid(one: SoundPrint, other: SoundPrint, offset: int) -> Likeness:
    first, second = _overlap(one.body, other.body, offset)
    counts = _bits_apart(first, second)
    heard = [count for count in counts if count is not None]
    bursts, worst = _bursts(counts)
    start = (max(-offset, 0) + other.lead) * ITEM
    return Likeness(
        sum(heard) / (len(heard) * _BITS) if heard else 1.0,
        (offset + one.lead - other.lead) * ITEM,
        len(heard) * ITEM,
        len(first) / max(len(one.body), 1),
        len(second) / max(len(other.body), 1),
        tuple(round(start + at * ITEM + _REACH, 1) for at in bursts),
        worst,
    )


def _bits_apart(first: bytes, second: bytes) -> list[int | None]:
    """Bits that differ in each pair of items; None where both are silent."""
    silent = int.from_bytes(SILENT, "big")
    pairs = zip(_words(first), _words(second), strict=True)
    return [None if a == b == silent else (a ^ b).bit_count() for a, b in pairs]


def _words(items: bytes) -> list[int]:
    return [int.from_bytes(items[at : at + _BYTES], "big") for at in range(0, len(items), _BYTES)]


BURST: Final = 0.12
"""Share of the bits of one second that no encoder changes in a sound that stays the same."""


def _bursts(counts: list[int | None]) -> tuple[list[int], float]:
    """Where seconds that differ begin, and how much the worst one differs."""
    worst, bursts, inside = 0.0, list[int](), False
    window = [0 if count is None else count for count in counts]
    total = sum(window[:SECOND])
    for at in range(max(len(window) - SECOND + 1, 1)):
        if at:
            total += window[at + SECOND - 1] - window[at - 1]
        share = total / (_BITS * min(SECOND, max(len(window), 1)))
        worst = max(worst, share)
        if share > BURST and not inside:
            bursts.append(at)
        inside = share > BURST
    return bursts, worst
