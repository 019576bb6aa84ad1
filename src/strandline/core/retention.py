"""Which files of the trash may go for good once they have lain there long enough.

Only what could be had again: bytes that strandline itself made, of a track that TIDAL still
offers, and exports that newer ones replaced, which hold no audio. What a person imported or
changed, what was made of a person's own file, and what nobody knows, stays whatever its age.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from strandline.core.ids import LibPath, TrackId

OF_A_SYNC = frozenset({"sync-execute", "reapply", "undo", "trash restore"})
"""Commands whose files in the trash strandline had made itself; ``import`` takes a person's."""


class TrashedFile(NamedTuple):
    """A file that a run took away."""

    command: str
    """Of that run."""
    ended: datetime | None
    """When that run ended, naive UTC."""
    place: str
    """In the trash."""
    path: LibPath
    """Where it was."""
    track: TrackId | None
    size: int
    """Bytes."""
    written: str | None = None
    """Of an export that strandline wrote: the sha256 of its content."""


Made = Mapping[tuple[TrackId, int], Collection[str]]
"""By track and size in bytes: the sha256 of each file that strandline made."""


def is_old(ended: datetime | None, *, now: datetime, days: int) -> bool:
    """Whether a run ended more than so many ``days`` ago; 0 keeps its trash for ever."""
    return ended is not None and days > 0 and now - ended > timedelta(days=days)


def is_due(file: TrashedFile, made: Made, *, now: datetime, days: int) -> bool:
    """Whether its run ended more than so many ``days`` ago, and it may be what we made."""
    if file.written is not None:
        return is_old(file.ended, now=now, days=days)
    if file.command not in OF_A_SYNC or file.track is None:
        return False
    return is_old(file.ended, now=now, days=days) and (file.track, file.size) in made


def may_go(file: TrashedFile, sha256: str, made: Made, offered: Collection[TrackId]) -> bool:
    """Whether its content is ours to the byte, and TIDAL offers its track at this moment."""
    if file.written is not None:
        return sha256 == file.written
    if file.track is None or file.track not in offered:
        return False
    return sha256 in made.get((file.track, file.size), ())
