"""The login on TIDAL's web page: what is asked for and sent, and which addresses hold a code."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from tidal_side import FakeTime, wire_to
from tidalapi_side import session_to

from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.errors import LoginError, TidalAnswerError, UnreachableError
from strandline.tidal.app_clients import LoginWay
from strandline.tidal.client import TidalClient
from strandline.tidal.http import HttpSession
from strandline.tidal.login_store import TokenStore
from strandline.tidal.pkce import NotThatAddressError, PkceLink, challenge_of, code_in, pkce_link

TOKENS = "/v1/oauth2/token"


def browse(link: PkceLink) -> str:
    """Log in on the page; the code of the address on which that ends."""
    answer = requests.get(link.url, allow_redirects=False, timeout=30)
    return code_in(answer.headers["Location"])


def client_to(tidal: StandIn, state: Path) -> TidalClient:
    return TidalClient(TokenStore(state), wire_to(tidal, FakeTime()))


def test_the_code_is_worth_a_login(tidal: StandIn, tmp_path: Path) -> None:
    client = client_to(tidal, tmp_path)
    assert client.log_in_pkce(browse).user_id == str(tidal.account.user_id)
    kept = TokenStore(tmp_path).load()
    assert kept == client.token()
    assert kept.way is LoginWay.PKCE


def test_the_link_is_the_one_that_tidalapi_makes(tidal: StandIn) -> None:
    theirs = parse_qs(urlsplit(session_to(tidal).pkce_login_url()).query)
    link = pkce_link(HttpSession())
    ours = parse_qs(urlsplit(link.url).query)
    assert link.url.startswith("https://login.tidal.com/authorize?")
    drawn = ("code_challenge", "client_unique_key")
    assert ours.keys() == theirs.keys()
    assert {k: v for k, v in ours.items() if k not in drawn} == {
        k: v for k, v in theirs.items() if k not in drawn
    }
    assert ours["code_challenge"] == [challenge_of(link.verifier)]
    assert len(link.verifier) >= 43


def test_the_stand_in_logs_tidalapi_in_too(tidal: StandIn) -> None:
    session = session_to(tidal)
    with session.request_session as http:
        page = urlsplit(session.pkce_login_url())
        answer = http.get(f"{tidal.url}{page.path}?{page.query}", allow_redirects=False)
        token = session.pkce_get_auth_token(answer.headers["Location"])
        session.process_auth_token(token, is_pkce_token=True)
        assert session.check_login()
        assert session.token_refresh(session.refresh_token)


def test_each_link_has_secrets_of_its_own(tidal: StandIn) -> None:
    one, other = pkce_link(wire_to(tidal)), pkce_link(wire_to(tidal))
    assert not {*one.secrets} & {*other.secrets}
    assert one.verifier not in repr(one)


def test_a_code_is_good_once_and_with_its_own_link(tidal: StandIn, tmp_path: Path) -> None:
    client, codes = client_to(tidal, tmp_path), []

    def keep(link: PkceLink) -> str:
        codes.append(browse(link))
        return codes[0]

    client.log_in_pkce(keep)
    with pytest.raises(LoginError, match="did not accept"):
        client.log_in_pkce(keep)
    kept = TokenStore(tmp_path).load()
    assert kept
    assert kept.access_token == client.token().access_token


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("https://tidal.com/android/login/auth?code=abc-1_2&state=na&lang=en", "abc-1_2"),
        ("  https://tidal.com/android/login/auth?state=na&code=abc \n", "abc"),
        ("tidal://login/auth?code=abc", "abc"),
        ('"https://tidal.com/android/login/auth?code=a%2Bb"', "a+b"),
    ],
)
def test_an_address_with_a_code(address: str, code: str) -> None:
    assert code_in(address) == code


@pytest.mark.parametrize(
    "text",
    ["", "abc", "code=abc", "https://tidal.com", "https://x?code=", "https://[", "x" * 20_000],
)
def test_no_address_with_a_code(text: str) -> None:
    with pytest.raises(NotThatAddressError) as caught:
        code_in(text)
    assert "Oops" in caught.value.hint


def test_a_service_that_is_away_is_no_refusal(tidal: StandIn, tmp_path: Path) -> None:
    tidal.faults.on(TOKENS, effects.status(503), times=None)
    with pytest.raises(UnreachableError):
        client_to(tidal, tmp_path).log_in_pkce(browse)
    assert len(tidal.asked(TOKENS)) == 1, "the code is good once"


def test_an_answer_that_is_no_token(tidal: StandIn, tmp_path: Path) -> None:
    tidal.faults.on(TOKENS, effects.edit(lambda token: token.pop("access_token")))
    with pytest.raises(TidalAnswerError):
        client_to(tidal, tmp_path).log_in_pkce(browse)
