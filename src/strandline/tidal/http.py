"""Asks TIDAL and brings back replies: tidalapi's session, with patience and bounds added."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import requests
from tidalapi.session import Config, Session

from strandline.errors import InterruptedRunError, StrandlineError, UnreachableError
from strandline.tidal.retry import RateLimiter, RetryPolicy, retry_after
from strandline.tidal.token import Token
from strandline.tidal.transport import (
    HopelessAnswerError,
    TidalAdapter,
    parse_json,
    prepare_session,
    read_body,
    tidal_errors,
)

Params = Mapping[str, str | int]
TRY_LATER = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


class Reply(NamedTuple):
    """What came back: any status, with the JSON in it (None where an error page has none)."""

    status: int
    document: Any
    etag: str | None = None
    retry_after: float | None = None
    """Seconds."""
    bearer: str | None = None
    """The token the question was asked with, to tell whether it is still the current one."""


@dataclass
class HttpSession:
    """One connection pool to TIDAL; safe for as many threads as ``connections``."""

    origin: str | None = None
    """STRANDLINE_TIDAL_URL: stands in for every host of TIDAL's."""
    connections: int = 8
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    closed: threading.Event = field(default_factory=threading.Event, init=False)
    limiter: RateLimiter = field(default_factory=RateLimiter)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    note: Callable[[str], None] = lambda _message: None
    sent: int = field(default=0, init=False)
    """How many requests were sent, repeated ones included."""

    def __post_init__(self) -> None:
        self._count_lock = threading.Lock()
        self.session = Session(Config())  # the default Config is one object shared by all
        adapter = TidalAdapter(self.origin, self.connections, bearer=True)
        prepare_session(self.session.request_session, adapter)

    def close(self) -> None:
        """Ask nothing more: whatever waits or comes later ends in InterruptedRunError."""
        self.closed.set()
        self.limiter.stop()
        self.session.request_session.close()

    def check_open(self) -> None:
        """InterruptedRunError once the wire is closed."""
        if self.closed.is_set():
            raise InterruptedRunError("Interrupted.")

    def use(self, token: Token) -> None:
        """Ask with this token from now on. tidalapi's own refresh (unlocked) stays off."""
        self.session.token_type = token.token_type
        self.session.access_token = token.access_token
        self.session.refresh_token = None
        self.session.session_id = token.session_id
        self.session.country_code = token.country_code

    def get(
        self,
        path: str,
        params: Params | None = None,
        *,
        v2: bool = False,
        openapi: bool = False,
        patient: bool = True,
    ) -> Reply:
        """Any reply that asking again would not change. UnreachableError, TidalAnswerError.

        Not ``patient``: 429 comes back, too; whoever asked decides how long everybody waits.
        ``openapi`` asks TIDAL's public API instead, once.
        """
        config = self.session.config
        base = config.api_v2_location if v2 else config.api_v1_location
        base = config.openapi_v2_location if openapi else base
        send = self.session.request.basic_request
        later = TRY_LATER if patient else TRY_LATER - {429}
        later = frozenset() if openapi else later
        return self._ask(partial(send, "GET", path, params=params, base_url=base), later)

    def rest(self, attempt: int) -> None:
        """Wait before what was answered is asked anew, from ``attempt`` 1 on longer each time."""
        self.limiter.sleep(self.policy.backoff(attempt + 1, self.limiter.jitter()))

    def post(self, url: str, form: Mapping[str, str]) -> Reply:
        """A form to the login service; carries no token."""
        return self._ask(partial(self.session.request_session.post, url, data=form))

    def post_once(self, url: str, form: Mapping[str, str]) -> Reply:
        """The same with a single try, for a caller that asks again by its own clock."""
        return self._send(partial(self.session.request_session.post, url, data=form))

    def _ask(
        self, send: Callable[[], requests.Response], later: Container[int] = TRY_LATER
    ) -> Reply:
        limiter = self.limiter
        until = limiter.clock() + self.policy.budget
        for attempt in range(1, self.policy.tries + 1):
            limiter.wait()
            outcome = self._outcome(send)
            if isinstance(outcome, Reply) and outcome.status not in later:
                limiter.hold(0.0) if outcome.status == 429 else limiter.ease()
                return outcome
            wait = self._wait_after(outcome, attempt, limiter)
            if attempt == self.policy.tries or limiter.clock() + wait > until:
                break
            self._rest(outcome, wait, limiter)
        raise outcome if isinstance(outcome, StrandlineError) else _gave_up(outcome)

    def _outcome(self, send: Callable[[], requests.Response]) -> Reply | UnreachableError:
        try:
            return self._send(send)
        except HopelessAnswerError:
            raise
        except UnreachableError as error:
            return error

    def _send(self, send: Callable[[], requests.Response]) -> Reply:
        self.check_open()
        with self._count_lock:
            self.sent += 1
        with tidal_errors():
            response = send()
            body = read_body(response)
        return self._reply(response, body)

    def _reply(self, response: requests.Response, body: bytes) -> Reply:
        headers, sent = response.headers, response.request.headers
        return Reply(
            response.status_code,
            parse_json(body) if response.ok else _maybe_json(body),
            headers.get("ETag"),
            retry_after(headers.get("Retry-After"), self.now()),
            (sent.get("Authorization") or "").rpartition(" ")[2] or None,
        )

    def _wait_after(
        self, outcome: Reply | UnreachableError, attempt: int, limiter: RateLimiter
    ) -> float:
        asked = outcome.retry_after if isinstance(outcome, Reply) else None
        backoff = self.policy.backoff(attempt, limiter.jitter())
        return backoff if asked is None else min(max(asked, 0.05), self.policy.longest_wait)

    def _rest(self, outcome: Reply | UnreachableError, wait: float, limiter: RateLimiter) -> None:
        if isinstance(outcome, Reply) and outcome.status == 429:
            self.note(f"TIDAL asks to go slower; waiting {wait:.0f} s.")
            limiter.hold(wait)
        else:
            limiter.sleep(wait)


def _maybe_json(body: bytes) -> Any:
    try:
        return parse_json(body)
    except UnreachableError:
        return None


def _gave_up(reply: Reply) -> UnreachableError:
    if reply.status == 429:
        return UnreachableError(
            "TIDAL says this account is rate limited.", hint="Try again in a while."
        )
    return UnreachableError(
        f"TIDAL is having problems (HTTP {reply.status}).",
        hint="Try again later.",
    )
