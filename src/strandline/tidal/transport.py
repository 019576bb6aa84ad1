"""Transport: time-outs, redirection to one origin, where the bearer may go, how much is read.

Retries are not here (see retry.py), nor is anything about what an answer means.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from tidalapi.exceptions import TidalAPIError

from strandline.errors import StrandlineError, TidalAnswerError, UnreachableError

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
"""Without a byte for so long, a request has failed."""
ANSWER_SECONDS = 120.0
"""A whole JSON answer takes at most this long, however steadily it drips."""
ANSWER_BYTES = 64 * 1024 * 1024
CHUNK = 256 * 1024

API_HOSTS = frozenset({"api.tidal.com", "openapi.tidal.com", "auth.tidal.com", "login.tidal.com"})
"""The only hosts that ever see the bearer (and STRANDLINE_TIDAL_URL's origin, which stands in)."""


class HopelessAnswerError(TidalAnswerError):
    """An answer that asking again would not mend: too large, too deep, a redirect."""


class RefusedRedirectError(HopelessAnswerError):
    """An API that redirects is a captive portal or an attack; it is not followed."""

    code = "redirect"
    status = 302


class TidalAdapter(HTTPAdapter):
    """Sends to TIDAL, or to the one origin that stands in for all of its hosts."""

    def __init__(self, origin: str | None, connections: int, *, bearer: bool) -> None:
        """``bearer`` False: a session for audio and covers, which never carries the token."""
        self._origin = urlsplit(origin) if origin else None
        self._bearer = bearer
        super().__init__(pool_connections=8, pool_maxsize=connections, pool_block=True)

    @property
    def is_plain(self) -> bool:
        """Everything goes to one http origin: no proxy and no certificates come into it."""
        return self._origin is not None and self._origin.scheme == "http"

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send once. Raises what requests raises, and RefusedRedirectError on an API."""
        host = urlsplit(request.url or "").hostname or ""
        if self._origin and is_tidal(host):
            _redirect(request, self._origin)
        if self._at_origin(request):
            proxies = {}  # the origin was named exactly: nothing stands in between
        if not self._may_carry_bearer(request):
            request.headers.pop("Authorization", None)
        limits = timeout or (CONNECT_SECONDS, READ_SECONDS)
        response = super().send(request, stream, limits, verify, cert, proxies)
        if self._bearer and response.is_redirect:
            response.close()
            raise _redirected(host, response)
        return response

    def _may_carry_bearer(self, request: requests.PreparedRequest) -> bool:
        target = urlsplit(request.url or "")
        safe = target.scheme == "https" and target.hostname in API_HOSTS
        return self._bearer and (safe or self._at_origin(request))

    def _at_origin(self, request: requests.PreparedRequest) -> bool:
        target = urlsplit(request.url or "")
        return self._origin is not None and same_origin(target, self._origin)


def _redirected(host: str, response: requests.Response) -> RefusedRedirectError:
    target = urlsplit(response.headers.get("Location", "")).hostname or ""
    error = RefusedRedirectError(
        f"TIDAL's address {host} redirected to another place, which was not followed.",
        hint="TIDAL's API seems to have moved: look for a newer strandline."
        if is_tidal(target)
        else "Is this a network that asks you to sign in first? Open a browser and see.",
    )
    error.status = response.status_code
    return error


def is_tidal(host: str) -> bool:
    """A host of TIDAL's: ``api.tidal.com``, ``resources.tidal.com``, ``x.audio.tidal.com``."""
    return host == "tidal.com" or host.endswith(".tidal.com")


def same_origin(one: SplitResult, other: SplitResult) -> bool:
    """Scheme, host and port are equal, default ports filled in."""
    return _origin_of(one) == _origin_of(other)


def _origin_of(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or {"http": 80, "https": 443}.get(url.scheme)


def _redirect(request: requests.PreparedRequest, origin: SplitResult) -> None:
    url = urlsplit(request.url or "")
    request.headers["X-Orig-Host"] = url.netloc
    request.url = urlunsplit((origin.scheme, origin.netloc, url.path, url.query, ""))


def prepare_session(session: requests.Session, adapter: TidalAdapter) -> None:
    """Mount ``adapter`` for everything; bodies are streamed so that reading can be bounded."""
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.stream = True
    session.trust_env = not adapter.is_plain  # the environment is read anew for every request
    session.auth = _keep_headers  # else a ~/.netrc would replace the bearer


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def read_body(
    response: requests.Response,
    *,
    cap: int = ANSWER_BYTES,
    seconds: float = ANSWER_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> bytes:
    """The whole body, at most ``cap`` bytes of it, within ``seconds``; the connection goes back."""
    until, size = clock() + seconds, 0
    parts: list[bytes] = []
    with response:
        while part := read_some(response):
            parts.append(part)
            size += len(part)
            if size > cap:
                raise HopelessAnswerError(f"TIDAL sent more than {cap >> 20} MiB in one answer.")
            if clock() > until:
                raise requests.Timeout("the answer took too long")
    return b"".join(parts)


def read_some(response: requests.Response) -> bytes:
    """What has arrived, at most CHUNK bytes; nothing at the end. Raises what urllib3 raises.

    Waiting for a chunk to fill would let a server that drips keep us for days.
    """
    data: bytes = response.raw.read1(CHUNK, decode_content=True)
    return data


def parse_json(body: bytes) -> Any:
    """The document. TidalAnswerError when it is not JSON; HopelessAnswerError when it is nested
    deeper than the parser goes (some hundred levels; TIDAL's answers have five).
    """
    try:
        document = json.loads(body)
        return _whole_text(document) if _may_hold_halves(body) else document
    except ValueError as error:
        raise TidalAnswerError("TIDAL sent an answer that is not JSON.") from error
    except RecursionError as error:
        raise HopelessAnswerError("TIDAL sent an answer that is nested too deeply.") from error


def _may_hold_halves(body: bytes) -> bool:
    """Two quick looks; hardly any answer needs the third."""
    return (b"\\" in body or b"\xed" in body) and _HALVES.search(body) is not None


def _whole_text(value: Any) -> Any:
    """Half a character, which JSON can spell and no disk or database takes, becomes ``�``."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole_text(item) for item in value]
    if isinstance(value, dict):
        return {_whole_text(key): _whole_text(item) for key, item in value.items()}
    return value


_HALVES = re.compile(rb"\\u[dD]|\xed[\xa0-\xbf]")
"""How a surrogate is written: escaped, or as bytes that are not quite UTF-8."""

_BROKEN_ANSWER = (TidalAPIError, KeyError, ValueError, TypeError, IndexError, AttributeError)


@contextmanager
def tidal_errors() -> Iterator[None]:
    """The border: whatever the libraries raise leaves as one of strandline's errors.

    Wrap only calls into requests and tidalapi in it: it also catches the KeyErrors that they
    leak. The messages hold no address, as addresses hold session ids.
    """
    try:
        yield
    except StrandlineError:
        raise
    except requests.exceptions.SSLError as error:
        raise UnreachableError(
            "The secure connection to TIDAL could not be made.",
            hint="Check the date of this machine and any proxy between it and the internet.",
        ) from error
    except urllib3.exceptions.DecodeError as error:
        raise TidalAnswerError("TIDAL sent an answer that could not be unpacked.") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise UnreachableError(
            f"TIDAL could not be reached: {_what_happened(error)}.",
            hint="Check the connection and try again later.",
        ) from error
    except _BROKEN_ANSWER as error:
        raise TidalAnswerError("TIDAL sent an answer that makes no sense.") from error


_KINDS: Mapping[type[BaseException], str] = {
    requests.exceptions.ConnectTimeout: "no connection within the time allowed",
    requests.exceptions.ReadTimeout: "no answer within the time allowed",
    requests.exceptions.Timeout: "no whole answer within the time allowed",
    requests.exceptions.ChunkedEncodingError: "the connection broke in the middle of an answer",
    urllib3.exceptions.ReadTimeoutError: "no whole answer within the time allowed",
    urllib3.exceptions.ProtocolError: "the connection broke in the middle of an answer",
    requests.exceptions.ProxyError: "the proxy refused the connection",
}


def _what_happened(error: BaseException) -> str:
    for kind, words in _KINDS.items():
        if isinstance(error, kind):
            return words
    return "the connection failed"
