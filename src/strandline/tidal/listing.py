"""The list of an account's playlists: two lists of TIDAL's, of which neither can be trusted alone.

The flat v1 list (own and followed) lacks some that the folders of v2 hold, and the reverse. Both
are read and united. Only where nothing can have changed (v1 names exactly the playlists known
from last time, and v2 counts as many) is the long way through v2's pages spared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from strandline.core.ids import PlaylistId
from strandline.core.remote import Origin, RemotePlaylist
from strandline.errors import UnreachableError
from strandline.tidal import parse
from strandline.tidal.client import Answer, TidalClient
from strandline.tidal.pages import (
    LISTS_PAGE,
    MOST_PAGES,
    PAGES_AHEAD,
    Entries,
    ShiftedError,
    announced,
    items_of,
    mismatch,
    read_pages,
)
from strandline.tidal.refusals import RefusedError

FOLDERS = "my-collection/playlists/folders"
MOST_FOLDERS = 2_000
MOST_MISSING = 100
"""Playlists that are asked for one by one; where more are missing, something else is wrong."""
NOT_FOUND = 404
_LIST = "the list of playlists"
_ORIGINS: Mapping[Any, Origin] = {"USER_CREATED": Origin.OWN, "USER_FAVORITE": Origin.FOLLOWED}


@dataclass
class Listing:
    """The playlists there are. With ``reasons`` the list may lack some of them."""

    playlists: dict[PlaylistId, RemotePlaylist] = field(default_factory=dict)
    unnamed: set[PlaylistId] = field(default_factory=set)
    """In the list, but without a name: a mix, or a moment of TIDAL's."""
    reasons: list[str] = field(default_factory=list)
    failures: list[UnreachableError] = field(default_factory=list)
    retired: bool = False
    """TIDAL answers 404 to one of the two lists: it is not there, rather than out of order."""

    @property
    def ids(self) -> set[PlaylistId]:
        """Every playlist that is certainly still there."""
        return self.playlists.keys() | self.unnamed

    def kept(self, include_followed: bool) -> Listing:
        """The same, without the playlists of others if they are not wanted."""
        if include_followed:
            return self
        own = {key: one for key, one in self.playlists.items() if one.origin is Origin.OWN}
        return replace(self, playlists=own)

    def add(self, data: Any, user_id: str, **more: Any) -> None:
        """One entry of either list."""
        if not isinstance(data, dict) or not data.get("uuid"):
            self.reasons.append("TIDAL's list holds an entry that cannot be read")
            return
        read, uuid = parse.playlist(data, user_id, **more), parse.playlist_id(data)
        if read is not None:
            self._unite(read)
        elif uuid is not None:
            self.unnamed.add(uuid)

    def _unite(self, read: RemotePlaylist) -> None:
        known = self.playlists.setdefault(read.tidal_id, read)
        if known is not read and read.folder and not known.folder:
            self.playlists[read.tidal_id] = replace(known, folder=read.folder)

    def fail(self, error: UnreachableError, first_page: Callable[[], Answer]) -> None:
        """One of the two lists could not be read. Not even its first page, when asked again?"""
        self.failures.append(error)
        if _is_missing(error) and _is_missing(_error_of(first_page)):
            self.retired = True
        else:
            self.reasons.append(error.message)


def list_playlists(
    client: TidalClient,
    user_id: str,
    known: Collection[PlaylistId],
    *,
    include_followed: bool = True,
    thorough: bool = False,
) -> Listing:
    """The account's playlists. UnreachableError when neither list could be had at all.

    ``known`` are the ids of last time; ``thorough`` reads both lists whatever they say.
    """
    listing = Listing()
    _read_flat(client, user_id, listing)
    as_known = listing.kept(include_followed).ids == set(known) and not listing.reasons
    try:
        _read_folders(client, user_id, listing, spare=as_known and not thorough)
    except UnreachableError as error:
        listing.fail(error, lambda: _folder_page(client, "root", None))
    nothing = not listing.ids and not listing.retired  # a lone list may well be empty
    if len(listing.failures) > 1 or (listing.failures and nothing):
        raise listing.failures[0]
    if listing.retired:
        _ask_for_missing(client, listing, set(known) - listing.ids)
    return listing.kept(include_followed)


def _ask_for_missing(client: TidalClient, listing: Listing, missing: set[PlaylistId]) -> None:
    """With one list only, what it lacks is gone if TIDAL says so of the playlist itself."""
    for playlist in sorted(missing)[:MOST_MISSING]:
        path, what = f"playlists/{playlist}", "a playlist that is no longer listed"
        if _is_missing(_error_of(partial(client.get, path, {}, what=what))):
            missing.discard(playlist)
    if missing:
        listing.reasons.append(
            f"TIDAL offers only one of its two lists, and {len(missing)} known playlists are not"
            " in it"
        )


def _error_of(ask: Callable[[], Answer]) -> UnreachableError | None:
    try:
        ask()
    except UnreachableError as error:
        return error
    return None


def _is_missing(error: UnreachableError | None) -> bool:
    return isinstance(error, RefusedError) and error.status == NOT_FOUND


def _read_flat(client: TidalClient, user_id: str, listing: Listing) -> None:
    path = f"users/{user_id}/playlistsAndFavoritePlaylists"
    try:
        with ThreadPoolExecutor(PAGES_AHEAD, "tidal") as ahead:
            pages = read_pages(client, path, limit=LISTS_PAGE, what=_LIST, ahead=ahead)
    except UnreachableError as error:
        listing.fail(error, lambda: client.get(path, {"limit": 1}, what=_LIST))
        return
    for wrapped in pages.items:
        kind = wrapped.get("type") if isinstance(wrapped, dict) else None
        listing.add(parse.part(wrapped, "playlist"), user_id, origin=_ORIGINS.get(kind))
    if pages.incomplete:
        listing.reasons.append(pages.incomplete)


@dataclass(frozen=True, slots=True)
class _Folder:
    id: str
    name: str | None
    size: int | None


def _read_folders(client: TidalClient, user_id: str, listing: Listing, *, spare: bool) -> None:
    """The tree of folders from its root, each once, however they are nested.

    With ``spare`` a long list whose count agrees with ``listing`` is not read.
    """
    first = _folder_page(client, "root", None)
    if spare and first.document.get("cursor") and _counted(client, first) == len(listing.ids):
        return
    waiting, seen = [_Folder("root", None, None)], {"root"}
    while waiting:
        folder = waiting.pop()
        start = first if folder.id == "root" else _folder_page(client, folder.id, None)
        for wrapped in _entries(client, folder, start, listing):
            inner = _folder(wrapped)
            if inner is None:
                _add(wrapped, folder, user_id, listing)
            elif inner.id not in seen and len(seen) < MOST_FOLDERS:
                seen.add(inner.id)
                waiting.append(inner)


def _counted(client: TidalClient, root: Answer) -> int | None:
    """How many playlists the folders hold by their own count; None when they are too many."""
    page = _folder_page(client, "root", None, includeOnly="FOLDER")
    folders = [folder for wrapped in items_of(page) if (folder := _folder(wrapped))]
    sizes = [folder.size for folder in folders if folder.size is not None]
    if page.document.get("cursor") or len(sizes) != len(folders):
        return None
    return announced(root) - len(folders) + sum(sizes)


def _entries(client: TidalClient, folder: _Folder, page: Answer, listing: Listing) -> Iterator[Any]:
    """Everything in one folder, following its cursors; what is wrong goes to ``listing``."""
    delivered, cursors, entries = 0, set(), Entries()
    for _ in range(MOST_PAGES):
        items = items_of(page)
        delivered += len(items)
        yield from items
        cursor = page.document.get("cursor")
        repeats = cursor in cursors or _repeats(entries, items)
        if not cursor or not isinstance(cursor, str) or repeats:
            break
        cursors.add(cursor)
        page = _folder_page(client, folder.id, cursor)
    reason = "TIDAL's list goes round in circles" if repeats else None
    reason = reason or mismatch(announced(page), delivered)
    if reason:
        listing.reasons.append(reason + (f" in folder {folder.name}" if folder.name else ""))


def _repeats(entries: Entries, items: list[Any]) -> bool:
    try:
        entries.add(items)
    except ShiftedError:
        return True
    return False


def _folder_page(client: TidalClient, folder: str, cursor: str | None, **more: str) -> Answer:
    params: dict[str, str | int] = {
        "folderId": folder,
        "limit": LISTS_PAGE,
        "order": "DATE",
        "orderDirection": "DESC",
        **more,
    }
    if cursor:
        params["cursor"] = cursor
    return client.get(FOLDERS, params, what="the folders of playlists", v2=True)


def _folder(wrapped: Any) -> _Folder | None:
    """The folder that an entry is, None if it is none."""
    if not isinstance(wrapped, dict) or wrapped.get("itemType") != "FOLDER":
        return None
    data = parse.part(wrapped, "data")
    folder_id = parse.text(data.get("id")) or str(wrapped.get("trn")).rpartition(":")[2]
    name = parse.text(wrapped.get("name")) or parse.text(data.get("name"))
    return _Folder(folder_id, name, parse.number(data.get("totalNumberOfItems")))


def _add(wrapped: Any, folder: _Folder, user_id: str, listing: Listing) -> None:
    kind = wrapped.get("itemType") if isinstance(wrapped, dict) else None
    if kind in ("PLAYLIST", None):
        listing.add(parse.part(wrapped, "data"), user_id, folder=folder.name)
