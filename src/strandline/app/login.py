"""Logging in to TIDAL, out, and seeing who is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strandline.app.session import open_tidal

if TYPE_CHECKING:
    from strandline.config import Config
    from strandline.events import Progress
    from strandline.tidal.auth import DeviceLink


@dataclass(frozen=True, slots=True)
class Who:
    """The account TIDAL says the login is of."""

    user_id: str
    country_code: str


def log_in(config: Config, show: Callable[[DeviceLink], None], progress: Progress) -> Who:
    """Show a link and wait until it is used. LoginError, UnreachableError."""
    client = open_tidal(config, progress)
    try:
        account = client.log_in(show)
    finally:
        client.close()
    return Who(account.user_id, account.country_code)


def who_is(config: Config, progress: Progress) -> Who:
    """Ask TIDAL. LoginError when there is no login or it is no longer good; UnreachableError."""
    client = open_tidal(config, progress)
    try:
        account = client.confirm()
    finally:
        client.close()
    return Who(account.user_id, account.country_code)


def log_out(config: Config) -> bool:
    """Forget the login on this machine; False when there was none. LoginError."""
    from strandline.tidal.keyring_vault import open_token_store

    return open_token_store(config.state_dir).delete()
