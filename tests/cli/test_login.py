"""auth login: on TIDAL's web page or by a short code; what is kept, told and never told."""

from __future__ import annotations

import json

import pytest

from tests.cli.browser import pastes, with_person
from tests.cli.terminal import Terminal
from tests.cli.test_secrets import everything_written

TOKENS = "/v1/oauth2/token"


def kept(t: Terminal) -> dict[str, str]:
    token: dict[str, str] = json.loads((t.state / "login.json").read_text())["token"]
    return token


def test_the_address_of_the_last_page_read_from_stdin_is_a_login(fresh: Terminal) -> None:
    said = with_person(fresh, "auth", "login", "--pkce", "--json", person=pastes())
    assert (said.code, said.json["logged_in"], said.json["way"]) == (0, True, "pkce")
    assert kept(fresh)["way"] == "pkce"
    assert (fresh.state / "login.json").stat().st_mode & 0o777 == 0o600
    assert fresh("auth", "status", "--json").json["way"] == "pkce"


def test_at_a_terminal_the_way_is_asked_for_with_the_web_page_first(fresh: Terminal) -> None:
    page, agreed = pastes(), []

    def person(told: str) -> str | None:
        if "Log in by" in told and not agreed:
            agreed.append(True)
            return ""
        return page(told)

    said = with_person(fresh, "auth", "login", person=person, terminal=True)
    assert said.code == 0, said.err
    assert "lossless" in said.err
    assert said.err.index("pkce") < said.err.index("device")
    assert kept(fresh)["way"] == "pkce"


def test_a_wrong_address_at_a_terminal_is_asked_for_again(fresh: Terminal) -> None:
    page, wrong = pastes(), []

    def person(told: str) -> str | None:
        if "Address" in told and not wrong:
            wrong.append(True)
            return "hello"
        return page(told) if "That is not the address" in told else None

    said = with_person(fresh, "auth", "login", "--pkce", person=person, terminal=True)
    assert said.code == 0, said.err
    assert "Logged in" in said.out


@pytest.mark.parametrize("words", [("--device",), ("--no-browser",), ()])
def test_a_short_code_where_it_is_asked_for_or_nobody_can_be_asked(
    fresh: Terminal, words: tuple[str, ...]
) -> None:
    said = fresh("auth", "login", *words)
    assert said.code == 0, said.err
    assert "link.tidal.com" in said.err
    assert "auth login --pkce" in said.out
    assert kept(fresh)["way"] == "device"


def test_two_ways_at_once_are_wrong_usage(fresh: Terminal) -> None:
    assert fresh("auth", "login", "--pkce", "--device").code == 2


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("hello", "Oops"),
        ("https://tidal.com/android/login/auth", "Oops"),
        ("https://tidal.com/android/login/auth?code=forged", "did not accept"),
        ("https://tidal.com/android/login/auth?error=access_denied", "declined"),
    ],
)
def test_another_address_is_told_and_the_old_login_stays(
    t: Terminal, pasted: str, told: str
) -> None:
    before = (t.state / "login.json").read_bytes()
    said = with_person(t, "auth", "login", "--pkce", person=pastes(lambda _: pasted))
    assert said.code == 6
    assert told in said.err
    assert (t.state / "login.json").read_bytes() == before


def test_nothing_on_stdin_is_no_login(fresh: Terminal) -> None:
    said = fresh("auth", "login", "--pkce")
    assert said.code == 6
    assert "No address came on stdin." in said.err
    assert fresh.tidal.asked(TOKENS) == []


def test_a_login_is_renewed_with_the_client_it_was_made_for(fresh: Terminal) -> None:
    with_person(fresh, "auth", "login", "--pkce", person=pastes())
    fresh.tidal.logins.expire()
    assert fresh("auth", "status").code == 0
    made, renewed = fresh.tidal.asked(TOKENS)
    assert renewed.form["grant_type"] == "refresh_token"
    assert renewed.form["client_id"] == made.form["client_id"] == kept(fresh)["client_id"]
    assert kept(fresh)["way"] == "pkce"


def test_a_login_of_0_1_0_is_one_by_short_code(t: Terminal) -> None:
    old = kept(t)
    del old["way"], old["client_id"]
    file = t.state / "login.json"
    file.write_text(json.dumps({"schema": "strandline.login/1", "kept_in": "file", "token": old}))
    t.tidal.logins.expire()
    assert t("auth", "status", "--json").json["way"] == "device"
    from tidalapi.session import Config

    assert t.tidal.asked(TOKENS)[0].form["client_id"] == Config().client_id


def test_code_and_verifier_are_told_nowhere(fresh: Terminal) -> None:
    said = with_person(fresh, "auth", "login", "--pkce", "-v", person=pastes())
    form = fresh.tidal.asked(TOKENS)[0].form
    fresh.tidal.logins.revoke()
    again = fresh("sync-check", "-v")
    text = (said.out + said.err + again.err).encode() + everything_written(fresh)
    assert form["code"].encode() not in text
    assert form["code_verifier"].encode() not in text
