"""The table of refusals, read aloud: status, number, form, what was asked → who is refused."""

from __future__ import annotations

from typing import Any

import pytest

from strandline.errors import Exit
from strandline.tidal.app_clients import LoginWay
from strandline.tidal.endings import ending
from strandline.tidal.refusals import (
    Asked,
    Form,
    RefusedError,
    Scope,
    page_size_in,
    refusal_from,
    scope_of,
)

PLAYBACK, READ, LOGIN = Asked.PLAYBACK, Asked.READ, Asked.LOGIN
WEB_PAGE = None


def body(number: int, words: str = "No.") -> dict[str, Any]:
    return {"status": 400, "subStatus": number, "userMessage": words}


def denial(error: str, number: int | None = None) -> dict[str, Any]:
    more = {} if number is None else {"sub_status": number, "error_description": "No."}
    return {"status": 400, "error": error, **more}


TABLE: list[tuple[str, Asked, int, Any, Scope]] = [
    ("asset not ready", PLAYBACK, 401, body(4005), Scope.TIER),
    ("asset not ready, as 404", PLAYBACK, 404, body(4005), Scope.TIER),
    ("not found, in TIDAL's words", PLAYBACK, 404, body(2001), Scope.TIER),
    ("a playlist that is not there", READ, 404, body(2001), Scope.TRACK),
    ("a bare 401 at one tier", PLAYBACK, 401, WEB_PAGE, Scope.TIER),
    ("a 401 at one tier", PLAYBACK, 401, body(0), Scope.TIER),
    ("a 403 of TIDAL's at one tier", PLAYBACK, 403, body(0), Scope.TIER),
    ("the token is too old", PLAYBACK, 401, body(11003), Scope.LOGIN),
    ("the token is too old, in words", READ, 401, body(0, "The token has expired."), Scope.LOGIN),
    ("a token TIDAL does not know", PLAYBACK, 401, body(11002), Scope.LOGIN),
    ("no token", READ, 401, body(6001), Scope.LOGIN),
    ("a 401 of TIDAL's to a list", READ, 401, body(0), Scope.LOGIN),
    ("the grant is over", LOGIN, 401, denial("invalid_grant", 11101), Scope.LOGIN),
    ("the grant is over, in one word", LOGIN, 400, denial("invalid_grant"), Scope.LOGIN),
    ("the client id, at login", LOGIN, 400, denial("invalid_client", 1005), Scope.CLIENT),
    ("the client id, in one word", LOGIN, 401, denial("unauthorized_client"), Scope.CLIENT),
    ("the client id, by number", LOGIN, 404, body(8003), Scope.CLIENT),
    ("the client id, at a list", READ, 401, body(8003), Scope.CLIENT),
    ("another device plays", PLAYBACK, 401, body(4006), Scope.ACCOUNT),
    ("another device plays, as 403", PLAYBACK, 403, body(4006), Scope.ACCOUNT),
    ("the month is used up", PLAYBACK, 403, body(4010), Scope.ACCOUNT),
    ("no subscription", PLAYBACK, 401, body(4033), Scope.ACCOUNT),
    ("payment required", PLAYBACK, 402, WEB_PAGE, Scope.ACCOUNT),
    ("forbidden, and nobody says why", PLAYBACK, 403, WEB_PAGE, Scope.ACCOUNT),
    ("a 401 that TIDAL did not write", READ, 401, WEB_PAGE, Scope.ACCOUNT),
    ("too many", PLAYBACK, 429, WEB_PAGE, Scope.RATE),
    ("too many, at login", LOGIN, 429, WEB_PAGE, Scope.RATE),
    ("not in this country", PLAYBACK, 401, body(4032), Scope.PLACE),
    ("not in this country either", PLAYBACK, 403, body(4035), Scope.PLACE),
    ("a parameter is missing", PLAYBACK, 400, body(1002), Scope.PROTOCOL),
    ("a parameter is missing in a list", READ, 400, body(1001), Scope.PROTOCOL),
    ("no such address", PLAYBACK, 404, WEB_PAGE, Scope.PROTOCOL),
    (
        "no such address, by a framework",
        PLAYBACK,
        404,
        {"status": 404, "error": "Not Found", "path": "/v1"},
        Scope.PROTOCOL,
    ),
    ("an answer of another API", READ, 404, {"errors": [{"status": "404"}]}, Scope.PROTOCOL),
    ("gone", PLAYBACK, 410, body(0), Scope.PROTOCOL),
    ("gone for legal reasons", PLAYBACK, 451, WEB_PAGE, Scope.PROTOCOL),
    ("the login service moved", LOGIN, 404, WEB_PAGE, Scope.PROTOCOL),
    ("not allowed to ask so", READ, 405, body(0), Scope.PROTOCOL),
]


@pytest.mark.parametrize(("asked", "status", "document", "scope"), [row[1:] for row in TABLE])
def test_who_is_refused(asked: Asked, status: int, document: Any, scope: Scope) -> None:
    assert scope_of(refusal_from(status, document), asked) is scope


@pytest.mark.parametrize(
    ("status", "words", "size"),
    [
        (400, "Too big page, max page size is [50]", 50),
        (400, "max page size is 20", 20),
        (400, "Maximum page size is [100]", 100),
        (400, "max page size is [0]", None),
        (400, "max page size is [many]", None),
        (403, "max page size is [50]", None),
        (400, "countryCode parameter missing", None),
    ],
)
def test_the_text_says_how_long_a_page_may_be(status: int, words: str, size: int | None) -> None:
    for number in (1001, 1002):
        assert page_size_in(refusal_from(status, body(number, words))) == size


@pytest.mark.parametrize(
    "document",
    [
        {"status": 400, "subStatus": 1002, "description": "Too big page, max page size is [50]"},
        {"errors": [{"status": "400", "detail": "Too big page, max page size is [50]"}]},
        {"message": "max page size is [50]"},
    ],
)
def test_how_long_a_page_may_be_is_read_from_any_form_of_error(document: Any) -> None:
    assert page_size_in(refusal_from(400, document)) == 50


@pytest.mark.parametrize("odd", [None, [], "no", 4, {"subStatus": "4005"}, {"userMessage": 4}])
def test_what_is_no_error_of_tidals_has_no_number(odd: Any) -> None:
    refusal = refusal_from(404, odd)
    assert (refusal.sub_status, refusal.words, refusal.form) == (None, "", Form.OTHER)


ENDINGS: list[tuple[int, Any, bool, Exit, str, str]] = [
    (401, body(4005), True, Exit.LOGIN, "client_refused", "auth login --pkce"),
    (401, body(4005), False, Exit.UNREACHABLE, "all_refused", "Try again later"),
    (404, body(2001), True, Exit.UNREACHABLE, "all_refused", "Try again later"),
    (404, body(2001), False, Exit.UNREACHABLE, "all_refused", "Try again later"),
    (401, body(11002), False, Exit.LOGIN, "login_over", "auth login"),
    (400, body(1005), False, Exit.LOGIN, "client_withdrawn", "newer strandline"),
    (401, body(4006), True, Exit.UNREACHABLE, "account_refused", "Try again later"),
    (401, body(4010), True, Exit.UNREACHABLE, "account_refused", "is renewed"),
    (401, body(4033), True, Exit.UNREACHABLE, "account_refused", "account"),
    (403, None, True, Exit.UNREACHABLE, "account_refused", "Try again later"),
    (401, body(4035), True, Exit.UNREACHABLE, "place_refused", "VPN"),
    (429, None, True, Exit.UNREACHABLE, "rate_refused", "Try again later"),
    (400, body(1002), True, Exit.UNREACHABLE, "answers_changed", "newer strandline"),
    (404, None, True, Exit.UNREACHABLE, "answers_changed", "newer strandline"),
    (410, None, True, Exit.UNREACHABLE, "answers_changed", "newer strandline"),
    (451, None, True, Exit.UNREACHABLE, "answers_changed", "newer strandline"),
]


@pytest.mark.parametrize(("status", "document", "device", "exit_", "code", "hint"), ENDINGS)
def test_how_a_run_ends_when_everybody_is_refused(
    status: int, document: Any, device: bool, exit_: Exit, code: str, hint: str
) -> None:
    request = "GET /v1/tracks/*/playbackinfopostpaywall"
    refused = RefusedError("track 1", refusal_from(status, document), PLAYBACK, request=request)
    error = ending(refused, LoginWay.DEVICE if device else LoginWay.PKCE)
    assert (error.exit, error.code) == (exit_, code)
    assert hint in error.hint
    assert str(status) in error.message or code == "login_over"
    assert (request in error.message) == (code == "answers_changed")
