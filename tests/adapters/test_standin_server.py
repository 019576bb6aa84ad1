"""The stand-in as a server: many at once, an orderly end, refusals in the API's words."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import pytest
import requests
from bare_client import Client
from tidal_side import ITEMS

from strandline.demo.model import Playlist
from strandline.demo.server import StandIn


def test_many_connections_at_once(tidal: StandIn, playlist: Playlist) -> None:
    token = tidal.logins.issue().access_token
    seen: list[int] = []

    def read() -> None:
        with requests.Session() as http:
            http.headers["Authorization"] = f"Bearer {token}"
            for _ in range(5):
                url = f"{tidal.url}/v1/playlists/{playlist.uuid}/items"
                seen.append(http.get(url, timeout=30).status_code)

    threads = [threading.Thread(target=read) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [200] * 80
    assert len(tidal.asked(ITEMS, method="GET")) == 80


def test_stopping_frees_the_port_and_ends_open_connections() -> None:
    with StandIn() as tidal:
        idle = socket.create_connection(("127.0.0.1", int(tidal.url.rpartition(":")[2])))
    with idle:
        assert idle.recv(1) == b""
    with pytest.raises(requests.ConnectionError):
        requests.get(tidal.url, timeout=1)


def test_stopping_twice_or_before_the_start_is_no_error() -> None:
    never_started = StandIn()
    never_started.stop()
    with StandIn() as tidal:
        tidal.stop()


def test_runs_by_itself_with_the_sample_account() -> None:
    command = [sys.executable, "-m", "strandline.demo.server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        code = requests.post(f"{url}/v1/oauth2/device_authorization", timeout=30).json()
        process.terminate()

    assert code["verificationUriComplete"].endswith(code["userCode"])


@pytest.mark.parametrize(
    ("path", "status", "sub_status"),
    [
        ("/v1/playlists/none", 404, 2001),
        ("/v1/playlists/none/items", 404, 2001),
        ("/v1/playlists/none/tracks", 404, 2001),
        ("/v1/tracks/1", 404, 2001),
        ("/v1/tracks/1/playbackinfopostpaywall", 404, 2001),
        ("/v1/tracks/1/urlpostpaywall", 401, 4005),
        ("/v1/albums/1", 404, 2001),
        ("/v1/albums/1/tracks", 404, 2001),
        ("/v1/users/1001/playlists?limit=many", 400, 1002),
        ("/v1/nothing/here", 404, 2001),
    ],
)
def test_what_is_not_there_is_refused_in_words_of_the_api(
    client: Client, path: str, status: int, sub_status: int
) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.json()["subStatus"]) == (status, sub_status)
    assert answer.json()["userMessage"]


def test_quality_that_does_not_exist_is_refused(tidal: StandIn, client: Client) -> None:
    track = tidal.account.track("Low Water")

    path = f"/v1/tracks/{track.id}/playbackinfopostpaywall?audioquality=VINYL"
    assert client.get(path).status_code == 400


def test_the_stand_in_changes_nothing_over_http(client: Client) -> None:
    answer = client.http.delete(f"{client.tidal.url}/v1/playlists/any", timeout=30)

    assert answer.status_code == 405
