"""The two clients of TIDAL's that a login may be made for; what TIDAL plays depends on which."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidalapi.session import Config

    from strandline.tidal.token import Token


class LoginWay(str, Enum):
    """How a login was made; each way belongs to a client of its own."""

    DEVICE = "device"
    """A link and a short code. Since spring 2026 TIDAL plays no lossless audio to most of them."""
    PKCE = "pkce"
    """The web page's login, ending on an address that is pasted back: full quality."""


@dataclass(frozen=True, slots=True)
class AppClient:
    """What tells the login service which client asks. ``secret`` None: it is not known."""

    id: str
    secret: str | None = field(default=None, repr=False)

    def form(self) -> dict[str, str]:
        """The fields of a request to the login service."""
        form = {"client_id": self.id}
        return form | {"client_secret": self.secret} if self.secret else form


def client_for(config: Config, way: LoginWay) -> AppClient:
    """The client that a new login of this way is made for, by tidalapi's own constants."""
    if way is LoginWay.PKCE:
        return AppClient(config.client_id_pkce, config.client_secret_pkce)  # type: ignore[has-type]
    return AppClient(config.client_id, config.client_secret)


def client_of(config: Config, token: Token) -> AppClient:
    """The client a token was made for, which alone can renew it.

    It may be another than today's when the login is older than this version.
    """
    today = client_for(config, token.way)
    return today if token.client_id in (None, today.id) else AppClient(token.client_id or "")
