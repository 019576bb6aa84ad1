"""Logging in to the stand-in: device links, tokens that expire, refresh tokens that rotate."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from strandline.demo.wire import Answer, Request, json_answer, refusal

if TYPE_CHECKING:
    from datetime import datetime

    from strandline.demo.account import Account

_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


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
        self._access: dict[str, datetime] = {}
        self._refresh: set[str] = set()
        self._links: dict[str, datetime] = {}
        self._made = 0

    # ---------------------------------------------------------------- for tests

    def issue(self) -> Login:
        """Log a client in without asking anybody."""
        with self._lock:
            return Login(self._new_access(), self._new_refresh())

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
            return {*self._access, *self._refresh}

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

    def link(self) -> Answer:
        """Begin a device login."""
        with self._lock:
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
            match request.form.get("grant_type"):
                case "refresh_token":
                    return self._refreshed(request.form.get("refresh_token", ""))
                case grant if grant == _DEVICE:
                    return self._polled(request.form.get("device_code", ""))
                case _:
                    return _denial(400, 1001, "unsupported_grant_type", "Grant type not known")

    def _polled(self, code: str) -> Answer:
        until = self._links.get(code)
        if until is None or until <= self.account.clock():
            return _denial(400, 1003, "expired_token", "The device code has expired")
        if self.denied:
            return _denial(400, 1004, "access_denied", "The user said no")
        if self.pending > 0:
            self.pending -= 1
            return _denial(400, 1002, "authorization_pending", "Device Authorization pending")
        del self._links[code]
        return self._granted(refresh_token=self._new_refresh())

    def _refreshed(self, token: str) -> Answer:
        if self.refuses_refresh or token not in self._refresh:
            return _denial(401, 11101, "invalid_grant", "Token could not be verified")
        self.refreshes += 1
        if not self.rotates:
            return self._granted()
        self._refresh.discard(token)
        return self._granted(refresh_token=self._new_refresh())

    def _granted(self, **more: str) -> Answer:
        body: dict[str, Any] = {
            "scope": "r_usr w_sub w_usr",
            "user": {"userId": self.account.user_id, "username": self.account.username},
            "clientName": "stand-in",
            "token_type": "Bearer",
            "access_token": self._new_access(),
            "expires_in": int(self.lifetime.total_seconds()),
            "user_id": self.account.user_id,
        }
        return json_answer(body | more)

    def _new_access(self) -> str:
        token = self._secret("access")
        self._access[token] = self.account.clock() + self.lifetime
        return token

    def _new_refresh(self) -> str:
        token = self._secret("refresh")
        self._refresh.add(token)
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
