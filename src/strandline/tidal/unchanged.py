"""Which playlists are as they were when they were read last."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b

from strandline.core.ids import PlaylistId
from strandline.core.remote import KnownPlaylist, RemotePlaylist

READ_AGAIN = timedelta(days=7)
"""A playlist that seems unchanged is read anew by then: not every change shows in the list."""


def is_unchanged(
    playlist: RemotePlaylist,
    known: KnownPlaylist | None,
    now: datetime,
    read_again: timedelta = READ_AGAIN,
) -> bool:
    """Nothing that TIDAL shows in its list moved since the items were read whole, not long ago."""
    if known is None or not known.complete or known.last_full_read_at is None:
        return False
    due = is_due(playlist.tidal_id, known.last_full_read_at, now, read_again)
    if playlist.last_updated is None or due:
        return False
    return (playlist.last_updated, playlist.num_tracks, playlist.num_videos, playlist.name) == (
        known.last_updated,
        known.num_tracks,
        known.num_videos,
        known.name,
    )


def is_due(
    playlist: PlaylistId, read: datetime, now: datetime, at_latest: timedelta = READ_AGAIN
) -> bool:
    """Whether it was read so long ago that not everything that changed need show in the list."""
    return now >= read + _due_after(playlist, read, at_latest)


def _due_after(playlist: PlaylistId, read: datetime, at_latest: timedelta) -> timedelta:
    """Seven to thirteen fourteenths of it: some time before, for a nightly run is never on time.

    Another share after each reading, so that no two playlists stay due in the same night.
    """
    told = f"{playlist} {read}".encode()
    share = blake2b(told, digest_size=1).digest()[0] / 255
    return at_latest * (7 + 6 * share) / 14
