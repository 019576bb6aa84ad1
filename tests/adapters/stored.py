"""A small account in a real database, for the tests of what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import EntryIs, FileIs, FolderIs
from strandline.core.remote import ItemKind, ReadPlaylist, RemoteItem, RemotePlaylist, RemoteTrack
from strandline.core.states import Kind, LedgerEntry, LedgerFile, LedgerPlaylist, Stamp
from strandline.db.schema.upgrade import create_fresh
from strandline.db.store import Store

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC).replace(tzinfo=None)
DAY = timedelta(days=1)
DEEP, HOUSE = PlaylistId("deep"), PlaylistId("house")
NAMES = {DEEP: "Deep", HOUSE: "House"}


class Clock:
    """The store's clock; a test moves it by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@cache
def _empty() -> bytes:
    """An empty database, made once a test process."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        create_fresh(path)
        return path.read_bytes()


def open_store(folder: Path, clock: Clock | None = None) -> Store:
    """A store of its own, with ``folder`` as the library."""
    path = folder / "strandline.db"
    if not path.exists():
        path.write_bytes(_empty())
    return Store.open(path, folder, clock or Clock())


def track(id_: str, title: str = "", **more: Any) -> RemoteTrack:
    """A track with a lossless master; ``more`` are fields of RemoteTrack."""
    plain = RemoteTrack(TrackId(id_), title or f"Title {id_}", f"Artist {id_}", duration=200)
    return plain._replace(**{"audio_quality": "LOSSLESS"} | more)


def gone(id_: str) -> RemoteTrack:
    """What TIDAL says of a track it no longer has."""
    nobody = RemoteTrack(TrackId(id_), "Unavailable", "Unknown Artist")
    return nobody._replace(available=False, unavailable_reason="placeholder")


def items(*tracks: RemoteTrack | str) -> list[RemoteItem]:
    """A playlist's items; a bare word stands for that track."""
    told = [track(one) if isinstance(one, str) else one for one in tracks]
    return [
        RemoteItem(place, f"item-{place}-{one.tidal_id}", NOW - DAY, ItemKind.TRACK, one)
        for place, one in enumerate(told)
    ]


def playlist(id_: PlaylistId, count: int = 0, **more: Any) -> RemotePlaylist:
    """A playlist's header."""
    fields: dict[str, Any] = {"name": NAMES.get(id_, id_), "num_tracks": count} | more
    return RemotePlaylist(tidal_id=id_, **fields)


def read(
    header: RemotePlaylist, listed: Sequence[RemoteItem] | None, incomplete: str | None = None
) -> ReadPlaylist:
    """A playlist as it was read; without items, only its header."""
    return ReadPlaylist(header, None if listed is None else tuple(listed), incomplete)


def save(store: Store, lists: dict[PlaylistId, Sequence[RemoteItem]]) -> None:
    """A whole snapshot of an account that has just these playlists."""
    store.snapshots.begin_snapshot("me")
    store.snapshots.save_playlists(
        [read(playlist(id_, len(listed)), listed) for id_, listed in lists.items()]
    )
    store.snapshots.finish_snapshot(complete=True, reason="", seen=list(lists))


def folder_is(id_: PlaylistId, name: str, ino: int = 7) -> FolderIs:
    return FolderIs(LedgerPlaylist(id_, name, NAMES.get(id_), ino))


def link_is(
    id_: PlaylistId, of: str, path: str, kind: Kind = Kind.SYMLINK, stamp: Stamp | None = None
) -> EntryIs:
    return EntryIs(LedgerEntry(id_, TrackId(of), LibPath(path), kind, "a name", stamp))


def primary_is(id_: PlaylistId, of: str, path: str, size: int = 1000) -> Iterable[EntryIs | FileIs]:
    """A downloaded track in its playlist folder."""
    file = LedgerFile(TrackId(of), LibPath(path), Stamp(int(of), size, 10**18), size, of.zfill(64))
    return [link_is(id_, of, path, Kind.PRIMARY), FileIs(file)]


def dump(store: Store) -> list[str]:
    """Every row of every table, to see that nothing was written."""
    return list(store._connection.iterdump())


LINK = LibPath("Playlists/House/one.mp3")


def shared_account(store: Store) -> None:
    """Track 1 is in both folders, track 2 was never downloaded, track 3 TIDAL no longer has."""
    save(store, {DEEP: items("1", "2", gone("3")), HOUSE: items("1")})
    changes = [
        folder_is(DEEP, "Deep"),
        *primary_is(DEEP, "1", "Playlists/Deep/one.mp3"),
        folder_is(HOUSE, "House"),
        link_is(HOUSE, "1", LINK),
    ]
    store.apply(changes, NOW)


def check(store: Store, **found: Any) -> None:
    """What a check saves, a day later; everything it does not name is as it should be."""
    nothing: dict[str, Any] = {"tracks": {}, "entries": {}, "playlists": {}, "broken": ()}
    store.statuses.save(**nothing | {"now": NOW + DAY} | found)
