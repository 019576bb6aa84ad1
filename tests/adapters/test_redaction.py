"""No secret of a login is shown: not by its token, not in an error, not in the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from streams import id_of
from tidal_side import EXPIRED, TOKEN, client_of, issued, log_in

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.server import StandIn
from strandline.errors import LoginError, StrandlineError
from strandline.tidal.redact import redact
from strandline.tidal.stream import fetch_audio_source
from strandline.tidal.token import secrets_of


def test_a_token_hides_itself(tmp_path: Path) -> None:
    shown = f"{TOKEN} {TOKEN!r} {[TOKEN]} {LoginError('x')}"
    assert not any(secret in shown for secret in secrets_of(TOKEN))


PLANTED = "s3cr3t" + "x" * 30


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {PLANTED}",
        f"'authorization': 'Bearer {PLANTED}'",
        f"GET /v1/sessions?sessionId={PLANTED}&countryCode=DE",
        f'{{"access_token": "{PLANTED}", "refresh_token":"{PLANTED}"}}',
        f"refresh_token={PLANTED}&client_id=x",
        f"device_code={PLANTED}",
        f"https://sp-pr-cf.audio.tidal.com/mediatracks/x/0.flac?token={PLANTED}",
        f"eyJ{PLANTED}.{PLANTED}.{PLANTED}",
        f"client_secret='{PLANTED}'",
        f"grant_type=authorization_code&code={PLANTED}&code_verifier={PLANTED}",
        f"https://tidal.com/android/login/auth?code={PLANTED}&state=na",
    ],
)
def test_what_looks_like_a_secret_is_hidden_even_when_it_is_not_known(text: str) -> None:
    assert PLANTED not in redact(text)


def test_a_known_secret_is_hidden_wherever_it_stands() -> None:
    text = f"abc{TOKEN.access_token}def {TOKEN.session_id}"
    assert "planted" not in redact(text, secrets_of(TOKEN))


def test_ordinary_words_stay() -> None:
    text = "Deep House: 12 tracks, token of love, session 5, bearer of news?"
    assert "12 tracks, token of love, session 5" in redact(text)


def test_a_whole_login_leaves_no_token_in_the_log(
    tidal: StandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    tidal.logins.pending = 1
    log_in(tidal, tmp_path)
    tidal.logins.expire()
    client = client_of(tidal, tmp_path)
    client.confirm()
    tidal.logins.expire()
    tidal.logins.refuses_refresh = True
    with pytest.raises(LoginError):
        client.get("sessions", what="the account")
    log = caplog.text
    assert not any(secret in log for secret in tidal.logins.secrets)
    assert issued(tidal).access_token not in log


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


def test_a_source_does_not_show_its_signed_addresses(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")
    source = fetch_audio_source(client_of(tidal, tmp_path), id_of(track), "lossless")
    assert "token" not in repr(source)
