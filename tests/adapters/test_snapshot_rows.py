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

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import EntryGone, EntryIs, FolderGone
from strandline.core.remote import ItemKind, KnownPlaylist, Origin, RemoteItem
from strandline.core.states import Kind, LedgerEntry
from strandline.db import snapshot_sql
from strandline.db.store import Store
from strandline.errors import DatabaseError
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
    told = track(
        "1", "Song", version="Extended", isrc="X1", album="LP", audio_quality="HIGH",
        explicit=True, audio_modes="DOLBY_ATMOS",
    )  # fmt: skip
    save(store, {DEEP: items(told, track("2", audio_quality=None, duration=None))})
    wanted = store.load_snapshot().tracks
    song = wanted[TrackId("1")]
    described = ("1", "Artist 1", "Song", "Extended", 200, "X1", True, "LP", False)
    assert song == (*described, True, "DOLBY_ATMOS")
    assert (wanted[TrackId("2")].lossless, wanted[TrackId("2")].duration) == (True, 0)
    assert query(store, "SELECT normalized_name FROM tracks")[0] == ("artist 1 - song",)


def test_a_part_tells_of_the_tracks_elsewhere_that_have_the_code_of_one_that_leaves(
    store: Store,
) -> None:
    one, two, three = track("1", isrc="X"), track("2", isrc="X"), track("3", isrc="Y")
    save(store, {DEEP: items(one), HOUSE: items(two, three)})
    path = LibPath("Playlists/Deep/1.flac")
    store.apply([EntryIs(LedgerEntry(DEEP, TrackId("1"), path, Kind.PRIMARY, None))], NOW)
    assert store.load_snapshot([DEEP]).alike == {}
    save(store, {DEEP: items(), HOUSE: items(two, three)})
    assert set(store.load_snapshot([DEEP]).alike) == {"2"}
    assert store.load_snapshot().alike == {}


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
    assert known == {DEEP: KnownPlaylist(NOW - DAY, 1, 2, "Deep", True, NOW, Origin.OWN)}


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


# ---------------------------------------------------------------- many playlists in one commit


def said(store: Store, lists: dict[PlaylistId, list[RemoteItem]]) -> list[str]:
    """Each statement that saving these takes; filling the stage, which is no table, left out."""
    seen: list[str] = []
    store._connection.set_trace_callback(seen.append)
    save(store, lists)
    store._connection.set_trace_callback(None)
    return [text.split()[0] for text in seen if not text.startswith("INSERT INTO staged_")]


def test_statements_are_of_the_playlists_and_commits_of_what_is_saved_together(
    store: Store,
) -> None:
    def lists(count: int, size: int) -> dict[PlaylistId, list[RemoteItem]]:
        tracks = items(*(str(n) for n in range(1, size + 1)))
        return {PlaylistId(f"p{n}"): tracks for n in range(count)}

    small, long, many = (
        said(store, lists(2, 1)),
        said(store, lists(2, 90)),
        said(store, lists(9, 9)),
    )
    assert len(long) == len(small)
    assert len(many) == len(small) + 2 * (9 - 2)
    assert [one.count("COMMIT") for one in (small, long, many)] == [3, 3, 3]
    assert len(said(store, lists(9, 90))) == len(many)


def test_a_track_of_many_playlists_is_compared_with_its_row_once(store: Store) -> None:
    store.snapshots.begin_snapshot("me")
    lists = [read(playlist(PlaylistId(f"p{n}"), 1), items("1")) for n in range(3)]
    seen: list[str] = []
    store._connection.set_trace_callback(seen.append)
    store.snapshots.save_playlists(lists[:2])
    store.snapshots.save_playlists(lists[2:])
    store._connection.set_trace_callback(None)
    assert sum(text.startswith("INSERT INTO staged_tracks") for text in seen) == 1
    assert query(store, "SELECT count(*) FROM playlist_positions") == [(3,)]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("last", ["available", "gone"])
def test_of_two_tellings_the_last_counts_and_no_stand_in_text_wins(
    store: Store, last: str, together: bool
) -> None:
    tellings = [track("1", "Song"), gone("1")]
    if last == "available":
        tellings.reverse()
    one, other = (
        read(playlist(id_, 1), items(telling))
        for id_, telling in zip((DEEP, HOUSE), tellings, strict=True)
    )
    store.snapshots.begin_snapshot("me")
    for commit in [[one, other]] if together else [[one], [other]]:
        store.snapshots.save_playlists(commit)
    wanted = store.load_snapshot().tracks[TrackId("1")]
    assert (wanted.title, wanted.available) == ("Song", last == "available")


def test_a_commit_that_fails_leaves_nothing_and_forgets_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.snapshots.begin_snapshot("me")
    before = dump(store)
    monkeypatch.setattr(snapshot_sql, "MERGE", (*snapshot_sql.MERGE, "INSERT INTO nowhere"))
    with pytest.raises(DatabaseError):
        store.snapshots.save_playlists([read(playlist(DEEP, 1), items("1"))])
    assert dump(store) == before
    monkeypatch.undo()
    store.snapshots.save_playlists([read(playlist(DEEP, 1), items("1"))])
    assert listed(store) == {DEEP: ("1",)}


def test_whole_half_and_unread_playlists_go_together(store: Store) -> None:
    third = PlaylistId("third")
    save(store, {DEEP: items("1", "2"), HOUSE: items("1", "2"), third: items("1")})
    store.snapshots.save_playlists(
        [
            read(playlist(DEEP, 1), items("2")),
            read(playlist(HOUSE, 9), items("3"), "page 2 failed"),
            read(playlist(third, 1, name="New name"), None, "TIDAL was busy"),
        ]
    )
    wanted = store.load_snapshot().playlists
    assert wanted[DEEP].tracks == ("2",)
    assert set(wanted[HOUSE].tracks) == {"1", "2", "3"}
    assert wanted[third].tracks == ("1",)
    assert [one.incomplete for one in wanted.values()] == [None, "page 2 failed", "TIDAL was busy"]
    rows = "SELECT count(*) FROM {} GROUP BY playlist_id ORDER BY playlist_id"
    assert query(store, rows.format("playlist_tracks")) == [(1,), (3,), (1,)]
    assert query(store, rows.format("playlist_positions")) == [(1,), (2,), (1,)]


def test_a_half_read_playlist_that_is_new_has_the_positions_that_came(store: Store) -> None:
    store.snapshots.save_playlists([read(playlist(DEEP, 9), items("3", "1"), "page 2 failed")])
    positions = "SELECT position, item_uuid FROM playlist_positions ORDER BY position"
    assert query(store, positions) == [(0, "item-0-3"), (1, "item-1-1")]
