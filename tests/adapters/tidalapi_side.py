"""The real tidalapi, sent to the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import tidalapi.session
from requests.adapters import HTTPAdapter

from strandline.demo.server import StandIn

Session = Any
"""A ``tidalapi.Session``, whose own annotations do not say what it gives."""


class Redirected(HTTPAdapter):
    """Sends whatever was meant for TIDAL to another origin, path kept."""

    def __init__(self, origin: str) -> None:
        self.origin = urlsplit(origin)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        url = urlsplit(str(request.url))
        at = (self.origin.scheme, self.origin.netloc, url.path, url.query, "")
        request.url = urlunsplit(at)
        return super().send(request, *args, **options | {"timeout": 30})


def session_to(tidal: StandIn) -> Session:
    session: Session = tidalapi.session.Session(tidalapi.session.Config())
    for scheme in ("https://", "http://"):
        session.request_session.mount(scheme, Redirected(tidal.url))
    return session


@contextmanager
def logged_in(tidal: StandIn) -> Iterator[Session]:
    session, login = session_to(tidal), tidal.logins.issue()
    with session.request_session:
        session.load_oauth_session("Bearer", login.access_token, login.refresh_token)
        yield session
