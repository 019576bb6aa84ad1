"""The login is in no output, no log and no database (I15); logs and login are private."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from strandline.demo.effects import status
from tests.cli.terminal import Terminal, two_playlists


def everything_written(t: Terminal) -> bytes:
    """All files of the state folder and the library but the login itself."""
    files = [*t.state.rglob("*"), *t.library.rglob("*"), *t.folder.glob("*.json")]
    return b"".join(
        path.read_bytes() for path in files if path.is_file() and path.name != "login.json"
    )


def test_no_token_is_ever_told_or_kept_but_in_the_login(t: Terminal) -> None:
    two_playlists(t)
    said = [
        t("auth", "status", "-v"),
        t("sync-check", "-v", "--out", str(t.folder / "plan.json")),
        t("sync-execute", "--yes", "-v", "--json"),
        t("doctor", "-v"),
        t("config", "show"),
    ]
    t.tidal.logins.expire()
    said.append(t("sync-check", "-v", "--full"))
    t.tidal.faults.on("/v1/**", status(500), times=None)
    said.append(t("sync-check", "-v"))
    t.tidal.logins.revoke()
    said.append(t("sync-check", "-v"))
    kept = json.loads((t.state / "login.json").read_text())["token"]
    secrets = {*t.tidal.logins.secrets, kept["access_token"], kept["refresh_token"]}
    text = "".join(one.out + one.err for one in said).encode() + everything_written(t)
    assert all(secret.encode() not in text for secret in secrets)
    assert t.tidal.leaks == []


def test_a_traceback_in_the_log_holds_no_token(
    t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = next(iter(t.tidal.logins.secrets))

    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"with {secret} in it, and Authorization: Bearer {'a' * 40}")

    monkeypatch.setattr("strandline.app.check.observe", broken)
    assert t("sync-check").code == 1
    log = t.log.read_text()
    assert "ValueError" in log
    assert secret not in log
    assert "a" * 40 not in log


def test_login_database_and_log_are_only_for_their_owner(fresh: Terminal) -> None:
    assert fresh("auth", "login", "--no-browser").code == 0
    assert fresh("sync-check").code == 0
    for name in ("login.json", "strandline.db", "logs/strandline.log"):
        assert mode(fresh.state / name) == 0o600, name
    for folder in (fresh.state, fresh.log.parent):
        assert mode(folder) == 0o700


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_log_that_is_a_link_is_not_followed(t: Terminal) -> None:
    target = t.folder / "precious.txt"
    target.write_text("mine")
    t.log.parent.mkdir(parents=True)
    t.log.symlink_to(target)
    assert t("sync-check").code == 0
    assert target.read_text() == "mine"
