"""TidalSnapshotService: reads the account and hands each playlist over as soon as it is there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from strandline.core.ids import PlaylistId
from strandline.core.remote import KnownPlaylist, RemoteItem, RemotePlaylist


class SnapshotStore(Protocol):
    """Where a snapshot goes. All calls come from the thread that called ``take``."""

    def known_playlists(self) -> dict[PlaylistId, KnownPlaylist]:
        """What the last snapshot left, by TIDAL id; removed ones not among them."""

    def begin_snapshot(self, user_id: str) -> None:
        """The list of playlists is there and belongs to this user; the first save follows."""

    def save_playlist_unchanged(self, ids: Sequence[PlaylistId]) -> None:
        """Seen again, with the items that are stored."""

    def save_playlist(
        self, playlist: RemotePlaylist, items: Sequence[RemoteItem], *, incomplete: str | None
    ) -> None:
        """Header and items in one transaction. With ``incomplete`` items are only ever added."""

    def save_playlist_incomplete(self, playlist: RemotePlaylist, reason: str) -> None:
        """Only the header could be read; the stored items stay."""

    def finish_snapshot(self, *, complete: bool, reason: str, seen: Collection[PlaylistId]) -> None:
        """Only a complete list may mark what is not in ``seen`` as removed from TIDAL."""


@dataclass(frozen=True, slots=True)
class IncompletePlaylist:
    """A playlist that may add but never remove, and why."""

    id: PlaylistId
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SnapshotReport:
    """What one ``take`` read."""

    complete: bool
    """The list of playlists is whole, and so is every playlist."""
    reason: str
    """Why the list of playlists is not whole; empty when it is."""
    playlists: int
    tracks: int
    """Playlist entries that are tracks, unchanged playlists included."""
    requests: int
    skipped_unchanged: int
    videos: int
    incomplete: tuple[IncompletePlaylist, ...]
