"""The stand-in's answers about users, playlists, folders, tracks and albums."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, TypeVar

from strandline.demo import shapes
from strandline.demo.http import Answer, Request, json_answer, refusal
from strandline.demo.model import Availability, Folder, Playlist, Track

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from strandline.demo.account import Account
    from strandline.demo.shapes import Json

_MANY = 10_000

T = TypeVar("T")


# ---------------------------------------------------------------- the user


def session(account: Account, _request: Request) -> Answer:
    """Who the token belongs to."""
    return json_answer(
        {
            "sessionId": "5f0c2a3e-6b0f-4f52-8a57-7f2f3f1d9c11",
            "userId": account.user_id,
            "countryCode": account.country,
            "channelId": 160,
            "partnerId": 1,
            "client": {"id": 1, "name": "stand-in", "authorizedForOffline": False},
        }
    )


def user(account: Account, _request: Request, user_id: str) -> Answer:
    """A profile; only one's own has an e-mail address."""
    public = {"id": int(user_id), "firstName": "Dee", "lastName": "Jay", "picture": None}
    if int(user_id) != account.user_id:
        return json_answer(public)
    own = {"username": account.username, "email": account.username}
    return json_answer(public | own | {"countryCode": account.country})


def subscription(account: Account, _request: Request, _user_id: str) -> Answer:
    """What the user pays for."""
    return json_answer(
        {
            "startDate": "2023-01-01T00:00:00.000+0000",
            "validUntil": "2099-01-01T00:00:00.000+0000",
            "status": "ACTIVE",
            "subscription": {"type": "HIFI", "offlineGracePeriod": 30},
            "highestSoundQuality": account.highest_quality.value,
            "premiumAccess": True,
            "canGetTrial": False,
        }
    )


def user_playlists(account: Account, request: Request, _user_id: str) -> Answer:
    """The playlists the user made."""
    own = [p for p in account.playlists.values() if p.creator_id == account.user_id]
    return page(request, own, shapes.playlist)


def own_and_followed(account: Account, request: Request, _user_id: str) -> Answer:
    """The playlists the user made and follows, 50 a page."""
    newest = sorted(_collected(account), key=lambda p: p.collected or p.created, reverse=True)
    return page(request, newest, lambda p: shapes.collected(p, account), most=50)


def folders(account: Account, request: Request) -> Answer:
    """One folder's playlists and folders: pages of 50 by cursor; ``offset`` means nothing here."""
    limit, start = number(request, "limit", 50), position(request.query.get("cursor"))
    if limit is None or not 1 <= limit <= 50 or start is None:
        return refusal(400, 1002, "Invalid limit or cursor")
    inside = _in_folder(account, request.query)
    upto = start + limit
    return json_answer(
        {
            "lastModifiedAt": shapes.date(account.collection_changed),
            "items": [shapes.in_collection(what, account) for what in inside[start:upto]],
            "totalNumberOfItems": len(inside),
            "cursor": cursor(upto) if upto < len(inside) else None,
        }
    )


def _in_folder(account: Account, query: dict[str, str]) -> list[Playlist | Folder]:
    folder, only = query.get("folderId", "root"), query.get("includeOnly", "")
    found: list[Playlist | Folder] = []
    if only != "PLAYLIST":
        found += [f for f in account.folders.values() if f.parent == folder]
    if only != "FOLDER":
        found += [p for p in _collected(account) if p.folder == folder]
    if query.get("order") == "NAME":
        found.sort(key=lambda what: what.name if isinstance(what, Folder) else what.title)
    if query.get("orderDirection") == "DESC":
        found.reverse()
    return found


def _collected(account: Account) -> list[Playlist]:
    return [p for p in account.playlists.values() if p.collected is not None]


def cursor(position: int) -> str:
    """What leads to the page that begins there."""
    return base64.b64encode(str(position).encode()).decode()


def position(cursor: str | None) -> int | None:
    """Where a cursor points to; None for one that was never given out."""
    if cursor is None:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True))
    except (binascii.Error, ValueError):
        return None


# ---------------------------------------------------------------- playlists


def playlist(account: Account, _request: Request, uuid: str) -> Answer:
    """A playlist without its items."""
    found = account.playlists.get(uuid)
    if found is None:
        return missing("Playlist", uuid)
    return json_answer(shapes.playlist(found), etag=found.etag)


def playlist_items(account: Account, request: Request, uuid: str) -> Answer:
    """Tracks and videos, at most 100 a page."""
    found = account.playlists.get(uuid)
    if found is None:
        return missing("Playlist", uuid)
    return page(request, found.entries, shapes.item, most=100, etag=found.etag)


def playlist_tracks(account: Account, request: Request, uuid: str) -> Answer:
    """Tracks only, bare, as many a page as one asks for."""
    found = account.playlists.get(uuid)
    if found is None:
        return missing("Playlist", uuid)
    tracks = [entry for entry in found.entries if isinstance(entry.item, Track)]
    return page(request, tracks, shapes.entry, etag=found.etag)


# ---------------------------------------------------------------- tracks and albums


def track(account: Account, _request: Request, track_id: str) -> Answer:
    """A track by its id."""
    found = account.tracks.get(int(track_id))
    if found is None or found.availability is Availability.GONE:
        return missing("Track", track_id)
    return json_answer(shapes.track(found))


def replacement(account: Account, request: Request, track_id: str) -> Answer:
    """What TIDAL put in the place of a track, in the form of its public API."""
    if "countryCode" not in request.query:
        return refusal(400, 1002, "countryCode is missing")
    new = account.replacements.get(int(track_id))
    data = None if new is None else {"id": str(new), "type": "tracks"}
    links = {"self": f"/tracks/{track_id}/relationships/replacement"}
    return json_answer({"data": data, "links": links})


def album(account: Account, _request: Request, album_id: str) -> Answer:
    """An album by its id."""
    found = account.albums.get(int(album_id))
    if found is None:
        return missing("Album", album_id)
    return json_answer(shapes.album(found, _on_album(account, found.id)))


def album_tracks(account: Account, request: Request, album_id: str) -> Answer:
    """An album's tracks in order."""
    if int(album_id) not in account.albums:
        return missing("Album", album_id)
    return page(request, _on_album(account, int(album_id)), shapes.track)


def album_items(account: Account, request: Request, album_id: str) -> Answer:
    """The same in the form of a playlist's items, at most 100 a page."""
    if int(album_id) not in account.albums:
        return missing("Album", album_id)
    tracks = _on_album(account, int(album_id))
    return page(request, tracks, shapes.in_list, most=100)


def _on_album(account: Account, album_id: int) -> list[Track]:
    tracks = [t for t in account.tracks.values() if t.album is not None and t.album.id == album_id]
    return sorted(tracks, key=lambda t: (t.volume, t.number))


# ---------------------------------------------------------------- pages


def page(
    request: Request,
    things: Sequence[T],
    shape: Callable[[T], Json],
    *,
    most: int = _MANY,
    etag: str | None = None,
) -> Answer:
    """One page of a list, by ``limit`` and ``offset``."""
    limit, offset = number(request, "limit", 10), number(request, "offset", 0)
    if limit is None or offset is None:
        return refusal(400, 1002, "limit and offset must be numbers")
    if limit > most:
        return refusal(400, 1002, f"Too big page, max page size is [{most}]")
    document = {
        "limit": limit,
        "offset": offset,
        "totalNumberOfItems": len(things),
        "items": [shape(thing) for thing in things[offset : offset + limit]],
    }
    return json_answer(document, etag=etag)


def number(request: Request, name: str, default: int) -> int | None:
    """A parameter that must be a number from 0 on; None if it is not."""
    text = request.query.get(name, "")
    if not text:
        return default
    return int(text) if text.isascii() and text.isdigit() else None


def missing(what: str, key: str) -> Answer:
    """404, as v1 words it."""
    return refusal(404, 2001, f"{what} [{key}] not found")
