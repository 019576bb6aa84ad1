"""Which of a person's rekordbox collection is ours: tracks by their places, playlists by name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from strandline.core.names import nfc

_NUMBER = re.compile(r" \(\d+\)\Z")


class RekordboxTrack(NamedTuple):
    """A track of the collection: the id that rekordbox gave it, and the full path it looks at."""

    id: str
    path: str


class RekordboxPlaylist(NamedTuple):
    """A playlist of the collection."""

    folders: tuple[str, ...]
    """The names of those it lies in, the outermost first."""
    name: str
    keys: tuple[str, ...]
    """Of its tracks: ids, or with ``by_path`` full paths."""
    by_path: bool = False

    @property
    def place(self) -> str:
        """Where it is in rekordbox's tree: the XML has no other id of a playlist."""
        return "/".join((*self.folders, self.name))


@dataclass(frozen=True, slots=True)
class Collection:
    """What a rekordbox XML holds."""

    product: str
    """The program that wrote it, with its version."""
    tracks: Sequence[RekordboxTrack]
    playlists: Sequence[RekordboxPlaylist]


class How(str, Enum):
    """By what a track was found; the first one counts more than the second."""

    PLACE = "place"
    MOVED = "moved"
    """rekordbox looks at a place that the audio has left."""
    LINK = "link"
    """rekordbox looks at a link."""


class OwnPlaylist(NamedTuple):
    """A playlist of the library, with the rows of its tracks."""

    id: int
    name: str
    tracks: frozenset[int]


@dataclass(frozen=True, slots=True)
class LibraryIndex:
    """Full paths -> rows of tracks, by what is there; and the playlists."""

    places: Mapping[How, Mapping[str, int]]
    playlists: Sequence[OwnPlaylist]


class Found(NamedTuple):
    """A track of the library in the collection."""

    content: str
    path: str
    how: How


class FoundPlaylist(NamedTuple):
    """A playlist of the library in the collection."""

    place: str
    entries: int
    tracks: frozenset[int]
    """Rows of those of its tracks that are ours."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What of the library is in the collection, by rows."""

    tracks: Mapping[int, Found]
    playlists: Mapping[int, FoundPlaylist]
    twice: Sequence[RekordboxTrack] = field(default=())
    """Further entries of tracks that are found already: mostly of their earlier places."""
    ambiguous: Sequence[int] = field(default=())
    """Playlists with whose name and tracks several of the collection are alike."""

    @property
    def by(self) -> Counter[str]:
        """How many tracks were found by what."""
        return Counter(it.how.value for it in self.tracks.values())


def match(collection: Collection, library: LibraryIndex) -> Matched:
    """Tracks by where rekordbox looks for them, playlists by name and by what they share."""
    rows: dict[str, int] = {}
    found: dict[int, Found] = {}
    twice: list[RekordboxTrack] = []
    places = [(how, _spelled(library.places.get(how, {}))) for how in How]
    for how, at in places:
        for track in collection.tracks:
            row = at.get(track.path) or at.get(nfc(track.path))
            if row is None or track.id in rows:
                continue
            rows[track.id] = row
            if row in found:
                twice.append(track)
            else:
                found[row] = Found(track.id, track.path, how)
    by_path = {track.path: rows[track.id] for track in collection.tracks if track.id in rows}
    named = _by_name(collection.playlists, {_key(own.name) for own in library.playlists})
    playlists: dict[int, FoundPlaylist] = {}
    ambiguous: list[int] = []
    for own in library.playlists:
        alike = [
            _found(it, by_path if it.by_path else rows) for it in named.get(_key(own.name), ())
        ]
        best = _best(own, alike)
        if len(best) == 1:
            playlists[own.id] = best[0]
        elif best:
            ambiguous.append(own.id)
    return Matched(found, playlists, twice, ambiguous)


def _best(own: OwnPlaylist, alike: Iterable[FoundPlaylist]) -> list[FoundPlaylist]:
    """Those that share most with it, and of these rather one that is written in the same way.

    Nothing of a namesake that shares nothing, unless both are empty.
    """
    scored = [((len(own.tracks & it.tracks), _is_written_as(own.name, it)), it) for it in alike]
    most = max((score for score, _ in scored), default=(0, False))
    best = [it for score, it in scored if score == most]
    return best if most[0] or not own.tracks else []


def _is_written_as(name: str, found: FoundPlaylist) -> bool:
    """With the same capitals, numbered or not."""
    return f"/{found.place}".endswith(f"/{name}") or f"/{_NUMBER.sub('', found.place)}".endswith(
        f"/{name}"
    )


def _found(playlist: RekordboxPlaylist, rows: Mapping[str, int]) -> FoundPlaylist:
    tracks = frozenset(row for key in playlist.keys if (row := rows.get(key)) is not None)
    return FoundPlaylist(playlist.place, len(playlist.keys), tracks)


def _by_name(
    playlists: Iterable[RekordboxPlaylist], own: AbstractSet[str]
) -> dict[str, list[RekordboxPlaylist]]:
    """An export numbers the second of one name in a folder: the number is none of its name.

    Unless a playlist of ours (``own``) is called so.
    """
    named: dict[str, list[RekordboxPlaylist]] = {}
    for playlist in playlists:
        key = _key(playlist.name)
        named.setdefault(key if key in own else _NUMBER.sub("", key), []).append(playlist)
    return named


def _spelled(places: Mapping[str, int]) -> dict[str, int]:
    """Also under the one spelling that macOS may write another way."""
    return {nfc(path): row for path, row in places.items()} | dict(places)


def _key(name: str) -> str:
    return nfc(name).casefold().strip()
