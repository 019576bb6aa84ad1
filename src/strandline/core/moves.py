"""Where each track's audio was before: what DJ programs, which know files by path, still look for.

A move is kept once, in order (``db.moves``); which of the places lead somewhere is said here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from strandline.core.ids import LibPath, TrackId


class PrimaryMove(NamedTuple):
    """The audio of a track went from one place to another."""

    track: TrackId
    old: LibPath
    new: LibPath
    run: str | None
    """Null where the person moved it, and a scan saw it."""
    at: datetime
    """Naive UTC."""
    offset: float | None
    """Seconds by which the sound begins later than before; 0 of the same file, None: unknown."""


class Arrival(NamedTuple):
    """Where the audio is now that has left a place."""

    track: TrackId
    path: LibPath
    offset: float | None
    """Seconds by which the sound begins later than it did there; None where that is unknown."""


def arrivals(
    moves: Iterable[PrimaryMove], now: Mapping[TrackId, LibPath]
) -> dict[LibPath, Arrival]:
    """Each place that a track's audio has left -> where it is now, however often it moved since.

    A place where another track's audio is now, or that several tracks have left, tells nothing.
    """
    taken = set(now.values())
    found: dict[LibPath, Arrival] = {}
    doubtful: set[LibPath] = set()
    for track, several in _by_track(moves).items():
        here = now.get(track)
        for place, offset in _left(several).items():
            if place == here or place in taken:
                continue
            if here is None or (place in found and found[place].path != here):
                doubtful.add(place)
            elif place in found:  # the same recording, under another id
                if found[place].offset != offset:
                    found[place] = found[place]._replace(offset=None)
            else:
                found[place] = Arrival(track, here, offset)
    return {old: arrival for old, arrival in found.items() if old not in doubtful}


def shared_places(
    moves: Iterable[PrimaryMove], now: Mapping[TrackId, LibPath]
) -> dict[LibPath, tuple[TrackId, ...]]:
    """Places that tell nothing, for several tracks' audio was there -> those tracks, by id.

    Tracks that are one file now, as the same recording, are told apart by nothing.
    """
    owners: dict[LibPath, set[TrackId]] = {}
    for move in moves:
        owners.setdefault(move.old, set()).add(move.track)
    for track, place in now.items():
        if place in owners:
            owners[place].add(track)
    return {
        place: tuple(sorted(them))
        for place, them in owners.items()
        if len({now.get(track, track) for track in them}) > 1
    }


def changed_in_place(moves: Iterable[PrimaryMove]) -> set[LibPath]:
    """Places at which another file came for the same track, whose sound may begin elsewhere.

    Which of the two is meant by the place alone, nobody knows.
    """
    return {move.old for move in moves if move.old == move.new and move.offset != 0}


def places_of(moves: Iterable[PrimaryMove]) -> dict[TrackId, dict[LibPath, None]]:
    """Every place at which a track's audio was, the oldest first, of those that moved."""
    return {
        track: dict.fromkeys(place for move in several for place in (move.old, move.new))
        for track, several in _by_track(moves).items()
    }


def _by_track(moves: Iterable[PrimaryMove]) -> dict[TrackId, list[PrimaryMove]]:
    found: dict[TrackId, list[PrimaryMove]] = {}
    for move in moves:
        found.setdefault(move.track, []).append(move)
    return found


def _left(moves: list[PrimaryMove]) -> dict[LibPath, float | None]:
    """The places of one track, with the sum of the offsets of all moves since.

    Of a place that it left more than once, and had another offset each time, it is unknown which
    one is meant; so is what changed without a move, unless it did so before the place was left.
    """
    found: dict[LibPath, float | None] = {}
    since: float | None = 0.0
    for move in reversed(moves):
        since = None if since is None or move.offset is None else round(since + move.offset, 6)
        if move.old not in found:
            found[move.old] = since
        elif found[move.old] != since:
            found[move.old] = None
    return found
