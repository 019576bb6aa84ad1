"""Keeping the login in a keyring, where there is one that opens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keyring.backend
import keyring.errors
import pytest
from tidal_side import TOKEN

from strandline.errors import LoginError
from strandline.tidal import keyring_vault
from strandline.tidal.app_clients import LoginWay
from strandline.tidal.keyring_vault import KeyringVault, open_token_store
from strandline.tidal.login_store import TokenStore


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
    by_page = replace(TOKEN, way=LoginWay.PKCE, client_id="the-client")
    store.save(by_page)
    assert TokenStore(tmp_path, KeyringVault(drawer)).load() == by_page
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
