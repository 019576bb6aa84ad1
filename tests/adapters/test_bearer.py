"""Asking TIDAL: where requests go, and who gets to see the bearer."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from tidal_side import SESSIONS, ask, client_of

from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.tidal.transport import RefusedRedirectError, TidalAdapter, prepare_session


def test_every_host_is_the_stand_in_and_the_path_stays(tidal: StandIn, tmp_path: Path) -> None:
    client = client_of(tidal, tmp_path)
    client.confirm()
    client.get("my-collection/playlists/folders", {"limit": 50}, what="folders", v2=True)
    paths = [(request.path, request.headers["x-orig-host"]) for request in tidal.requests]
    assert paths == [
        ("/v1/sessions", "api.tidal.com"),
        ("/v2/my-collection/playlists/folders", "api.tidal.com"),
    ]


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
