"""What stands in one playlist: read whole, or with the reason why it is not believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from strandline.core.remote import ItemKind, RemoteItem, RemotePlaylist
from strandline.errors import TidalAnswerError, UnreachableError
from strandline.tidal import parse
from strandline.tidal.client import RefusedError, TidalClient
from strandline.tidal.pages import ITEMS_PAGE, Pages, mismatch, read_pages

GIVE_UP_AFTER = 3
"""Playlists in a row for which TIDAL could not be reached; the others are then not asked for."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A playlist as it was read. ``items`` None: not even one page could be had."""

    playlist: RemotePlaylist
    items: tuple[RemoteItem, ...] | None
    incomplete: str | None = None
    failed: UnreachableError | None = None

    @property
    def outage(self) -> bool:
        """TIDAL was not there, as opposed to: it answered something odd."""
        return self.failed is not None and not isinstance(self.failed, TidalAnswerError)


def read_all(
    client: TidalClient, playlists: Sequence[RemotePlaylist], user_id: str, workers: int
) -> Iterator[Contents]:
    """Each playlist once, in the order in which they come in, ``workers`` at a time.

    An outage in the middle does not cost every playlist its own wait: after GIVE_UP_AFTER in a
    row the others come back unread. LoginError and InterruptedRunError end it.
    """
    waiting, running, in_a_row = iter(playlists), set[Future[Contents]](), 0
    items = parse.Items()
    with ThreadPoolExecutor(workers, "tidal") as pool:
        try:
            while True:
                for playlist in waiting:
                    running.add(pool.submit(read_contents, client, playlist, user_id, items))
                    if len(running) >= 2 * workers:
                        break
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    contents = future.result()
                    in_a_row = in_a_row + 1 if contents.outage else 0
                    yield contents
                if in_a_row >= GIVE_UP_AFTER:
                    reason = contents.incomplete
                    yield from (Contents(left, None, reason, contents.failed) for left in waiting)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def read_contents(
    client: TidalClient, listed: RemotePlaylist, user_id: str, reader: parse.Items
) -> Contents:
    """All items of a listed playlist. Raises only LoginError and InterruptedRunError."""
    path, what = f"playlists/{listed.tidal_id}/items", f"the items of {listed.name!r}"
    try:
        pages = read_pages(client, path, limit=ITEMS_PAGE, what=what)
    except RefusedError as error:
        return Contents(listed, None, _refused(error))
    except UnreachableError as error:
        return Contents(listed, None, error.message, error)
    items = tuple(reader.read(wrapped, place) for place, wrapped in enumerate(pages.items))
    playlist = replace(listed, etag=pages.etag)
    reason = pages.incomplete or _unread(items)
    if reason is None and len(items) < listed.num_tracks + listed.num_videos:
        playlist, reason = _less_than_listed(client, playlist, user_id, pages)
    return Contents(playlist, items, reason, pages.failed)


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
