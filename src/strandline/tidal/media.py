"""Bytes from TIDAL's delivery hosts: no token, every address checked, breaks mended by resuming."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urljoin

import requests

from strandline.errors import DownloadError, UnreachableError
from strandline.tidal.address import check_address
from strandline.tidal.http import TRY_LATER, HttpSession
from strandline.tidal.transport import TidalAdapter, prepare_session, read_some, tidal_errors

REDIRECTS = 5
SLOWEST = 4096
"""Bytes a second, on average and after the first minute; slower than that is broken."""


class AudioSink(Protocol):
    """Where audio is written to."""

    def write(self, data: bytes) -> object:
        """All of ``data``. May raise LibraryError, or whatever is to end the download."""

    def restart(self) -> object:
        """Forget everything written so far: the audio comes anew from its beginning."""


class FileSink:
    """Writes to a descriptor that the caller opened and closes."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def write(self, data: bytes) -> None:
        """All of it. OSError."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._handle, view) :]

    def restart(self) -> None:
        """An empty file again. OSError."""
        os.ftruncate(self._handle, 0)
        os.lseek(self._handle, 0, os.SEEK_SET)


class CannotResumeError(Exception):
    """What was received so far is of no use; only a new start helps."""


class Media:
    """A connection pool of its own, without the bearer; as many threads as the wire has."""

    def __init__(self, http: HttpSession) -> None:
        self.http = http
        self._session = requests.Session()
        adapter = TidalAdapter(http.origin, http.connections, bearer=False)
        prepare_session(self._session, adapter)

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def open(self, url: str, headers: dict[str, str] | None = None) -> requests.Response:
        """A response whose body is still to be read. DownloadError, UnreachableError."""
        asked = {"Accept-Encoding": "identity", **(headers or {})}
        for _ in range(REDIRECTS + 1):
            check_address(url, self.http.origin)
            with tidal_errors():
                response = self._session.get(url, headers=asked, allow_redirects=False)
            if not response.is_redirect:
                return response
            response.close()
            url = urljoin(url, response.headers["Location"])
        raise DownloadError("TIDAL sent from one address to the next.", code="bad_manifest")


class Piece:
    """One address, read to its end over as many connections as it takes (RetryPolicy.tries)."""

    def __init__(self, media: Media, url: str, sink: AudioSink, *, most: int, first: bool) -> None:
        """``most`` bytes are taken; ``first``: the audio begins here, so its head is looked at."""
        self.got = 0
        """Bytes taken so far."""
        self._media, self._url, self._sink = media, url, sink
        self._most, self._first = most, first
        self._etag: str | None = None
        self._answered = False

    def read(self, count: Callable[[int], object]) -> int:
        """The number of bytes. CannotResumeError, DownloadError, UnreachableError."""
        policy, limiter = self._media.http.policy, self._media.http.limiter
        for attempt in range(1, policy.tries + 1):
            try:
                self._go_on(count)
                return self.got
            except UnreachableError as error:
                last = error
            if attempt < policy.tries:
                limiter.sleep(policy.backoff(attempt, limiter.jitter()))
        if not self._answered:
            raise last
        raise DownloadError(
            "TIDAL's audio breaks off every time.",
            hint="It is tried again in the next run.",
            code="truncated",
        ) from last

    def _go_on(self, count: Callable[[int], object]) -> None:
        self._media.http.check_open()
        clock = self._media.http.limiter.clock
        with self._media.open(self._url, self._resume()) as response:
            self._check(response)
            until, before = clock() + 60.0, self.got
            while data := self._next(response):
                self._take(data, count)
                if clock() > until + (self.got - before) / SLOWEST:
                    raise UnreachableError("TIDAL sends the audio too slowly.")

    def _resume(self) -> dict[str, str]:
        if not self.got:
            return {}
        if self._etag is None:
            raise CannotResumeError
        return {"Range": f"bytes={self.got}-", "If-Range": self._etag}

    def _check(self, response: requests.Response) -> None:
        status, etag = response.status_code, response.headers.get("ETag")
        if status in TRY_LATER:
            raise UnreachableError(f"TIDAL's audio server has a fault (HTTP {status}).")
        if self.got and not (status == 206 and self._continues(response)):
            raise CannotResumeError
        if status not in (200, 206):
            raise _refused(status)
        self._answered = True
        self._etag = etag if etag and not etag.startswith("W/") else None
        if response.headers.get("Content-Type", "").startswith(("text/", "application/json")):
            raise not_audio()

    def _continues(self, response: requests.Response) -> bool:
        return response.headers.get("Content-Range", "").startswith(f"bytes {self.got}-")

    @staticmethod
    def _next(response: requests.Response) -> bytes:
        with tidal_errors():
            return read_some(response)

    def _take(self, data: bytes, count: Callable[[int], object]) -> None:
        if self._first and not self.got and data.lstrip()[:1] in (b"<", b"{"):
            raise not_audio()
        if self.got + len(data) > self._most:
            raise DownloadError(
                "TIDAL sends far more than a track of this length can be.", code="too_large"
            )
        self._sink.write(data)
        self.got += len(data)
        count(len(data))


def not_audio() -> DownloadError:
    """An error page, most likely, with a status that says all is well."""
    return DownloadError(
        "TIDAL sent a web page instead of audio.",
        hint="Is this a network that asks you to sign in first?",
        code="not_audio",
    )


def _refused(status: int) -> DownloadError:
    code = "gone" if status in (401, 403, 404, 410) else "refused"
    return DownloadError(f"TIDAL's audio server refuses the audio (HTTP {status}).", code=code)
