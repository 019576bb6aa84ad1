"""Each fault of the stand-in does what it says, and only when it is due."""

from __future__ import annotations

import json
import time

import pytest
import requests
from bare_client import Client, titles
from tidal_side import AUDIO, ITEMS

from strandline.demo import effects
from strandline.demo.model import Playlist
from strandline.demo.server import StandIn

BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


def test_fault_hits_from_the_nth_request_so_many_times(
    tidal: StandIn, client: Client, playlist: Playlist
) -> None:
    fault = tidal.faults.on(ITEMS, effects.status(503), nth=2, times=2)

    assert [client.items(playlist).status_code for _ in range(5)] == [200, 503, 503, 200, 200]
    assert (fault.seen, fault.hits) == (5, 2)


def test_fault_for_ever_ends_when_cleared(
    tidal: StandIn, client: Client, playlist: Playlist
) -> None:
    tidal.faults.on(ITEMS, effects.status(500), times=None)
    assert [client.items(playlist).status_code for _ in range(3)] == [500] * 3

    tidal.faults.clear()
    assert client.items(playlist).ok


def test_fault_is_about_its_method_path_and_query_only(
    tidal: StandIn, client: Client, playlist: Playlist
) -> None:
    tidal.faults.on(ITEMS, effects.status(500), method="POST", times=None)
    tidal.faults.on("/v1/playlists/*", effects.status(500), times=None)
    tidal.faults.on(ITEMS, effects.status(502), query={"offset": "2"}, times=None)

    assert client.items(playlist).ok
    assert client.items(playlist, offset=2).status_code == 502
    assert client.get(f"/v1/playlists/{playlist.uuid}").status_code == 500


def test_two_faults_on_one_answer_both_show(
    tidal: StandIn, client: Client, playlist: Playlist
) -> None:
    tidal.faults.on(ITEMS, effects.short_page(2))
    tidal.faults.on("/v1/**", effects.total(7), times=None)

    page = client.items(playlist)

    assert (titles(page), page.json()["totalNumberOfItems"]) == ("abcd", 7)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 412, 500, 502, 503])
@pytest.mark.parametrize("body", ["json", "html", "empty"])
def test_status_with_any_body(
    tidal: StandIn, client: Client, playlist: Playlist, code: int, body: str
) -> None:
    tidal.faults.on(ITEMS, effects.status(code, body, sub_status=9))

    answer = client.items(playlist)

    assert answer.status_code == code
    if body == "json":
        assert (answer.json()["status"], answer.json()["subStatus"]) == (code, 9)
    else:
        assert answer.text.startswith("<!DOCTYPE" if body == "html" else "")


@pytest.mark.parametrize(
    "wait", [None, 3, "Fri, 31 Dec 2027 23:59:59 GMT", "-1", "99999999999", "soon"]
)
def test_too_many_requests(
    tidal: StandIn, client: Client, playlist: Playlist, wait: int | str | None
) -> None:
    tidal.faults.on(ITEMS, effects.too_many(wait))

    answer = client.items(playlist)

    assert answer.status_code == 429
    assert answer.headers.get("Retry-After") == (None if wait is None else str(wait))


def test_redirect_leads_away(tidal: StandIn, client: Client, playlist: Playlist) -> None:
    with StandIn() as elsewhere:
        tidal.faults.on(ITEMS, effects.redirect(f"{elsewhere.url}/v1/sessions"))
        client.items(playlist)

        assert [request.path for request in elsewhere.requests] == ["/v1/sessions"]


def test_login_page_and_nothing_at_all(tidal: StandIn, client: Client, playlist: Playlist) -> None:
    tidal.faults.on(ITEMS, effects.html())
    tidal.faults.on(ITEMS, effects.empty_body(), nth=2)

    page, nothing = client.items(playlist), client.items(playlist)

    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html")
    assert (nothing.status_code, nothing.content) == (200, b"")


def test_connection_is_reset_in_the_middle(
    tidal: StandIn, client: Client, playlist: Playlist
) -> None:
    whole = len(client.items(playlist).content)
    tidal.faults.on(ITEMS, effects.reset())
    tidal.faults.on(ITEMS, effects.reset(after=0), nth=2)
    got = bytearray()

    answer = client.get(f"/v1/playlists/{playlist.uuid}/items?limit=100", stream=True)
    with answer, pytest.raises(BROKEN):
        got.extend(byte for part in answer.iter_content(1) for byte in part)
    with pytest.raises(BROKEN):
        client.items(playlist)

    assert int(answer.headers["Content-Length"]) == whole
    assert len(got) < whole
    assert client.items(playlist).ok


@pytest.mark.parametrize("by", [10, -10])
def test_content_length_lies(tidal: StandIn, client: Client, by: int) -> None:
    track = tidal.account.track("Low Water")
    tidal.faults.on(AUDIO, effects.wrong_length(by))
    url = f"/mediatracks/{track.id}-LOSSLESS/0.flac"

    if by > 0:
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            client.get(url)
    else:
        assert len(client.get(url).content) == len(client.get(url).content) + by


def test_stalled_request_waits_for_the_end_of_the_stand_in() -> None:
    with StandIn() as tidal, requests.Session() as http:
        client = Client(tidal, http)
        tidal.faults.on("/v1/sessions", effects.stall())
        tidal.faults.on("/v1/sessions", effects.stall(after=0.5), nth=2)
        with pytest.raises(requests.ReadTimeout):
            client.get("/v1/sessions", timeout=0.05)
        with pytest.raises((*BROKEN, requests.ReadTimeout)):
            client.get("/v1/sessions", timeout=0.05)
        start = time.monotonic()

    assert time.monotonic() - start < 10


def test_answers_too_large_and_too_deep(tidal: StandIn, client: Client, playlist: Playlist) -> None:
    tidal.faults.on(ITEMS, effects.huge(3_000_000))
    tidal.faults.on(ITEMS, effects.deep(200_000), nth=2)

    assert len(client.items(playlist).content) == 3_000_000
    with pytest.raises(RecursionError):
        json.loads(client.items(playlist).content)
