"""What TIDAL wants, as rows: nothing lost to a bad answer, nothing written when nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stored import (
    DAY,
    DEEP,
    HOUSE,
    NOW,
    Clock,
    dump,
    folder_is,
    gone,
    items,
    link_is,
    open_store,
    playlist,
    read,
    save,
    track,
)

from strandline.core.ids import TrackId
from strandline.core.ledger import EntryGone, FolderGone
from strandline.core.remote import ItemKind, KnownPlaylist, RemoteItem
from strandline.db.store import Store
from strandline.tidal.snapshot import SnapshotStore


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with open_store(tmp_path, clock) as opened:
        yield opened


def listed(store: Store) -> dict[str, tuple[str, ...]]:
    return {id_: wanted.tracks for id_, wanted in store.load_snapshot().playlists.items()}


def query(store: Store, text: str) -> list[tuple[object, ...]]:
    return list(store._connection.execute(text))


def test_the_store_is_what_the_tidal_side_asks_for(store: Store) -> None:
    snapshots: SnapshotStore = store.snapshots
    assert snapshots.known_playlists() == {}


def test_a_saved_account_is_loaded_in_tidals_order_each_track_once(store: Store) -> None:
    save(store, {DEEP: items("3", "1", "3", "2"), HOUSE: items()})
    snapshot = store.load_snapshot()
    assert listed(store) == {DEEP: ("3", "1", "2"), HOUSE: ()}
    assert snapshot.complete
    assert snapshot.tracks[TrackId("1")].title == "Title 1"
    positions = "SELECT position, item_uuid FROM playlist_positions ORDER BY position"
    assert query(store, positions) == [(i, f"item-{i}-{t}") for i, t in enumerate("3132")]


def test_a_track_reads_back_as_tidal_described_it(store: Store) -> None:
    told = track("1", "Song", version="Extended", isrc="X1", album="LP", audio_quality="HIGH")
    save(store, {DEEP: items(told, track("2", audio_quality=None, duration=None))})
    wanted = store.load_snapshot().tracks
    song = wanted[TrackId("1")]
    assert song == ("1", "Artist 1", "Song", "Extended", 200, "X1", True, "LP", False)
    assert (wanted[TrackId("2")].lossless, wanted[TrackId("2")].duration) == (True, 0)
    assert query(store, "SELECT normalized_name FROM tracks")[0] == ("artist 1 - song",)


def test_videos_leave_no_gap_in_the_positions(store: Store) -> None:
    video = RemoteItem(0, "film", None, ItemKind.VIDEO)
    tracks = [item._replace(position=item.position + 1) for item in items("1", "2")]
    save(store, {DEEP: [video, *tracks]})
    assert query(store, "SELECT position FROM playlist_positions") == [(0,), (1,)]
    assert listed(store) == {DEEP: ("1", "2")}


def test_a_moved_a_removed_and_a_new_track_are_all_seen(store: Store) -> None:
    save(store, {DEEP: items("1", "2", "3")})
    save(store, {DEEP: items("4", "3", "1")})
    assert listed(store) == {DEEP: ("4", "3", "1")}
    assert query(store, "SELECT count(*) FROM playlist_positions") == [(3,)]


def test_the_same_account_once_more_writes_nothing_but_the_time_of_reading(
    store: Store, clock: Clock
) -> None:
    save(store, {DEEP: items("1", "2", gone("3")), HOUSE: items("1")})
    before = dump(store)
    save(store, {DEEP: items("1", "2", gone("3")), HOUSE: items("1")})
    assert dump(store) == before
    clock.now += DAY / 2
    save(store, {DEEP: items("1", "2", gone("3")), HOUSE: items("1")})
    changed = [line for line in set(dump(store)) - set(before) if "sync_snapshots" not in line]
    assert len(changed) == 2
    assert all(line.startswith('INSERT INTO "playlists"') for line in changed)


def test_popularity_alone_is_no_reason_to_write(store: Store) -> None:
    save(store, {DEEP: items(track("1", popularity=1))})
    before = dump(store)
    save(store, {DEEP: items(track("1", popularity=2))})
    assert dump(store) == before


def test_metadata_of_a_track_that_tidal_greys_out_is_kept(store: Store) -> None:
    save(store, {DEEP: items(track("1", "Song"))})
    save(store, {DEEP: items(gone("1"))})
    wanted = store.load_snapshot().tracks[TrackId("1")]
    assert (wanted.artist, wanted.title, wanted.available) == ("Artist 1", "Song", False)
    assert query(store, "SELECT unavailable_reason FROM tracks") == [("placeholder",)]
    save(store, {DEEP: items(track("1", "Song"))})
    assert store.load_snapshot().tracks[TrackId("1")].available
    assert query(store, "SELECT unavailable_reason FROM tracks") == [(None,)]


def test_a_greyed_out_track_never_seen_before_is_stored_with_what_there_is(store: Store) -> None:
    save(store, {DEEP: items(gone("1"), "2")})
    assert listed(store) == {DEEP: ("1", "2")}
    assert not store.load_snapshot().tracks[TrackId("1")].available
    save(store, {DEEP: items(track("1", "Song"), "2")})
    assert store.load_snapshot().tracks[TrackId("1")].title == "Song"


def test_a_version_may_go_but_what_tidal_only_leaves_out_stays(store: Store) -> None:
    save(store, {DEEP: items(track("1", version="Mix", isrc="X1", album_upc="U1"))})
    save(store, {DEEP: items(track("1"))})
    assert query(store, "SELECT version, isrc, album_upc FROM tracks") == [(None, "X1", "U1")]


def test_a_name_of_an_old_database_stays_until_the_title_changes(store: Store) -> None:
    save(store, {DEEP: items("1")})
    store._connection.execute("UPDATE tracks SET normalized_name = 'old'")
    save(store, {DEEP: items(track("1", album="LP"))})
    assert query(store, "SELECT normalized_name FROM tracks") == [("old",)]
    save(store, {DEEP: items(track("1", "New"))})
    assert query(store, "SELECT normalized_name FROM tracks") == [("artist 1 - new",)]


def test_a_half_read_playlist_adds_and_never_removes(store: Store) -> None:
    save(store, {DEEP: items("1", "2")})
    half = items("3", "2")
    store.snapshots.save_playlists([read(playlist(DEEP, 9), half, "120 announced, 99 came")])
    wanted = store.load_snapshot().playlists[DEEP]
    assert set(wanted.tracks) == {"1", "2", "3"}
    assert wanted.incomplete == "120 announced, 99 came"
    assert not store.snapshots.known_playlists()[DEEP].complete
    save(store, {DEEP: items("3", "2")})
    assert store.load_snapshot().playlists[DEEP].incomplete is None
    assert listed(store) == {DEEP: ("3", "2")}


def test_a_playlist_of_which_only_the_header_came_keeps_its_tracks(store: Store) -> None:
    save(store, {DEEP: items("1", "2")})
    deeper = playlist(DEEP, 5, name="Deeper")
    store.snapshots.save_playlists([read(deeper, None, "TIDAL was busy")])
    wanted = store.load_snapshot().playlists[DEEP]
    assert (wanted.name, wanted.tracks, wanted.incomplete) == (
        "Deeper",
        ("1", "2"),
        "TIDAL was busy",
    )


def test_a_playlist_never_read_is_not_taken_for_an_empty_one(store: Store) -> None:
    store.snapshots.save_playlists([read(playlist(DEEP), None, "TIDAL was busy")])
    store.snapshots.finish_snapshot(complete=True, reason="", seen=[DEEP])
    assert store.load_snapshot().playlists[DEEP].incomplete == "TIDAL was busy"


def test_before_the_first_snapshot_nothing_is_known_for_sure(store: Store) -> None:
    snapshot = store.load_snapshot()
    assert not snapshot.complete
    assert snapshot.incomplete_reason
    assert store.snapshots.taken_at() is None


def test_a_playlist_that_is_gone_from_tidal_stays_while_its_folder_is_there(store: Store) -> None:
    save(store, {DEEP: items("1"), HOUSE: items("1")})
    store.apply([folder_is(HOUSE, "House"), link_is(HOUSE, "1", "Playlists/House/x.mp3")], NOW)
    save(store, {DEEP: items("1")})
    assert listed(store) == {DEEP: ("1",)}
    assert HOUSE in store.load_ledger().playlists
    assert HOUSE not in store.snapshots.known_playlists()
    store.apply([EntryGone(HOUSE, TrackId("1")), FolderGone(HOUSE)], NOW)
    save(store, {DEEP: items("1")})
    assert query(store, "SELECT tidal_id FROM playlists") == [(DEEP,)]


def test_a_playlist_that_comes_back_is_read_anew(store: Store) -> None:
    save(store, {DEEP: items("1"), HOUSE: items("1")})
    store.apply([folder_is(HOUSE, "House")], NOW)
    save(store, {DEEP: items("1")})
    store.snapshots.save_playlist_unchanged([HOUSE])
    assert not store.snapshots.known_playlists()[HOUSE].complete
    assert store.load_snapshot().playlists[HOUSE].incomplete
    save(store, {DEEP: items("1"), HOUSE: items("2")})
    assert listed(store) == {DEEP: ("1",), HOUSE: ("2",)}


def test_a_list_that_broke_off_removes_nothing(store: Store) -> None:
    save(store, {DEEP: items("1"), HOUSE: items("1")})
    store.snapshots.begin_snapshot("me")
    store.snapshots.finish_snapshot(complete=False, reason="page 2 failed", seen=[DEEP])
    snapshot = store.load_snapshot()
    assert set(snapshot.playlists) == {DEEP, HOUSE}
    assert (snapshot.complete, snapshot.incomplete_reason) == (False, "page 2 failed")


def test_a_row_that_the_old_history_speaks_of_is_kept(store: Store) -> None:
    save(store, {DEEP: items("1"), HOUSE: items("1")})
    store._connection.execute(
        "INSERT INTO sync_operations (operation_type, status, playlist_id, created_at)"
        " SELECT 'x', 'y', id, '2020-01-01 00:00:00.000000' FROM playlists"
    )
    save(store, {DEEP: items("1")})
    assert listed(store) == {DEEP: ("1",)}
    assert query(store, "SELECT count(*) FROM playlists") == [(2,)]


def test_what_is_known_of_a_playlist_tells_whether_it_moved(store: Store) -> None:
    header = playlist(DEEP, 1, last_updated=NOW - DAY, num_videos=2)
    store.snapshots.save_playlists([read(header, items("1"))])
    known = store.snapshots.known_playlists()
    assert known == {DEEP: KnownPlaylist(NOW - DAY, 1, 2, "Deep", True, NOW)}


def test_being_seen_is_noted_once_a_day(store: Store, clock: Clock) -> None:
    save(store, {DEEP: items("1")})
    clock.now += DAY / 2
    save(store, {DEEP: items("1")})
    seen = "SELECT last_seen_in_tidal FROM tracks UNION SELECT last_seen_in_tidal FROM playlists"
    assert query(store, seen) == [(f"{NOW}.000000",)]
    clock.now += DAY
    save(store, {DEEP: items("1")})
    assert query(store, seen) == [(f"{clock.now}.000000",)]


def test_commits_are_durable_again_after_a_playlist_was_saved(store: Store) -> None:
    save(store, {DEEP: items("1")})
    assert query(store, "PRAGMA synchronous") == [(2,)]
