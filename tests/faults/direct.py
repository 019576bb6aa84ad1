"""Shortcuts for thousands of lives: no socket to the stand-in, and a disk that is asked once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from strandline.demo.http import Request
from strandline.demo.server import StandIn
from strandline.library import volume
from strandline.library.scan import folder_cache

_BY_WIRE, _IN_FULL = HTTPAdapter.send, requests.Session.prepare_request


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
    requests.Session.prepare_request = _prepared  # type: ignore[method-assign]
    try:
        yield
    finally:
        HTTPAdapter.send = _BY_WIRE  # type: ignore[method-assign]
        requests.Session.prepare_request = _IN_FULL  # type: ignore[method-assign]


@contextmanager
def by_wire() -> Iterator[None]:
    """For a while all goes over the socket again, which alone can break off."""
    shortcut = HTTPAdapter.send
    HTTPAdapter.send = _BY_WIRE  # type: ignore[method-assign]
    try:
        yield
    finally:
        HTTPAdapter.send = shortcut  # type: ignore[method-assign]


def _prepared(session: requests.Session, request: requests.Request) -> requests.PreparedRequest:
    """The same question, made without a look at cookies, logins and odd addresses."""
    if request.json or request.files:
        return _IN_FULL(session, request)
    prepared = requests.PreparedRequest()
    query = urlencode({k: v for k, v in (request.params or {}).items() if v is not None})
    prepared.method = (request.method or "").upper()
    prepared.url = f"{request.url}?{query}" if query else request.url
    prepared.headers = CaseInsensitiveDict({**session.headers, **(request.headers or {})})
    prepared.body = urlencode(request.data) if request.data else None
    prepared.hooks = session.hooks
    return prepared


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
    usual = folder_cache.SETTLED
    folder_cache.SETTLED = SETTLED
    try:
        yield
    finally:
        folder_cache.SETTLED = usual


@contextmanager
def same_disks() -> Iterator[None]:
    """What file system a device has is asked once: none is mounted anew."""
    usual, known = folder_cache.file_system, dict[int, str | None]()

    def file_system(fd: int) -> str | None:
        device = os.fstat(fd).st_dev
        if device not in known:
            known[device] = usual(fd)
        return known[device]

    folder_cache.file_system = volume.file_system = file_system
    try:
        yield
    finally:
        folder_cache.file_system = volume.file_system = usual
