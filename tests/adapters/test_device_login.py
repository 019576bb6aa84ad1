"""Logging in: a link is shown, and waited for until the user has followed it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tidal_side import TOKEN, TOKENS, FakeTime, log_in, wire_to

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.server import StandIn
from strandline.errors import LoginError, StrandlineError, TidalAnswerError, UnreachableError
from strandline.tidal.client import TidalClient
from strandline.tidal.login_store import TokenStore


def test_logging_in_shows_a_link_and_waits_until_it_is_used(tidal: StandIn, tmp_path: Path) -> None:
    time = FakeTime()
    tidal.logins.pending, tidal.logins.interval = 3, 5
    client, shown = log_in(tidal, tmp_path, time)
    assert shown[0].url == f"https://link.tidal.com/{shown[0].user_code}"
    assert time.waits == [5, 5, 5, 5]
    assert client.account().user_id == str(tidal.account.user_id)


def test_a_login_is_there_for_the_next_run(tidal: StandIn, tmp_path: Path) -> None:
    log_in(tidal, tmp_path)
    again = TidalClient(TokenStore(tmp_path), wire_to(tidal))
    before = len(tidal.requests)
    assert again.account().country_code == "DE"
    assert len(tidal.requests) == before, "who it is was kept too"


def test_a_link_nobody_uses_ends(tidal: StandIn, tmp_path: Path) -> None:
    time = FakeTime()
    tidal.logins.pending, tidal.logins.interval = 10_000, 5
    tidal.logins.link_lifetime = timedelta(seconds=60)
    with pytest.raises(LoginError, match=r"not used in time|expired"):
        log_in(tidal, tmp_path, time)
    assert 55 <= sum(time.waits) <= 70
    assert TokenStore(tmp_path).load() is None


def test_a_no_of_the_user_ends_it_at_once(tidal: StandIn, tmp_path: Path) -> None:
    tidal.logins.denied = True
    with pytest.raises(LoginError, match="declined"):
        log_in(tidal, tmp_path)


@pytest.mark.parametrize(
    "effect",
    [effects.status(502, "html"), effects.status(500), effects.reset(0.5), effects.empty_body()],
)
def test_bad_moments_while_waiting_for_the_user_pass(
    tidal: StandIn, tmp_path: Path, effect: Effect
) -> None:
    tidal.logins.pending = 3
    tidal.faults.on(TOKENS, effect, times=3)
    client, _ = log_in(tidal, tmp_path)
    assert client.account().country_code == "DE"


def test_being_told_to_slow_down_slows_the_asking_down(tidal: StandIn, tmp_path: Path) -> None:
    time = FakeTime()
    slow = effects.instead(effects.json_answer({"error": "slow_down", "status": 400}, 400))
    tidal.logins.pending, tidal.logins.interval = 2, 2
    tidal.faults.on(TOKENS, slow, times=2)
    log_in(tidal, tmp_path, time)
    assert time.waits == [2, 7, 12]


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        (effects.html(), TidalAnswerError),
        (effects.status(500), UnreachableError),
        (effects.status(400), TidalAnswerError),
        (effects.edit(lambda link: link.pop("deviceCode")), TidalAnswerError),
        (effects.edit(lambda link: link.update(expiresIn="soon")), TidalAnswerError),
        (
            effects.edit(lambda link: link.update(verificationUriComplete="x\x1b[2J")),
            TidalAnswerError,
        ),
    ],
)
def test_no_link_is_an_error_of_ours(
    tidal: StandIn, tmp_path: Path, effect: Effect, error: type[StrandlineError]
) -> None:
    tidal.faults.on("/v1/oauth2/device_authorization", effect, times=None)
    with pytest.raises(error):
        log_in(tidal, tmp_path)


def test_logging_in_anew_replaces_the_login_of_somebody_else(
    tidal: StandIn, tmp_path: Path
) -> None:
    TokenStore(tmp_path).save(TOKEN)
    client, _ = log_in(tidal, tmp_path)
    assert client.account().user_id == str(tidal.account.user_id)
    assert TokenStore(tmp_path).load() == client.token()
