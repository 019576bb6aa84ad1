"""A login as a value: what TIDAL gave, hidden in every text made of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from strandline.tidal.app_clients import LoginWay

SHORTEST_MARGIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and how to get the next one. Times are naive UTC."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_type: str
    obtained_at: datetime | None = None
    expires_at: datetime | None = None
    user_id: str | None = None
    country_code: str | None = None
    session_id: str | None = field(default=None, repr=False)
    way: LoginWay = LoginWay.DEVICE
    client_id: str | None = None
    """The client it was made for; None in a login of 0.1.0: that version's device client."""

    def is_due(self, now: datetime) -> bool:
        """Soon no longer valid: within a minute, or the last tenth of a shorter life."""
        if self.expires_at is None:
            return False
        margin = SHORTEST_MARGIN
        if self.obtained_at is not None:
            margin = min(margin, (self.expires_at - self.obtained_at) / 10)
        return now >= self.expires_at - margin

    def is_over(self, now: datetime) -> bool:
        """No longer valid by TIDAL's own word."""
        return self.expires_at is not None and now >= self.expires_at

    def renewed(self, answer: dict[str, Any], now: datetime) -> Token:
        """After a refresh. A rotated refresh token replaces the old one. KeyError, TypeError."""
        fresh = token_from_answer(answer | {"refresh_token": _next_refresh(answer, self)}, now)
        return replace(
            fresh,
            user_id=self.user_id,
            country_code=self.country_code,
            session_id=self.session_id,
            way=self.way,
            client_id=self.client_id,
        )

    def to_json(self) -> dict[str, Any]:
        """For the login file only."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


def _next_refresh(answer: dict[str, Any], old: Token) -> str:
    rotated = answer.get("refresh_token")
    return rotated if isinstance(rotated, str) and rotated else old.refresh_token


def token_from_answer(answer: dict[str, Any], now: datetime) -> Token:
    """TIDAL's token answer. KeyError or TypeError when something is missing."""
    return Token(
        access_token=_text(answer["access_token"]),
        refresh_token=_text(answer["refresh_token"]),
        token_type=_text(answer.get("token_type") or "Bearer"),
        obtained_at=now,
        expires_at=_end(answer.get("expires_in"), now),
    )


def _end(seconds: Any, now: datetime) -> datetime | None:
    """None for a life that is not told, not positive or absurd: then only a 401 ends it."""
    if isinstance(seconds, (int, float)) and 0 < seconds < 10**9:
        return now + timedelta(seconds=seconds)
    return None


def token_from_json(document: dict[str, Any]) -> Token:
    """The reverse of ``to_json``. KeyError, TypeError or ValueError when it is damaged."""
    return Token(
        access_token=_text(document["access_token"]),
        refresh_token=_text(document["refresh_token"]),
        token_type=_text(document["token_type"]),
        obtained_at=_moment(document.get("obtained_at")),
        expires_at=_moment(document.get("expires_at")),
        user_id=_maybe(document.get("user_id")),
        country_code=_maybe(document.get("country_code")),
        session_id=_maybe(document.get("session_id")),
        way=LoginWay(document.get("way") or LoginWay.DEVICE),
        client_id=_maybe(document.get("client_id")),
    )


def secrets_of(token: Token | None) -> tuple[str, ...]:
    """What must never be in a text: for ``redact``."""
    if token is None:
        return ()
    return tuple(
        secret for secret in (token.access_token, token.refresh_token, token.session_id) if secret
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise TypeError("not a usable text")
    return value


def _maybe(value: Any) -> str | None:
    return None if value is None else _text(value)


def _moment(value: Any) -> datetime | None:
    return None if value is None else datetime.fromisoformat(_text(value))
