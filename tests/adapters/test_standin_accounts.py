"""The stand-in's ready-made accounts: whole, alike each time, and readable by tidalapi."""

from __future__ import annotations

import requests
from tidalapi_side import logged_in

from strandline.demo.catalog import sample_account
from strandline.demo.large import large_account
from strandline.demo.server import StandIn


def test_sample_account_is_read_by_tidalapi_as_a_whole() -> None:
    with StandIn(sample_account()) as tidal, logged_in(tidal) as session:
        playlists = session.user.playlist_and_favorite_playlists()
        read = {playlist.name: len(playlist.items()) for playlist in playlists}

    wanted = {
        playlist.title: len(playlist.entries) for playlist in tidal.account.playlists.values()
    }
    assert read == wanted


def test_large_account_has_every_track_somewhere_and_none_twice_in_a_playlist() -> None:
    account = large_account(playlists=20, tracks=300, entries=1000)

    rows = [[track.id for track in playlist.tracks] for playlist in account.playlists.values()]

    assert sum(map(len, rows)) == 1000
    assert set().union(*rows) == set(account.tracks)
    assert all(len(set(row)) == len(row) for row in rows)


def test_accounts_made_alike_are_alike() -> None:
    one, other = sample_account(), sample_account()

    assert list(one.playlists) == list(other.playlists)
    assert list(one.tracks) == list(other.tracks)


def test_account_that_stands_still_answers_the_same_bytes(tidal: StandIn) -> None:
    playlist = tidal.account.playlist("Set", [tidal.account.track("One")])
    headers = {"Authorization": f"Bearer {tidal.logins.issue().access_token}"}
    url = f"{tidal.url}/v1/playlists/{playlist.uuid}/items"
    moving = requests.get(url, headers=headers, timeout=30)
    tidal.account.still = True

    still = [requests.get(url, headers=headers, timeout=30) for _ in range(2)]

    assert {answer.content for answer in still} == {moving.content}
