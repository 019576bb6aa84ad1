"""What stands in one playlist: read whole, or with the reason why it is not believed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from queue import Empty, SimpleQueue

from strandline.core.favorites import is_favorite
from strandline.core.remote import KnownPlaylist, ReadPlaylist, RemoteItem, RemotePlaylist
from strandline.errors import TidalAnswerError, UnreachableError
from strandline.tidal import parse
from strandline.tidal.absent import ask_for_header
from strandline.tidal.client import TidalClient
from strandline.tidal.favorites import FavoriteReading
from strandline.tidal.pages import (
    ITEMS_PAGE,
    READINGS,
    Pages,
    are_times,
    milliseconds,
    mismatch,
    read_pages,
    tell_two_states,
)
from strandline.tidal.playlist_reading import (
    Contents,
    ReadRequest,
    refusal_reason,
    unread_reason,
)
from strandline.tidal.refusals import RefusedError, Scope

GIVE_UP_AFTER = 3
"""Playlists in a row for which TIDAL could not be reached; the others are then not asked for."""
MOST_ALIKE = 12
"""Playlists refused alike, and none read; the others are then not asked for."""
EVERYBODYS = (Scope.PROTOCOL, Scope.ACCOUNT, Scope.PLACE, Scope.RATE)
"""Whom a refusal is about that is no playlist's own, if all are refused so."""
MOST_AHEAD = 10_000
"""Items of the playlists that are read while others are being stored."""


def read_all(
    client: TidalClient,
    playlists: Sequence[ReadRequest],
    user_id: str,
    workers: int,
    patience: float,
    now: datetime,
) -> Iterator[Contents | None]:
    """Each playlist once, as they come in; None when nothing did for ``patience`` seconds.

    An outage in the middle does not cost every playlist its own wait: after GIVE_UP_AFTER in a
    row the others come back unread. LoginError and InterruptedRunError end it.
    """
    waiting, running = deque(playlists), dict[Future[Contents], ReadRequest]()
    ended, ahead = SimpleQueue[Future[Contents]](), 0
    with ThreadPoolExecutor(workers, "tidal") as pool, ThreadPoolExecutor(workers) as pages:
        reading = _Readings(client, user_id, pages, now)
        try:
            while waiting or running:
                while waiting and (len(running) < workers or ahead < MOST_AHEAD):
                    wanted = waiting.popleft()
                    ahead += _room(wanted.listed)
                    future = pool.submit(reading.read, wanted)
                    running[future] = wanted
                    future.add_done_callback(ended.put)
                done = _next(ended, patience)
                if done is not None:
                    ahead -= _room(running.pop(done).listed)
                yield None if done is None else done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            pages.shutdown(wait=False, cancel_futures=True)


class _Readings:
    """What the threads that read playlists have in common."""

    def __init__(self, client: TidalClient, user_id: str, pages: Executor, now: datetime) -> None:
        self._client, self._user_id, self._pages, self._now = client, user_id, pages, now
        self._items = parse.Items()
        self._in_a_row = 0
        self._given_up: Contents | None = None

    def read(self, wanted: ReadRequest) -> Contents:
        """All of it, unless TIDAL is not there any more."""
        reading = self._reading(wanted)
        if self._given_up is not None:
            assert self._given_up.failed
            return reading.failed(self._given_up.failed)
        contents = reading.read()
        # Two threads may count as one: then one playlist more is asked for.
        self._in_a_row = self._in_a_row + 1 if contents.outage else 0
        if self._in_a_row >= GIVE_UP_AFTER:
            self._given_up = contents
        return contents

    def _reading(self, wanted: ReadRequest) -> Reading | FavoriteReading:
        client, user, reader, pages = self._client, self._user_id, self._items, self._pages
        if is_favorite(wanted.listed.tidal_id):
            return FavoriteReading(client, wanted, user, reader, pages)
        return Reading(client, wanted, user, reader, pages, self._now)


def _room(playlist: RemotePlaylist) -> int:
    """Of MOST_AHEAD; an empty playlist takes some, too."""
    return max(playlist.num_tracks + playlist.num_videos, ITEMS_PAGE)


def _next(ended: SimpleQueue[Future[Contents]], patience: float) -> Future[Contents] | None:
    try:
        return ended.get(timeout=patience)
    except Empty:
        return None


class Refusals:
    """Of playlists: those that are alike, with nothing that was read, are about no playlist."""

    def __init__(self) -> None:
        self._alike: list[RefusedError] = []
        self._answered = False

    def note(self, contents: Contents) -> None:
        """One more. RefusedError when so many were refused that the rest need not be asked for."""
        refused = contents.refused
        if refused is not None and refused.scope in EVERYBODYS:
            self._alike.append(refused)
        elif contents.failed is None:
            self._answered = True
        if len(self._alike) >= MOST_ALIKE:
            self.end()

    def end(self) -> None:
        """That was all. RefusedError when it was everybody who was refused."""
        kinds = {refused.alike for refused in self._alike}
        if not self._answered and len(kinds) == 1 and len(self._alike) >= GIVE_UP_AFTER:
            raise self._alike[0]


class _OlderError(Exception):
    """What TIDAL answered is older than what is known, or of two states; the text says how."""


class Reading:
    """One playlist's reading. Raises only LoginError and InterruptedRunError."""

    def __init__(
        self,
        client: TidalClient,
        wanted: ReadRequest,
        user_id: str,
        reader: parse.Items,
        ahead: Executor,
        now: datetime,
    ) -> None:
        self._client, self._user_id, self._reader, self._ahead = client, user_id, reader, ahead
        self._listed, self._known, self._now = wanted.listed, wanted.known, now
        self._doubted: tuple[RemoteItem, ...] | None = None
        """The items of a reading of which no ETag told how old it was."""

    def read(self) -> Contents:
        """All items, of a state that is no older than the one known: READINGS tries in all.

        What stays older, or a mixture of two states, is no snapshot: nothing is recorded of it.
        """
        why = ""
        for reading in range(READINGS):
            if reading:
                self._client.http.rest(reading)
            try:
                return self._once()
            except _OlderError as error:
                why = str(error)
            except RefusedError as error:
                return Contents(
                    ReadPlaylist(self._listed, None, refusal_reason(error)), refused=error
                )
            except UnreachableError as error:
                return self.failed(error)
        return Contents(ReadPlaylist(self._listed, None, why, as_known=self._known is not None))

    def _once(self) -> Contents:
        if self._is_older(self._listed):  # the list may lag behind the playlist itself
            header = self._header()
            if self._is_older(header):
                raise _OlderError(_older(header, self._known))
            self._listed = header
        listed = self._listed
        path, what = f"playlists/{listed.tidal_id}/items", "the items of a playlist"
        pages = read_pages(self._client, path, limit=ITEMS_PAGE, what=what, ahead=self._ahead)
        items = tuple(map(self._reader.read, pages.items, count()))
        playlist = replace(listed, etag=pages.etag)
        reason = pages.incomplete or unread_reason(items)
        if reason is None and _seems_of_another_state(items, listed, pages.etag):
            playlist, reason = self._compared(playlist, pages, items)
        return Contents(ReadPlaylist(self._dated(playlist), items, reason), pages.failed)

    def _compared(
        self, playlist: RemotePlaylist, pages: Pages, items: tuple[RemoteItem, ...]
    ) -> tuple[RemotePlaylist, str | None]:
        """The list and the items tell of two states: ask the playlist itself which is today's."""
        try:
            header = self._header()
        except UnreachableError as error:
            return playlist, error.message
        if self._is_older(header) or _is_before(header, self._listed):
            raise _OlderError(_older(header, self._known))
        self._listed = header
        entries, delivered = header.num_tracks + header.num_videos, len(pages.items)
        if tell_two_states(header.etag, pages.etag) or self._is_doubtful(header, pages, items):
            raise _OlderError(
                "TIDAL answered with entries of another state than the playlist's own"
            )
        reason = mismatch(entries, delivered) if entries > delivered else None
        return replace(header, etag=pages.etag), reason

    def _is_doubtful(
        self, header: RemotePlaylist, pages: Pages, items: tuple[RemoteItem, ...]
    ) -> bool:
        """Without ETags that are times, only items that come again, after a rest, are believed."""
        if are_times(header.etag, pages.etag):
            return False
        before, self._doubted = self._doubted, items
        return before != items

    def _header(self) -> RemotePlaylist:
        """Of the playlist itself, now. The client's errors."""
        listed = self._listed
        what = f"the playlist {listed.name!r}"
        header = ask_for_header(self._client, self._user_id, listed.tidal_id, what)
        if header is None:
            raise TidalAnswerError("TIDAL answered with another playlist")
        return replace(header, origin=listed.origin, folder=listed.folder)

    def failed(self, error: UnreachableError) -> Contents:
        """Not read; what an older list says of it is not recorded either."""
        older = self._is_older(self._listed)
        return Contents(ReadPlaylist(self._listed, None, error.message, as_known=older), error)

    def _is_older(self, read: RemotePlaylist) -> bool:
        return self._known is not None and self._known.is_newer_than(read, self._now)

    def _dated(self, playlist: RemotePlaylist) -> RemotePlaylist:
        """A date that TIDAL does not tell this time is still known."""
        if playlist.last_updated is not None or self._known is None:
            return playlist
        return replace(playlist, last_updated=self._known.last_updated)


def _is_before(one: RemotePlaylist, other: RemotePlaylist) -> bool:
    if one.last_updated is None or other.last_updated is None:
        return False
    return one.last_updated < other.last_updated


def _older(header: RemotePlaylist, known: KnownPlaylist | None) -> str:
    seen = f" of {header.last_updated:%Y-%m-%d %H:%M:%S}" if header.last_updated else ""
    newest = known.last_updated if known else None
    newer = f" than the one of {newest:%Y-%m-%d %H:%M:%S} that is known" if newest else ""
    return f"TIDAL answered with an older state{seen}{newer or ' than its list'} (UTC)"


def _is_of_before(etag: str | None, changed: datetime | None) -> bool:
    stamp = milliseconds(etag)
    if changed is None or stamp is None:
        return False
    return stamp < int(changed.replace(tzinfo=UTC).timestamp() * 1000)


def _seems_of_another_state(
    items: tuple[RemoteItem, ...], listed: RemotePlaylist, etag: str | None
) -> bool:
    """Not as many items as listed, or the last one added is not among them, or an older ETag."""
    if len(items) != listed.num_tracks + listed.num_videos:
        return True
    if _is_of_before(etag, listed.last_updated):
        return True
    added = [item.added_at for item in items if item.added_at is not None]
    last = listed.last_item_added_at
    return last is not None and bool(added) and max(added) < last
