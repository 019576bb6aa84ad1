"""Lists that come in pages, read whole or not believed.

A page that fails, a number that does not add up, an entry that comes twice: each makes the list
incomplete, with a reason a person can read. An incomplete list is never mistaken for a short one.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any

from strandline.errors import TidalAnswerError, UnreachableError
from strandline.tidal.client import Answer, TidalClient
from strandline.tidal.http import Params

ITEMS_PAGE, LISTS_PAGE = 100, 50
"""The most TIDAL gives at a time: of a playlist's items, of playlists."""
MOST_PAGES = 1_000
PAGES_AHEAD = 4
"""Of one list, asked for at a time."""
READINGS = 3
"""Of a list that changes while it is read."""
CHANGING = "it kept changing while it was read"


class ShiftedError(Exception):
    """The list changed between two of its pages; reading it anew may help."""


@dataclass(frozen=True, slots=True)
class Pages:
    """What was read of a list."""

    items: list[Any]
    incomplete: str | None = None
    etag: str | None = None
    failed: UnreachableError | None = None
    """The error that ended the reading, if one did."""


def read_pages(
    client: TidalClient,
    path: str,
    *,
    limit: int,
    what: str,
    ahead: Executor,
    doubles: bool = False,
    more: Params | None = None,
) -> Pages:
    """A v1 list, by offset. Raises the client's errors only when not even one page could be had.

    A list that shifts while it is read is read anew, READINGS times in all. After its first page
    a few are asked for at a time, in the threads of ``ahead``. With ``doubles`` an entry may stand
    twice on one page, which is no shift. ``more`` is asked with every page.
    """
    reason = ""
    etags: tuple[str | None, ...] = ()
    for _ in range(READINGS):
        reader = _Reader(client, path, limit, what, ahead, doubles=doubles, more=more)
        try:
            return reader.read(etags)
        except ShiftedError as error:
            reason, etags = str(error), tuple(reader.etags)
        except UnreachableError as error:
            if not reader.items:
                raise
            return Pages(reader.items, error.message, failed=error)
        finally:
            reader.stop()
    return Pages(reader.items, reason)


class _Reader:
    """One reading of a list; ``items`` is what is there so far."""

    def __init__(
        self,
        client: TidalClient,
        path: str,
        limit: int,
        what: str,
        ahead: Executor,
        *,
        doubles: bool,
        more: Params | None = None,
    ) -> None:
        self.items: list[Any] = []
        self.etags: list[str | None] = []
        """Of the pages so far."""
        self._client, self._path, self._limit, self._what = client, path, limit, what
        self._more = dict(more or {})
        self._entries, self._doubles = Entries(), doubles
        self._ahead = ahead
        self._asked: dict[int, Future[Answer]] = {}

    def read(self, before: tuple[str | None, ...] = ()) -> Pages:
        """All pages. ShiftedError when they do not fit together.

        ``before`` are the ETags of the reading before this one.
        """
        first = page = self._page(0)
        self._limit = min(self._limit, first.limit or self._limit)
        total, offset, empty = announced(first), 0, 0
        for _ in range(MOST_PAGES):
            items = items_of(page)
            self.etags.append(page.etag)
            self._entries.add(items, doubles=self._doubles)
            self.items += items
            empty = 0 if items else empty + 1
            offset += self._step(page)
            if offset >= total or empty > 1:
                break
            page = self._page_of(offset, total)
            if announced(page) != total or tell_two_states(first.etag, page.etag):
                raise ShiftedError(CHANGING)
        if not _of_one_state(self.etags, before):
            raise ShiftedError(CHANGING)
        return Pages(self.items, mismatch(total, len(self.items)), first.etag)

    def stop(self) -> None:
        """Ask no more for pages that nobody waits for."""
        for future in self._asked.values():
            future.cancel()

    def _page_of(self, offset: int, total: int) -> Answer:
        """Asks for the pages after it, too, if TIDAL gives them as long as was asked for."""
        if offset % self._limit:
            return self._page(offset)
        for place in range(offset, total, self._limit)[:PAGES_AHEAD]:
            if place not in self._asked:
                self._asked[place] = self._ahead.submit(self._page, place)
        return self._asked.pop(offset).result()

    def _page(self, offset: int) -> Answer:
        params = {**self._more, "limit": self._limit, "offset": offset}
        return self._client.get(self._path, params, what=self._what)

    def _step(self, page: Answer) -> int:
        """How far the next page is: what TIDAL says it used, if that is less than asked for."""
        used, asked = page.document.get("limit"), page.limit or self._limit
        return used if isinstance(used, int) and 0 < used < asked else asked


def milliseconds(etag: str | None) -> int | None:
    """The time of the last change that an ETag is in recordings; None for one of another form."""
    stamp = (etag or "").strip('W/"')
    return int(stamp[:18]) if stamp.isascii() and stamp.isdigit() else None


def tell_two_states(one: str | None, other: str | None) -> bool:
    """Two times that differ. ETags of another form may be of the answer, not of the list."""
    stamps = milliseconds(one), milliseconds(other)
    return None not in stamps and stamps[0] != stamps[1]


def are_times(*etags: str | None) -> bool:
    """All of them tell when the list changed."""
    return None not in map(milliseconds, etags)


def _of_one_state(etags: list[str | None], before: tuple[str | None, ...]) -> bool:
    """All alike; or each page has an ETag of its own, which stays what it was."""
    return len(set(etags)) == 1 or tuple(etags) == before


def announced(page: Answer) -> int:
    """``totalNumberOfItems``; TidalAnswerError without one, as then no end can be known."""
    total = page.document.get("totalNumberOfItems")
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        raise TidalAnswerError("TIDAL does not say how long a list is.")
    return total


def items_of(page: Answer) -> list[Any]:
    """``items``; TidalAnswerError without them."""
    items = page.document.get("items")
    if not isinstance(items, list):
        raise TidalAnswerError("TIDAL sent a page without a list in it.")
    return items


def mismatch(total: int, delivered: int) -> str | None:
    """The reason when a list is not as long as it says."""
    if total == delivered:
        return None
    return f"TIDAL announced {total} items and delivered {delivered}"


class Entries:
    """The entries of a list so far: one (not: one track) that comes again tells of a shift."""

    def __init__(self) -> None:
        self._seen: set[Any] = set()

    def add(self, items: Iterable[Any], *, doubles: bool = False) -> None:
        """ShiftedError when one of them was there before; with ``doubles``, on an earlier page."""
        before = set(self._seen) if doubles else self._seen
        for wrapped in items:
            key = _entry_key(wrapped)
            if key is not None and key in before:
                raise ShiftedError("TIDAL sent the same entry twice")
            self._seen.add(key)


def _entry_key(wrapped: Any) -> Any:
    """What names an entry: its own uuid, else its sort key; for a list of playlists, the uuid."""
    if not isinstance(wrapped, dict):
        return None
    inner = wrapped.get("item") or wrapped.get("playlist") or wrapped.get("data")
    if not isinstance(inner, dict):
        return None
    key = inner.get("itemUuid") or inner.get("uuid") or inner.get("index")
    return (wrapped.get("type"), key) if isinstance(key, (str, int)) else None
