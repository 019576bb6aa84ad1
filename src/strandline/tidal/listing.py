"""The list of an account's playlists: two lists of TIDAL's, of which neither can be trusted alone.

The flat v1 list (own and followed) lacks some that the folders of v2 hold, and the reverse. Both
are read and united. Only where nothing can have changed (v1 names exactly the playlists known
from last time, and v2 counts as many) is the long way through v2's pages spared. What a list lacks
is not gone for that: see ``absent``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from strandline.core.ids import PlaylistId
from strandline.core.remote import FolderTree, KnownPlaylist, Origin, RemotePlaylist
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
NOT_OFFERED = (403, 404, 410, 451)
"""What TIDAL answers for a list that it does not give to this client any more."""
_LIST = "the list of playlists"
_UNREADABLE = "TIDAL's list holds an entry that cannot be read"
_ORIGINS: Mapping[Any, Origin] = {"USER_CREATED": Origin.OWN, "USER_FAVORITE": Origin.FOLLOWED}


@dataclass
class Listing:
    """The playlists there are. With ``reasons`` the list may lack some of them."""

    spelling: dict[str, PlaylistId] = field(default_factory=dict)
    """Each uuid in lower case, and as it is written here: as it was when it was first seen."""
    playlists: dict[PlaylistId, RemotePlaylist] = field(default_factory=dict)
    hollow: dict[PlaylistId, str] = field(default_factory=dict)
    """Entries without data (their owner deleted the playlist), by id, with their names."""
    kept: dict[PlaylistId, str] = field(default_factory=dict)
    """Known playlists that may be there although they are not listed, each with the reason."""
    reasons: list[str] = field(default_factory=list)
    failures: list[UnreachableError] = field(default_factory=list)
    retired: bool = False
    """TIDAL does not offer one of the two lists: it is not there, rather than out of order."""
    nameless: int = 0
    """Entries of the flat list of which nothing can be told; the folders tell more of theirs."""
    tree: FolderTree | None = None
    """TIDAL's folders; None where they were not read to the end, for they are as known then."""

    @property
    def ids(self) -> set[PlaylistId]:
        """Every playlist that may still be there."""
        return self.playlists.keys() | self.hollow.keys() | self.kept.keys()

    def add(self, data: Any, user_id: str, **more: Any) -> bool:
        """One entry of either list; False if it holds no data."""
        if not isinstance(data, dict) or not data.get("uuid"):
            return False
        read = parse.playlist(data, user_id, **more)
        if read is not None:
            self.unite(replace(read, tidal_id=self.spelled(read.tidal_id)))
        return True

    def spelled(self, uuid: PlaylistId) -> PlaylistId:
        """The same id, whatever the case of its letters."""
        return self.spelling.setdefault(uuid.casefold(), uuid)

    def unite(self, read: RemotePlaylist) -> None:
        """Of two states of one playlist the newer one counts: the lists may lag."""
        known = self.playlists.get(read.tidal_id, read)
        newer = read if _is_newer(read, known) else known
        self.playlists[read.tidal_id] = replace(
            newer, folder=known.folder or read.folder, origin=known.origin
        )
        self.hollow.pop(read.tidal_id, None)

    def fail(self, error: UnreachableError, first_page: Callable[[], Answer]) -> None:
        """One of the two lists could not be read. Not even its first page, when asked again?"""
        self.failures.append(error)
        if _is_not_offered(error) and _is_not_offered(_error_of(first_page)):
            self.retired = True
        else:
            self.reasons.append(error.message)


def read_lists(
    client: TidalClient,
    user_id: str,
    known: Mapping[PlaylistId, KnownPlaylist],
    *,
    thorough: bool = False,
) -> Listing:
    """Both lists, once. UnreachableError when neither could be had at all.

    ``known`` is what there was last time; ``thorough`` reads both lists whatever they say.
    """
    listing = Listing(spelling={id.casefold(): id for id in known})
    _read_flat(client, user_id, listing)
    as_known = listing.ids == set(known) and not listing.reasons and not listing.nameless
    try:
        whole = _read_folders(client, user_id, listing, spare=as_known and not thorough)
    except UnreachableError as error:
        listing.fail(error, lambda: _folder_page(client, "root", None))
        whole = False
    nothing = not listing.ids and not listing.retired  # a lone list may well be empty
    if len(listing.failures) > 1 or (listing.failures and nothing):
        raise listing.failures[0]
    if listing.nameless and not whole:
        listing.reasons.append(_UNREADABLE)
    return listing


def _is_newer(read: RemotePlaylist, known: RemotePlaylist) -> bool:
    if read.last_updated is None or known.last_updated is None:
        return False
    return read.last_updated > known.last_updated


def _error_of(ask: Callable[[], Answer]) -> UnreachableError | None:
    try:
        ask()
    except UnreachableError as error:
        return error
    return None


def _is_not_offered(error: UnreachableError | None) -> bool:
    return isinstance(error, RefusedError) and error.status in NOT_OFFERED


def _read_flat(client: TidalClient, user_id: str, listing: Listing) -> None:
    path = f"users/{user_id}/playlistsAndFavoritePlaylists"
    try:
        with ThreadPoolExecutor(PAGES_AHEAD, "tidal") as ahead:
            pages = read_pages(
                client, path, limit=LISTS_PAGE, what=_LIST, ahead=ahead, doubles=True
            )
    except UnreachableError as error:
        listing.fail(error, lambda: client.get(path, {"limit": 1}, what=_LIST))
        return
    for wrapped in pages.items:
        kind = wrapped.get("type") if isinstance(wrapped, dict) else None
        origin = _ORIGINS.get(kind) if isinstance(kind, str) else None
        if not listing.add(parse.part(wrapped, "playlist"), user_id, origin=origin):
            listing.nameless += 1
    if pages.incomplete:
        listing.reasons.append(pages.incomplete)


@dataclass(frozen=True, slots=True)
class _Folder:
    id: str
    name: str | None
    size: int | None


def _read_folders(client: TidalClient, user_id: str, listing: Listing, *, spare: bool) -> bool:
    """The tree of folders from its root, each once, however they are nested; whether all is told.

    With ``spare`` a long list whose count agrees with ``listing`` is not read.
    """
    before = len(listing.reasons)
    first = _folder_page(client, "root", None)
    if spare and first.document.get("cursor") and _counted(client, first) == len(listing.ids):
        return True
    waiting, seen = [_Folder("root", None, None)], {"root"}
    folders: dict[str, tuple[str, str]] = {}
    inside: dict[PlaylistId, str] = {}
    while waiting:
        folder = waiting.pop()
        start = first if folder.id == "root" else _folder_page(client, folder.id, None)
        for wrapped in _entries(client, folder, start, listing):
            inner = _folder(wrapped)
            if inner is None:
                _add(wrapped, folder, user_id, listing)
                if folder.id != "root" and (uuid := _uuid(wrapped)):
                    inside[listing.spelled(uuid)] = folder.id
            elif inner.id not in seen and len(seen) < MOST_FOLDERS:
                seen.add(inner.id)
                waiting.append(inner)
                folders[inner.id] = (inner.name or f"Untitled [{inner.id[:8]}]", folder.id)
    whole = len(listing.reasons) == before
    listing.tree = FolderTree(folders, inside) if whole else None
    return whole


def _uuid(wrapped: Any) -> PlaylistId | None:
    return parse.playlist_id(parse.part(wrapped, "data")) if isinstance(wrapped, dict) else None


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
        entries.add(items, doubles=True)
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
    if kind not in ("PLAYLIST", None):
        return
    if listing.add(parse.part(wrapped, "data"), user_id, folder=folder.name):
        return
    trn = parse.text(wrapped.get("trn")) if isinstance(wrapped, dict) else None
    uuid = parse.playlist_id({"uuid": trn.rpartition(":")[2]}) if trn else None
    if trn is None:
        listing.reasons.append(_UNREADABLE)
    elif uuid is not None and listing.spelled(uuid) not in listing.playlists:
        listing.hollow[listing.spelled(uuid)] = parse.name(wrapped.get("name")) or f"[{uuid}]"
