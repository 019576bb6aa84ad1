"""init: five questions on a terminal, flags without one, and a config file at the end."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from strandline.tidal.app_clients import LoginWay
from strandline.tidal.login_store import TokenStore
from strandline.tidal.token import Token
from tests.cli.browser import Person, answers, at_terminal, pastes_back
from tests.cli.terminal import Terminal

SPACE, DOWN, ENTER, ALL, ESC = " ", "\x1b[B", "\r", "\x01", "\x1b"
LIST, LIST_ENDS = "enter: done", "\x1b[?1049l"
NO_CHECK = ("Check what a sync would do", "n\r")
OWN_SETTINGS = {"STRANDLINE_LIBRARY": ""}


@pytest.fixture
def t(fresh: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """No login, no config file, three playlists and one of others in TIDAL."""
    fresh.settings.unlink()
    monkeypatch.delenv("STRANDLINE_LIBRARY")
    for name in ("Deep House", "Mix [2020]", "Ōkawa *"):
        fresh.account.playlist(name, [fresh.track(name)])
    fresh.account.follow("Theirs", [fresh.track("theirs")])
    return fresh


def by_page(t: Terminal) -> None:
    """Logged in on TIDAL's web page before."""
    login = t.tidal.logins.issue()
    token = Token(login.access_token, login.refresh_token, "Bearer", way=LoginWay.PKCE)
    TokenStore(t.state).save(token)


def settings(t: Terminal) -> dict[str, Any]:
    return tomllib.loads(t.settings.read_text())


def sync(t: Terminal) -> dict[str, Any]:
    found: dict[str, Any] = settings(t).get("sync", {})
    return found


def asked(t: Terminal, *words: str, person: Person, **env: str) -> str:
    said = at_terminal(t, "init", *words, person=person, **(OWN_SETTINGS | env))
    assert said.code == 0, said.err
    return said.err


NO_FAVORITES = [("favourite tracks", "\r"), ("favourite albums", "\r")]


def until_list(library: Path | str = "", format_: str = "", follow: str = "") -> list[Any]:
    """Answers to the questions before the list, with a login that is there already."""
    return [
        ("Folder", f"{library}\r"),
        ("Format (", f"{format_}\r"),
        ("follow?", f"{follow}\r"),
        *NO_FAVORITES,
    ]


def test_five_answers_from_nothing_to_a_first_plan(t: Terminal) -> None:
    said = asked(
        t,
        person=answers(
            ("Log in by", ENTER),
            ("Address", pastes_back),
            *until_list(t.folder / "music", "flac", "n"),
            (LIST, DOWN + SPACE),
            (LIST, ENTER),
            ("later?", "n\r"),
            ("Check what a sync would do", ENTER),
        ),
    )
    assert said.index("pkce") < said.index("Folder") < said.index("Format (") < said.index(LIST)
    assert "lossless" in said[: said.index("Folder")]
    assert "costs time and some quality" in said
    assert "Germany" in said
    assert settings(t)["library"] == str(t.folder / "music")
    assert settings(t)["audio"] == {"format": "flac"}
    assert settings(t)["tidal"] == {"favorite_playlists": False}
    assert sync(t) == {"include": ["Deep House", "Ōkawa [*]"]}
    plan = said[said.index("Check what a") :]
    assert "Deep House" in plan
    assert "strandline sync-execute" in plan
    assert t("sync-check", "--json").json["excluded"]["playlists"] == 2
    assert not (t.folder / "music").exists()


def test_everything_ticked_means_those_made_later_as_well(t: Terminal) -> None:
    by_page(t)
    said = asked(t, person=answers(*until_list(), (LIST, ENTER), NO_CHECK))
    assert "4 of 4 playlists" in said
    assert sync(t) == {}
    assert settings(t)["audio"] == {"format": "mp3"}


def test_unticked_playlists_can_be_left_out_while_new_ones_come_along(t: Terminal) -> None:
    by_page(t)
    script = (*until_list(), (LIST, "mix "), (LIST, ENTER), ("later?", ENTER), NO_CHECK)
    asked(t, person=answers(*script))
    assert sync(t) == {"exclude": ["Mix [[]2020]"]}


def test_a_filter_finds_names_without_accents_and_ctrl_a_ticks_what_it_shows(t: Terminal) -> None:
    by_page(t)
    keys = ((LIST, ALL), (LIST, "okawa"), (LIST, ALL), (LIST, ESC), (LIST, ENTER))
    asked(t, person=answers(*until_list(), *keys, ("later?", "n\r"), NO_CHECK))
    assert sync(t) == {"include": ["Ōkawa [*]"]}


def test_nothing_ticked_is_asked_again(t: Terminal) -> None:
    by_page(t)
    keys = ((LIST, ALL), (LIST, ENTER), ("Tick at least one", SPACE), (LIST, ENTER))
    asked(t, person=answers(*until_list(), *keys, ("later?", "n\r"), NO_CHECK))
    assert sync(t) == {"include": ["Deep House"]}


def test_run_again_it_shows_todays_answers_and_changes_nothing(t: Terminal) -> None:
    by_page(t)
    text = (
        f'# mine\nlibrary = "{t.folder}/there"  # disk\n[audio]\nformat = "flac"\n'
        '[tidal]\nfavorite_playlists = false\n[sync]\ninclude = ["deep*"] # house\n'
    )
    t.settings.write_text(text)
    said = asked(t, person=answers(*until_list(), (LIST, ENTER), NO_CHECK))
    assert f"Folder [{t.folder}/there]" in said
    assert "[flac]" in said
    assert "[y/N]" in said
    assert "1 of 3 ticked" in said
    assert "Nothing changed" in said
    assert t.settings.read_text() == text


def test_an_existing_file_keeps_its_comments(t: Terminal) -> None:
    t.settings.write_text('# mine\n[audio]\nformat = "flac"  # for the club\nbitrate = 256\n')
    assert t("init", "--format", "mp3", "--playlist", "Deep House").code == 0
    text = t.settings.read_text()
    assert text.startswith('# mine\n[audio]\nformat = "mp3"  # for the club\nbitrate = 256\n')
    assert sync(t) == {"include": ["Deep House"]}


def test_ctrl_c_in_the_list_leaves_everything_as_it_was(t: Terminal) -> None:
    by_page(t)
    said = at_terminal(t, "init", person=answers(*until_list(), (LIST, "\x03")), **OWN_SETTINGS)
    assert said.code == 130
    assert said.err.rindex(LIST_ENDS) > said.err.rindex(LIST)
    assert "Aborted: no settings were written, and you are logged in." in said.err
    assert not t.settings.exists()


def test_what_flags_say_is_not_asked(t: Terminal) -> None:
    by_page(t)
    said = asked(
        t, "--library", str(t.folder / "m"), "--format", "flac", "--all-playlists",
        "--no-favorite-playlists", "--favorite-tracks", "--no-favorite-albums",
        person=answers(NO_CHECK),
    )  # fmt: skip
    assert "Folder" not in said
    assert "follow?" not in said
    assert settings(t)["audio"] == {"format": "flac"}


def test_a_folder_that_cannot_be_a_library_is_asked_for_again(t: Terminal) -> None:
    by_page(t)
    script = [("Folder", "/\r"), *until_list(t.folder / "m"), (LIST, ENTER), NO_CHECK]
    said = asked(t, person=answers(*script))
    assert "root of the file system" in said
    assert settings(t)["library"] == str(t.folder / "m")


def test_a_login_can_wait_and_a_dumb_terminal_has_no_list(t: Terminal) -> None:
    said = asked(t, person=answers(("Log in by", "later\r"), *until_list()))
    assert "Next: `strandline auth login --pkce`" in said
    by_page(t)
    said = asked(t, person=answers(*until_list(), NO_CHECK), TERM="dumb")
    assert "\x1b[?1049h" not in said
    assert "all of them" in said


def test_a_login_by_short_code_may_stay(t: Terminal) -> None:
    t.logged_in()
    said = asked(t, person=answers(("again? [y/N]", ENTER), *until_list(), (LIST, ENTER), NO_CHECK))
    assert "AAC" in said


def test_a_login_that_is_over_is_asked_for_again(t: Terminal) -> None:
    by_page(t)
    t.tidal.logins.revoke()
    script = (("Log in by", "device\r"), *until_list(), (LIST, ENTER), NO_CHECK)
    assert "4 of 4" in asked(t, person=answers(*script))


# ---------------------------------------------------------------- without a terminal


def test_without_a_terminal_no_question_and_no_login(t: Terminal) -> None:
    said = t.process("init", "--library", str(t.folder / "m"), "--format", "flac")
    assert said.code == 0, said.err
    written = {name: value for name, value in settings(t).items() if value}
    assert written == {"library": str(t.folder / "m"), "audio": {"format": "flac"}}
    assert t.tidal.asked("/**") == []
    assert "auth login --pkce" in said.err
    assert not t.state.exists()


def test_init_tells_scripts_what_it_wrote(t: Terminal) -> None:
    first = t("init", "--favorite-playlists", "--json").json
    assert (first["created"], first["changed"]) == (True, {"tidal.favorite_playlists": True})
    again = t("init", "--favorite-playlists", "--json").json
    assert (again["created"], again["changed"]) == (False, {})


def test_all_playlists_takes_patterns_away(t: Terminal) -> None:
    t.settings.write_text('[sync]\ninclude = ["A*"]\nexclude = ["B"]\n')
    assert t("init", "--all-playlists").code == 0
    assert sync(t) == {"include": [], "exclude": []}


def test_a_name_is_no_pattern_and_is_spelled_as_tidal_does(t: Terminal) -> None:
    by_page(t)
    assert t("sync-check").code == 0
    said = t("init", "--playlist", "mix [2020]", "--playlist", "Deep Hause")
    assert said.code == 0
    assert "Deep House" in said.err
    assert sync(t)["include"] == ["Mix [[]2020]", "Deep Hause"]
    assert t("sync-check", "--json").json["excluded"]["playlists"] == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--format", "wav"], "audio.format"),
        (["--all-playlists", "--playlist", "A"], "--all-playlists"),
        (["--library", "/"], "root"),
    ],
)
def test_wrong_answers_write_nothing(t: Terminal, words: list[str], told: str) -> None:
    said = t("init", *words)
    assert said.code == 2
    assert told in said.err
    assert not t.settings.exists()


# ---------------------------------------------------------------- the way to it


def test_who_has_nothing_yet_is_pointed_to_init(t: Terminal) -> None:
    said = t("sync-check")
    assert said.code == 6
    assert "strandline init" in said.err
    assert "strandline init" in t("sync-status").err
    t("init")
    assert "strandline auth login" in t("sync-check").err


def test_after_a_login_the_next_step_is_named_and_the_country_spelled_out(t: Terminal) -> None:
    said = t("auth", "login", "--device", "--json")
    assert "Next: `strandline init`" in said.err
    assert (said.json["country_code"], said.json["country"]) == ("DE", "Germany")
    t("init")
    said = t("auth", "login", "--device")
    assert "Next: `strandline sync-check`" in said.err
    assert "(Germany)" in said.out
