"""Keeping the login in a file: private, whole, and never lost by an error."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidal_side import TOKEN

from strandline.errors import LoginError
from strandline.tidal.login_store import TokenStore
from strandline.tidal.token import Token, token_from_json


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


def test_a_token_survives_its_file() -> None:
    assert token_from_json(json.loads(json.dumps(TOKEN.to_json()))) == TOKEN
