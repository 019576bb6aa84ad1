"""TIDAL's JSON into records, one odd field at a time: what is odd becomes None, not an error.

Strict are only the ids: a record is about a certain thing, or there is no record.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from strandline.core.favorites import short_id
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.keys import key_name
from strandline.core.names import is_visible
from strandline.core.remote import (
    ItemKind,
    Origin,
    RemoteItem,
    RemotePlaylist,
    RemoteTrack,
)

Json = dict[str, Any]

PICTURES = "https://resources.tidal.com/images"
_PLAYLIST_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_COVER_ID = re.compile(r"[0-9a-fA-F]{4,}(?:-[0-9a-fA-F]{4,})*")
_MAIN = "MAIN"
_MOST = 2**53
_FASTEST = 1000  # beats a minute
MOST_TRACKS = 50_000
"""Kept in case another playlist has them, too: some 50 MB."""


# ---------------------------------------------------------------- single values


def text(value: Any, most: int = 10_000) -> str | None:
    """A text that says something, stripped and no longer than its column."""
    return value.strip()[:most] or None if isinstance(value, str) else None


def name(value: Any, most: int = 500) -> str | None:
    """A text with something to see in it, as names must have; else None."""
    said = text(value, most)
    return said if said and is_visible(said) else None


def number(value: Any) -> int | None:
    """A whole number that any database can hold."""
    if value.__class__ is not int and value.__class__ is not float:
        return None
    return int(value) if -_MOST < value < _MOST else None


def flag(value: Any) -> bool | None:
    """True, False, or not said."""
    return value if isinstance(value, bool) else None


def date(value: Any) -> datetime | None:
    """``2025-08-22T08:51:30.955+0000``, ``…Z`` or ``2025-08-22`` as naive UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.removesuffix("+0000"))  # as nearly all of them end
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=4096)
def _day(value: str) -> datetime | None:
    """A date that many tracks share, such as a release's."""
    return date(value)


def shared_date(value: Any) -> datetime | None:
    """As ``date``, for those that come again and again."""
    return _day(value) if isinstance(value, str) else None


def picture(cover: Any, size: str) -> str | None:
    """The address of a cover or playlist picture, from its uuid."""
    return _picture(cover, size) if isinstance(cover, str) else None


@lru_cache(maxsize=4096)
def _picture(cover: str, size: str) -> str | None:
    if not _COVER_ID.fullmatch(cover):
        return None
    return f"{PICTURES}/{cover.replace('-', '/')}/{size}.jpg"


def part(document: Any, name: str) -> Json:
    """A nested object; an empty one where there is none."""
    value = document.get(name) if isinstance(document, dict) else None
    return value if isinstance(value, dict) else {}


# ---------------------------------------------------------------- tracks


def track(data: Json) -> RemoteTrack | None:
    """A track, None if it has no id. A placeholder keeps TIDAL's words and is marked as such.

    One that plays and has no title to read is "Untitled" with its id.
    """
    own_id = track_id(data.get("id"))
    if own_id is None:
        return None
    album, artists = part(data, "album"), _artists(data)
    artist = _main_artist(data, artists)
    title = name(data.get("title"))
    started = shared_date(data.get("streamStartDate"))
    released = shared_date(album.get("releaseDate"))
    reason = _unavailable(data, title, artist)
    first = released or started
    return RemoteTrack(
        tidal_id=TrackId(str(own_id)),
        title=title or ("Unavailable" if reason == "placeholder" else f"Untitled [{own_id}]"),
        artist=artist or "Unknown Artist",
        artists=tuple(one for one, _ in artists),
        album=text(album.get("title"), 500),
        album_artist=text(part(album, "artist").get("name"), 500),
        year=first.year if first else None,
        duration=number(data.get("duration")),
        isrc=text(data.get("isrc"), 20),
        track_number=number(data.get("trackNumber")),
        volume_number=number(data.get("volumeNumber")),
        explicit=flag(data.get("explicit")),
        popularity=number(data.get("popularity")),
        copyright=text(data.get("copyright")),
        tidal_release_date=started,
        audio_quality=text(data.get("audioQuality"), 50),
        audio_modes=_modes(data.get("audioModes")),
        version=text(data.get("version"), 200),
        album_upc=text(album.get("upc"), 50),
        album_release_date=released,
        album_cover_url=picture(album.get("cover"), "1280x1280"),
        available=reason is None,
        unavailable_reason=reason,
        media_tags=_tags(data),
        bpm=_tempo(data.get("bpm")),
        key=key_name(data.get("key"), data.get("keyScale")),
    )


def track_id(value: Any) -> int | None:
    """A positive number, be it written as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])
    plain = number(value)
    return plain if plain is not None and plain > 0 else None


def _tags(data: Json) -> str | None:
    """Empty where TIDAL says that there are none, None where it says nothing."""
    tags = part(data, "mediaMetadata").get("tags")
    if not isinstance(tags, list):
        return None
    return ", ".join(tag for tag in tags if isinstance(tag, str))[:200]


def _tempo(value: Any) -> float | None:
    """Beats a minute. TIDAL writes 0 for a tempo that it does not know."""
    if value.__class__ is not int and value.__class__ is not float:
        return None
    return float(value) if 0 < value < _FASTEST else None


def _artists(data: Json) -> list[tuple[str, Any]]:
    found = data.get("artists")
    people = found if isinstance(found, list) else []
    return [
        (called, one.get("type"))
        for one in people
        if isinstance(one, dict) and (called := name(one.get("name")))
    ]


def main_artist(data: Json) -> str | None:
    """The main artists' names, joined; None where none can be read."""
    return _main_artist(data, _artists(data))


def _main_artist(data: Json, artists: list[tuple[str, Any]]) -> str | None:
    main = [one for one, kind in artists if kind == _MAIN] or [one for one, _ in artists]
    credit = ", ".join(main) or name(part(data, "artist").get("name"))
    return credit[:500] if credit else None


def _modes(value: Any) -> str | None:
    modes = [mode for mode in value if isinstance(mode, str)] if isinstance(value, list) else []
    return ", ".join(modes)[:100] or None


def _unavailable(data: Json, title: str | None, artist: str | None) -> str | None:
    streams = data.get("allowStreaming") is not False and data.get("streamReady") is not False
    stand_in = title is not None and title.casefold() == "unavailable"
    unknown = artist is None or artist.casefold() == "unknown artist"
    if (stand_in and unknown) or (not streams and (title is None or stand_in or unknown)):
        return "placeholder"
    if data.get("allowStreaming") is False:
        return "not_allowed"
    return None if streams else "not_ready"


# ---------------------------------------------------------------- items


class Items:
    """Reads the positions of playlists; a track that comes again is read only once."""

    def __init__(self) -> None:
        self._tracks: dict[Any, RemoteTrack | None] = {}

    def read(self, wrapped: Any, position: int) -> RemoteItem:
        """One position. What cannot be read is UNKNOWN, and still holds its place."""
        data = part(wrapped, "item")
        kind = wrapped["type"] if data and "type" in wrapped else None
        uuid, added = text(data.get("itemUuid"), 64), date(data.get("dateAdded"))
        if kind == "track" and (read := self._track(data)) is not None:
            return RemoteItem(position, uuid, added, ItemKind.TRACK, read)
        what = ItemKind.VIDEO if kind == "video" else ItemKind.UNKNOWN
        return RemoteItem(position, uuid, added, what)

    def _track(self, data: Json) -> RemoteTrack | None:
        """By what makes two answers about one track differ within a minute, if anything does."""
        told = data.get("id"), data.get("title"), data.get("allowStreaming")
        try:
            known = self._tracks.get(told)
        except TypeError:  # an id that is a list, say
            return track(data)
        if known is None:
            if len(self._tracks) >= MOST_TRACKS:
                self._tracks.clear()
            known = self._tracks[told] = track(data)
        return known


# ---------------------------------------------------------------- playlists


def playlist_id(data: Json) -> PlaylistId | None:
    """The uuid. None for a mix, whose id has another form."""
    uuid = data.get("uuid")
    return PlaylistId(uuid) if isinstance(uuid, str) and _PLAYLIST_ID.fullmatch(uuid) else None


def playlist(
    data: Json, user_id: str, *, origin: Origin | None = None, folder: str | None = None
) -> RemotePlaylist | None:
    """A playlist's header, None when it has no proper id, as mixes have.

    One whose name holds nothing to read is "Untitled" with the first 8 of its uuid.
    """
    uuid = playlist_id(data)
    if uuid is None:
        return None
    creator = part(data, "creator")
    return RemotePlaylist(
        tidal_id=uuid,
        name=name(data.get("title")) or f"Untitled [{short_id(uuid)}]",
        origin=origin or _origin(data, creator, user_id),
        description=text(data.get("description")),
        creator_name=text(creator.get("name"), 200),
        creator_id=_id(creator.get("id")),
        duration=number(data.get("duration")),
        num_tracks=max(number(data.get("numberOfTracks")) or 0, 0),
        num_videos=max(number(data.get("numberOfVideos")) or 0, 0),
        popularity=number(data.get("popularity")),
        public=flag(data.get("publicPlaylist")),
        picture_url=picture(data.get("image"), "1080x720"),
        square_picture_url=picture(data.get("squareImage"), "1080x1080"),
        created=date(data.get("created")),
        last_updated=date(data.get("lastUpdated")),
        last_item_added_at=date(data.get("lastItemAddedAt")),
        share_url=f"https://tidal.com/browse/playlist/{uuid}",
        listen_url=f"https://listen.tidal.com/playlist/{uuid}",
        folder=folder,
    )


def _origin(data: Json, creator: Json, user_id: str) -> Origin:
    """By its creator; without one, a user's playlist in the own collection counts as own."""
    creator_id = _id(creator.get("id"))
    own = data.get("type") in (None, "USER") if creator_id is None else creator_id == user_id
    return Origin.OWN if own else Origin.FOLLOWED


def _id(value: Any) -> str | None:
    plain = number(value)
    return str(plain) if plain is not None else text(value, 100)
