"""Logging in to the stand-in: device links, tokens that expire, refresh tokens that rotate."""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from strandline.demo.http import Answer, Request, json_answer, refusal

if TYPE_CHECKING:
    from datetime import datetime

    from strandline.demo.account import Account

_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
OOPS = "https://tidal.com/android/login/auth"
"""Where TIDAL's login page ends: a page that says Oops, with a code in its address."""
DEVICE_CLIENT, PKCE_CLIENT = "device", "pkce"


@dataclass(frozen=True, slots=True)
class Login:
    """What a client holds once it is logged in."""

    access_token: str
    refresh_token: str


class Logins:
    """Who may come in. The fields are knobs; change them at any time."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.pending = 0
        """So many polls of a device login are answered ``authorization_pending`` first."""
        self.interval = 0
        """Seconds between polls, as the server asks for."""
        self.denied = False
        """The user says no to the next device login."""
        self.link_lifetime = timedelta(minutes=5)
        self.lifetime = timedelta(days=1)
        """Of an access token."""
        self.rotates = False
        """Each refresh gives a new refresh token and ends the old one."""
        self.refuses_refresh = False
        self.refreshes = 0
        """How many refreshes were granted."""
        self._lock = threading.RLock()
        self.withdrawn: set[str] = set()
        """Ids of clients that TIDAL no longer knows: 1005, ``invalid_client``."""
        self._access: dict[str, datetime] = {}
        self._refresh: set[str] = set()
        self._clients: dict[str, str] = {}
        self._links: dict[str, datetime] = {}
        self._page_clients: set[str] = set()
        self._codes: dict[str, dict[str, str]] = {}
        self._made = 0

    # ---------------------------------------------------------------- for tests

    def issue(self, client: str = DEVICE_CLIENT) -> Login:
        """Log a client in without asking anybody. ``client`` is its id, or what it is called here:
        ``device`` or ``pkce``.
        """
        with self._lock:
            return Login(self._new_access(client), self._new_refresh(client))

    def client_of(self, token: str | None) -> str:
        """The id of the client a token was made for; what ``issue`` was given for one of those."""
        return self._clients.get(token or "", DEVICE_CLIENT)

    def is_pkce(self, token: str | None) -> bool:
        """Whether the token comes from the login page: full quality."""
        client = self.client_of(token)
        return client == PKCE_CLIENT or client in self._page_clients

    def expire(self) -> None:
        """Every access token given so far has expired; refreshing helps."""
        with self._lock:
            self._access = dict.fromkeys(self._access, self.account.clock())

    def revoke(self) -> None:
        """No token given so far is known any more; refreshing does not help."""
        with self._lock:
            self._access.clear()
            self._refresh.clear()

    @property
    def secrets(self) -> set[str]:
        """Every token that is or was good: none of them may turn up in a log."""
        with self._lock:
            return {*self._access, *self._refresh, *self._codes}

    # ---------------------------------------------------------------- for the server

    def check(self, token: str | None) -> Answer | None:
        """Why a request with this token is refused; None if it is welcome."""
        with self._lock:
            if token is None:
                return refusal(401, 6001, "Missing or malformed Authorization header")
            if token not in self._access:
                return refusal(401, 11002, "Token could not be verified")
            if self._access[token] <= self.account.clock():
                return refusal(401, 11003, "The token has expired. (Expired on time)")
            return None

    def link(self, request: Request) -> Answer:
        """Begin a device login."""
        with self._lock:
            if request.form.get("client_id", DEVICE_CLIENT) in self.withdrawn:
                return _denial(401, 1005, "invalid_client", "Client not found")
            code = self._secret("device")
            self._links[code] = self.account.clock() + self.link_lifetime
            short = code[-5:].upper()
        return json_answer(
            {
                "deviceCode": code,
                "userCode": short,
                "verificationUri": "link.tidal.com",
                "verificationUriComplete": f"link.tidal.com/{short}",
                "expiresIn": int(self.link_lifetime.total_seconds()),
                "interval": self.interval,
            }
        )

    def token(self, request: Request) -> Answer:
        """Answer a poll of a device login, or a refresh."""
        with self._lock:
            client = request.form.get("client_id", DEVICE_CLIENT)
            if client in self.withdrawn:
                return _denial(401, 1005, "invalid_client", "Client not found")
            match request.form.get("grant_type"):
                case "refresh_token":
                    return self._refreshed(request.form.get("refresh_token", ""), client)
                case "authorization_code":
                    return self._exchanged(request.form, client)
                case grant if grant == _DEVICE:
                    return self._polled(request.form.get("device_code", ""), client)
                case _:
                    return _denial(400, 1001, "unsupported_grant_type", "Grant type not known")

    def page(self, request: Request) -> Answer:
        """The login page: the user agrees at once and is sent to the page that says Oops."""
        asked = request.query
        with self._lock:
            if asked.get("client_id") in self.withdrawn or asked.get("redirect_uri") != OOPS:
                return Answer(400)
            if self.denied:
                return Answer(302, {"Location": f"{OOPS}?error=access_denied"})
            code = self._secret("code")
            self._codes[code] = dict(asked)
            self._page_clients.add(asked.get("client_id", ""))
        return Answer(302, {"Location": f"{OOPS}?{urlencode({'code': code, 'state': 'na'})}"})

    def _exchanged(self, form: dict[str, str], client: str) -> Answer:
        """A code is good once, for the client, key and verifier that it was asked with."""
        asked = self._codes.pop(form.get("code", ""), None)
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        shown = (client, form.get("client_unique_key"), form.get("redirect_uri"), challenge)
        names = ("client_id", "client_unique_key", "redirect_uri", "code_challenge")
        if asked is None or shown != tuple(asked.get(name) for name in names):
            return _denial(400, 11003, "invalid_grant", "Code is not valid")
        return self._granted(client, refresh_token=self._new_refresh(client))

    def _polled(self, code: str, client: str) -> Answer:
        until = self._links.get(code)
        if until is None or until <= self.account.clock():
            return _denial(400, 1003, "expired_token", "The device code has expired")
        if self.denied:
            return _denial(400, 1004, "access_denied", "The user said no")
        if self.pending > 0:
            self.pending -= 1
            return _denial(400, 1002, "authorization_pending", "Device Authorization pending")
        del self._links[code]
        return self._granted(client, refresh_token=self._new_refresh(client))

    def _refreshed(self, token: str, client: str) -> Answer:
        made_for = self.client_of(token)
        strange = made_for not in (client, DEVICE_CLIENT, PKCE_CLIENT)
        if self.refuses_refresh or token not in self._refresh or strange:
            return _denial(401, 11101, "invalid_grant", "Token could not be verified")
        self.refreshes += 1
        if not self.rotates:
            return self._granted(made_for)
        self._refresh.discard(token)
        return self._granted(made_for, refresh_token=self._new_refresh(made_for))

    def _granted(self, client: str, **more: str) -> Answer:
        body: dict[str, Any] = {
            "scope": "r_usr w_sub w_usr",
            "user": {"userId": self.account.user_id, "username": self.account.username},
            "clientName": "stand-in",
            "token_type": "Bearer",
            "access_token": self._new_access(client),
            "expires_in": int(self.lifetime.total_seconds()),
            "user_id": self.account.user_id,
        }
        return json_answer(body | more)

    def _new_access(self, client: str) -> str:
        token = self._secret("access")
        self._access[token] = self.account.clock() + self.lifetime
        self._clients[token] = client
        return token

    def _new_refresh(self, client: str) -> str:
        token = self._secret("refresh")
        self._refresh.add(token)
        self._clients[token] = client
        return token

    def _secret(self, kind: str) -> str:
        self._made += 1
        return f"{kind}-{sha256(f'{id(self)} {kind} {self._made}'.encode()).hexdigest()}"


def _denial(status: int, sub_status: int, error: str, description: str) -> Answer:
    """An error in the shape of TIDAL's login service."""
    return json_answer(
        {
            "status": status,
            "error": error,
            "sub_status": sub_status,
            "error_description": description,
        },
        status,
    )
