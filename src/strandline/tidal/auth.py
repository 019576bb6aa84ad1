"""Logging in by device link, and renewing a login. Nothing here ever takes a login away."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from strandline.errors import LoginError, StrandlineError, TidalAnswerError, UnreachableError
from strandline.tidal.app_clients import AppClient, LoginWay, client_for, client_of
from strandline.tidal.endings import LATER, answers_changed, client_withdrawn, login_over
from strandline.tidal.http import TRY_LATER, HttpSession, Reply
from strandline.tidal.login_store import LOGIN_HINT
from strandline.tidal.refusals import Asked, RefusedError, Scope, refusal_from
from strandline.tidal.token import Token, token_from_answer

DEVICE_URL = "https://auth.tidal.com/v1/oauth2/device_authorization"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = "r_usr w_usr w_sub"
LONGEST_LINK = 3600.0
"""Seconds; a link that says it lives longer is given up then."""


@dataclass(frozen=True, slots=True)
class DeviceLink:
    """What a person needs to log in: open ``url``, check that it shows ``user_code``."""

    url: str
    user_code: str
    expires_in: float
    """Seconds."""
    interval: float
    """Seconds between two questions whether it is done."""
    device_code: str = field(repr=False)


def device_login(
    http: HttpSession,
    show: Callable[[DeviceLink], None],
    *,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Token:
    """Show a link and wait until it is used.

    LoginError when it expires or is declined, UnreachableError when no link can be had.
    """
    link = _ask_for_link(http)
    show(link)
    until, interval = clock() + link.expires_in, link.interval
    while clock() < until:
        sleep(interval)
        answer = _poll(http, link)
        if isinstance(answer, Token):
            return answer
        interval = min(interval + answer, 60.0)
    raise LoginError("The login link was not used in time.", hint=LOGIN_HINT, code="login_expired")


def _ask_for_link(http: HttpSession) -> DeviceLink:
    client = client_for(http.session.config, LoginWay.DEVICE)
    form = {"client_id": client.id, "scope": SCOPE}
    reply = http.post(DEVICE_URL, form)
    if reply.status != 200:
        error = login_refused("a login link", reply, DEVICE_URL, LoginWay.DEVICE)
        raise error if error.code != "login_over" else _no_link(reply)
    if not isinstance(reply.document, dict):
        raise TidalAnswerError("TIDAL gave a login link that cannot be read.")
    try:
        return _link(reply.document)
    except (KeyError, TypeError, ValueError) as error:
        raise TidalAnswerError("TIDAL gave a login link that cannot be read.") from error


def _link(document: dict[str, Any]) -> DeviceLink:
    url = str(document.get("verificationUriComplete") or document["verificationUri"])
    if not re.match(r"https?://", url):
        url = f"https://{url}"
    code = str(document["userCode"])
    if not (url.isascii() and url.isprintable() and code.isprintable()):
        raise ValueError("not fit to be shown")
    return DeviceLink(
        url=url,
        user_code=code,
        expires_in=min(float(document["expiresIn"]), LONGEST_LINK),
        interval=min(max(float(document.get("interval", 2)), 0.1), 30.0),
        device_code=str(document["deviceCode"]),
    )


def _poll(http: HttpSession, link: DeviceLink) -> Token | float:
    """The token, or by how many seconds to ask less often."""
    config = http.session.config
    client = client_for(config, LoginWay.DEVICE)
    form = {
        **client.form(),
        "device_code": link.device_code,
        "grant_type": DEVICE_GRANT,
        "scope": SCOPE,
    }
    try:
        reply = http.post_once(config.api_oauth2_token, form)
    except UnreachableError:
        return 0.0  # the link outlives a bad moment of the network
    if reply.status != 200:
        return _pending(reply)
    return new_token(reply, http, LoginWay.DEVICE, client)


def _pending(reply: Reply) -> float:
    error = error_of(reply)
    if error == "expired_token":
        raise LoginError("The login link expired.", hint=LOGIN_HINT, code="login_expired")
    refused = login_refused("the login", reply, DEVICE_URL, LoginWay.DEVICE)
    if refused.code == "client_withdrawn":
        raise refused
    if error in ("access_denied", "invalid_grant"):
        raise LoginError(f"TIDAL declined the login ({error}).", hint=LOGIN_HINT)
    return 5.0 if error == "slow_down" or reply.status == 429 else 0.0


def renew(http: HttpSession, token: Token) -> Token:
    """The next token, with a rotated refresh token if TIDAL sent one.

    LoginError when TIDAL no longer accepts the login; UnreachableError for everything that may
    pass. Either way the login that is kept stays as it is.
    """
    config = http.session.config
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token.refresh_token,
        **client_of(config, token).form(),
    }
    reply = http.post(config.api_oauth2_token, form)
    if reply.status == 200:
        with _readable():
            return token.renewed(reply.document, naive(http.now()))
    error = login_refused("the renewal of the login", reply, config.api_oauth2_token, token.way)
    today = client_for(config, token.way).id
    if error.code == "client_withdrawn" and token.client_id not in (None, today):
        raise login_over()  # this version has a newer client: a new login is made for that
    raise error


def login_refused(what: str, reply: Reply, url: str, way: LoginWay) -> StrandlineError:
    """What a refusal of the login service means for a login of this ``way``."""
    refusal = refusal_from(reply.status, reply.document)
    refused = RefusedError(what, refusal, Asked.LOGIN, request=f"POST {url}")
    match refused.scope:
        case Scope.CLIENT:
            return client_withdrawn(refused.number, way)
        case Scope.LOGIN:
            return login_over()
        case _ if reply.status in TRY_LATER:
            return UnreachableError(f"TIDAL did not finish {what} ({refused.number}).", hint=LATER)
        case _:
            return answers_changed(refused)


def _no_link(reply: Reply) -> TidalAnswerError:
    refusal = refusal_from(reply.status, reply.document)
    return answers_changed(RefusedError("a login link", refusal, request=f"POST {DEVICE_URL}"))


def new_token(reply: Reply, http: HttpSession, way: LoginWay, client: AppClient) -> Token:
    """The login in TIDAL's answer, with what it was made for. TidalAnswerError."""
    with _readable():
        token = token_from_answer(reply.document, naive(http.now()))
    return replace(token, way=way, client_id=client.id)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError) as error:
        raise TidalAnswerError("TIDAL sent a login that cannot be read.") from error


def error_of(reply: Reply) -> str:
    """The login service's word for what is wrong; empty where it gives none."""
    error = reply.document.get("error") if isinstance(reply.document, dict) else None
    return error if isinstance(error, str) else ""


def naive(moment: datetime) -> datetime:
    """An aware UTC time as the naive UTC that is stored everywhere."""
    return moment.replace(tzinfo=None)
