"""How large the libraries are that the goals speak of."""

from __future__ import annotations

from typing import NamedTuple


class Size(NamedTuple):
    """Playlists, tracks (each a real file) and entries (the rest are links)."""

    name: str
    playlists: int
    tracks: int
    entries: int
    bytes: int = 8_192
    """Of each file: the no-op check never reads them, and real ones would fill the disk."""
    linked: bool = True
    """False: no link was ever made."""
    pooled: bool = False
    """All audio lies in the pool."""


TINY = Size("tiny", 100, 5_000, 10_000)
SMALL = Size("small", 200, 10_000, 20_000)
LARGE = Size("large", 1_000, 50_000, 100_000)
HUGE = Size("huge", 10_000, 500_000, 1_000_000)
UNLINKED = Size("unlinked", 1_000, 50_000, 150_000, 64, linked=False)
"""All its audio is there, and 100,000 links are still to be made."""
BIG = Size("big", 10, 500, 500, 10 << 20)
"""Few files, all of one size, as large as music is."""
POOLED = Size("pooled", 200, 10_000, 20_000, pooled=True)
EXPORTED = Size("exported", 1_000, 60_000, 100_000)
STICK = Size("stick", 200, 10_000, 20_000)
"""Its files are real music."""

SIZES = {
    size.name: size for size in (TINY, SMALL, LARGE, HUGE, UNLINKED, BIG, POOLED, EXPORTED, STICK)
}
