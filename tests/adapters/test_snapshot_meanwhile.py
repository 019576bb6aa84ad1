"""Snapshots: playlists change, the login ends or TIDAL fails while one is read."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from snapshots import PAGE_2, crate, take
from tidal_side import ITEMS, MemoryStore

from strandline.core.remote import ReadPlaylist
from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.errors import LoginError


def test_a_playlist_emptied_while_we_read_is_empty(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Full", 40)
    tidal.faults.on(ITEMS, before=lambda: tidal.account.clear(playlist))
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert store.titles("Full") == []
    assert store.headers[playlist.uuid].num_tracks == 0


def test_a_playlist_that_changes_between_two_pages_is_read_anew(
    tidal: StandIn, tmp_path: Path
) -> None:
    playlist = crate(tidal, "Moving", 150)
    tidal.faults.on(ITEMS, query=PAGE_2, before=lambda: tidal.account.remove(playlist, 0))
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert store.titles("Moving") == [track.title for track in playlist.tracks]


def test_a_playlist_that_never_stops_changing_is_incomplete(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Moving", 150)

    def move() -> None:
        tidal.account.move(playlist, 149, 0)

    tidal.faults.on(ITEMS, query=PAGE_2, before=move, times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert "changing" in report.incomplete[0].reason
    assert len(tidal.asked(ITEMS)) == 6


def test_a_shift_that_shows_in_nothing_but_a_repeated_entry_is_noticed(
    tidal: StandIn, tmp_path: Path
) -> None:
    playlist = crate(tidal, "Moving", 150)

    def move() -> None:
        with tidal.account.silently():
            tidal.account.move(playlist, 149, 0)

    tidal.faults.on(ITEMS, query=PAGE_2, before=move, times=1)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert store.titles("Moving") == [track.title for track in playlist.tracks]


def test_a_token_that_expires_between_two_pages_is_renewed(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Long", 150)
    tidal.faults.on(ITEMS, query=PAGE_2, before=tidal.logins.expire)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    assert len(store.titles("Long")) == 150
    assert tidal.logins.refreshes == 1


def test_a_login_that_ends_between_two_pages_is_exit_6(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Long", 150)
    tidal.faults.on(ITEMS, query=PAGE_2, before=tidal.logins.revoke)
    store = MemoryStore()
    with pytest.raises(LoginError):
        take(tidal, tmp_path, store)
    assert store.complete is None, "nothing is ever removed after that"


def test_an_outage_in_the_middle_is_not_waited_for_by_every_playlist(
    tidal: StandIn, tmp_path: Path
) -> None:
    for number in range(60):
        crate(tidal, f"Crate {number:02d}", 1)
    tidal.faults.on(ITEMS, effects.status(503), nth=10, times=None)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert 45 <= len(report.incomplete) <= 51
    assert len(tidal.asked(ITEMS)) < 10 + 5 * 25
    assert store.complete is True
    assert len(store.seen) == 60


def test_the_store_is_called_from_one_thread(tidal: StandIn, tmp_path: Path) -> None:
    class Watched(MemoryStore):
        threads: set[int] = set()  # noqa: RUF012 - of the class on purpose

        def save_playlists(self, read: Sequence[ReadPlaylist]) -> None:
            self.threads.add(threading.get_ident())
            super().save_playlists(read)

    for number in range(20):
        crate(tidal, f"Crate {number}", 1)
    store = Watched()
    take(tidal, tmp_path, store)
    assert store.threads == {threading.get_ident()}
