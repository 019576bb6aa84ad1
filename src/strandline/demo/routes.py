"""Which path is answered by what, and who may ask."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from strandline.demo import collection, favorites, playback
from strandline.demo.http import Answer, Request, refusal

if TYPE_CHECKING:
    from strandline.demo.account import Account
    from strandline.demo.logins import Logins

Route = Callable[..., Answer]

_API: tuple[tuple[str, Route], ...] = (
    ("/v1/sessions", collection.session),
    ("/v1/users/{id}", collection.user),
    ("/v1/users/{id}/subscription", collection.subscription),
    ("/v1/users/{id}/playlists", collection.user_playlists),
    ("/v1/users/{id}/playlistsAndFavoritePlaylists", collection.own_and_followed),
    ("/v1/users/{id}/favorites/tracks", favorites.tracks),
    ("/v1/users/{id}/favorites/albums", favorites.albums),
    ("/v1/pages/my_collection_my_mixes", favorites.my_mixes),
    ("/v2/favorites/mixes", favorites.saved_mixes),
    ("/v1/mixes/{uuid}/items", favorites.mix_items),
    ("/v2/my-collection/playlists/folders", collection.folders),
    ("/v1/playlists/{uuid}", collection.playlist),
    ("/v1/playlists/{uuid}/items", collection.playlist_items),
    ("/v1/playlists/{uuid}/tracks", collection.playlist_tracks),
    ("/v1/tracks/{id}", collection.track),
    ("/v1/tracks/{id}/playbackinfopostpaywall", playback.info),
    ("/v1/tracks/{id}/lyrics", playback.lyrics),
    ("/v1/tracks/{id}/urlpostpaywall", playback.url),
    ("/v2/tracks/{id}/relationships/replacement", collection.replacement),
    ("/v1/albums/{id}", collection.album),
    ("/v1/albums/{id}/tracks", collection.album_tracks),
    ("/v1/albums/{id}/items", collection.album_items),
)
_FILES: tuple[tuple[str, Route], ...] = (
    ("/mediatracks/{id}-{quality}/{name}", playback.audio),
    ("/images/{cover}/{id}x{id}.jpg", playback.image),
    ("/images/{cover}/origin.jpg", playback.image),
)
_PARTS = {
    "{id}": r"(\d{1,18})",
    "{uuid}": r"([^/]+)",
    "{quality}": r"([A-Z_]+)",
    "{name}": r"([^/]+)",
    "{cover}": r"([0-9a-f]{8}(?:/[0-9a-f]{4}){3}/[0-9a-f]{12})",
}


def _compiled(table: tuple[tuple[str, Route], ...]) -> list[tuple[re.Pattern[str], Route]]:
    return [(re.compile(_pattern(path)), route) for path, route in table]


def _pattern(path: str) -> str:
    return "".join(_PARTS.get(part) or re.escape(part) for part in re.split(r"(\{\w+\})", path))


_API_ROUTES = _compiled(_API)
_FILE_ROUTES = _compiled(_FILES)
_PRIVATE = re.compile(r"/v1/users/(\d{1,18})/")


def is_api(request: Request) -> bool:
    """Whether an access token belongs in this request; audio and pictures need none."""
    return request.path.startswith(("/v1/", "/v2/")) and "/oauth2/" not in request.path


def respond(account: Account, logins: Logins, request: Request) -> Answer:
    """What a healthy TIDAL answers."""
    if request.path == "/v1/oauth2/device_authorization" and request.method == "POST":
        return logins.link(request)
    if request.path == "/authorize" and request.method == "GET":
        return logins.page(request)
    if request.path == "/v1/oauth2/token" and request.method == "POST":
        return logins.token(request)
    if not is_api(request):
        return _routed(_FILE_ROUTES, account, request) or Answer(404)
    refused = logins.check(request.bearer)
    if refused is not None:
        return refused
    if request.method not in ("GET", "HEAD"):
        return refusal(405, 0, "The stand-in only reads")
    whose = _PRIVATE.match(request.path)
    if whose is not None and int(whose[1]) != account.user_id:
        return refusal(404, 2001, f"User [{whose[1]}] not found")
    with account.lock:
        return _remembered(account, request._replace(by_page=logins.is_pkce(request.bearer)))


def _remembered(account: Account, request: Request) -> Answer:
    if not account.still:
        return look_up(account, request)
    asked = (request.path, request.by_page, *sorted(request.query.items()))
    if asked not in account.answers:
        account.answers[asked] = look_up(account, request)
    return account.answers[asked]


def look_up(account: Account, request: Request) -> Answer:
    """What a healthy TIDAL answers about the account to one who may ask; its lock is held."""
    found = _routed(_API_ROUTES, account, request)
    return found or refusal(404, 2001, f"The requested resource {request.path} could not be found")


def _routed(
    routes: list[tuple[re.Pattern[str], Route]], account: Account, request: Request
) -> Answer | None:
    for pattern, route in routes:
        match = pattern.fullmatch(request.path)
        if match is not None:
            return route(account, request, *match.groups())
    return None
