"""TidalClient: questions to TIDAL's API that survive an expired login, and nothing else."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from strandline.errors import LoginError, TidalAnswerError, UnreachableError
from strandline.tidal.auth import DeviceLink, device_login, naive, renew
from strandline.tidal.endings import client_withdrawn, login_over
from strandline.tidal.http import HttpSession, Params, Reply
from strandline.tidal.keyring_vault import open_token_store
from strandline.tidal.login_store import FIRST_HINT, LOGIN_HINT, TokenStore
from strandline.tidal.pkce import PkceLink, pkce_login
from strandline.tidal.refusals import (
    PRIVILEGES,
    Asked,
    RefusedError,
    Scope,
    page_size_in,
    refusal_from,
)
from strandline.tidal.token import Token
from strandline.tidal.transport import RefusedRedirectError

if TYPE_CHECKING:
    from strandline.config import Config

RENEWALS = 2
"""Of one question; a server that calls every token expired does not keep us for ever."""
SLOWER = 0.1
"""Seconds between two requests, once TIDAL has found that too much was asked: it blocks an account
for a minute and more after some 50 questions in 3 s."""
PAGE_SIZES = 3
"""That one question is repeated with, when TIDAL says that its page is too long."""
UNLIMITED = 1000
"""What tidalapi asks for where no ``limit`` is given."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who is logged in."""

    user_id: str
    country_code: str


class Answer(NamedTuple):
    """A JSON object, and the ETag it came with."""

    document: dict[str, Any]
    etag: str | None
    limit: int | None = None
    """Of a page: the most that was asked for in the end."""


class TidalClient:
    """Safe for ``wire.connections`` threads. Every error is one of strandline's."""

    def __init__(
        self, tokens: TokenStore, http: HttpSession, *, login_hint: str = LOGIN_HINT
    ) -> None:
        """``login_hint`` says what to do where there is no login yet."""
        self.tokens, self.http, self._login_hint = tokens, http, login_hint
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._confirmed: Account | None = None
        self._over: LoginError | None = None
        self._page_sizes: dict[str, int] = {}

    @property
    def requests(self) -> int:
        """Sent so far, repeated ones and those of the login included."""
        return self.http.sent

    def close(self) -> None:
        """Ask nothing more; threads that wait wake up with InterruptedRunError."""
        self.http.close()

    def token(self) -> Token:
        """The login in use. LoginError when there is none."""
        with self._lock:
            if self._token is None:
                self._token = self._loaded()
            return self._token

    @property
    def token_in_use(self) -> Token | None:
        """The login, if it was needed yet. Waits for nobody: a log line written in the middle of
        a refresh asks for it, too.
        """
        return self._token

    def log_in(self, show: Callable[[DeviceLink], None]) -> Account:
        """Log in anew by device link and keep the login. LoginError, UnreachableError."""
        limiter = self.http.limiter
        return self._begin(device_login(self.http, show, sleep=limiter.sleep, clock=limiter.clock))

    def log_in_pkce(self, show: Callable[[PkceLink], str]) -> Account:
        """Log in anew on TIDAL's web page and keep the login; ``show`` brings back the code.

        LoginError, UnreachableError; what ``show`` raises. The login that is kept stays until then.
        """
        return self._begin(pkce_login(self.http, show))

    def _begin(self, token: Token) -> Account:
        self.tokens.save(token)
        self._adopt(token)
        self._confirmed = None
        return self.confirm()

    def account(self) -> Account:
        """Who the kept login belongs to; TIDAL is asked only when that is not known."""
        token = self.token()
        if token.user_id and token.country_code:
            return Account(token.user_id, token.country_code)
        return self.confirm()

    def confirm(self) -> Account:
        """Ask TIDAL who is logged in, once a run. TidalAnswerError when it is somebody else."""
        if self._confirmed is None:
            known = self.token().user_id
            account, session_id = _who(self.get("sessions", what="the account").document)
            if known not in (None, account.user_id):
                raise TidalAnswerError(
                    f"TIDAL answers for user {account.user_id}, "
                    f"but the login belongs to user {known}.",
                    hint="Nothing was changed. If you changed accounts: `strandline auth login`.",
                    code="other_user",
                )
            self._remember(account, session_id)
            self._confirmed = account
        return self._confirmed

    def get(
        self,
        path: str,
        params: Params | None = None,
        *,
        what: str,
        v2: bool = False,
        playback: bool = False,
    ) -> Answer:
        """A JSON object from the v1 or v2 API. ``what`` is asked for, in a person's words.

        RefusedError, LoginError, UnreachableError. A page that is longer than TIDAL gives is
        asked for again as TIDAL says. With ``playback`` a 401 may be about the track, and 429 is
        raised at once, as then everybody has to wait.
        """
        asked = Asked.PLAYBACK if playback else Asked.READ
        kind = _kind_of(path, v2=v2)
        for _ in range(RENEWALS + 1):
            self._renew_if_due()
            for _ in range(PAGE_SIZES):
                wanted = self._sized(kind, params)
                reply = self._reply(path, wanted, v2=v2, playback=playback)
                if reply.status == 200:
                    return _answer(reply, what, wanted)
                refusal = refusal_from(reply.status, reply.document)
                size = page_size_in(refusal)
                if size is None or size >= _limit_of(wanted):
                    break
                self._page_sizes[kind] = size
            refused = RefusedError(
                what, refusal, asked, request=kind, retry_after=reply.retry_after
            )
            if refused.scope is Scope.CLIENT:
                raise client_withdrawn(refused.number, self.token().way)
            if refused.scope is Scope.RATE or refused.sub_status == PRIVILEGES:
                self.http.limiter.slow_down(SLOWER)
            if refused.scope is not Scope.LOGIN:
                raise refused
            self._renew(reply.bearer)
        raise login_over()

    def _reply(self, path: str, params: Params | None, *, v2: bool, playback: bool) -> Reply:
        """For playback, an address that moved is a refusal like any other."""
        try:
            return self.http.get(path, params, v2=v2, patient=not playback)
        except RefusedRedirectError as error:
            if not playback:
                raise
            return Reply(error.status, None)

    def _sized(self, kind: str, params: Params | None) -> Params | None:
        """With no longer page than TIDAL gave before."""
        size = self._page_sizes.get(kind)
        if size is None or size >= _limit_of(params):
            return params
        return {**(params or {}), "limit": size}

    def _loaded(self) -> Token:
        token = self.tokens.load()
        if token is None:
            raise LoginError("There is no login to TIDAL yet.", hint=self._login_hint)
        self.http.use(token)
        return token

    def _remember(self, account: Account, session_id: str | None) -> None:
        with self._lock:
            token = replace(
                self._token or self._loaded(),
                user_id=account.user_id,
                country_code=account.country_code,
                session_id=session_id,
            )
            self._adopt(token)
            with self.tokens.lock():
                stored = self.tokens.load()
                if stored and stored.access_token == token.access_token:
                    self.tokens.save(token)

    def _adopt(self, token: Token) -> None:
        self._token, self._over = token, None
        self.http.use(token)

    def _renew_if_due(self) -> None:
        token, now = self.token(), naive(self.http.now())
        if not token.is_due(now):
            return
        try:
            self._renew(token.access_token)
        except UnreachableError:
            if token.is_over(now):
                raise

    def _renew(self, stale: str | None) -> None:
        """One renewal for all threads and processes that met the same stale token."""
        with self._lock:
            token = self._token
            if token is None or token.access_token != stale:
                return
            with self.tokens.lock():
                newest = self._loaded()
                if newest.access_token == stale:
                    newest = self._renewed(newest)
                    self.tokens.save(newest)  # kept before it is used: it may be the only one
                self._adopt(newest)

    def _renewed(self, token: Token) -> Token:
        """A refresh that was refused is not tried again by every thread that waits for it."""
        if self._over is not None:
            raise self._over
        try:
            return renew(self.http, token)
        except LoginError as error:
            self._over = error
            raise


def _who(document: dict[str, Any]) -> tuple[Account, str | None]:
    try:
        account = Account(str(int(document["userId"])), str(document["countryCode"]))
    except (KeyError, TypeError, ValueError) as error:
        raise TidalAnswerError("TIDAL does not say whose login it is.") from error
    session = document.get("sessionId")
    return account, session if isinstance(session, str) and session.isprintable() else None


def _answer(reply: Reply, what: str, asked: Params | None) -> Answer:
    if not isinstance(reply.document, dict):
        raise TidalAnswerError(f"TIDAL's answer to {what} is not what its API promises.")
    limit = (asked or {}).get("limit")
    return Answer(reply.document, reply.etag, limit if isinstance(limit, int) else None)


def _limit_of(params: Params | None) -> int:
    return int((params or {}).get("limit", UNLIMITED))


_IDS = re.compile(r"/[^/]*\d[^/]*")


def _kind_of(path: str, *, v2: bool) -> str:
    """The request without whom it is about: ``GET /v1/playlists/*/items``."""
    return f"GET /{'v2' if v2 else 'v1'}{_IDS.sub('/*', '/' + path)}"


def open_client(
    config: Config, *, note: Callable[[str], None] = lambda _message: None
) -> TidalClient:
    """The client of a run, by its settings."""
    http = HttpSession(
        origin=config.tidal_url, connections=max(8, config.download_workers), note=note
    )
    hint = LOGIN_HINT if config.path.exists() else FIRST_HINT
    return TidalClient(open_token_store(config.state_dir), http, login_hint=hint)
