"""Snapshots: everything TIDAL has is read, in its order, with what it says of each track."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from snapshots import crate, names, take
from tidal_side import FLAT, FOLDERS, ITEMS, MemoryStore

from strandline.core.remote import ItemKind, Origin
from strandline.demo import effects
from strandline.demo.model import Availability
from strandline.demo.server import StandIn


def test_every_track_is_read_in_tidals_order(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Warm up", 250)
    tidal.account.move(playlist, 240, 3)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert (report.playlists, report.tracks) == (1, 250)
    assert store.titles("Warm up") == [track.title for track in playlist.tracks]
    assert store.user == str(tidal.account.user_id)


def test_the_same_track_twice_keeps_both_places(tidal: StandIn, tmp_path: Path) -> None:
    track, other = tidal.account.track("Anthem"), tidal.account.track("Other")
    tidal.account.playlist("Peak", [track, other, track])
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    (items,) = store.items.values()
    assert report.complete
    assert [item.position for item in items] == [0, 1, 2]
    assert len({item.item_uuid for item in items}) == 3
    assert store.titles("Peak") == ["Anthem", "Other", "Anthem"]


def test_videos_hold_their_place_and_are_counted_apart(tidal: StandIn, tmp_path: Path) -> None:
    tidal.account.playlist("Mixed", [tidal.account.video("Clip"), tidal.account.track("Song")])
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    (items,) = store.items.values()
    assert report.complete
    assert (report.tracks, report.videos) == (1, 1)
    assert [item.kind for item in items] == [ItemKind.VIDEO, ItemKind.TRACK]


def test_120_playlists_in_nested_folders_are_all_found(tidal: StandIn, tmp_path: Path) -> None:
    outer = tidal.account.folder("Outer")
    inner = tidal.account.folder("Inner", outer)
    for number in range(120):
        playlist = crate(tidal, f"Crate {number:03d}", 1)
        tidal.account.put_into((None, outer, inner)[number % 3], playlist)
    tidal.faults.on(FLAT, effects.empty_list(), times=None)  # it knows of none of them
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete, report.reason
    assert names(store) == {f"Crate {number:03d}" for number in range(120)}
    folders = {playlist.name: playlist.folder for playlist in store.headers.values()}
    assert [folders[f"Crate {n:03d}"] for n in range(3)] == [None, "Outer", "Inner"]


def test_an_own_playlist_that_only_one_list_knows_is_found(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "In both", 1)
    crate(tidal, "Flat only", 1)
    tidal.faults.on(
        FOLDERS,
        effects.edit(
            lambda page: page.update(
                items=[one for one in page["items"] if one["name"] != "Flat only"],
                totalNumberOfItems=page["totalNumberOfItems"] - 1,
            )
        ),
        times=None,
    )
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    assert names(store) == {"In both", "Flat only"}


def test_folders_in_a_circle_end(tidal: StandIn, tmp_path: Path) -> None:
    outer = tidal.account.folder("Outer")
    crate(tidal, "Here", 1)
    pages: list[dict[str, object]] = []
    tidal.faults.on(FOLDERS, effects.edit(pages.append), query={"folderId": "root"}, times=None)
    tidal.faults.on(
        FOLDERS,
        effects.edit(lambda page: page.update(pages[0])),  # it holds what the root holds
        query={"folderId": outer.id},
        times=None,
    )
    store = MemoryStore()
    take(tidal, tmp_path, store)
    assert names(store) == {"Here"}
    assert len(tidal.asked(FOLDERS)) == 2


def test_followed_playlists_come_along_unless_they_are_not_wanted(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Mine", 1)
    tidal.account.follow("Theirs", [tidal.account.track("Theirs")])
    tidal.account.follow("Editors", [tidal.account.track("Editors")], creator=None)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    origins = {playlist.name: playlist.origin for playlist in store.headers.values()}
    assert origins == {
        "Mine": Origin.OWN,
        "Theirs": Origin.FOLLOWED,
        "Editors": Origin.FOLLOWED,
    }
    own = MemoryStore()
    report = take(tidal, tmp_path, own, followed=False)
    assert report.complete
    assert {id: own.headers[id].name for id in own.items} == {
        id: playlist.name for id, playlist in own.headers.items() if playlist.name == "Mine"
    }
    assert names(own) == {"Mine", "Theirs", "Editors"}
    assert own.seen == set(own.headers)


def test_what_a_track_says_is_kept(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track(
        "Nightfall", ("Nora Vale", "Ink & Iron"), version="Extended Mix", album="Dusk", duration=421
    )
    tidal.account.playlist("Late", [track])
    store = MemoryStore()
    take(tidal, tmp_path, store)
    (items,) = store.items.values()
    read = items[0].track
    assert read is not None
    assert read.tidal_id == str(track.id)
    assert (read.title, read.version, read.album) == ("Nightfall", "Extended Mix", "Dusk")
    assert read.artists == ("Nora Vale", "Ink & Iron")
    assert (read.duration, read.isrc, read.year) == (421, track.isrc, 2024)
    assert read.album_cover_url is not None
    assert read.album_cover_url.endswith("/1280x1280.jpg")
    assert read.tidal_release_date == datetime.fromisoformat("2024-05-17")
    assert items[0].added_at is not None
    assert items[0].added_at.tzinfo is None


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (Availability.PLACEHOLDER, "placeholder"),
        (Availability.GREYED_OUT, "not_allowed"),
    ],
)
def test_an_unavailable_track_stays_in_its_playlist_and_says_so(
    tidal: StandIn, tmp_path: Path, how: Availability, reason: str
) -> None:
    track = tidal.account.track("Gone")
    tidal.account.playlist("Late", [track, tidal.account.track("Here")])
    tidal.account.withhold(track, how)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    (items,) = store.items.values()
    assert report.complete
    assert items[0].track is not None
    assert items[0].track.tidal_id == str(track.id)
    assert not items[0].track.available
    assert items[0].track.unavailable_reason == reason
    assert items[0].track.placeholder is (how is Availability.PLACEHOLDER)
    assert items[1].track is not None
    assert items[1].track.available


def test_an_odd_track_does_not_break_its_page(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Odd", 3)

    def spoil(page: dict[str, object]) -> None:
        first = page["items"][0]["item"]
        for name in list(first):
            if name not in ("id", "title", "itemUuid"):
                first[name] = {"nonsense": [1]}

    tidal.faults.on(ITEMS, effects.edit(spoil), times=None)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert store.titles("Odd") == ["Odd 0", "Odd 1", "Odd 2"]
