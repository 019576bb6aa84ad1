"""How large the libraries are that the goals speak of."""

from __future__ import annotations

from typing import NamedTuple


class Size(NamedTuple):
    """Playlists, tracks (each a real file) and entries (the rest are links)."""

    name: str
    playlists: int
    tracks: int
    entries: int


SMALL = Size("small", 200, 10_000, 20_000)
LARGE = Size("large", 1_000, 50_000, 100_000)
HUGE = Size("huge", 10_000, 500_000, 1_000_000)

SIZES = {size.name: size for size in (SMALL, LARGE, HUGE)}
BYTES = 8_192
"""Of each file: the no-op check never reads them, and real ones would fill the disk."""
