"""Faults of the stand-in's pages: short, doubled, shifted, without an end."""

from __future__ import annotations

import pytest
from bare_client import Client, titles
from tidal_side import FOLDERS, ITEMS

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.model import Playlist
from strandline.demo.server import StandIn


@pytest.mark.parametrize(
    ("effect", "seen", "total"),
    [
        (effects.short_page(), "abcde", 6),
        (effects.short_page(4), "ab", 6),
        (effects.doubled_page(), "abcdefabcdef", 6),
        (effects.empty_list(), "", 0),
        (effects.empty_list(total=6), "", 6),
        (effects.total(5000), "abcdef", 5000),
        (effects.total(None), "abcdef", None),
    ],
)
def test_page_that_is_not_what_it_should_be(
    tidal: StandIn,
    client: Client,
    playlist: Playlist,
    effect: Effect,
    seen: str,
    total: int | None,
) -> None:
    tidal.faults.on(ITEMS, effect)

    page = client.items(playlist)

    assert (titles(page), page.json()["totalNumberOfItems"]) == (seen, total)
    assert page.headers["ETag"] == playlist.etag


def test_page_of_nulls(tidal: StandIn, client: Client, playlist: Playlist) -> None:
    tidal.faults.on(ITEMS, effects.null_items())

    assert client.items(playlist).json()["items"] == [None] * 6


def test_list_changes_between_two_pages(tidal: StandIn, client: Client, playlist: Playlist) -> None:
    tidal.faults.on(ITEMS, nth=2, before=lambda: tidal.account.remove(playlist, 0))

    pages = [client.items(playlist, offset=at, limit=3) for at in (0, 3)]

    assert [titles(page) for page in pages] == ["abc", "ef"]
    assert len({page.headers["ETag"] for page in pages}) == 2


def test_server_that_ignores_the_offset(tidal: StandIn, client: Client, playlist: Playlist) -> None:
    tidal.faults.on(ITEMS, ask=effects.first_page, times=None)

    assert titles(client.items(playlist, offset=3, limit=3)) == "abc"


def test_cursor_that_leads_nowhere_else(tidal: StandIn, client: Client) -> None:
    for number in range(60):
        tidal.account.playlist(f"Crate {number}")
    tidal.faults.on(FOLDERS, effects.endless_cursor(), times=None)

    first = client.get(f"{FOLDERS}?limit=50").json()
    second = client.get(f"{FOLDERS}?limit=50", params={"cursor": first["cursor"]}).json()

    assert first["cursor"] == second["cursor"] is not None
    assert first["items"] == second["items"]


def test_token_expires_between_two_pages(
    tidal: StandIn, client: Client, playlist: Playlist
) -> None:
    tidal.faults.on(ITEMS, nth=2, before=tidal.logins.expire)

    assert client.items(playlist).ok
    assert client.items(playlist, offset=3).json()["subStatus"] == 11003


def test_login_of_somebody_else(tidal: StandIn, client: Client) -> None:
    tidal.faults.on("/v1/sessions", effects.other_user(2002))

    assert client.get("/v1/sessions").json()["userId"] == 2002
    assert "username" not in client.get("/v1/users/2002").json()
    assert client.get("/v1/users/2002/playlists").status_code == 404
