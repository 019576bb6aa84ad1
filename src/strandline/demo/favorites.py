"""The stand-in's answers about favourite tracks and albums, and about mixes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from strandline.demo import shapes
from strandline.demo.collection import cursor, missing, number, page, position
from strandline.demo.http import Answer, Request, json_answer, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from strandline.demo.account import Account
    from strandline.demo.model import Album, Track
    from strandline.demo.shapes import Json

T = TypeVar("T")


def tracks(account: Account, request: Request, _user_id: str) -> Answer:
    """The tracks with the user's heart."""
    return page(request, _ordered(request, account.favorite_tracks), _track)


def albums(account: Account, request: Request, _user_id: str) -> Answer:
    """The albums with the user's heart."""

    def shape(heart: tuple[Album, datetime]) -> Json:
        album, when = heart
        on_it = [one for one in account.tracks.values() if one.album is album]
        return {"created": shapes.date(when), "item": shapes.album(album, on_it)}

    return page(request, _ordered(request, account.favorite_albums), shape)


def _ordered(request: Request, hearts: Sequence[tuple[T, datetime]]) -> list[tuple[T, datetime]]:
    """By the date when that is asked for; else nobody knows how, so the oldest in the middle."""
    if request.query.get("order") != "DATE":
        return [*hearts[1::2], *hearts[::2]]
    newest = request.query.get("orderDirection", "DESC") == "DESC"
    return sorted(hearts, key=lambda heart: heart[1], reverse=newest)


def _track(heart: tuple[Track, datetime]) -> Json:
    return {"created": shapes.date(heart[1]), "item": shapes.track(heart[0])}


# ---------------------------------------------------------------- mixes


def my_mixes(account: Account, request: Request) -> Answer:
    """A page for a browser, in rows of modules; it lacks what was only saved."""
    if "deviceType" not in request.query:
        return refusal(400, 1002, "Parameter deviceType is missing")
    made = [shapes.made_mix(mix) for mix in account.mixes.values() if mix.made]
    listed = {"limit": 50, "offset": 0, "totalNumberOfItems": len(made), "items": made}
    module = {"type": "MIX_LIST", "title": "", "supportsPaging": False, "pagedList": listed}
    header = {"type": "TEXT_BLOCK", "text": "Made for you"}
    rows = [{"modules": [header]}, {"modules": [module]}]
    return json_answer({"id": "my_collection_my_mixes", "title": "My Mix", "rows": rows})


def saved_mixes(account: Account, request: Request) -> Answer:
    """The mixes in the collection, oldest first: by cursor, at most 50 a page, without a total."""
    limit, start = number(request, "limit", 50), position(request.query.get("cursor"))
    if limit is None or not 1 <= limit <= 50 or start is None:
        return refusal(400, 1002, "Invalid limit or cursor")
    saved = [mix for mix in account.mixes.values() if mix.saved is not None]
    upto = start + limit
    return json_answer(
        {
            "cursor": cursor(upto) if upto < len(saved) else None,
            "lastModifiedAt": shapes.date(account.collection_changed),
            "items": [shapes.saved_mix(mix) for mix in saved[start:upto]],
        }
    )


def mix_items(account: Account, request: Request, mix_id: str) -> Answer:
    """What a mix holds now, at most 100 a page."""
    mix = account.mixes.get(mix_id)
    if mix is None:
        return missing("Mix", mix_id)
    return page(request, mix.tracks, shapes.in_list, most=100)
