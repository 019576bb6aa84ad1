"""Each fault of the stand-in does what it says, and only when it is due."""

from __future__ import annotations

import base64
import io
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import av
import mutagen.flac
import pytest
import requests

from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.demo.things import RATE, Quality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strandline.demo.faults import Effect
    from strandline.demo.things import Playlist, Track

ITEMS = "/v1/playlists/*/items"
INFO = "/v1/tracks/*/playbackinfopostpaywall"
AUDIO = "/mediatracks/**"
BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


class Client:
    """A bare client with a good token."""

    def __init__(self, tidal: StandIn, http: requests.Session) -> None:
        self.tidal, self.http = tidal, http
        self.http.headers["Authorization"] = f"Bearer {tidal.logins.issue().access_token}"

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(self.tidal.url + path, **{"timeout": 30, **options})

    def items(self, playlist: Playlist, offset: int = 0, limit: int = 100) -> requests.Response:
        params = {"offset": offset, "limit": limit}
        return self.get(f"/v1/playlists/{playlist.uuid}/items", params=params)

    def manifest(self, track: Track, quality: str = "LOSSLESS") -> str:
        path = f"/v1/tracks/{track.id}/playbackinfopostpaywall?audioquality={quality}"
        return base64.b64decode(self.get(path).json()["manifest"]).decode()


@pytest.fixture
def client(tidal: StandIn) -> Iterator[Client]:
    with requests.Session() as http:
        yield Client(tidal, http)


@pytest.fixture
def playlist(tidal: StandIn) -> Playlist:
    return tidal.account.playlist("Set", [tidal.account.track(name) for name in "abcdef"])


def titles(page: requests.Response) -> str:
    return "".join(element["item"]["title"] for element in page.json()["items"])


def decoded_samples(audio: bytes) -> int:
    """As many as can be had before the decoder gives up."""
    samples = 0
    with av.open(io.BytesIO(audio), "r") as file, suppress(av.FFmpegError):
        for frame in file.decode(audio=0):
            samples += frame.samples
    return samples


# ---------------------------------------------------------------- when


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


# ---------------------------------------------------------------- status


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


# ---------------------------------------------------------------- transport


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


# ---------------------------------------------------------------- pages


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
    path = "/v2/my-collection/playlists/folders"
    tidal.faults.on(path, effects.endless_cursor(), times=None)

    first = client.get(f"{path}?limit=50").json()
    second = client.get(f"{path}?limit=50", params={"cursor": first["cursor"]}).json()

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


# ---------------------------------------------------------------- playback


def test_preview(tidal: StandIn, client: Client) -> None:
    track = tidal.account.track("Low Water")
    tidal.faults.on(INFO, effects.preview())

    info = client.get(f"/v1/tracks/{track.id}/playbackinfopostpaywall?audioquality=LOW").json()

    assert info["assetPresentation"] == "PREVIEW"


def test_encrypted_manifest(tidal: StandIn, client: Client) -> None:
    tidal.faults.on(INFO, effects.encrypted())

    manifest = json.loads(client.manifest(tidal.account.track("Low Water")))

    assert manifest["encryptionType"] == "OLD_AES"
    assert manifest["keyId"]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://10.0.0.1/0.flac", "http://127.0.0.1:9/0.flac"]
)
def test_manifest_that_leads_elsewhere(tidal: StandIn, client: Client, url: str) -> None:
    tidal.faults.on(INFO, effects.manifest_url(url))

    assert json.loads(client.manifest(tidal.account.track("Low Water")))["urls"] == [url]


def test_segments_that_lead_elsewhere(tidal: StandIn, client: Client) -> None:
    track = tidal.account.track("Low Water", quality=Quality.HI_RES_LOSSLESS)
    tidal.faults.on(INFO, effects.manifest_text(lambda mpd: mpd.replace(tidal.url, "file://")))

    assert 'media="file:///mediatracks/' in client.manifest(track, "HI_RES_LOSSLESS")


def test_segment_that_is_missing(tidal: StandIn, client: Client) -> None:
    track = tidal.account.track("Low Water", quality=Quality.HI_RES_LOSSLESS)
    tidal.faults.on("/mediatracks/*/2.mp4", effects.status(404, "empty"), times=None)
    place = f"/mediatracks/{track.id}-HI_RES_LOSSLESS"

    found = [client.get(f"{place}/{number}.mp4").status_code for number in range(4)]

    assert found == [200, 200, 404, 200]


def test_truncated_audio_is_shorter_than_it_says(tidal: StandIn, client: Client) -> None:
    track = tidal.account.track("Low Water", duration=3)
    tidal.faults.on(AUDIO, effects.truncated(0.4))

    audio = client.get(f"/mediatracks/{track.id}-LOSSLESS/0.flac").content

    assert mutagen.flac.FLAC(io.BytesIO(audio)).info.length == 3
    assert decoded_samples(audio) < 2 * RATE


def test_damaged_audio_differs_in_one_byte(tidal: StandIn, client: Client) -> None:
    path = f"/mediatracks/{tidal.account.track('Low Water').id}-LOSSLESS/0.flac"
    tidal.faults.on(AUDIO, effects.flipped())

    damaged, whole = client.get(path).content, client.get(path).content

    assert sum(one != other for one, other in zip(damaged, whole, strict=True)) == 1


# ---------------------------------------------------------------- the server itself


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
