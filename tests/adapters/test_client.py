"""Asking TIDAL: patience with it, bounds on it, and the bearer kept at home."""

from __future__ import annotations

import gzip
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
from tidal_side import FakeTime, client_of, wire_to

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.server import StandIn
from strandline.demo.wire import Answer, Request
from strandline.errors import (
    InterruptedRunError,
    LoginError,
    StrandlineError,
    TidalAnswerError,
    UnreachableError,
)
from strandline.tidal.client import RefusedError
from strandline.tidal.retry import RetryPolicy, retry_after
from strandline.tidal.transport import (
    HopelessAnswerError,
    RefusedRedirectError,
    TidalAdapter,
    prepare_session,
    read_body,
)

SESSIONS = "/v1/sessions"
EXPIRED = effects.status(401, sub_status=11003)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def ask(tidal: StandIn, state: Path, time: FakeTime | None = None) -> dict[str, object]:
    return client_of(tidal, state, time).get("sessions", what="the account").document


def test_every_host_is_the_stand_in_and_the_path_stays(tidal: StandIn, tmp_path: Path) -> None:
    client = client_of(tidal, tmp_path)
    client.confirm()
    client.get("my-collection/playlists/folders", {"limit": 50}, what="folders", v2=True)
    paths = [(request.path, request.headers["x-orig-host"]) for request in tidal.requests]
    assert paths == [
        ("/v1/sessions", "api.tidal.com"),
        ("/v2/my-collection/playlists/folders", "api.tidal.com"),
    ]


# ---------------------------------------------------------------- patience


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        (format_datetime(NOW + timedelta(seconds=11), usegmt=True), 10, 11),
        (None, 0.3, 1),
        ("0", 0.01, 1),
        ("soon", 0.3, 1),
        ("-5", 0.3, 1),
        ("86400", 30, 30),
        ("9" * 40, 30, 30),
        ("Fri, 99 Foo 2026 99:99:99 GMT", 0.3, 1),
        (format_datetime(NOW - timedelta(days=3), usegmt=True), 0.01, 1),
        (format_datetime(NOW + timedelta(days=300), usegmt=True), 30, 30),
    ],
)
def test_a_429_is_waited_for_as_tidal_asks_but_not_for_ever(
    tidal: StandIn, tmp_path: Path, header: str | None, least: float, most: float
) -> None:
    time = FakeTime()
    tidal.faults.on(SESSIONS, effects.too_many(header))
    assert ask(tidal, tmp_path, time)["userId"] == tidal.account.user_id
    assert least <= sum(time.waits) <= most


def test_a_429_that_never_ends_is_given_up_within_the_budget(
    tidal: StandIn, tmp_path: Path
) -> None:
    time = FakeTime()
    tidal.faults.on(SESSIONS, effects.too_many("30"), times=None)
    with pytest.raises(UnreachableError, match="too much") as caught:
        ask(tidal, tmp_path, time)
    assert caught.value.exit == 8
    assert sum(time.waits) <= RetryPolicy().budget
    assert len(tidal.requests) <= RetryPolicy().tries


def test_a_429_met_by_one_thread_holds_all_of_them_back(tidal: StandIn, tmp_path: Path) -> None:
    time = FakeTime()
    client = client_of(tidal, tmp_path, time)
    client.wire.pace.hold(20)
    client.wire.pace.wait()
    client.wire.pace.wait()
    assert time.waits[0] == 20
    assert len(time.waits) == 2, "the next one keeps a distance"
    for _ in range(60):
        client.wire.pace.ease()
    client.wire.pace.wait()
    client.wire.pace.wait()
    assert sum(time.waits[2:]) < 0.2, "and in the end all is as fast as before"


@pytest.mark.parametrize("code", [408, 500, 502, 503, 504, 520])
@pytest.mark.parametrize("body", ["json", "html", "empty"])
def test_a_fault_of_tidals_own_passes_by_asking_again(
    tidal: StandIn, tmp_path: Path, code: int, body: str
) -> None:
    tidal.faults.on(SESSIONS, effects.status(code, body), times=3)
    assert ask(tidal, tmp_path)["countryCode"] == "DE"


BROKEN = {
    "5xx": effects.status(503),
    "html": effects.html(),
    "empty": effects.empty_body(),
    "reset": effects.reset(0.5),
    "reset at once": effects.reset(0),
    "longer than said": effects.wrong_length(-10),
    "shorter than said": effects.wrong_length(+10),
    "cut off": effects.truncated(0.5),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_answer_is_asked_for_again(tidal: StandIn, tmp_path: Path, kind: str) -> None:
    tidal.faults.on(SESSIONS, BROKEN[kind], times=2)
    assert ask(tidal, tmp_path)["countryCode"] == "DE"


@pytest.mark.parametrize("kind", BROKEN)
def test_what_stays_broken_is_an_error_of_ours_with_exit_8(
    tidal: StandIn, tmp_path: Path, kind: str
) -> None:
    tidal.faults.on(SESSIONS, BROKEN[kind], times=None)
    with pytest.raises(UnreachableError) as caught:
        ask(tidal, tmp_path)
    assert caught.value.exit == 8
    assert len(tidal.requests) == RetryPolicy().tries


def test_nobody_there_is_exit_8(tmp_path: Path) -> None:
    tidal = StandIn()
    tidal.start()
    client = client_of(tidal, tmp_path)
    tidal.stop()
    with pytest.raises(UnreachableError, match="could not be reached"):
        client.confirm()


@pytest.mark.parametrize(
    ("effect", "words"),
    [(effects.huge(65 << 20), "MiB"), (effects.deep(), "nested")],
)
def test_an_answer_without_bounds_is_refused_at_once(
    tidal: StandIn, tmp_path: Path, effect: Effect, words: str
) -> None:
    tidal.faults.on(SESSIONS, effect, times=None)
    with pytest.raises(HopelessAnswerError, match=words):
        ask(tidal, tmp_path)
    assert len(tidal.requests) == 1


def packed(make: Effect) -> Effect:
    """What ``make`` gives, as gzip."""

    def effect(request: Request, answer: Answer) -> Answer:
        plain = make(request, answer)
        headers = plain.headers | {"Content-Encoding": "gzip"}
        return replace(plain, headers=headers, body=gzip.compress(plain.body))

    return effect


def test_an_answer_may_come_packed(tidal: StandIn, tmp_path: Path) -> None:
    padded = effects.edit(lambda document: document.update(padding="x" * 2_000_000))
    tidal.faults.on(SESSIONS, packed(padded))
    answer = ask(tidal, tmp_path)
    assert (answer["countryCode"], len(answer["padding"])) == ("DE", 2_000_000)


def test_a_small_answer_that_unpacks_without_bounds_is_refused(
    tidal: StandIn, tmp_path: Path
) -> None:
    tidal.faults.on(SESSIONS, packed(effects.huge(65 << 20)), times=None)
    with pytest.raises(HopelessAnswerError, match="MiB"):
        ask(tidal, tmp_path)
    assert len(tidal.requests) == 1


@pytest.mark.parametrize("code", [400, 403, 404, 412, 451])
def test_a_no_is_a_no_and_not_asked_again(tidal: StandIn, tmp_path: Path, code: int) -> None:
    tidal.faults.on(SESSIONS, effects.status(code), times=None)
    with pytest.raises(RefusedError) as caught:
        ask(tidal, tmp_path)
    assert caught.value.status == code
    assert len(tidal.requests) == 1


def test_a_server_that_says_nothing_is_not_waited_for(
    tidal: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strandline.tidal.transport.READ_SECONDS", 0.05)
    tidal.faults.on(SESSIONS, effects.stall(), times=None)
    with pytest.raises(UnreachableError, match="within the time allowed"):
        ask(tidal, tmp_path)
    assert len(tidal.requests) == RetryPolicy().tries


def test_a_server_that_drips_is_not_listened_to_for_days() -> None:
    class Drip(io.BytesIO):
        def read1(self, _most: int, decode_content: bool) -> bytes:
            time.sleep(20)
            return b"x"

    time, response = FakeTime(), requests.Response()
    response.raw = Drip()
    with pytest.raises(requests.Timeout):
        read_body(response, clock=time.clock)
    assert sum(time.waits) < 150


def test_closing_wakes_whoever_waits(tidal: StandIn, tmp_path: Path) -> None:
    tidal.faults.on(SESSIONS, effects.too_many("30"), times=None)
    client = client_of(tidal, tmp_path)
    waiting = threading.Event()
    client.wire.pace.sleep = lambda seconds: (waiting.set(), client.wire.closed.wait(seconds))
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(client.confirm)
        waiting.wait()
        client.close()
        with pytest.raises(InterruptedRunError):
            asking.result()


@pytest.mark.parametrize("text", [None, "", "x", "12a", "²"])
def test_a_retry_after_that_says_nothing_is_none(text: str | None) -> None:
    assert retry_after(text, NOW) is None


# ---------------------------------------------------------------- the bearer


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_an_api_that_redirects_is_not_followed(tidal: StandIn, tmp_path: Path, code: int) -> None:
    with StandIn() as thief:
        tidal.faults.on(SESSIONS, effects.redirect(f"{thief.url}/v1/sessions", code), times=None)
        with pytest.raises(RefusedRedirectError):
            ask(tidal, tmp_path)
        assert thief.requests == []


@pytest.mark.parametrize(
    ("url", "carried"),
    [
        ("https://api.tidal.com/v1/x", True),
        ("https://openapi.tidal.com/v2/x", True),
        ("https://auth.tidal.com/v1/x", True),
        ("http://api.tidal.com/v1/x", False),
        ("https://api.tidal.com.evil.org/v1/x", False),
        ("https://evil.org/?api.tidal.com", False),
        ("https://resources.tidal.com/images/x.jpg", False),
        ("https://user@evil.org/", False),
        ("https://API.tidal.com/v1/x", True),
    ],
)
def test_only_tidals_api_hosts_see_the_bearer(
    monkeypatch: pytest.MonkeyPatch, url: str, carried: bool
) -> None:
    sent: list[requests.PreparedRequest] = []

    def record(_self: object, request: requests.PreparedRequest, *_more: object) -> object:
        sent.append(request)
        response = requests.Response()
        response.status_code = 200
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", record)
    session = requests.Session()
    prepare_session(session, TidalAdapter(None, 1, bearer=True))
    session.get(url, headers={"Authorization": "Bearer secret"})
    assert ("Authorization" in sent[0].headers) is carried


def test_a_netrc_does_not_replace_the_bearer(
    tidal: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert ask(tidal, tmp_path)["countryCode"] == "DE"


def test_a_proxy_of_the_environment_does_not_come_between_us_and_the_stand_in(
    tidal: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert ask(tidal, tmp_path)["countryCode"] == "DE"


# ---------------------------------------------------------------- the login, while asking


def test_eight_threads_that_meet_an_expired_token_renew_it_once(
    tidal: StandIn, tmp_path: Path
) -> None:
    client = client_of(tidal, tmp_path)
    client.confirm()
    tidal.logins.expire()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.get, "sessions", what="the account") for _ in range(8)]
        assert all(future.result().document["countryCode"] == "DE" for future in asked)
    assert tidal.logins.refreshes == 1
    assert len(tidal.asked("/v1/oauth2/token")) == 1


def test_two_clients_of_one_login_renew_it_once(tidal: StandIn, tmp_path: Path) -> None:
    tidal.logins.rotates = True
    one, other = client_of(tidal, tmp_path), client_of(tidal, tmp_path)
    one.confirm(), other.confirm()
    tidal.logins.expire()
    one.get("sessions", what="the account")
    other.get("sessions", what="the account")
    assert tidal.logins.refreshes == 1


def test_a_rotated_refresh_token_is_kept_for_the_next_time(tidal: StandIn, tmp_path: Path) -> None:
    tidal.logins.rotates = True
    client_of(tidal, tmp_path).confirm()
    for times in range(1, 4):
        tidal.logins.expire()
        assert client_of(tidal, tmp_path).confirm().country_code == "DE"
        assert tidal.logins.refreshes == times


def test_a_token_about_to_expire_is_renewed_before_it_does(tidal: StandIn, tmp_path: Path) -> None:
    time = FakeTime()
    client_of(tidal, tmp_path, time).confirm()
    tidal.logins.expire()
    client = client_of(tidal, tmp_path, time)
    client.confirm()  # renewed: from now on its end is known
    time.seconds += 86400 - 30
    client.get("sessions", what="the account")
    assert tidal.logins.refreshes == 2
    assert tidal.asked(SESSIONS)[-1].bearer != tidal.asked(SESSIONS)[-2].bearer


def test_a_refused_renewal_is_exit_6_and_the_login_stays(tidal: StandIn, tmp_path: Path) -> None:
    client = client_of(tidal, tmp_path)
    kept = (tmp_path / "login.json").read_bytes()
    tidal.logins.expire()
    tidal.logins.refuses_refresh = True
    with pytest.raises(LoginError, match="no longer accepts") as caught:
        client.confirm()
    assert caught.value.exit == 6
    assert "strandline auth login" in caught.value.hint
    assert (tmp_path / "login.json").read_bytes() == kept


@pytest.mark.parametrize(
    "effect",
    [
        effects.status(500),
        effects.html(502),
        effects.html(200),
        effects.empty_body(),
        effects.reset(0.3),
        effects.too_many(None),
        effects.html(403),
    ],
)
def test_a_renewal_that_fails_is_not_a_lost_login(
    tidal: StandIn, tmp_path: Path, effect: Effect
) -> None:
    client = client_of(tidal, tmp_path)
    kept = (tmp_path / "login.json").read_bytes()
    tidal.logins.expire()
    tidal.faults.on("/v1/oauth2/token", effect, times=None)
    with pytest.raises(UnreachableError):
        client.confirm()
    assert (tmp_path / "login.json").read_bytes() == kept
    tidal.faults.clear()
    assert client_of(tidal, tmp_path).confirm().country_code == "DE"


def test_a_server_that_calls_every_token_expired_does_not_keep_us(
    tidal: StandIn, tmp_path: Path
) -> None:
    tidal.faults.on(SESSIONS, EXPIRED, times=None)
    with pytest.raises(LoginError):
        ask(tidal, tmp_path)
    assert len(tidal.requests) < 10


def test_a_revoked_login_is_exit_6(tidal: StandIn, tmp_path: Path) -> None:
    client = client_of(tidal, tmp_path)
    tidal.logins.revoke()
    with pytest.raises(LoginError):
        client.confirm()


def test_without_a_login_the_way_on_is_told(tidal: StandIn, tmp_path: Path) -> None:
    from strandline.tidal.client import TidalClient
    from strandline.tidal.login_store import TokenStore

    with pytest.raises(LoginError, match="no login") as caught:
        TidalClient(TokenStore(tmp_path), wire_to(tidal)).confirm()
    assert "auth login" in caught.value.hint
    assert tidal.requests == []


def test_an_answer_for_somebody_else_is_noticed(tidal: StandIn, tmp_path: Path) -> None:
    client_of(tidal, tmp_path).confirm()
    tidal.faults.on(SESSIONS, effects.other_user(2002), times=None)
    with pytest.raises(TidalAnswerError, match="user 2002") as caught:
        client_of(tidal, tmp_path).confirm()
    assert caught.value.code == "other_user"


def test_a_401_about_a_track_is_not_about_the_login(tidal: StandIn, tmp_path: Path) -> None:
    from strandline.demo.things import Availability

    track = tidal.account.track("Gone")
    tidal.account.withhold(track, Availability.NOT_READY)
    path = f"tracks/{track.id}/playbackinfopostpaywall"
    with pytest.raises(RefusedError) as caught:
        client_of(tidal, tmp_path).get(path, {"audioquality": "LOW"}, what="a track", playback=True)
    assert caught.value.sub_status == 4005
    assert tidal.logins.refreshes == 0


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize(
    "effect",
    [
        effects.status(500),
        effects.status(404),
        effects.html(),
        effects.reset(0),
        effects.redirect("https://evil.example/"),
        EXPIRED,
        effects.too_many("1"),
    ],
)
def test_no_error_shows_a_token_or_a_session_id(
    tidal: StandIn, tmp_path: Path, effect: Effect
) -> None:
    client = client_of(tidal, tmp_path)
    session_id = client.get("sessions", what="the account").document["sessionId"]
    client.confirm()
    tidal.faults.on("/v1/playlists/*", effect, times=None)
    with pytest.raises(StrandlineError) as caught:
        client.get("playlists/x", what="a playlist")
    shown = f"{caught.value} {caught.value.hint} {caught.value!r} {client.token()!r}"
    for secret in (*tidal.logins.secrets, session_id):
        assert secret not in shown
