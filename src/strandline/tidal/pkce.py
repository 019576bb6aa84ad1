"""Logging in on TIDAL's own web page (PKCE): full quality, and no secret leaves this machine.

A link is opened in any browser; after the login the browser ends on a page that says "Oops",
whose address holds a code. That address, pasted back, is worth a login: once, for a few minutes,
and only together with the verifier that stayed here.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from strandline.errors import LoginError
from strandline.tidal.app_clients import LoginWay, client_for
from strandline.tidal.auth import SCOPE, error_of, login_refused, new_token
from strandline.tidal.http import HttpSession
from strandline.tidal.token import Token

PKCE_HINT = "Run `strandline auth login --pkce` again: an address is good once, for a few minutes."
_LONGEST_ADDRESS = 16_384
"""Characters; TIDAL's have some 1,500."""


@dataclass(frozen=True, slots=True)
class PkceLink:
    """The page to log in on, and what only this machine knows about it."""

    url: str
    verifier: str = field(repr=False)
    unique_key: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be in a text."""
        return self.verifier, self.unique_key


class NotThatAddressError(LoginError):
    """What was pasted is not the address of the page on which TIDAL's login ends."""

    code = "login_address"


def pkce_link(http: HttpSession) -> PkceLink:
    """A new link; the address it ends on is of use with this link alone."""
    config = http.session.config
    verifier, unique_key = secrets.token_urlsafe(32), secrets.token_hex(8)
    asked = {
        "response_type": "code",
        "redirect_uri": config.pkce_uri_redirect,
        "client_id": client_for(config, LoginWay.PKCE).id,
        "lang": "EN",
        "appMode": "android",
        "client_unique_key": unique_key,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        "restrict_signup": "true",
    }
    page = _at_origin(config.api_pkce_auth, http.origin)
    return PkceLink(f"{page}?{urlencode(asked)}", verifier, unique_key)


def challenge_of(verifier: str) -> str:
    """What TIDAL is shown of a verifier beforehand (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def code_in(address: str) -> str:
    """The code in the address of the page on which the login ended.

    NotThatAddressError for any other text, LoginError when TIDAL's page says no.
    """
    text = address.strip().strip("\"'<>")
    try:
        fields = parse_qs(urlsplit(text).query) if len(text) <= _LONGEST_ADDRESS else {}
    except ValueError:
        fields = {}
    if "://" in text and (code := fields.get("code", [""])[0]) and code.isprintable():
        return code
    if "://" in text and fields.get("error"):
        raise LoginError("TIDAL declined the login.", hint=PKCE_HINT)
    raise NotThatAddressError(
        "That is not the address of the page on which TIDAL's login ends.",
        hint="Copy the whole address of the page that says Oops; it holds `code=`.",
    )


def pkce_login(http: HttpSession, show: Callable[[PkceLink], str]) -> Token:
    """A login for the code that ``show``, given a link to open, brings back.

    LoginError when TIDAL does not accept it; UnreachableError.
    """
    link = pkce_link(http)
    config, code = http.session.config, show(link)
    client = client_for(config, LoginWay.PKCE)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": client.id,
        "redirect_uri": config.pkce_uri_redirect,
        "scope": SCOPE,
        "code_verifier": link.verifier,
        "client_unique_key": link.unique_key,
    }
    reply = http.post_once(config.api_oauth2_token, form)
    if reply.status == 200:
        return new_token(reply, http, LoginWay.PKCE, client)
    refused = login_refused("the login", reply, config.api_oauth2_token, LoginWay.PKCE)
    if refused.code == "login_over":
        why = f" ({error})" if (error := error_of(reply)) else ""
        raise LoginError(f"TIDAL did not accept that address{why}.", hint=PKCE_HINT)
    raise refused


def _at_origin(url: str, origin: str | None) -> str:
    """STRANDLINE_TIDAL_URL stands in for the login page, too; the path stays."""
    if origin is None:
        return url
    return urlunsplit((*urlsplit(origin)[:2], urlsplit(url).path, "", ""))
