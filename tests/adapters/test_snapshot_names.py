"""Snapshots: nothing is left out for its odd name, and one odd entry spoils no list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from snapshots import crate, names, take
from tidal_side import FLAT, FOLDERS, ITEMS, MemoryStore

from strandline.demo import effects
from strandline.demo.model import Playlist
from strandline.demo.server import StandIn

BLANK: list[Any] = ["\u3000", None, "", "   ", 1999, True, [], "\u200b\u2060", "\u3164", "\u2028"]


def each_playlist(change: Callable[[dict[str, Any]], object]) -> Callable[[Any], None]:
    """A change of every playlist in a page of either list."""

    def on(page: Any) -> None:
        for wrapped in page["items"]:
            change(wrapped.get("playlist") or wrapped["data"])

    return on


@pytest.mark.parametrize("title", BLANK, ids=repr)
def test_a_playlist_whose_name_says_nothing_is_untitled_and_read(
    tidal: StandIn, tmp_path: Path, title: Any
) -> None:
    made = crate(tidal, "Named", 2)
    for path in (FLAT, FOLDERS):
        edit = effects.edit(each_playlist(lambda data: data.update(title=title)))
        tidal.faults.on(path, edit, times=None)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert names(store) == {f"Untitled [{made.uuid[:8]}]"}
    assert store.titles(f"Untitled [{made.uuid[:8]}]") == ["Named 0", "Named 1"]


@pytest.mark.parametrize("title", BLANK, ids=repr)
def test_a_track_that_plays_is_there_whatever_its_title(
    tidal: StandIn, tmp_path: Path, title: Any
) -> None:
    playlist = crate(tidal, "Odd", 2)
    number = playlist.tracks[0].id
    change = effects.edit(lambda page: page["items"][0]["item"].update(title=title))
    tidal.faults.on(ITEMS, change, times=None)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    assert store.titles("Odd") == [f"Untitled [{number}]", "Odd 1"]
    (first, _) = store.items[playlist.uuid]  # type: ignore[index]
    assert first.track
    assert first.track.available


@pytest.mark.parametrize("artists", [[], None, [None], [{"name": ""}], [{"name": 311}], "Ana"])
def test_a_track_that_plays_is_there_whoever_made_it(
    tidal: StandIn, tmp_path: Path, artists: Any
) -> None:
    playlist = crate(tidal, "Odd", 1)
    odd: dict[str, Any] = {"artists": artists, "artist": None, "duration": None, "album": None}
    change = effects.edit(lambda page: page["items"][0]["item"].update(odd))
    tidal.faults.on(ITEMS, change, times=None)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    (item,) = store.items[playlist.uuid]  # type: ignore[index]
    assert item.track
    assert (item.track.artist, item.track.available) == ("Unknown Artist", True)


def test_an_id_written_as_text_is_an_id(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Odd", 1)
    number = playlist.tracks[0].id
    change = effects.edit(lambda page: page["items"][0]["item"].update(id=str(number)))
    tidal.faults.on(ITEMS, change, times=None)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    (item,) = store.items[playlist.uuid]  # type: ignore[index]
    assert item.track
    assert item.track.tidal_id == str(number)


def test_one_playlist_is_one_in_whatever_case_its_uuid_is_written(
    tidal: StandIn, tmp_path: Path
) -> None:
    made = crate(tidal, "One", 1)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    upper = effects.edit(each_playlist(lambda data: data.update(uuid=data["uuid"].upper())))
    tidal.faults.on(FOLDERS, upper, times=None)
    report = take(tidal, tmp_path, store, full=True)
    assert (report.complete, report.playlists) == (True, 1)
    assert store.seen == {made.uuid}


@pytest.mark.parametrize("path", [FLAT, FOLDERS])
def test_a_playlist_that_a_page_names_twice_is_one(
    tidal: StandIn, tmp_path: Path, path: str
) -> None:
    crates = [crate(tidal, f"Crate {number}", 1) for number in range(3)]

    def twice(page: Any) -> None:
        page["items"].append(page["items"][0])
        page["totalNumberOfItems"] += 1

    tidal.faults.on(path, effects.edit(twice), times=None)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert (report.complete, report.playlists) == (True, 3)
    assert store.seen == {crate.uuid for crate in crates}


# ---------------------------------------------------------------- entries without data


def without_data(tidal: StandIn, dead: Playlist) -> None:
    """The owner deleted it: the folders keep its name, the flat list nothing at all."""

    def in_folders(page: Any) -> None:
        for wrapped in page["items"]:
            if wrapped["trn"].endswith(dead.uuid):
                wrapped["data"] = None

    def in_flat(page: Any) -> None:
        for wrapped in page["items"]:
            if wrapped["playlist"]["uuid"] == dead.uuid:
                wrapped["playlist"] = None

    tidal.faults.on(FOLDERS, effects.edit(in_folders), times=None)
    tidal.faults.on(FLAT, effects.edit(in_flat), times=None)


def test_an_entry_without_data_is_named_and_the_rest_goes_on(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Mine", 2)
    dead = tidal.account.follow("Theirs", [])
    without_data(tidal, dead)
    tidal.faults.on(f"/v1/playlists/{dead.uuid}", effects.status(404, sub_status=2001), times=None)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert store.hollow == {dead.uuid: "Theirs"}
    assert store.titles("Mine") == ["Mine 0", "Mine 1"]


def test_what_was_read_of_a_playlist_stays_when_its_entry_loses_its_data(
    tidal: StandIn, tmp_path: Path
) -> None:
    dead = tidal.account.follow("Theirs", [tidal.account.track("x")])
    store = MemoryStore()
    take(tidal, tmp_path, store)
    without_data(tidal, dead)
    tidal.faults.on(f"/v1/playlists/{dead.uuid}", effects.status(404, sub_status=2001), times=None)
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert store.seen == {dead.uuid}
    assert store.titles("Theirs") == ["x"]


def test_an_entry_without_data_whose_playlist_answers_is_read(
    tidal: StandIn, tmp_path: Path
) -> None:
    theirs = tidal.account.follow("Theirs", [tidal.account.track("x")])
    without_data(tidal, theirs)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    assert store.titles("Theirs") == ["x"]
    assert store.hollow == {}


def test_an_entry_without_data_that_cannot_be_looked_into_now_is_named(
    tidal: StandIn, tmp_path: Path
) -> None:
    theirs = tidal.account.follow("Theirs", [tidal.account.track("x")])
    without_data(tidal, theirs)
    tidal.faults.on(f"/v1/playlists/{theirs.uuid}", effects.status(503), times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert "'Theirs'" in report.reason


def test_an_entry_of_which_nothing_can_be_told_is_no_whole_list(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Mine", 1)
    nothing = effects.edit(lambda page: page["items"].append(None) or page.update(
        totalNumberOfItems=page["totalNumberOfItems"] + 1))  # fmt: skip
    tidal.faults.on(FOLDERS, nothing, times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert "cannot be read" in report.reason


def test_a_page_with_nothing_in_the_middle_is_named_and_the_rest_goes_on(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Holey", 3)
    crate(tidal, "Whole", 1)

    def hole(page: Any) -> None:
        if len(page["items"]) == 3:
            page["items"][1] = None

    tidal.faults.on(ITEMS, effects.edit(hole), times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert [(one.name, one.reason) for one in report.incomplete] == [
        ("Holey", "1 of 3 items could not be read")
    ]
