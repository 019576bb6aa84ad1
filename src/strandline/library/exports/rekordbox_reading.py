"""Reading a person's rekordbox XML as it comes, without what makes XML dangerous."""

from __future__ import annotations

from typing import IO

from strandline.core.rekordbox import Collection, RekordboxPlaylist, RekordboxTrack
from strandline.library.exports.reading import NotUnderstoodError, parse_xml
from strandline.library.exports.relocate import path_of_address

_MOST = 2_000_000  # tracks, or entries of playlists
_DEEPEST = 64
_BY_PATH = "1"


def read_collection(file: IO[bytes]) -> Collection:
    """What is in it. Raises NotUnderstoodError for what is no rekordbox XML, or not whole."""
    reading = _Reading()
    parse_xml(file, reading.start, reading.end)
    if not reading.is_rekordbox:
        raise NotUnderstoodError("it is not a rekordbox XML")
    return Collection(reading.product.strip(), reading.tracks, reading.playlists)


def path_of(location: str) -> str | None:
    """The full path of a ``Location``; None of a streaming track, which is nowhere on disk."""
    path = path_of_address(location)
    return path[1:] if path and path[2:3] == ":" else path


class _Reading:
    """Handles elements as they come; keeps no tree."""

    def __init__(self) -> None:
        self.product = ""
        self.is_rekordbox = False
        self.tracks: list[RekordboxTrack] = []
        self.playlists: list[RekordboxPlaylist] = []
        self._depth = 0
        self._nodes: list[tuple[str, bool, bool]] = []
        self._keys: list[str] = []
        self._entries = 0

    def start(self, name: str, told: dict[str, str]) -> None:
        if not self._depth and name != "DJ_PLAYLISTS":
            raise NotUnderstoodError("it is not a rekordbox XML")
        self.is_rekordbox = True
        self._depth += 1
        if self._depth > _DEEPEST or max(len(self.tracks), self._entries) > _MOST:
            raise NotUnderstoodError("it holds more than any collection does")
        if name == "PRODUCT":
            self.product = f"{told.get('Name', '')} {told.get('Version', '')}"
        elif name == "NODE":
            is_playlist, by_path = told.get("Type") == "1", told.get("KeyType") == _BY_PATH
            self._nodes.append((told.get("Name", ""), is_playlist, by_path))
            self._keys = []
        elif name == "TRACK" and self._nodes:
            self._entry(told.get("Key", ""))
        elif name == "TRACK" and (path := path_of(told.get("Location", ""))) is not None:
            self.tracks.append(RekordboxTrack(told.get("TrackID", ""), path))

    def end(self, name: str) -> None:
        self._depth -= 1
        if name != "NODE" or not self._nodes:
            return
        node, is_playlist, by_path = self._nodes.pop()
        if is_playlist:
            folders = tuple(above for above, *_ in self._nodes[1:])  # without ROOT
            self.playlists.append(RekordboxPlaylist(folders, node, tuple(self._keys), by_path))
        self._keys = []

    def _entry(self, key: str) -> None:
        self._entries += 1
        by_path = self._nodes[-1][2]
        self._keys.append((path_of(key) or key) if by_path else key)
