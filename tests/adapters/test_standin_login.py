"""The stand-in's logins, asked for by the real tidalapi."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from tidalapi.exceptions import AuthenticationError
from tidalapi_side import Session, session_to

from strandline.demo.account import Account
from strandline.demo.server import StandIn


def test_device_login_waits_until_the_user_has_said_yes(tidal: StandIn) -> None:
    tidal.logins.pending = 2
    session = session_to(tidal)

    with session.request_session:
        session.process_link_login(session.get_link_login())

        assert session.check_login()
        assert session.user.email == tidal.account.username
    assert len(tidal.asked("/v1/oauth2/token")) == 3


def test_device_login_ends_when_the_code_is_too_old() -> None:
    time = [datetime(2026, 1, 1, tzinfo=UTC)]
    with StandIn(Account(clock=lambda: time[0])) as tidal:
        session = session_to(tidal)
        with session.request_session:
            link = session.get_link_login()
            time[0] += timedelta(minutes=6)
            with pytest.raises(TimeoutError):
                session.process_link_login(link)


def test_device_login_of_a_user_who_says_no(tidal: StandIn) -> None:
    tidal.logins.denied = True
    session = session_to(tidal)
    with session.request_session as http:
        link = session.get_link_login()
        grant = "urn:ietf:params:oauth:grant-type:device_code"
        form = {"grant_type": grant, "device_code": link.device_code}
        answer = http.post(session.config.api_oauth2_token, form)

    assert (answer.status_code, answer.json()["error"]) == (400, "access_denied")


def test_expired_token_is_refreshed_by_tidalapi(tidal: StandIn, session: Session) -> None:
    before = session.access_token
    tidal.logins.expire()

    assert session.user.playlists() == []
    assert session.access_token != before
    assert tidal.logins.refreshes == 1


def test_token_expires_by_the_clock_of_the_account() -> None:
    time = [datetime(2026, 1, 1, tzinfo=UTC)]
    with StandIn(Account(clock=lambda: time[0])) as tidal:
        token = tidal.logins.issue().access_token
        assert tidal.logins.check(token) is None
        time[0] += tidal.logins.lifetime
        refused = tidal.logins.check(token)

    assert refused is not None
    assert refused.json() == {
        "status": 401,
        "subStatus": 11003,
        "userMessage": "The token has expired. (Expired on time)",
    }


def test_rotated_refresh_token_ends_the_old_one(tidal: StandIn, session: Session) -> None:
    tidal.logins.rotates = True
    first = session.refresh_token

    assert session.token_refresh(first)
    with pytest.raises(AuthenticationError, match="invalid_grant"):
        session.token_refresh(first)


@pytest.mark.parametrize("how", ["refused", "revoked"])
def test_login_that_is_over(tidal: StandIn, session: Session, how: str) -> None:
    if how == "refused":
        tidal.logins.refuses_refresh = True
        tidal.logins.expire()
        expected: type[Exception] = AuthenticationError
    else:
        tidal.logins.revoke()
        expected = requests.HTTPError

    with pytest.raises(expected):
        session.user.playlists()


def test_saved_session_file_logs_in_again(tidal: StandIn, session: Session, tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    session.save_session_to_file(file)
    again = session_to(tidal)

    with again.request_session:
        assert again.login_session_file(file)
    assert session.access_token in tidal.logins.secrets


def test_api_without_a_token_is_refused_and_audio_with_one_is_noticed(tidal: StandIn) -> None:
    track = tidal.account.track("Lamplit")
    login = tidal.logins.issue()
    headers = {"Authorization": f"Bearer {login.access_token}"}

    assert requests.get(f"{tidal.url}/v1/sessions", timeout=30).status_code == 401
    assert requests.get(f"{tidal.url}/v1/sessions", headers=headers, timeout=30).ok
    assert tidal.leaks == []

    audio = f"{tidal.url}/mediatracks/{track.id}-LOSSLESS/0.flac"
    assert requests.get(audio, headers=headers, timeout=30).ok
    assert [request.path for request in tidal.leaks] == [f"/mediatracks/{track.id}-LOSSLESS/0.flac"]
