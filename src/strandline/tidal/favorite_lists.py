"""The favourite tracks, favourite albums and mixes of an account, as far as they are wanted.

What was listed before and is not listed now is gone only when a second reading, after a rest,
lacks it as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from strandline.core.favorites import (
    FAVORITE_TRACKS,
    FAVORITE_TRACKS_NAME,
    FavoriteSettings,
    album_of,
    album_playlist,
    is_mix,
    mix_of,
    mix_playlist,
)
from strandline.core.ids import PlaylistId
from strandline.core.remote import KnownPlaylist, Origin, RemotePlaylist
from strandline.errors import TidalAnswerError, UnreachableError
from strandline.tidal import parse
from strandline.tidal.client import TidalClient
from strandline.tidal.favorites import NEWEST_FIRST, favorite_tracks_path
from strandline.tidal.pages import (
    LISTS_PAGE,
    MOST_PAGES,
    PAGES_AHEAD,
    announced,
    items_of,
    mismatch,
    read_pages,
)

MY_MIXES, SAVED_MIXES = "pages/my_collection_my_mixes", "favorites/mixes"
_UNREADABLE = "it holds an entry that cannot be read"

Known = Mapping[PlaylistId, KnownPlaylist]


@dataclass
class Favorites:
    """The playlists there are. With ``reasons`` some may be lacking."""

    playlists: dict[PlaylistId, RemotePlaylist] = field(default_factory=dict)
    kept: set[PlaylistId] = field(default_factory=set)
    """Known ones that stay although they are not listed, or were not asked for."""
    reasons: list[str] = field(default_factory=list)

    @property
    def ids(self) -> set[PlaylistId]:
        """Every one that may still be there."""
        return self.playlists.keys() | self.kept


def list_favorites(
    client: TidalClient, user_id: str, known: Known, wishes: FavoriteSettings, now: datetime
) -> Favorites:
    """What of them is wanted; nothing is asked about what is not, and that stays as it is known.

    LoginError and InterruptedRunError; any other error is among the reasons.
    """
    found = Favorites(kept={id for id in known if wishes.leave_out(id)})
    lists: list[tuple[bool, str, Callable[[], Iterator[RemotePlaylist]], _Kind]] = [
        (wishes.tracks, "favourite tracks", lambda: _tracks(client, user_id), _is_tracks),
        (wishes.albums, "favourite albums", lambda: _albums(client, user_id), _is_album),
        (wishes.mixes != "off", "mixes", lambda: _mixes(client, wishes, now), is_mix),
    ]
    for wanted, what, read, kind in lists:
        if wanted:
            mine = {id: old for id, old in known.items() if kind(id) and id not in found.kept}
            _add(client, found, what, read, mine)
    if wishes.mixes in ("dated", "collect"):  # what was once in these never goes
        found.kept |= {id for id in known if is_mix(id)} - found.playlists.keys()
    return found


_Kind = Callable[[PlaylistId], bool]


def _is_tracks(id: PlaylistId) -> bool:
    return id == FAVORITE_TRACKS


def _is_album(id: PlaylistId) -> bool:
    return album_of(id) is not None


def _add(
    client: TidalClient,
    found: Favorites,
    what: str,
    read: Callable[[], Iterator[RemotePlaylist]],
    known: Known,
) -> None:
    """One list into ``found``: twice where it lacks something that is known."""
    try:
        for reading in range(2):
            if reading:
                client.http.rest(reading)
            for playlist in read():
                found.playlists.setdefault(playlist.tidal_id, playlist)
            if known.keys() <= found.playlists.keys():
                break
    except UnreachableError as error:
        found.reasons.append(f"your {what} could not be read: {error.message}")
        found.kept |= known.keys() - found.playlists.keys()


def _tracks(client: TidalClient, user_id: str) -> Iterator[RemotePlaylist]:
    """By the newest alone: as long as that and their number are the same, nothing was added."""
    path, params = favorite_tracks_path(user_id), {**NEWEST_FIRST, "limit": 1}
    page = client.get(path, params, what="your favourite tracks")
    newest = [parse.date(it.get("created")) for it in items_of(page) if isinstance(it, dict)]
    yield RemotePlaylist(
        FAVORITE_TRACKS,
        FAVORITE_TRACKS_NAME,
        Origin.FAVORITES,
        num_tracks=announced(page),
        last_updated=newest[0] if newest else None,
        share_url="https://tidal.com/my-collection/tracks",
    )


# ---------------------------------------------------------------- albums


def _albums(client: TidalClient, user_id: str) -> Iterator[RemotePlaylist]:
    with ThreadPoolExecutor(PAGES_AHEAD, "tidal") as ahead:
        pages = read_pages(
            client,
            f"users/{user_id}/favorites/albums",
            limit=LISTS_PAGE,
            what="your favourite albums",
            ahead=ahead,
            more=NEWEST_FIRST,
        )
    for wrapped in pages.items:
        album = _album(parse.part(wrapped, "item"))
        if album is None:
            raise TidalAnswerError(_UNREADABLE)
        yield album
    if pages.incomplete:
        raise TidalAnswerError(pages.incomplete)


def _album(data: dict[str, Any]) -> RemotePlaylist | None:
    """The header, with the artist in its name; None for what has no proper id."""
    id = parse.track_id(data.get("id"))
    if id is None:
        return None
    title = parse.name(data.get("title")) or f"Untitled [{id}]"
    version = parse.name(data.get("version"))
    if version and version.casefold() not in title.casefold():
        title = f"{title} ({version})"
    artist = parse.main_artist(data)
    released = parse.shared_date(data.get("releaseDate"))
    return RemotePlaylist(
        album_playlist(str(id)),
        f"{artist} - {title}" if artist else title,
        Origin.FAVORITES,
        creator_name=artist,
        duration=parse.number(data.get("duration")),
        num_tracks=max(parse.number(data.get("numberOfTracks")) or 0, 0),
        num_videos=max(parse.number(data.get("numberOfVideos")) or 0, 0),
        picture_url=parse.picture(data.get("cover"), "1280x1280"),
        created=released,
        share_url=f"https://tidal.com/browse/album/{id}",
    )


# ---------------------------------------------------------------- mixes


def _mix(data: Any) -> RemotePlaylist | None:
    """The header; None for what has no proper id."""
    id = data.get("id") if isinstance(data, dict) else None
    if not isinstance(id, str) or mix_of(mix_playlist(id)) is None:
        return None
    return RemotePlaylist(
        mix_playlist(id),
        parse.name(data.get("title")) or f"Untitled mix [{id[-8:]}]",
        Origin.FAVORITES,
        description=parse.text(data.get("subTitle")),
        last_updated=parse.date(data.get("updated")),
        share_url=f"https://tidal.com/browse/mix/{id}",
    )


def _mixes(
    client: TidalClient, wishes: FavoriteSettings, now: datetime
) -> Iterator[RemotePlaylist]:
    """Those TIDAL makes for the account, then those that were saved; videos are left out."""
    today = _day(now) if wishes.mixes == "dated" else None
    for data in (*_made(client), *_saved(client)):
        mix = _mix(data)
        if mix is None:
            raise TidalAnswerError(_UNREADABLE)
        if "VIDEO" not in str(data.get("mixType")):
            yield replace(mix, **_named(mix, today)) if today else mix


def _named(mix: RemotePlaylist, today: date) -> dict[str, Any]:
    known = mix_of(mix.tidal_id)
    assert known
    return {"tidal_id": mix_playlist(known.id, today), "name": f"{mix.name} {today.isoformat()}"}


def _day(now: datetime) -> date:
    """The person's own day; ``now`` is naive UTC."""
    return now.replace(tzinfo=UTC).astimezone().date()


def _made(client: TidalClient) -> Iterator[Any]:
    """A page for browsers: rows of modules, of which one lists mixes."""
    page = client.get(MY_MIXES, {"deviceType": "BROWSER"}, what="your mixes")
    for row in _list(page.document, "rows"):
        for module in _list(row, "modules"):
            listed = parse.part(module, "pagedList")
            if not isinstance(module, dict) or module.get("type") != "MIX_LIST":
                continue
            items = _list(listed, "items")
            yield from items
            total = listed.get("totalNumberOfItems")
            if isinstance(total, int) and (reason := mismatch(total, len(items))):
                raise TidalAnswerError(reason)


def _saved(client: TidalClient) -> Iterator[Any]:
    """A list by cursor, without a total."""
    cursor, cursors = None, set()
    for _ in range(MOST_PAGES):
        params: dict[str, str | int] = {"limit": LISTS_PAGE}
        if cursor:
            params["cursor"] = cursor
        page = client.get(SAVED_MIXES, params, what="your saved mixes", v2=True)
        yield from items_of(page)
        cursor = page.document.get("cursor")
        if not cursor or not isinstance(cursor, str):
            return
        if cursor in cursors:
            raise TidalAnswerError("TIDAL's list goes round in circles")
        cursors.add(cursor)


def _list(data: Any, key: str) -> list[Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []
