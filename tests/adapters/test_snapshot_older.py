"""Snapshots: reads are monotone; what TIDAL's lagging replicas answer is no snapshot."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from snapshots import crate, take
from tidal_side import FLAT, FOLDERS, ITEMS, MemoryStore

from strandline.demo import effects
from strandline.demo.http import Answer, Request
from strandline.demo.model import Playlist
from strandline.demo.replica import lagging
from strandline.demo.server import StandIn

HEADER = "/v1/playlists/*"


class Lag:
    """A playlist that lost two tracks and got one; the old replica still has the first state."""

    def __init__(self, tidal: StandIn, state: Path) -> None:
        self.tidal, self.state, self.store = tidal, state, MemoryStore()
        self.playlist: Playlist = crate(tidal, "Deep", 5)
        self.old = lagging(tidal.account)
        self.late = crate(tidal, "Late", 1)
        tidal.account.add(self.playlist, tidal.account.track("new"))
        assert self.take().complete
        self.titles = self.store.titles("Deep")
        assert len(self.titles) == 6

    def take(self, *, full: bool = False):  # type: ignore[no-untyped-def]
        return take(self.tidal, self.state, self.store, full=full)

    def answer(self, *paths: str, times: int | None = None) -> None:
        """From the old replica, so many times or for ever."""
        for path in paths:
            self.tidal.faults.on(path, self.old, times=times)


@pytest.fixture
def lag(tidal: StandIn, tmp_path: Path) -> Lag:
    return Lag(tidal, tmp_path)


@pytest.mark.parametrize("full", [False, True])
def test_an_older_state_is_no_snapshot(lag: Lag, full: bool) -> None:
    lag.answer(FLAT, FOLDERS, HEADER, ITEMS)
    before = dict(lag.store.known)
    report = lag.take(full=full)
    assert "Deep" in {one.name for one in report.incomplete}
    assert "older state" in next(one.reason for one in report.incomplete if one.name == "Deep")
    assert lag.store.titles("Deep") == lag.titles
    after = lag.store.known[lag.playlist.uuid]  # type: ignore[index]
    assert after.last_updated == before[lag.playlist.uuid].last_updated  # type: ignore[index]


def test_an_older_state_is_read_again_and_the_newer_one_counts(lag: Lag) -> None:
    lag.tidal.account.remove(lag.playlist, 0)
    lag.answer(FLAT, FOLDERS, times=1)
    lag.answer(HEADER, ITEMS, times=1)
    assert lag.take().complete
    assert lag.store.titles("Deep") == [track.title for track in lag.playlist.tracks]


def test_the_list_alone_may_lag(lag: Lag) -> None:
    lag.answer(FLAT, FOLDERS)
    report = lag.take()
    assert not [one for one in report.incomplete if one.name == "Deep"]
    assert lag.store.titles("Deep") == lag.titles


def test_an_older_list_takes_no_playlist_away(lag: Lag) -> None:
    """``Late`` was made after the state that the list is of."""
    lag.answer(FLAT, FOLDERS)
    report = lag.take()
    assert lag.late.uuid in lag.store.seen
    assert [one.name for one in report.incomplete] == ["Late"]
    assert "lacks it" in report.incomplete[0].reason


def test_an_older_list_takes_no_playlist_away_that_its_replica_does_not_find(lag: Lag) -> None:
    lag.answer(FLAT, FOLDERS, HEADER)
    report = lag.take()
    assert lag.late.uuid in lag.store.seen
    assert "Late" in {one.name for one in report.incomplete}


def test_a_list_that_lags_for_a_moment_is_read_again(lag: Lag) -> None:
    lag.answer(FLAT, FOLDERS, times=1)
    report = lag.take()
    assert report.complete
    assert lag.late.uuid in lag.store.seen


def test_a_followed_playlist_that_every_reading_leaves_out_was_let_go_of(
    tidal: StandIn, tmp_path: Path
) -> None:
    theirs = tidal.account.follow("Theirs", [])
    crate(tidal, "Mine", 1)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    tidal.account.unfollow(theirs)
    assert take(tidal, tmp_path, store).complete
    assert theirs.uuid not in store.seen


def test_a_followed_playlist_that_one_reading_leaves_out_is_there(
    tidal: StandIn, tmp_path: Path
) -> None:
    old = lagging(tidal.account)
    theirs = tidal.account.follow("Theirs", [])
    store = MemoryStore()
    take(tidal, tmp_path, store)
    tidal.faults.on(FLAT, old, times=1)
    tidal.faults.on(FOLDERS, old, times=1)
    assert take(tidal, tmp_path, store).complete
    assert theirs.uuid in store.seen


def test_a_missing_playlist_that_cannot_be_asked_for_is_not_gone(
    tidal: StandIn, tmp_path: Path
) -> None:
    gone = crate(tidal, "Gone", 1)
    crate(tidal, "Here", 1)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    tidal.account.delete(gone)
    tidal.faults.on(HEADER, effects.status(503), times=None)
    report = take(tidal, tmp_path, store)
    assert [one.name for one in report.incomplete] == ["Gone"]
    assert gone.uuid in store.seen


def test_items_of_an_older_replica_are_read_again(lag: Lag) -> None:
    """The list is today's, the items are not: as many of them, but not the ones added last."""
    with_one_more = lag.tidal.account.track("newest")
    lag.tidal.account.replace(lag.playlist, 0, lag.tidal.account.track("other"))
    older = lagging(lag.tidal.account)
    lag.tidal.account.remove(lag.playlist, 1)
    lag.tidal.account.add(lag.playlist, with_one_more)
    lag.playlist.entries[-1].added += timedelta(seconds=1)
    lag.tidal.faults.on(ITEMS, older, times=1)
    assert lag.take().complete
    assert lag.store.titles("Deep") == [track.title for track in lag.playlist.tracks]


def test_pages_of_two_replicas_are_no_playlist(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Long", 150)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    old = lagging(tidal.account)
    tidal.account.move(playlist, 149, 0)
    tidal.faults.on(ITEMS, old, query={"offset": "100"}, times=None)
    before = store.titles("Long")
    report = take(tidal, tmp_path, store)
    assert [one.name for one in report.incomplete] == ["Long"]
    assert store.titles("Long") == before


def test_two_lists_of_different_age_give_the_newer_state(lag: Lag) -> None:
    lag.answer(FLAT)
    report = lag.take(full=True)
    assert report.complete
    assert lag.store.titles("Deep") == lag.titles


def test_a_date_in_the_future_does_not_hold_a_playlist_back_for_ever(
    tidal: StandIn, tmp_path: Path
) -> None:
    playlist = crate(tidal, "Odd", 2)
    with tidal.account.lock:
        today = playlist.last_updated
        playlist.last_updated = today + timedelta(days=4000)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    with tidal.account.lock:
        playlist.last_updated = today
    tidal.account.remove(playlist, 0)
    assert take(tidal, tmp_path, store).complete
    assert store.titles("Odd") == ["Odd 1"]


def test_a_date_that_is_not_told_once_stays_known(lag: Lag) -> None:
    def untold(page: dict[str, list[dict[str, dict[str, object]]]]) -> None:
        for wrapped in page["items"]:
            (wrapped.get("playlist") or wrapped["data"])["lastUpdated"] = None

    for path in (FLAT, FOLDERS):
        lag.tidal.faults.on(path, effects.edit(untold), times=1)
    lag.take()
    lag.answer(FLAT, FOLDERS, HEADER, ITEMS)
    lag.take()
    assert lag.store.titles("Deep") == lag.titles


def etag_of_the_answer(_request: Request, answer: Answer) -> Answer:
    """As some gateways make it: of the bytes of each answer, whatever the playlist's state is."""
    digest = hashlib.blake2b(answer.body, digest_size=8).hexdigest()
    return replace(answer, headers={**answer.headers, "ETag": f'"{digest}"'})


def test_etags_of_each_answer_do_not_make_a_playlist_incomplete(
    tidal: StandIn, tmp_path: Path
) -> None:
    """Three pages, and the track that was added last was removed: lists and items are compared."""
    playlist, store = crate(tidal, "Long", 250), MemoryStore()
    playlist.entries[-1].added += timedelta(seconds=9)
    for path in (HEADER, ITEMS):
        tidal.faults.on(path, etag_of_the_answer, times=None)
    for path in (FLAT, FOLDERS):
        tidal.faults.on(path, effects.edit(added_later), times=None)
    assert take(tidal, tmp_path, store).complete
    assert len(store.titles("Long")) == 250


def test_items_of_a_lagging_replica_are_read_again_where_no_etag_tells_their_age(
    lag: Lag,
) -> None:
    """One track went and one came, so the older state is as long as today's."""
    older = lagging(lag.tidal.account)
    lag.tidal.account.remove(lag.playlist, 0)
    lag.tidal.account.add(lag.playlist, lag.tidal.account.track("newest"))
    lag.playlist.entries[-1].added += timedelta(seconds=9)
    for path in (HEADER, ITEMS):
        lag.tidal.faults.on(path, etag_of_the_answer, times=None)
    lag.tidal.faults.on(
        ITEMS, lambda request, answer: etag_of_the_answer(request, older(request, answer)), times=1
    )
    assert lag.take().complete
    assert lag.store.titles("Deep") == [track.title for track in lag.playlist.tracks]


def added_later(page: dict[str, list[dict[str, dict[str, object]]]]) -> None:
    for wrapped in page["items"]:
        listed = wrapped.get("playlist") or wrapped["data"]
        listed["lastItemAddedAt"] = "2099-01-01T00:00:00.000+0000"
