"""Where each track's audio was before, by what runs did: what DJ programs may still look for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from strandline.core.ids import PLAYLISTS, LibPath, TrackId, folder_of
from strandline.core.ledger import renamed_in

Placed = tuple[str, str, str | None, str | None]
"""What a run did: the action, the path, the old path of a move or rename, the track."""

_RENAMED = "rename_folder"


def earlier_places(done: Iterable[Placed]) -> dict[TrackId, dict[LibPath, None]]:
    """Every place at which a run put a track's audio, the oldest first.

    What lies in a renamed folder goes along; neighbouring renames are at once, for two playlists
    may have swapped their names.
    """
    places: dict[TrackId, dict[LibPath, None]] = {}
    now: dict[TrackId, LibPath] = {}
    for is_rename, some in groupby(done, key=lambda it: it[0] == _RENAMED):
        if is_rename:
            names = {
                folder_of(LibPath(old or "/")): folder_of(LibPath(new)) for _, new, old, _ in some
            }
            for id, place in now.items():
                now[id] = renamed_in(names, place)
                places[id].setdefault(now[id])
            continue
        for _, path, old, track in some:
            if track is not None:
                known = places.setdefault(TrackId(track), {})
                if old and old.startswith(f"{PLAYLISTS}/"):
                    known.setdefault(LibPath(old))
                known.setdefault(LibPath(path))
                now[TrackId(track)] = LibPath(path)
    return places


def moved(
    places: Mapping[TrackId, Iterable[LibPath]], now: Mapping[TrackId, LibPath]
) -> dict[LibPath, LibPath]:
    """Each place that a track's audio has left -> where it is now.

    A place where another track's audio is now, or that several tracks have left, tells nothing.
    """
    taken = set(now.values())
    found: dict[LibPath, LibPath] = {}
    doubtful: set[LibPath] = set()
    for track, several in places.items():
        here = now.get(track)
        for place in several:
            if place == here or place in taken:
                continue
            if place in found or here is None:
                doubtful.add(place)
            else:
                found[place] = here
    return {old: new for old, new in found.items() if old not in doubtful}
