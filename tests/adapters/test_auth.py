"""Logging in, and keeping the login: private, whole, and never lost by an error."""

from __future__ import annotations

import json
import os
import stat
import threading
from datetime import datetime, timedelta
from pathlib import Path

import keyring.backend
import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidal_side import FakeTime, client_of, issued, wire_to

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.server import StandIn
from strandline.errors import LoginError, StrandlineError, TidalAnswerError, UnreachableError
from strandline.tidal import keyring_vault
from strandline.tidal.auth import DeviceLink
from strandline.tidal.client import TidalClient
from strandline.tidal.keyring_vault import KeyringVault, open_token_store
from strandline.tidal.login_store import TokenStore
from strandline.tidal.redact import redact
from strandline.tidal.token import Token, secrets_of, token_from_json

TOKEN = Token(
    "access-planted-0001",
    "refresh-planted-0001",
    "Bearer",
    datetime.fromisoformat("2026-11-01"),
    datetime.fromisoformat("2026-11-02"),
    "1001",
    "DE",
    "session-planted-0001",
)
TOKENS = "/v1/oauth2/token"


def log_in(
    tidal: StandIn, state: Path, time: FakeTime | None = None
) -> tuple[TidalClient, list[DeviceLink]]:
    shown: list[DeviceLink] = []
    client = TidalClient(TokenStore(state), wire_to(tidal, time))
    client.log_in(shown.append)
    return client, shown


# ---------------------------------------------------------------- the device link


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


# ---------------------------------------------------------------- the file


def test_the_login_file_is_private_from_its_first_moment(tmp_path: Path) -> None:
    os.umask(old := os.umask(0))
    state = tmp_path / "a" / "state"
    try:
        os.umask(0)
        TokenStore(state).save(TOKEN)
    finally:
        os.umask(old)
    assert stat.S_IMODE((state / "login.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert TokenStore(state).load() == TOKEN


def test_a_login_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    TokenStore(tmp_path).save(TOKEN)
    (tmp_path / "login.json").chmod(0o644)
    TokenStore(tmp_path).load()
    assert stat.S_IMODE((tmp_path / "login.json").stat().st_mode) == 0o600


def test_an_unchanged_login_is_not_written_again(tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    store.save(TOKEN)
    (tmp_path / ".login.json.new").mkdir()  # writing would have to move it away
    store.save(TOKEN)
    again = TokenStore(tmp_path)
    assert again.load() == TOKEN
    again.save(TOKEN)
    assert (tmp_path / ".login.json.new").is_dir()


def test_a_symlink_in_place_of_the_login_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    state = tmp_path / "state"
    state.mkdir()
    (state / "login.json").symlink_to(victim)
    with pytest.raises(LoginError, match="symlink"):
        TokenStore(state).load()
    (state / ".login.json.new").symlink_to(victim)
    TokenStore(state).save(TOKEN)
    assert victim.read_text() == "precious"
    assert TokenStore(state).load() == TOKEN


def test_a_symlink_in_place_of_the_lock_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    state = tmp_path / "state"
    state.mkdir()
    (state / "login.lock").symlink_to(victim)
    with pytest.raises(LoginError), TokenStore(state).lock():
        pass
    assert victim.read_text() == "precious"


DAMAGED = ["", "{", "[]", "null", '{"schema": "strandline.login/1", "token": {}}', '{"token": 5}']


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_login_is_named_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "login.json"
    path.write_text(content)
    with pytest.raises(LoginError, match="damaged") as caught:
        TokenStore(tmp_path).load()
    assert str(path) in caught.value.message
    assert path.read_text() == content
    TokenStore(tmp_path).save(TOKEN)
    assert (tmp_path / "login.json.damaged").read_text() == content


@given(st.binary(max_size=200))
def test_no_content_of_the_login_file_is_a_crash(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    state = tmp_path_factory.mktemp("state")
    (state / "login.json").write_bytes(content)
    with pytest.raises(LoginError):
        TokenStore(state).load()


def test_a_folder_in_place_of_the_login_is_named(tmp_path: Path) -> None:
    (tmp_path / "login.json").mkdir()
    with pytest.raises(LoginError, match=r"login\.json"):
        TokenStore(tmp_path).load()


def test_a_pipe_in_place_of_the_login_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "login.json")
    with pytest.raises(LoginError, match="not a file"):
        TokenStore(tmp_path).load()


def test_logging_out_leaves_no_secret_behind(tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    store.save(TOKEN)
    assert store.delete() is True
    assert TokenStore(tmp_path).load() is None
    assert store.delete() is False
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"planted" not in everything


def test_a_save_that_was_killed_does_not_stop_the_next(tmp_path: Path) -> None:
    (tmp_path / ".login.json.new").write_text("half")
    TokenStore(tmp_path).save(TOKEN)
    assert TokenStore(tmp_path).load() == TOKEN


def test_readers_see_the_old_login_or_the_new_one_and_nothing_between(tmp_path: Path) -> None:
    store, done = TokenStore(tmp_path), threading.Event()
    store.save(TOKEN)
    seen: set[str] = set()

    def read() -> None:
        while not done.is_set():
            token = TokenStore(tmp_path).load()
            assert token is not None
            seen.add(token.country_code or "")

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(50):
        store.save(Token("a" * 900, "b" * 900, "Bearer", country_code=f"{number:02d}"))
    done.set()
    reader.join()
    assert seen <= {"DE", *(f"{number:02d}" for number in range(50))}


# ---------------------------------------------------------------- the keyring


class Drawer(keyring.backend.KeyringBackend):
    """A keyring in memory, which may be locked."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def _open(self) -> None:
        if self.locked:
            raise keyring.errors.KeyringLocked("locked")

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        self.kept.pop((service, username), None)


def test_with_a_keyring_the_file_holds_no_secret(tmp_path: Path) -> None:
    drawer = Drawer()
    TokenStore(tmp_path, KeyringVault(drawer)).save(TOKEN)
    assert "planted" not in (tmp_path / "login.json").read_text()
    store = TokenStore(tmp_path, KeyringVault(drawer))
    assert store.load() == TOKEN
    assert store.delete() is True
    assert drawer.kept == {}


def test_a_locked_keyring_does_not_lose_the_login(tmp_path: Path) -> None:
    drawer = Drawer()
    TokenStore(tmp_path, KeyringVault(drawer)).save(TOKEN)
    drawer.locked = True
    with pytest.raises(LoginError, match="keyring"):
        TokenStore(tmp_path, KeyringVault(drawer)).load()
    with pytest.raises(LoginError, match="keyring"):
        TokenStore(tmp_path).load()  # a cron job: no keyring at all
    drawer.locked = False
    assert TokenStore(tmp_path, KeyringVault(drawer)).load() == TOKEN


def test_a_keyring_that_refuses_is_replaced_by_the_file(tmp_path: Path) -> None:
    drawer = Drawer()
    drawer.locked = True
    store = TokenStore(tmp_path, KeyringVault(drawer))
    store.save(TOKEN)
    assert TokenStore(tmp_path).load() == TOKEN


def test_a_private_state_folder_never_asks_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer = Drawer()
    monkeypatch.setattr(keyring_vault, "usable_keyring", lambda: drawer)
    open_token_store(tmp_path).save(TOKEN)
    assert drawer.kept == {}


def test_a_machine_without_a_desktop_has_no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backends import fail, null

    for backend in (fail.Keyring(), null.Keyring()):
        monkeypatch.setattr(keyring, "get_keyring", lambda backend=backend: backend)
        assert keyring_vault.usable_keyring() is None


# ---------------------------------------------------------------- the token as a value


def test_a_token_hides_itself(tmp_path: Path) -> None:
    shown = f"{TOKEN} {TOKEN!r} {[TOKEN]} {LoginError('x')}"
    assert not any(secret in shown for secret in secrets_of(TOKEN))


def test_a_token_survives_its_file() -> None:
    assert token_from_json(json.loads(json.dumps(TOKEN.to_json()))) == TOKEN


@pytest.mark.parametrize("seconds", [None, 0, -5, "soon", 10**12, True, float("nan")])
def test_a_life_that_makes_no_sense_is_an_unknown_end(
    tidal: StandIn, tmp_path: Path, seconds: object
) -> None:
    tidal.faults.on(TOKENS, effects.edit(lambda a: a.update(expires_in=seconds)), times=None)
    client, _ = log_in(tidal, tmp_path)
    client.get("sessions", what="the account")
    assert tidal.logins.refreshes == 0 or seconds is True


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
