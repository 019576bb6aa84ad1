"""Snapshots: what did not change is not asked for again, and yet a silent change is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from snapshots import crate, names, take
from tidal_side import FLAT, ITEMS, MemoryStore

from strandline.core.remote import KnownPlaylist
from strandline.demo import effects
from strandline.demo.large import large_account
from strandline.demo.model import Playlist
from strandline.demo.server import StandIn
from strandline.tidal.snapshot import is_unchanged


def test_no_playlist_is_asked_for_one_by_one(tidal: StandIn, tmp_path: Path) -> None:
    for number in range(30):
        crate(tidal, f"Crate {number}", 2)
    report = take(tidal, tmp_path, MemoryStore())
    assert tidal.asked("/v1/playlists/*") == []
    assert len(tidal.asked(ITEMS)) == 30
    assert report.requests == len(tidal.requests) == 33


@pytest.mark.parametrize("followed", [True, False])
def test_an_unchanged_account_of_1000_playlists_takes_a_page_for_50(
    tmp_path: Path, followed: bool
) -> None:
    account = large_account(playlists=1000, tracks=1000)
    outer = account.folder("Outer")
    for playlist in list(account.playlists.values())[:100]:
        account.put_into(outer, playlist)
    with StandIn(account) as tidal:
        store = MemoryStore()
        for playlist in account.playlists.values():
            _know(store, playlist)
        report = take(tidal, tmp_path, store, followed=followed)
        assert report.complete, report.reason
        assert report.skipped_unchanged == 1000
        assert report.requests == len(tidal.requests) <= 1000 / 50 + 5
        assert len(store.unchanged) == len(store.seen) == 1000


def _know(store: MemoryStore, playlist: Playlist) -> None:
    updated = playlist.last_updated.replace(tzinfo=None)
    updated = updated.replace(microsecond=updated.microsecond // 1000 * 1000)
    store.known[playlist.uuid] = KnownPlaylist(
        updated, len(playlist.entries), 0, playlist.title, True, store.now
    )


def test_a_playlist_that_only_the_folders_show_is_not_lost_in_a_short_cut(
    tmp_path: Path,
) -> None:
    account = large_account(playlists=120, tracks=120)
    with StandIn(account) as tidal:
        store = MemoryStore()
        take(tidal, tmp_path, store)
        new = crate(tidal, "Folders only", 1)
        tidal.faults.on(FLAT, effects.edit(_without(new.title)), times=None)
        report = take(tidal, tmp_path, store)
        assert report.complete, report.reason
        assert "Folders only" in names(store)
        assert new.uuid in store.seen


def _without(title: str) -> object:
    def change(page: dict[str, object]) -> None:
        page["items"] = [one for one in page["items"] if one["playlist"]["title"] != title]
        page["totalNumberOfItems"] -= 1

    return change


def test_only_what_changed_is_read_again(tidal: StandIn, tmp_path: Path) -> None:
    calm, busy = crate(tidal, "Calm", 2), crate(tidal, "Busy", 2)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    tidal.account.add(busy, tidal.account.track("New"))
    report = take(tidal, tmp_path, store)
    assert store.unchanged == [calm.uuid]
    assert report.skipped_unchanged == 1
    assert store.titles("Busy")[-1] == "New"
    assert report.tracks == 5


def test_full_reads_everything_anew(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Calm", 2)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    with tidal.account.silently():
        tidal.account.reorder(playlist, [1, 0])
    assert take(tidal, tmp_path, store).skipped_unchanged == 1
    assert take(tidal, tmp_path, store, full=True).skipped_unchanged == 0
    assert store.titles("Calm") == ["Calm 1", "Calm 0"]


def test_a_silent_change_is_found_within_a_week(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Calm", 2)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    with tidal.account.silently():
        tidal.account.reorder(playlist, [1, 0])
    take(tidal, tmp_path, store, now=store.now + timedelta(days=3))
    assert store.titles("Calm") == ["Calm 0", "Calm 1"]
    take(tidal, tmp_path, store, now=store.now + timedelta(days=4))
    assert store.titles("Calm") == ["Calm 1", "Calm 0"]


def test_what_was_not_read_whole_is_never_unchanged(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Calm", 2)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    ((uuid, known),) = store.known.items()
    assert is_unchanged(store.headers[uuid], known, store.now)
    assert not is_unchanged(store.headers[uuid], replace(known, complete=False), store.now)
    assert not is_unchanged(store.headers[uuid], None, store.now)


def test_the_weekly_readings_are_spread_over_several_nights(tidal: StandIn, tmp_path: Path) -> None:
    for number in range(40):
        crate(tidal, f"Crate {number}", 0)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    due = [
        sum(
            not is_unchanged(one, store.known[one.tidal_id], store.now + timedelta(days=days))
            for one in store.headers.values()
        )
        for days in (3, 4, 5, 6, 7)
    ]
    assert due[0] == 0
    assert due[-1] == 40
    assert 0 < due[2] < 40
