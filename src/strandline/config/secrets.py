"""Settings that may hold a secret: how they are shown, and whether a file must be private."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strandline.config.keys import Key

MASK = "***"
_SCHEME = re.compile(r"^[A-Za-z][\w+.-]*://")
_PASSWORD = re.compile(r"(://[^/@\s]*?:)[^/\s]*(@)")


def masked(key: Key, value: Any) -> Any:
    """The value as it may be shown: of a secret only the scheme, of other addresses no password."""
    if isinstance(value, (list, tuple)):
        return type(value)(masked(key, item) for item in value)
    if not isinstance(value, str) or not value:
        return value
    return _without_rest(value) if key.secret else without_password(value)


def without_password(address: str) -> str:
    """``postgresql://me:***@host/db``."""
    return _PASSWORD.sub(rf"\1{MASK}\2", address)


def holds_secret(keys: Mapping[str, Key], values: Mapping[str, Any]) -> bool:
    """Whether any of these values, by key name, may only be read by their owner."""
    return any(masked(keys[name], value) != value for name, value in values.items())


def _without_rest(value: str) -> str:
    scheme = _SCHEME.match(value)
    return f"{scheme[0] if scheme else ''}{MASK}"
