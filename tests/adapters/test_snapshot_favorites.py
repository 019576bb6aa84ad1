"""Snapshots of favourite tracks, albums and mixes: only what is wanted is asked for, and nothing
that a list lacks for once is gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tidal_side import FakeTime, MemoryStore, client_of

from strandline.core.favorites import (
    FAVORITE_TRACKS,
    FavoriteSettings,
    album_playlist,
    mix_playlist,
)
from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.tidal.snapshot import SnapshotReport, TidalSnapshotService

TRACKS = "/v1/users/*/favorites/tracks"
ALBUMS = "/v1/users/*/favorites/albums"
MADE = "/v1/pages/my_collection_my_mixes"
SAVED = "/v2/favorites/mixes"
MIX_ITEMS = "/v1/mixes/*/items"
EVERYTHING = FavoriteSettings(tracks=True, albums=True, mixes="mirror")
NOON = datetime.fromisoformat("2026-11-01T12:00")
DAY = timedelta(days=1)


def take(
    tidal: StandIn,
    state: Path,
    store: MemoryStore,
    wishes: FavoriteSettings = EVERYTHING,
    *,
    later: timedelta | None = None,
    full: bool = False,
) -> SnapshotReport:
    store.now = store.now + later if later else store.now
    tidal.requests.clear()
    client = client_of(tidal, state, FakeTime())
    service = TidalSnapshotService(client, store, wishes=wishes, now=lambda: store.now)
    return service.take(full)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(now=NOON)


def asked(tidal: StandIn) -> list[str]:
    return [one.path for one in tidal.requests if "favorites" in one.path or "mix" in one.path]


def test_nothing_is_asked_about_what_is_not_wanted(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    tidal.account.favorite(tidal.account.track("Loved"))
    tidal.account.mix("My Mix 1", [tidal.account.track("Mixed")])
    assert take(tidal, tmp_path, store, FavoriteSettings()).playlists == 0
    assert asked(tidal) == []


def test_favourite_tracks_are_one_playlist_the_newest_first(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    tidal.account.favorite(*(tidal.account.track(f"Loved {n}") for n in range(230)))
    report = take(tidal, tmp_path, store)
    assert report.complete, report.reason
    assert store.titles("Favourite tracks") == [f"Loved {n}" for n in reversed(range(230))]
    (one,) = store.headers.values()
    assert (one.tidal_id, one.num_tracks) == (FAVORITE_TRACKS, 230)


def test_an_unchanged_account_costs_one_request_for_each_list(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    account = tidal.account
    account.favorite(*(account.track(f"Loved {n}") for n in range(230)))
    for number in range(60):
        account.favorite(account.track("On it", album=f"Album {number}").album)  # type: ignore[arg-type]
    account.mix("My Mix 1", [account.track("Mixed")])
    account.mix("Radio", [account.track("On air")], made=False, saved=True)
    assert take(tidal, tmp_path, store).complete
    assert len(store.headers) == 63
    report = take(tidal, tmp_path, store, later=timedelta(hours=1))
    assert report.skipped_unchanged == 63
    assert len(asked(tidal)) == 1 + 2 + 2  # albums come 50 a page, mixes from two lists


def test_a_favourite_more_or_less_is_seen(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    account = tidal.account
    first, second, third = (account.track(name) for name in ("One", "Two", "Three"))
    account.favorite(first, second)
    take(tidal, tmp_path, store)
    account.favorite(third)
    take(tidal, tmp_path, store)
    assert store.titles("Favourite tracks") == ["Three", "Two", "One"]
    account.unfavorite(third)
    assert take(tidal, tmp_path, store).complete
    assert store.titles("Favourite tracks") == ["Two", "One"]


def test_a_list_of_favourites_that_lags_once_takes_nothing_away(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    account = tidal.account
    account.favorite(*(account.track(f"Loved {n}") for n in range(5)))
    take(tidal, tmp_path, store)
    lagging = effects.edit(lambda page: page.update(items=page["items"][1:], totalNumberOfItems=4))
    tidal.faults.on(TRACKS, lagging, times=2)  # the look at the newest, and the first reading
    assert take(tidal, tmp_path, store).complete
    assert len(store.titles("Favourite tracks")) == 5


@pytest.mark.parametrize(
    ("path", "name"), [(TRACKS, "favourite tracks"), (ALBUMS, "albums"), (SAVED, "mixes")]
)
def test_a_list_that_fails_removes_nothing_and_is_told(
    tidal: StandIn, tmp_path: Path, store: MemoryStore, path: str, name: str
) -> None:
    account = tidal.account
    song = account.track("Song", album="Album")
    assert song.album
    account.favorite(song, song.album)
    account.mix("My Mix 1", [song], made=False, saved=True)
    take(tidal, tmp_path, store)
    known = set(store.known)
    tidal.faults.on(path, effects.status(500), times=None)
    report = take(tidal, tmp_path, store, later=DAY)
    assert name in report.reason
    assert known <= store.seen


def test_an_album_is_a_playlist_named_with_its_artist(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    account = tidal.account
    opener = account.track("Opener", "Ana", album="Blue")
    assert opener.album
    account.track("Closer", "Ana", album=opener.album).number = 2
    account.favorite(opener.album)
    assert take(tidal, tmp_path, store).complete
    assert store.titles("Ana - Blue") == ["Opener", "Closer"]
    assert album_playlist(str(opener.album.id)) in store.known


def test_an_album_that_leaves_the_favourites_is_gone_when_two_readings_lack_it(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    account = tidal.account
    kept, let_go = (account.track(name, album=name).album for name in ("Kept", "Let go"))
    assert kept
    assert let_go
    account.favorite(kept, let_go)
    take(tidal, tmp_path, store)
    one_less = effects.edit(lambda page: page.update(items=page["items"][1:], totalNumberOfItems=1))
    tidal.faults.on(ALBUMS, one_less)
    take(tidal, tmp_path, store)
    assert album_playlist(str(let_go.id)) in store.seen
    account.unfavorite(let_go)
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert store.seen == {album_playlist(str(kept.id)), FAVORITE_TRACKS}


def test_an_album_without_data_makes_the_list_incomplete(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    tidal.account.favorite(tidal.account.track("Song", album="Album").album)  # type: ignore[arg-type]
    hollow = effects.edit(lambda page: page["items"][0].update(item=None))
    tidal.faults.on(ALBUMS, hollow, times=None)
    report = take(tidal, tmp_path, store)
    assert "favourite albums could not be read" in report.reason


def test_mixes_come_from_both_lists_without_videos(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    account, song = tidal.account, tidal.account.track("Song")
    both = account.mix("My Mix 1", [song], saved=True)
    account.mix("My Video Mix 1", [account.video("Clip")], kind="VIDEO_DAILY_MIX")
    account.mix("My New Arrivals", [song], made=False, saved=True)
    for number in range(60):
        account.mix(f"Radio {number}", [song], kind="TRACK_MIX", made=False, saved=True)
    report = take(tidal, tmp_path, store)
    assert report.complete, report.reason
    names = {one.name for one in store.headers.values()}
    assert names >= {"My Mix 1", "My New Arrivals", "Radio 59"}
    assert len(names) == 1 + 2 + 60  # the favourite tracks are there, and empty
    assert mix_playlist(both.id) in store.known


def test_a_mix_is_read_again_after_hours_or_when_it_tells_that_it_changed(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    account = tidal.account
    made = account.mix("My Mix 1", [account.track("Monday")])
    saved = account.mix("Radio", [account.track("Then")], made=False, saved=True)
    take(tidal, tmp_path, store)
    account.remix(made, account.track("Tuesday"))
    account.remix(saved, account.track("Now"))
    take(tidal, tmp_path, store, later=timedelta(hours=1))
    assert (store.titles("My Mix 1"), store.titles("Radio")) == (["Monday"], ["Now"])
    take(tidal, tmp_path, store, later=timedelta(hours=2))
    assert store.titles("My Mix 1") == ["Tuesday"]


def test_each_days_mix_is_a_playlist_of_its_own_and_never_changes_again(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    account, dated = tidal.account, FavoriteSettings(mixes="dated")
    mix = account.mix("My Mix 1", [account.track("Monday")])
    take(tidal, tmp_path, store, dated)
    take(tidal, tmp_path, store, dated, later=DAY)  # nothing new: no other playlist
    assert set(store.known) == {mix_playlist(mix.id, NOON.date())}
    account.remix(mix, account.track("Wednesday"))
    take(tidal, tmp_path, store, dated, later=DAY)
    account.drop_mix(mix)
    report = take(tidal, tmp_path, store, dated, later=DAY)
    assert report.complete, report.reason
    assert store.titles("My Mix 1 2026-11-01") == ["Monday"]
    assert store.titles("My Mix 1 2026-11-03") == ["Wednesday"]
    assert store.seen >= set(store.known)
    assert len(store.known) == 2


def test_a_collected_mix_only_gets_more_and_stays_when_tidal_makes_it_no_more(
    tidal: StandIn, tmp_path: Path, store: MemoryStore
) -> None:
    account, collect = tidal.account, FavoriteSettings(mixes="collect")
    first, second = account.track("Monday"), account.track("Tuesday")
    mix = account.mix("My Mix 1", [first])
    take(tidal, tmp_path, store, collect)
    account.remix(mix, second, first)
    take(tidal, tmp_path, store, collect, later=DAY)
    assert store.titles("My Mix 1") == ["Monday", "Tuesday"]
    account.drop_mix(mix)
    take(tidal, tmp_path, store, collect, later=DAY)
    assert mix_playlist(mix.id) in store.seen


@pytest.mark.parametrize("mixes", ["dated", "collect"])
def test_a_kept_mix_that_cannot_be_read_is_told_and_never_incomplete_for_ever(
    tidal: StandIn, tmp_path: Path, store: MemoryStore, mixes: str
) -> None:
    tidal.account.mix("My Mix 1", [tidal.account.track("Song")])
    tidal.faults.on(MIX_ITEMS, effects.status(500), times=None)
    report = take(tidal, tmp_path, store, FavoriteSettings(mixes=mixes))
    assert not report.complete
    assert "My Mix 1" in store.reason
    assert store.known == {}
