"""A stick for DJ players: what lies where on it, and what strandline put there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from strandline.core.exports import ExportPlaylist, Node, walk
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.names import collision_key, safe_name
from strandline.core.players import PlayerFormat, Recipe

MUSIC, PLAYLISTS = "Music", "Playlists"
LIST = ".m3u8"
_FOLDER, _NAME, _PATH = 60, 160, 230
"""Bytes in UTF-8, which are never fewer than UTF-16 units: of a folder's name, a file's, a path.

FAT32 and exFAT take 255 units a name; rekordbox reads no path of more than 255, drive included.
"""


class Source(NamedTuple):
    """What tells a file of the library again without reading it, and by its content."""

    size: int  # bytes
    mtime_ns: int
    sha256: str


class OnStick(NamedTuple):
    """A track's file as strandline put it on the stick."""

    path: str
    """From the stick's folder on, with ``/``."""
    sha256: str
    size: int  # bytes
    mtime: int  # seconds: FAT keeps no more than every second one
    source: Source
    heard: PlayerFormat
    recipe: Recipe


@dataclass(slots=True)
class Manifest:
    """What strandline has put into a folder. All paths are from that folder on."""

    library: str = ""
    """The library's id; empty where there was no manifest."""
    player: str = ""
    tracks: dict[TrackId, OnStick] = field(default_factory=dict)
    playlists: dict[PlaylistId, str] = field(default_factory=dict)
    """The path of each playlist's file."""
    files: dict[str, str] = field(default_factory=dict)
    """The sha256 of every file that is strandline's if it has that content, by path."""
    former: dict[str, str] = field(default_factory=dict)
    """The same of files that were about to give way when this was written."""

    def is_ours(self, path: str, sha256: str) -> bool:
        """Whether a file of that content was put at ``path`` by strandline."""
        return sha256 in (self.files.get(path), self.former.get(path))

    def leftovers(self) -> dict[str, str]:
        """The files of no track and no playlist, which a run that was cut off left behind."""
        used = {it.path for it in self.tracks.values()} | set(self.playlists.values())
        return {path: sha256 for path, sha256 in self.files.items() if path not in used}


def same_time(noted: int, found: int) -> bool:
    """Two times of one file in seconds, as FAT has them: every second one, in local time."""
    off = abs(noted - found)
    return min(off % 900, 900 - off % 900) <= 2 and off <= 26 * 3600


class Names:
    """Gives each track and playlist a place; names once given stay.

    No two differ in capitals or accents alone, as FAT32 and exFAT take these for one.
    """

    def __init__(self, known: Mapping[TrackId, OnStick]) -> None:
        self._kept = {id: it.path for id, it in known.items()}
        self._taken = {collision_key(it.path): id for id, it in known.items()}
        self._folders = {
            collision_key(folder): folder
            for it in known.values()
            if (folder := it.path.rpartition("/")[0])
        }

    def for_track(self, id: TrackId, artist: str, base: str, extension: str) -> str:
        """``Music/<artist>/<base><extension>``, with `` [id]`` where that is another track's."""
        kept = self._kept.get(id)
        if kept == f"{MUSIC}/{artist}/{base}{extension}":
            return kept  # most names are safe as they are
        folder = self._folder(artist)
        plain, marked = self._candidates(folder, id, base, extension)
        if kept in (plain, marked):
            return kept
        path = plain if self._taken.get(collision_key(plain), id) == id else marked
        self._taken[collision_key(path)] = id
        return path

    def places(self, id: TrackId, artist: str, base: str, extension: str) -> list[str]:
        """Where its file may lie that nobody knows: names that are no other track's."""
        both = self._candidates(self._folder(artist), id, base, extension)
        return [it for it in both if self._taken.get(collision_key(it), id) == id]

    def keep(self, id: TrackId, path: str) -> None:
        """It has its file at ``path``, and keeps that name."""
        self._taken[collision_key(path)] = id
        self._kept[id] = path

    def other(self, id: TrackId, path: str) -> str:
        """A second choice for a track whose place is taken by a file of the person's."""
        folder, _, name = path.rpartition("/")
        base, dot, extension = name.rpartition(".")
        marked = _named(base.removesuffix(f" [{id}]"), f" [{id}]{dot}{extension}")
        return f"{folder}/{marked}"

    def _folder(self, artist: str) -> str:
        folder = f"{MUSIC}/{safe_name(artist, fallback='Unknown Artist', most=_FOLDER)}"
        return self._folders.setdefault(collision_key(folder), folder)

    def _candidates(self, folder: str, id: TrackId, base: str, extension: str) -> tuple[str, str]:
        marked = _named(base.removesuffix(f" [{id}]"), f" [{id}]{extension}")
        return f"{folder}/{_named(base, extension)}", f"{folder}/{marked}"


def _named(base: str, suffix: str) -> str:
    return safe_name(base, suffix=suffix, most=_NAME)


def playlist_paths(nodes: Iterable[Node]) -> dict[str, ExportPlaylist]:
    """Where each playlist's file goes: in TIDAL's folders, where these are not too deep."""
    folders: dict[tuple[str, ...], str] = {(): PLAYLISTS}
    taken: set[str] = set()
    found: dict[str, ExportPlaylist] = {}
    for above, node in walk(tuple(nodes)):
        inside, suffix = folders[above], LIST if node.playlist else ""
        path = _free(_with_room(inside), node.name, suffix, taken)
        if node.playlist:
            found[path] = node.playlist
        else:
            folders[(*above, node.name)] = path
    return found


def _with_room(folder: str) -> str:
    """The nearest folder that has room for any name: all of one lie together, however long."""
    while len(folder.encode()) > _PATH - _FOLDER - 1:
        folder = folder.rpartition("/")[0]
    return folder


def _free(inside: str, name: str, suffix: str, taken: set[str]) -> str:
    """A playlist's name may be as long as the path has room for, a folder's may not."""
    most = min(_NAME, _PATH - len(inside.encode()) - 1) if suffix else _FOLDER
    number, path = 1, f"{inside}/{safe_name(name, suffix=suffix, most=most)}"
    while collision_key(path) in taken:
        number += 1
        path = f"{inside}/{safe_name(name, suffix=f' ({number}){suffix}', most=most)}"
    taken.add(collision_key(path))
    return path


def peak(batches: Iterable[Iterable[tuple[int, int]]]) -> int:
    """The most bytes that are on the stick beyond today's, at any moment.

    Each batch: what comes and what gives way for it, in bytes. All of a batch comes before
    anything of it gives way.
    """
    more = most = 0
    for batch in batches:
        several = list(batch)
        coming = sum(new for new, _ in several)
        most = max(most, more + coming)
        more += coming - sum(old for _, old in several)
    return most
