"""What stands in the favourite tracks, in an album and in a mix.

None of them tells when it changed. So where the favourite tracks seem to have lost something, they
are believed only when they come again, after a rest: TIDAL's replicas lag.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from itertools import count
from typing import Any

from strandline.core.favorites import FAVORITE_TRACKS, album_of, mix_of
from strandline.core.ids import PlaylistId
from strandline.core.remote import ItemKind, ReadPlaylist, RemoteItem, RemotePlaylist
from strandline.errors import UnreachableError
from strandline.tidal import parse
from strandline.tidal.client import TidalClient
from strandline.tidal.pages import ITEMS_PAGE, READINGS, Pages, read_pages
from strandline.tidal.playlist_reading import (
    Contents,
    ReadRequest,
    refusal_reason,
    unread_reason,
)
from strandline.tidal.refusals import RefusedError

NEWEST_FIRST: dict[str, str | int] = {"order": "DATE", "orderDirection": "DESC"}
_UNSURE = "it was not the same twice: TIDAL may have answered from an older state"
_TWICE = "TIDAL sent the same entry twice"


def favorite_tracks_path(user_id: str) -> str:
    """Where TIDAL lists them."""
    return f"users/{user_id}/favorites/tracks"


class FavoriteReading:
    """One reading of such a playlist. Raises only LoginError and InterruptedRunError."""

    def __init__(
        self,
        client: TidalClient,
        wanted: ReadRequest,
        user_id: str,
        reader: parse.Items,
        ahead: Executor,
    ) -> None:
        self._client, self._user_id, self._reader, self._ahead = client, user_id, reader, ahead
        self._listed, self._known = wanted.listed, wanted.known
        self._before: tuple[RemoteItem, ...] | None = None

    def read(self) -> Contents:
        """All of it, READINGS tries in all where something seems to be lost."""
        for reading in range(READINGS):
            if reading:
                self._client.http.rest(reading)
            try:
                contents = self._once()
            except RefusedError as error:
                unread = ReadPlaylist(self._listed, None, refusal_reason(error))
                return Contents(unread, refused=error)
            except UnreachableError as error:
                return self.failed(error)
            if not self._is_doubtful(contents.read):
                return contents
            self._before = contents.read.items
        known = self._known is not None
        return Contents(ReadPlaylist(self._listed, None, _UNSURE, as_known=known))

    def failed(self, error: UnreachableError) -> Contents:
        """Not read."""
        return Contents(ReadPlaylist(self._listed, None, error.message), error)

    def _once(self) -> Contents:
        id = self._listed.tidal_id
        tracks = id == FAVORITE_TRACKS
        pages = read_pages(
            self._client,
            _path(id, self._user_id),
            limit=ITEMS_PAGE,
            what=f"the items of {self._listed.name!r}",
            ahead=self._ahead,
            more=NEWEST_FIRST if tracks else None,
        )
        wrapped = map(_as_item, pages.items) if tracks else iter(pages.items)
        items = tuple(map(self._reader.read, wrapped, count()))
        reason = pages.incomplete or unread_reason(items)
        if tracks and reason is None and _has_doubles(items):
            reason = _TWICE
        return Contents(ReadPlaylist(self._header(items, pages), items, reason), pages.failed)

    def _header(self, items: tuple[RemoteItem, ...], pages: Pages) -> RemotePlaylist:
        """As it was read; of an album the list itself tells how long it is."""
        listed = self._listed
        if album_of(listed.tidal_id) or pages.incomplete:
            return listed
        videos = sum(item.kind is ItemKind.VIDEO for item in items)
        read = replace(listed, num_tracks=len(items) - videos, num_videos=videos)
        if mix_of(listed.tidal_id):
            return read
        added = [item.added_at for item in items if item.added_at is not None]
        return replace(read, last_updated=max(added, default=None))

    def _is_doubtful(self, read: ReadPlaylist) -> bool:
        """Whether something is gone that was there, and not for the second time alike."""
        known = self._known
        if self._listed.tidal_id != FAVORITE_TRACKS or known is None or read.incomplete:
            return False
        if self._before is not None:
            return self._before != read.items
        now, fewer = read.playlist, read.playlist.num_tracks < known.num_tracks
        older = known.last_updated is not None and (
            now.last_updated is None or now.last_updated < known.last_updated
        )
        return fewer or older


def _path(id: PlaylistId, user_id: str) -> str:
    if album := album_of(id):
        return f"albums/{album}/items"
    mix = mix_of(id)
    return f"mixes/{mix.id}/items" if mix else favorite_tracks_path(user_id)


def _as_item(wrapped: Any) -> Any:
    """A favourite in the form of a playlist's item: the date stands outside of the track."""
    item = parse.part(wrapped, "item") if isinstance(wrapped, dict) else {}
    if not item:
        return wrapped
    return {"type": "track", "item": {**item, "dateAdded": wrapped.get("created")}}


def _has_doubles(items: tuple[RemoteItem, ...]) -> bool:
    ids = [item.track.tidal_id for item in items if item.track]
    return len(ids) != len(set(ids))
