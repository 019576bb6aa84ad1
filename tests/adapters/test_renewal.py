"""A login that expires while we ask: renewed once, kept, and told when it is over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tidal_side import EXPIRED, SESSIONS, TOKENS, FakeTime, ask, client_of, log_in, wire_to

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.model import Availability
from strandline.demo.server import StandIn
from strandline.errors import LoginError, TidalAnswerError, UnreachableError
from strandline.tidal.client import TidalClient
from strandline.tidal.login_store import TokenStore
from strandline.tidal.refusals import RefusedError


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
    assert len(tidal.asked(TOKENS)) == 1


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
    tidal.faults.on(TOKENS, effect, times=None)
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
    track = tidal.account.track("Gone")
    tidal.account.withhold(track, Availability.NOT_READY)
    path = f"tracks/{track.id}/playbackinfopostpaywall"
    with pytest.raises(RefusedError) as caught:
        client_of(tidal, tmp_path).get(path, {"audioquality": "LOW"}, what="a track", playback=True)
    assert caught.value.sub_status == 4005
    assert tidal.logins.refreshes == 0


@pytest.mark.parametrize("seconds", [None, 0, -5, "soon", 10**12, True, float("nan")])
def test_a_life_that_makes_no_sense_is_an_unknown_end(
    tidal: StandIn, tmp_path: Path, seconds: object
) -> None:
    tidal.faults.on(TOKENS, effects.edit(lambda a: a.update(expires_in=seconds)), times=None)
    client, _ = log_in(tidal, tmp_path)
    client.get("sessions", what="the account")
    assert tidal.logins.refreshes == 0 or seconds is True
