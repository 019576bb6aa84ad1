"""Questions that reach a stand-in without a socket: the same client and answers, half the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from strandline.demo.server import StandIn
from strandline.demo.wire import Request
from strandline.library import listings

_BY_WIRE = HTTPAdapter.send


@contextmanager
def direct(tidal: StandIn) -> Iterator[None]:
    """Whatever is sent to the stand-in's address is answered in the sender's own thread."""

    def send(
        self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        if not (request.url or "").startswith(tidal.url):
            return _BY_WIRE(self, request, *args, **kwargs)
        return _response(request, tidal)

    HTTPAdapter.send = send  # type: ignore[method-assign]
    try:
        yield
    finally:
        HTTPAdapter.send = _BY_WIRE  # type: ignore[method-assign]


@contextmanager
def by_wire() -> Iterator[None]:
    """For a while all goes over the socket again, which alone can break off."""
    shortcut = HTTPAdapter.send
    HTTPAdapter.send = _BY_WIRE  # type: ignore[method-assign]
    try:
        yield
    finally:
        HTTPAdapter.send = shortcut  # type: ignore[method-assign]


def _response(request: requests.PreparedRequest, tidal: StandIn) -> requests.Response:
    answer = tidal.answer(_as_it_comes(request, tidal.url))
    response = requests.Response()
    response.status_code, response.url, response.request = answer.status, request.url or "", request
    length = {"Content-Length": str(len(answer.body))}
    response.headers = CaseInsensitiveDict(answer.headers | length)
    response.raw = HTTPResponse(
        BytesIO(answer.body), response.headers, answer.status, preload_content=False
    )
    return response


def _as_it_comes(request: requests.PreparedRequest, origin: str) -> Request:
    url = urlsplit(request.url or "")
    body = request.body or b""
    text = body if isinstance(body, str) else body.decode("utf-8", "replace")
    return Request(
        method=request.method or "",
        path=unquote(url.path),
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in request.headers.items()},
        form=dict(parse_qsl(text)),
        origin=origin,
    )


SETTLED = 20_000_000  # nanoseconds: twice the longest tick


@contextmanager
def soon_believed() -> Iterator[None]:
    """A folder's stamp is believed after some ticks of the clock; seconds are a whole life."""
    usual = listings.SETTLED
    listings.SETTLED = SETTLED
    try:
        yield
    finally:
        listings.SETTLED = usual
