"""What is handed over to DJ programs: tracks with their files, playlists in TIDAL's folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from strandline.core.ids import PlaylistId, TrackId
from strandline.core.names import collision_key

ROOT = "root"
"""The id of the folder in which all others lie."""


class ExportTrack(NamedTuple):
    """A track and the one file that holds its audio."""

    id: TrackId
    path: str
    """In full, with ``/``, as the disk spells it; never a link's."""
    size: int  # bytes
    title: str
    """With its version: ``Low Water (Extended Mix)``."""
    artist: str
    album: str | None = None
    album_artist: str | None = None
    genre: str | None = None
    year: int | None = None
    duration: int | None = None  # seconds
    isrc: str | None = None
    number: int | None = None
    disc: int | None = None
    added: date | None = None
    bpm: float | None = None
    key: str | None = None
    """As DJ programs write it: ``F#m``."""


class ExportPlaylist(NamedTuple):
    """A playlist with the tracks that have a file, in TIDAL's order, repeated ones repeated."""

    id: PlaylistId
    name: str
    file_name: str
    """Its name as a file's, without extension; unique, whatever the case."""
    folder: str
    """The id of the folder in which it lies."""
    tracks: Sequence[TrackId]


class ExportFolder(NamedTuple):
    """A folder of playlists in TIDAL; ``parent`` is the id of another, or ``root``."""

    id: str
    name: str
    parent: str


class NotExported(NamedTuple):
    """A track of a playlist that the export does not hold, and why, in a word for scripts."""

    track: TrackId
    because: str
    name: str
    """``Artist - Title``, for a person."""


Unfit = Callable[[ExportTrack], str | None]
"""Why a format cannot hold a track, in a word for scripts; None where it can."""


class MovedPlace(NamedTuple):
    """A place that a track's audio has left, and where it is now."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Handover:
    """Everything that one export may hold."""

    tracks: Mapping[TrackId, ExportTrack]
    """By id, in the order of the ids' numbers."""
    playlists: Sequence[ExportPlaylist]
    folders: Sequence[ExportFolder] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A playlist, or a folder with what is in it. No two beside each other have one name."""

    id: str
    name: str
    playlist: ExportPlaylist | None = None
    """None for a folder."""
    children: tuple[Node, ...] = field(default=())


def tree_of(handover: Handover) -> tuple[Node, ...]:
    """What stands at the top, folders before playlists, each by name.

    DJ programs do not take two nodes of one name in one place, so the second one is numbered.
    A folder without any playlist below it is left out.
    """
    folders: dict[str, list[ExportFolder]] = {}
    known = {ROOT} | {folder.id for folder in handover.folders}
    for folder in handover.folders:
        parent = folder.parent if folder.parent in known else ROOT
        folders.setdefault(parent, []).append(folder)
    playlists: dict[str, list[ExportPlaylist]] = {}
    for playlist in handover.playlists:
        home = playlist.folder if playlist.folder in known else ROOT
        playlists.setdefault(home, []).append(playlist)
    return _inside(ROOT, folders, playlists, {ROOT})


def _inside(
    folder: str,
    folders: Mapping[str, Sequence[ExportFolder]],
    playlists: Mapping[str, Sequence[ExportPlaylist]],
    above: set[str],
) -> tuple[Node, ...]:
    """``above``: the folders on the way here; one that lies in itself is not entered."""
    nodes: list[Node] = []
    for one in sorted(folders.get(folder, ()), key=lambda it: (it.name.casefold(), it.id)):
        if one.id not in above:
            children = _inside(one.id, folders, playlists, above | {one.id})
            nodes += [Node(one.id, one.name, children=children)] if children else []
    for it in sorted(playlists.get(folder, ()), key=lambda it: (it.name.casefold(), it.id)):
        nodes.append(Node(it.id, it.name, it))
    return tuple(_numbered(nodes))


def _numbered(nodes: Iterable[Node]) -> Iterator[Node]:
    taken: set[str] = set()
    for node in nodes:
        name, number = node.name, 1
        while collision_key(name) in taken:
            number += 1
            name = f"{node.name} ({number})"
        taken.add(collision_key(name))
        yield node if name == node.name else Node(node.id, name, node.playlist, node.children)


def walk(
    nodes: Iterable[Node], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every node with the names of the folders above it, a folder before what is in it."""
    for node in nodes:
        yield above, node
        yield from walk(node.children, (*above, node.name))
