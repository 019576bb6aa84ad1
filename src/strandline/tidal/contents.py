"""What stands in one playlist: read whole, or with the reason why it is not believed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from queue import Empty, SimpleQueue

from strandline.core.remote import ItemKind, ReadPlaylist, RemoteItem, RemotePlaylist
from strandline.errors import TidalAnswerError, UnreachableError
from strandline.tidal import parse
from strandline.tidal.client import TidalClient
from strandline.tidal.pages import ITEMS_PAGE, Pages, mismatch, read_pages
from strandline.tidal.refusals import RefusedError

GIVE_UP_AFTER = 3
"""Playlists in a row for which TIDAL could not be reached; the others are then not asked for."""
MOST_AHEAD = 10_000
"""Items of the playlists that are read while others are being stored."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A playlist as it was read, and the error that ended the reading, if one did."""

    read: ReadPlaylist
    failed: UnreachableError | None = None

    @property
    def outage(self) -> bool:
        """TIDAL was not there, as opposed to: it answered something odd."""
        return self.failed is not None and not isinstance(self.failed, TidalAnswerError)


def read_all(
    client: TidalClient,
    playlists: Sequence[RemotePlaylist],
    user_id: str,
    workers: int,
    patience: float,
) -> Iterator[Contents | None]:
    """Each playlist once, as they come in; None when nothing did for ``patience`` seconds.

    An outage in the middle does not cost every playlist its own wait: after GIVE_UP_AFTER in a
    row the others come back unread. LoginError and InterruptedRunError end it.
    """
    waiting, running = deque(playlists), dict[Future[Contents], RemotePlaylist]()
    ended, ahead = SimpleQueue[Future[Contents]](), 0
    with ThreadPoolExecutor(workers, "tidal") as pool, ThreadPoolExecutor(workers) as pages:
        reading = _Reading(client, user_id, pages)
        try:
            while waiting or running:
                while waiting and (len(running) < workers or ahead < MOST_AHEAD):
                    playlist = waiting.popleft()
                    ahead += _room(playlist)
                    future = pool.submit(reading.read, playlist)
                    running[future] = playlist
                    future.add_done_callback(ended.put)
                done = _next(ended, patience)
                if done is not None:
                    ahead -= _room(running.pop(done))
                yield None if done is None else done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            pages.shutdown(wait=False, cancel_futures=True)


class _Reading:
    """What the threads that read playlists have in common."""

    def __init__(self, client: TidalClient, user_id: str, pages: Executor) -> None:
        self._client, self._user_id, self._pages = client, user_id, pages
        self._items = parse.Items()
        self._in_a_row = 0
        self._given_up: Contents | None = None

    def read(self, playlist: RemotePlaylist) -> Contents:
        """All of it, unless TIDAL is not there any more."""
        if self._given_up is not None:
            reason, failed = self._given_up.read.incomplete, self._given_up.failed
            return Contents(ReadPlaylist(playlist, None, reason), failed)
        contents = read_contents(self._client, playlist, self._user_id, self._items, self._pages)
        # Two threads may count as one: then one playlist more is asked for.
        self._in_a_row = self._in_a_row + 1 if contents.outage else 0
        if self._in_a_row >= GIVE_UP_AFTER:
            self._given_up = contents
        return contents


def _room(playlist: RemotePlaylist) -> int:
    """Of MOST_AHEAD; an empty playlist takes some, too."""
    return max(playlist.num_tracks + playlist.num_videos, ITEMS_PAGE)


def _next(ended: SimpleQueue[Future[Contents]], patience: float) -> Future[Contents] | None:
    try:
        return ended.get(timeout=patience)
    except Empty:
        return None


def read_contents(
    client: TidalClient,
    listed: RemotePlaylist,
    user_id: str,
    reader: parse.Items,
    ahead: Executor,
) -> Contents:
    """All items of a listed playlist. Raises only LoginError and InterruptedRunError."""
    path, what = f"playlists/{listed.tidal_id}/items", f"the items of {listed.name!r}"
    try:
        pages = read_pages(client, path, limit=ITEMS_PAGE, what=what, ahead=ahead)
    except RefusedError as error:
        return Contents(ReadPlaylist(listed, None, _refused(error)))
    except UnreachableError as error:
        return Contents(ReadPlaylist(listed, None, error.message), error)
    items = tuple(map(reader.read, pages.items, count()))
    playlist = replace(listed, etag=pages.etag)
    reason = pages.incomplete or _unread(items)
    if reason is None and len(items) < listed.num_tracks + listed.num_videos:
        playlist, reason = _less_than_listed(client, playlist, user_id, pages)
    return Contents(ReadPlaylist(playlist, items, reason), pages.failed)


def _refused(error: RefusedError) -> str:
    """A playlist that is listed and yet not found is a blip: deleted ones are not listed."""
    if error.status == 404:
        return "TIDAL lists it but does not find it (HTTP 404)"
    return error.message


def _unread(items: tuple[RemoteItem, ...]) -> str | None:
    bad = sum(item.kind is ItemKind.UNKNOWN for item in items)
    return f"{bad} of {len(items)} items could not be read" if bad else None


def _less_than_listed(
    client: TidalClient, playlist: RemotePlaylist, user_id: str, pages: Pages
) -> tuple[RemotePlaylist, str | None]:
    """The list may be older than the items: ask the playlist itself how long it is."""
    path = f"playlists/{playlist.tidal_id}"
    try:
        answer = client.get(path, what=f"the playlist {playlist.name!r}")
    except UnreachableError as error:
        return playlist, error.message
    now = parse.playlist(answer.document, user_id, origin=playlist.origin, folder=playlist.folder)
    if now is None or now.tidal_id != playlist.tidal_id:
        return playlist, "TIDAL answered with another playlist"
    longer = now.num_tracks + now.num_videos > len(pages.items)
    reason = mismatch(now.num_tracks + now.num_videos, len(pages.items)) if longer else None
    return replace(now, etag=pages.etag), reason
