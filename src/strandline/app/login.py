"""Logging in to TIDAL, out, and seeing who is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strandline.app.session import open_tidal

if TYPE_CHECKING:
    from strandline.config import Config
    from strandline.events import Progress
    from strandline.tidal.auth import DeviceLink
    from strandline.tidal.client import TidalClient
    from strandline.tidal.pkce import PkceLink


@dataclass(frozen=True, slots=True)
class Who:
    """The account TIDAL says the login is of, and the way it was made: ``device`` or ``pkce``."""

    user_id: str
    country_code: str
    way: str

    @property
    def country(self) -> str:
        """The country's name."""
        from strandline.core.countries import country_name

        return country_name(self.country_code)


def log_in(config: Config, show: Callable[[DeviceLink], None], progress: Progress) -> Who:
    """Show a link and wait until it is used. LoginError, UnreachableError."""
    with closing(open_tidal(config, progress)) as client:
        client.log_in(show)
        return _who(client)


def log_in_pkce(
    config: Config,
    show: Callable[[str], None],
    read: Callable[[], str],
    progress: Progress,
    *,
    tries: int,
) -> Who:
    """Show the address of TIDAL's login page and ``read`` the one that it ends on.

    NotThatAddressError when it is none of ``tries`` texts, LoginError, UnreachableError.
    """
    from strandline.app.logs import hide

    def ask(link: PkceLink) -> str:
        hide(lambda: link.secrets)
        show(link.url)
        code = _read_code(read, tries)
        hide(lambda: (code,))
        return code

    with closing(open_tidal(config, progress)) as client:
        client.log_in_pkce(ask)
        return _who(client)


def _read_code(read: Callable[[], str], tries: int) -> str:
    from strandline.tidal.pkce import NotThatAddressError, code_in

    for _ in range(tries - 1):
        try:
            return code_in(read())
        except NotThatAddressError:
            continue
    return code_in(read())


def who_is(config: Config, progress: Progress) -> Who:
    """Ask TIDAL. LoginError when there is no login or it is no longer good; UnreachableError."""
    with closing(open_tidal(config, progress)) as client:
        return _who(client)


def _who(client: TidalClient) -> Who:
    account = client.confirm()
    return Who(account.user_id, account.country_code, client.token().way.value)


def log_out(config: Config) -> bool:
    """Forget the login on this machine; False when there was none. LoginError."""
    from strandline.tidal.keyring_vault import open_token_store

    return open_token_store(config.state_dir).delete()
