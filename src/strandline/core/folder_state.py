"""The expected state of each playlist's folder, in its shortest form.

Of an unchanged library this is all that needs to be known: the three states proper are made only
for the playlists in which something differs, and for those that share a track that differs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from strandline.core.ids import PlaylistId, TrackId

FileMark = tuple[int, int, int]
"""Inode, size in bytes and mtime_ns: what a Stamp holds, without being one."""


class CachedListing(NamedTuple):
    """A playlist's folder as it was listed once: with this very stamp it held just that."""

    playlist: PlaylistId
    dev: int
    ino: int
    mtime_ns: int
    ctime_ns: int
    held: str
    """A digest, as ``FolderState.holds``."""
    at_ns: int
    """When."""


@dataclass(frozen=True, slots=True)
class FolderState:
    """One playlist of the database; ``links`` and ``files`` by their names in its folder."""

    playlist: PlaylistId
    folder: str
    ino: int | None
    links: Mapping[str, str]
    files: Mapping[str, FileMark]
    tracks: Callable[[], Mapping[str, TrackId]]
    """The track of each name; only asked where something differs."""
    open: Set[TrackId] = frozenset()
    """What TIDAL wants and what strandline made differ in these, whatever the disk says."""
    settled: bool = True
    """In TIDAL, read whole, and its folder is named for it."""
    sha256: Mapping[str, str | None] = field(default_factory=dict)
    """Of each file, in hex; only where it was asked for."""

    @property
    def holds(self) -> str:
        """A digest of what a listing of the folder shows: its names, and the texts of links."""
        return blake2b(
            json.dumps([self.links, list(self.files)]).encode(), digest_size=16
        ).hexdigest()

    def changed_tracks(self, found: Mapping[str, str | FileMark]) -> set[TrackId]:
        """Its tracks that are to be decided, given what stands in the folder under which name."""
        moved = {
            track
            for name, track in self.tracks().items()
            if not self.settled or found.get(name) != (self.links.get(name) or self.files.get(name))
        }
        return moved | self.open
