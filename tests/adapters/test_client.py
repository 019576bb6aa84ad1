"""Asking TIDAL: patience with its faults, and bounds on its answers."""

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
from tidal_side import SESSIONS, FakeTime, ask, client_of

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.http import Answer, Request
from strandline.demo.server import StandIn
from strandline.errors import InterruptedRunError, UnreachableError
from strandline.tidal.refusals import RefusedError
from strandline.tidal.retry import RetryPolicy, retry_after
from strandline.tidal.transport import HopelessAnswerError, read_body

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


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
    with pytest.raises(UnreachableError, match="rate limited") as caught:
        ask(tidal, tmp_path, time)
    assert caught.value.exit == 8
    assert sum(time.waits) <= RetryPolicy().budget
    assert len(tidal.requests) <= RetryPolicy().tries


@pytest.mark.parametrize("effect", [effects.status(401, sub_status=4006), effects.too_many()])
def test_after_a_block_playback_is_asked_for_more_slowly(
    tidal: StandIn, tmp_path: Path, effect: Effect
) -> None:
    client = client_of(tidal, tmp_path, time := FakeTime())
    path = f"tracks/{tidal.account.track('Song').id}/playbackinfopostpaywall"
    tidal.faults.on(f"/v1/{path}", effect)
    with pytest.raises(RefusedError):
        client.get(path, {"audioquality": "LOW"}, what="a track", playback=True)
    began = time.seconds
    for _ in range(60):
        client.get(path, {"audioquality": "LOW"}, what="a track", playback=True)
    assert time.seconds - began >= 59 * 0.1 - 0.001, "53 in 3 s are too many"


def test_a_429_met_by_one_thread_holds_all_of_them_back(tidal: StandIn, tmp_path: Path) -> None:
    time = FakeTime()
    client = client_of(tidal, tmp_path, time)
    client.http.limiter.hold(20)
    client.http.limiter.wait()
    client.http.limiter.wait()
    assert time.waits[0] == 20
    assert len(time.waits) == 2, "the next one keeps a distance"
    for _ in range(60):
        client.http.limiter.ease()
    client.http.limiter.wait()
    client.http.limiter.wait()
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
    client.http.limiter.sleep = lambda seconds: (waiting.set(), client.http.closed.wait(seconds))
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(client.confirm)
        waiting.wait()
        client.close()
        with pytest.raises(InterruptedRunError):
            asking.result()


@pytest.mark.parametrize("text", [None, "", "x", "12a", "²"])
def test_a_retry_after_that_says_nothing_is_none(text: str | None) -> None:
    assert retry_after(text, NOW) is None
