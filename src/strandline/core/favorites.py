"""Playlists that are none of TIDAL's own: the favourite tracks, favourite albums, and mixes.

Their ids say what they are, for they have no uuid: ``favorite-tracks``, ``album-<id>``, and
``mix-<id>``, with the day after it where each day's mix is a playlist of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from strandline.core.ids import PlaylistId

FAVORITE_TRACKS = PlaylistId("favorite-tracks")
FAVORITE_TRACKS_NAME = "Favourite tracks"
_ALBUM = re.compile(r"album-([0-9]{1,20})")
_MIX = re.compile(r"mix-([0-9A-Za-z]{1,64})(?:-([0-9]{4}-[0-9]{2}-[0-9]{2}))?")


class FavoriteSettings(NamedTuple):
    """Which of them the settings want."""

    tracks: bool = False
    albums: bool = False
    mixes: str = "off"

    def leave_out(self, playlist: PlaylistId) -> bool:
        """Whether it is one of these, and not wanted: it stays as it is on disk."""
        if playlist == FAVORITE_TRACKS:
            return not self.tracks
        if album_of(playlist):
            return not self.albums
        mix = mix_of(playlist)
        return mix is not None and (self.mixes == "off" or bool(mix.day) != (self.mixes == "dated"))


class Mix(NamedTuple):
    """A mix, by TIDAL's id, and the day of which it is; without one it is today's, whenever."""

    id: str
    day: str | None


def album_playlist(album: str) -> PlaylistId:
    """The playlist that holds a favourite album."""
    return PlaylistId(f"album-{album}")


def mix_playlist(mix: str, day: date | None = None) -> PlaylistId:
    """The playlist that holds a mix, or what it was on one day."""
    return PlaylistId(f"mix-{mix}-{day.isoformat()}" if day else f"mix-{mix}")


def album_of(playlist: PlaylistId) -> str | None:
    """TIDAL's id of the album that a playlist holds; None for any other playlist."""
    match = _ALBUM.fullmatch(playlist)
    return match[1] if match else None


def mix_of(playlist: PlaylistId) -> Mix | None:
    """The mix that a playlist holds; None for any other playlist."""
    match = _MIX.fullmatch(playlist)
    return Mix(match[1], match[2]) if match else None


def is_favorite(playlist: PlaylistId) -> bool:
    """Whether it is one of these, and no playlist of TIDAL's."""
    return playlist == FAVORITE_TRACKS or album_of(playlist) is not None or is_mix(playlist)


def is_mix(playlist: PlaylistId | None) -> bool:
    """Whether what it holds changes without anybody's doing."""
    return playlist is not None and playlist.startswith("mix-") and mix_of(playlist) is not None


def days_of(mix: str, known: Iterable[PlaylistId]) -> list[PlaylistId]:
    """The playlists that hold what a mix was on a day, the oldest first."""
    days = [(it.day, id) for id in known if (it := mix_of(id)) and it.id == mix and it.day]
    return [id for _, id in sorted(days)]


def only_mixes(playlists: Collection[PlaylistId]) -> bool:
    """Whether there are some, and nothing but mixes."""
    return bool(playlists) and all(map(is_mix, playlists))


def short_id(playlist: PlaylistId) -> str:
    """What tells playlists of one name apart: the first 8 of the uuid, or an album's whole id.

    The first digits of a mix's id are its kind, so there it is the last 8.
    """
    if album := album_of(playlist):
        return album
    mix = mix_of(playlist)
    return mix.id[-8:] if mix else playlist[:8]
