"""auth, config, db and doctor."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from strandline.config.keys import KEYS
from strandline.config.text import parse_config
from strandline.config.writing import template
from tests.cli.terminal import Terminal, two_playlists


def test_logging_in_shows_link_and_code_and_remembers(fresh: Terminal) -> None:
    said = fresh("auth", "login", "--no-browser")
    assert said.code == 0
    assert "https://" in said.err
    assert "code" in said.err
    assert "1001" in said.out
    assert fresh("auth", "status", "--json").json["user_id"] == "1001"


def test_a_login_that_is_declined(fresh: Terminal) -> None:
    fresh.tidal.logins.denied = True
    assert fresh("auth", "login", "--no-browser").code == 6


def test_after_logging_out_there_is_no_login(t: Terminal) -> None:
    assert t("auth", "logout", "--json").json == {
        "schema": "strandline.auth-logout/1", "logged_in": False, "was_logged_in": True,
    }  # fmt: skip
    assert t("auth", "status").code == 6
    assert t("auth", "logout").code == 0


# ---------------------------------------------------------------- config


def test_every_setting_is_shown_with_where_it_comes_from(fresh: Terminal) -> None:
    document = fresh("config", "show", "--json").json
    assert document["settings"].keys() == {key.name for key in KEYS}
    assert document["sources"]["audio.format"] == "file"
    assert document["sources"]["library"] == "environment"
    assert document["sources"]["sync.link_mode"] == "default"
    assert document["settings"]["sync.max_removals"] == "25%"
    lines = fresh("config", "show").out
    assert all(f"{key.name} = " in lines for key in KEYS)


def test_the_path_of_the_config_is_told_whether_it_is_there_or_not(fresh: Terminal) -> None:
    fresh.settings.unlink()
    assert fresh("config", "path").out == f"{fresh.settings}\n"
    assert fresh("config", "path", "--json").json["exists"] is False


def test_the_template_explains_every_key_and_changes_nothing() -> None:
    text = template({})
    assert parse_config(text, Path("config.toml")) == {}
    assert all(key.says in text for key in KEYS)


def test_the_template_holds_the_defaults() -> None:
    lines = [line.removeprefix("# ") for line in template({}).splitlines()]
    text = "\n".join(
        line for line in lines if line.startswith("[") or (" = " in line and ";" not in line)
    )
    text = text.replace('database_url = ""', "")
    values = parse_config(text, Path("config.toml"))
    assert values == {key.name: key.default for key in KEYS if key.name in values}
    assert len(values) >= len(KEYS) - 1


def editor(folder: Path, script: str) -> str:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_editing_makes_the_file_and_checks_it_after(
    fresh: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh.settings.unlink()
    command = editor(fresh.folder, 'echo \'quality = "best"\' >> "$2"')
    monkeypatch.setenv("VISUAL", f"{command} --wait")
    said = fresh("config", "edit")
    assert said.code == 2
    assert "quality" in said.err
    assert "# library = " in fresh.settings.read_text()


def test_editing_without_a_mistake_is_fine(
    fresh: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor(fresh.folder, "exit 0"))
    assert fresh("config", "edit").code == 0


@pytest.mark.parametrize("command", ["/nonexistent/editor", "'unbalanced", "false"])
def test_an_editor_that_does_not_work_is_told(
    fresh: Terminal, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("VISUAL", command)
    said = fresh("config", "edit")
    assert said.code == 2
    assert "EDITOR" in said.err


# ---------------------------------------------------------------- db and doctor


def test_the_database_tells_its_version_without_being_made(fresh: Terminal) -> None:
    document = fresh("db", "status", "--json").json
    assert (document["exists"], document["revision"]) == (False, None)
    assert not fresh.state.exists()
    assert fresh("db", "upgrade", "--json").json["copy"] is None
    assert fresh("db", "status", "--json").json["up_to_date"] is True
    assert "up to date" in fresh("db", "status").out


def test_the_doctor_finds_nothing_wrong_with_a_synced_library(synced: Terminal) -> None:
    said = synced("doctor", "--json")
    assert said.code == 0, said.out
    assert said.json["ok"] is True
    assert {part["health"] for part in said.json["parts"]} <= {"ok", "warn"}
    names = {part["name"] for part in said.json["parts"]}
    assert names == {
        "versions",
        "config",
        "state",
        "database",
        "library",
        "disk",
        "codecs",
        "quality",
        "login",
    }


def test_the_doctor_changes_nothing_but_the_folder_for_temporary_files(synced: Terminal) -> None:
    before = {path: kept for path, kept in synced.tree().items() if "/mp3/" in path}
    assert synced("doctor").code == 0
    assert {path: kept for path, kept in synced.tree().items() if "/mp3/" in path} == before


def test_the_doctor_goes_on_after_the_first_problem(t: Terminal) -> None:
    t.library.write_text("a file")
    t.tidal.logins.revoke()
    (t.state / "strandline.db").write_bytes(b"rubbish " * 200)
    said = t("doctor", "--json")
    assert said.code == 4
    bad = {part["name"] for part in said.json["parts"] if part["health"] == "fail"}
    assert bad >= {"library", "database", "login"}
    assert "strandline auth login" in t("doctor").out


def test_the_doctor_says_that_the_login_is_of_another_account(synced: Terminal) -> None:
    """As each sync does."""
    synced.account.user_id = 2002
    synced.logged_in()
    said = synced("doctor", "--json")
    assert said.code == 4, said.out
    told = [part for part in said.json["parts"] if part["health"] == "fail"]
    assert [part["name"] for part in told] == ["login"]
    assert "user 1001" in told[0]["message"]
    assert "strandline auth login" in told[0]["hint"]


def test_the_doctor_before_anything_is_there(fresh: Terminal) -> None:
    two_playlists(fresh)
    assert fresh("doctor", "--offline").code == 0
    assert not fresh.library.exists()


def test_while_the_librarys_disk_is_not_there_doctor_and_trash_say_what_a_sync_says(
    synced: Terminal,
) -> None:
    synced.library.rename(synced.folder / "elsewhere")
    stop = synced("sync-check", "--json").json
    said = synced("doctor", "--offline", "--json")
    (library,) = [part for part in said.json["parts"] if part["name"] == "library"]
    assert (said.code, library["health"], library["message"]) == (4, "fail", stop["message"])
    assert library["hint"] == stop["hint"]
    assert synced("trash", "list", "--json").json == stop
