"""Which favourites and mixes are read anew, and under which playlist a mix is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from strandline.core.favorites import FAVORITE_TRACKS, days_of, mix_of
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.remote import KnownPlaylist, ReadPlaylist, RemotePlaylist
from strandline.tidal.favorite_lists import Favorites
from strandline.tidal.playlist_reading import ReadRequest
from strandline.tidal.unchanged import is_due, is_unchanged

MIX_STANDS = timedelta(hours=3)
"""How long a mix is taken for unchanged, for not every list says when it changed."""

Known = Mapping[PlaylistId, KnownPlaylist]


def split_favorites(
    favorites: Favorites, known: Known, now: datetime, read_again: timedelta, *, full: bool
) -> tuple[list[RemotePlaylist], list[ReadRequest]]:
    """Those that are as they were, by the playlists that hold them, and those to be read."""
    unchanged: list[RemotePlaylist] = []
    wanted: list[ReadRequest] = []
    for playlist in favorites.playlists.values():
        holder = holder_of(playlist.tidal_id, known)
        old = known.get(holder)
        if old is None or full or not _is_as_it_was(playlist, old, now, read_again):
            wanted.append(ReadRequest(playlist, old))
        else:
            counted = replace(playlist, num_tracks=old.num_tracks, num_videos=old.num_videos)
            unchanged.append(replace(counted, tidal_id=holder))
    return unchanged, wanted


def holder_of(playlist: PlaylistId, known: Known) -> PlaylistId:
    """The playlist that holds it today: of a mix by the day, the newest that there is."""
    mix = mix_of(playlist)
    days = days_of(mix.id, known) if mix and mix.day else []
    return days[-1] if days else playlist


def _is_as_it_was(
    playlist: RemotePlaylist, old: KnownPlaylist, now: datetime, read_again: timedelta
) -> bool:
    if playlist.tidal_id == FAVORITE_TRACKS:
        return is_unchanged(playlist, old, now, read_again)
    if not old.complete or old.last_full_read_at is None:
        return False
    mix = mix_of(playlist.tidal_id)
    if mix is None:  # an album is what it is
        told = playlist.num_tracks, playlist.num_videos, playlist.name
        same = told == (old.num_tracks, old.num_videos, old.name)
        return same and not is_due(playlist.tidal_id, old.last_full_read_at, now, read_again)
    moved = playlist.last_updated not in (None, old.last_updated)
    renamed = not mix.day and playlist.name != old.name
    return not (moved or renamed) and now < old.last_full_read_at + MIX_STANDS


def as_stored(
    read: ReadPlaylist,
    known: Known,
    mixes: str,
    tracks_of: Callable[[PlaylistId], Sequence[TrackId]],
) -> ReadPlaylist | None:
    """What is to be stored of a reading; None for nothing, where only the reason is to be told.

    A mix that is as on the day before makes no playlist of its own. What is kept for ever would
    be incomplete for ever.
    """
    if mix_of(read.playlist.tidal_id) is None or mixes == "mirror":
        return read
    if read.items is None or read.incomplete is not None:
        return None
    if mixes == "collect":
        return replace(read, adds=True)
    holder = holder_of(read.playlist.tidal_id, known)
    if holder in known and holder != read.playlist.tidal_id:
        now = [item.track.tidal_id for item in read.items if item.track]
        if now == list(tracks_of(holder)):
            header = replace(read.playlist, tidal_id=holder, name=known[holder].name)
            return replace(read, playlist=header)
    return read
