"""What a refusal of TIDAL's is about: one track, or everything that is asked for.

Pure. ``scope_of`` is the only place that reads the numbers of TIDAL's errors; who asked decides
what to do about a scope: the next tier, a pause, the end of the run.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, NamedTuple

from strandline.errors import TidalAnswerError


class Scope(Enum):
    """Who is refused. Only ``TRACK`` and ``TIER`` are about what was asked for."""

    TRACK = "track"
    """This one thing: it is not there."""
    TIER = "tier"
    """This track at this quality; another tier may be given out."""
    LOGIN = "login"
    """The login: expired, revoked, or none."""
    ACCOUNT = "account"
    """What the account may do: another device plays, a quota, the subscription. Or not known."""
    CLIENT = "client"
    """The client id that strandline comes with."""
    RATE = "rate"
    """Too many questions."""
    PLACE = "place"
    """The country. It is the track's own if others play, and everybody's if none does."""
    PROTOCOL = "protocol"
    """The question itself: TIDAL's API is no longer as this version knows it."""


class Asked(Enum):
    """What was asked for; the same number does not mean the same everywhere."""

    READ = "read"
    PLAYBACK = "playback"
    LOGIN = "login"


class Form(Enum):
    """What the body of a refusal is."""

    TIDAL = "tidal"
    """JSON with a number or words of TIDAL's own."""
    OTHER = "other"
    """A web page, other JSON, or nothing."""


class Refusal(NamedTuple):
    """A refusal as it came."""

    status: int
    sub_status: int | None
    form: Form
    words: str = ""
    """``userMessage`` or ``error_description``; else the words of another form of error."""
    error: str = ""
    """``error``: the login service's word."""


EXPIRED, NO_TOKEN, NOT_FOUND, NOT_READY = 11003, 6001, 2001, 4005
PRIVILEGES, QUOTA, SUBSCRIPTION = 4006, 4010, 4033
NOT_HERE = (4032, 4035)
EVIDENCE = (NOT_FOUND, NOT_READY, *NOT_HERE)
"""Numbers that are about one track, if others play."""
CLIENTS = (1005, 8003)
CLIENT_WORDS = ("invalid_client", "unauthorized_client")
OAUTH_WORD = re.compile(r"[a-z_]+")
PAGE_SIZE = re.compile(r"max(?:imum)? page size is \[?(\d{1,5})\]?", re.IGNORECASE)


def refusal_from(status: int, document: Any) -> Refusal:
    """A refusal by its status and the JSON in its body (None: there is none)."""
    body = document if isinstance(document, dict) else {}
    number = body.get("subStatus", body.get("sub_status"))
    words = body.get("userMessage", body.get("error_description"))
    error = body.get("error")
    error = error if isinstance(error, str) and OAUTH_WORD.fullmatch(error) else ""
    known = isinstance(number, int) or isinstance(words, str) or error
    return Refusal(
        status,
        number if isinstance(number, int) else None,
        Form.TIDAL if known else Form.OTHER,
        words if isinstance(words, str) else _other_words(body),
        error,
    )


def _other_words(body: dict[str, Any]) -> str:
    """Of errors as TIDAL's newer APIs and what stands before them word them; empty for none."""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    found = (
        part.get(key)
        for part in (body, first)
        if isinstance(part, dict)
        for key in ("detail", "description", "message")
    )
    return next((words for words in found if isinstance(words, str)), "")


class Row(NamedTuple):
    """One row of the table; what is not named in it may be anything."""

    scope: Scope
    status: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()
    asked: Asked | None = None
    form: Form | None = None
    errors: tuple[str, ...] = ()
    """Of the login service."""

    def fits(self, refusal: Refusal, asked: Asked) -> bool:
        """Whether all that the row names is so."""
        return (
            (not self.status or refusal.status in self.status)
            and (not self.numbers or refusal.sub_status in self.numbers)
            and self.asked in (None, asked)
            and self.form in (None, refusal.form)
            and (not self.errors or refusal.error in self.errors)
        )


DENIED = (400, 401, 403)
TABLE = (
    # The client id is not known any more, wherever that shows.
    Row(Scope.CLIENT, numbers=CLIENTS),
    Row(Scope.CLIENT, errors=CLIENT_WORDS),
    # The login service wants another login ("invalid_grant"), or is not what it was.
    Row(Scope.RATE, (429,), asked=Asked.LOGIN),
    Row(Scope.LOGIN, DENIED, asked=Asked.LOGIN, form=Form.TIDAL),
    Row(Scope.PROTOCOL, asked=Asked.LOGIN),
    # No token, or one that TIDAL does not know.
    Row(Scope.LOGIN, DENIED, numbers=(NO_TOKEN, *range(11_000, 12_000))),
    # Another device plays, or too much was asked; a month's quota; a subscription that ended.
    Row(Scope.ACCOUNT, numbers=(PRIVILEGES, QUOTA, SUBSCRIPTION)),
    Row(Scope.RATE, (429,)),
    # Not in this country.
    Row(Scope.PLACE, numbers=NOT_HERE),
    # "Asset is not ready": comes with 401, and means this track at this tier.
    Row(Scope.TIER, numbers=(NOT_READY,)),
    # Not found, in TIDAL's own words.
    Row(Scope.TIER, (404,), asked=Asked.PLAYBACK, form=Form.TIDAL),
    Row(Scope.TRACK, (404,), form=Form.TIDAL),
    # Some tiers answer so. Elsewhere 401 is the login's, if TIDAL says it.
    Row(Scope.TIER, (401,), asked=Asked.PLAYBACK),
    Row(Scope.TIER, (403,), asked=Asked.PLAYBACK, form=Form.TIDAL),
    Row(Scope.LOGIN, (401,), form=Form.TIDAL),
    # Nobody says what these are about: the account, until one track proves otherwise.
    Row(Scope.ACCOUNT, (401, 402, 403)),
    # A parameter is missing, the address is gone, or it was not TIDAL who answered.
    Row(Scope.PROTOCOL),
)
"""From the certain to the uncertain; the first row that fits counts."""


def scope_of(refusal: Refusal, asked: Asked) -> Scope:
    """Who is refused, by the table."""
    if is_expired(refusal):
        return Scope.LOGIN
    return next(row.scope for row in TABLE if row.fits(refusal, asked))


def is_expired(refusal: Refusal) -> bool:
    """The token is too old; the next one will do."""
    expired = refusal.sub_status == EXPIRED or refusal.words.startswith("The token has expired")
    return expired and refusal.status in (400, 401, 403)


def passes(refusal: Refusal, scope: Scope) -> bool:
    """Waiting for a minute or two may be all it takes."""
    lasting = refusal.sub_status in (QUOTA, SUBSCRIPTION)
    return scope in (Scope.RATE, Scope.ACCOUNT) and not lasting


def page_size_in(refusal: Refusal) -> int | None:
    """The largest page that TIDAL gives, if that is what it says: the text decides, no number."""
    found = PAGE_SIZE.search(refusal.words) if refusal.status == 400 else None
    return int(found[1]) or None if found else None


class RefusedError(TidalAnswerError):
    """TIDAL understood and said no.

    ``scope`` says to whom. A ladder of tiers asks the next one at ``Scope.TIER`` and lets every
    other scope through; when the last tier is refused, too, it raises that last refusal.
    """

    code = "refused"

    def __init__(
        self,
        what: str,
        refusal: Refusal,
        asked: Asked = Asked.READ,
        *,
        request: str = "",
        retry_after: float | None = None,
    ) -> None:
        """``what`` was refused, in a person's words; ``request`` is its path."""
        number = f"HTTP {refusal.status}"
        number += f", {refusal.sub_status}" if refusal.sub_status else ""
        super().__init__(f"TIDAL refused {what} ({number}).")
        self.what, self.number, self.request = what, number, request
        self.refusal, self.scope = refusal, scope_of(refusal, asked)
        self.retry_after = retry_after
        """Seconds, where TIDAL says how long to wait."""

    @property
    def status(self) -> int:
        """Of HTTP."""
        return self.refusal.status

    @property
    def sub_status(self) -> int | None:
        """TIDAL's own number."""
        return self.refusal.sub_status

    @property
    def passes(self) -> bool:
        """Waiting for a minute or two may be all it takes."""
        return passes(self.refusal, self.scope)

    @property
    def alike(self) -> tuple[Scope, int, int | None]:
        """Equal for refusals that say the same, whatever they were asked for."""
        return self.scope, self.status, self.sub_status
