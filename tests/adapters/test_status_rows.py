"""The statuses a reader of the database meets: exceptions are named, the rest is well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stored import (
    DAY,
    DEEP,
    HOUSE,
    LINK,
    NOW,
    check,
    dump,
    link_is,
    open_store,
    primary_is,
    shared_account,
)

from strandline.core.ids import TrackId
from strandline.core.ledger_facts import FileGone
from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus, TrackSyncStatus
from strandline.db.store import Store

ONE, TWO, THREE = TrackId("1"), TrackId("2"), TrackId("3")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        shared_account(opened)
        yield opened


def entries(store: Store) -> list[tuple[object, ...]]:
    return list(
        store._connection.execute(
            "SELECT playlists.tidal_id, tracks.tidal_id, entry.sync_status, symlink_valid"
            " FROM playlist_tracks AS entry JOIN playlists ON playlists.id = playlist_id"
            " JOIN tracks ON tracks.id = track_id ORDER BY 1, 2"
        )
    )


def download(store: Store, track: TrackId) -> tuple[object, ...]:
    query = "SELECT download_status, download_error FROM tracks WHERE tidal_id = ?"
    found: tuple[object, ...] = store._connection.execute(query, (track,)).fetchone()
    return found


def test_only_exceptions_are_named(store: Store) -> None:
    check(
        store,
        tracks={TWO: DownloadStatus.NOT_DOWNLOADED},
        entries={(HOUSE, ONE): TrackSyncStatus.NEEDS_MOVE},
        playlists={DEEP: PlaylistSyncStatus.NEEDS_DOWNLOAD},
    )
    assert entries(store) == [
        (DEEP, ONE, "synced", None),
        (DEEP, TWO, "unknown", None),
        (DEEP, THREE, "unknown", None),
        (HOUSE, ONE, "needs_move", 1),
    ]
    report = store.reports.status()
    assert {item.playlist: item.status for item in report.items} == {
        DEEP: "needs_download",
        HOUSE: "in_sync",
    }


def test_the_next_check_takes_an_exception_back(store: Store) -> None:
    check(store, entries={(HOUSE, ONE): TrackSyncStatus.NEEDS_SYMLINK}, broken=[LINK])
    assert entries(store)[-1] == (HOUSE, ONE, "needs_symlink", 0)
    check(store)
    assert entries(store)[-1] == (HOUSE, ONE, "synced", 1)


def test_a_dangling_link_is_never_called_synced(store: Store) -> None:
    check(store)
    check(store, broken=[LINK])
    assert entries(store)[-1] == (HOUSE, ONE, "needs_symlink", 0)
    check(store, broken=[LINK])
    assert entries(store)[-1] == (HOUSE, ONE, "needs_symlink", 0)


def test_a_link_made_again_is_whole_at_once(store: Store) -> None:
    check(store, broken=[LINK])
    store.apply([link_is(HOUSE, "1", LINK)], NOW)
    assert entries(store)[-1] == (HOUSE, ONE, "synced", 1)


def test_a_check_that_finds_nothing_new_writes_nothing(store: Store) -> None:
    exceptions = {
        "tracks": {TWO: DownloadStatus.NOT_DOWNLOADED},
        "entries": {(DEEP, TWO): TrackSyncStatus.UNKNOWN},
        "playlists": {DEEP: PlaylistSyncStatus.NEEDS_DOWNLOAD},
        "broken": [LINK],
    }
    check(store, **exceptions)
    before = dump(store)
    check(store, **exceptions, now=NOW + 2 * DAY)
    assert dump(store) == before


def test_playlists_out_of_scope_keep_what_was_last_known_of_them(store: Store) -> None:
    check(
        store,
        entries={(HOUSE, ONE): TrackSyncStatus.NEEDS_SYMLINK},
        playlists={HOUSE: PlaylistSyncStatus.NEEDS_UPDATE, DEEP: PlaylistSyncStatus.NEEDS_UPDATE},
    )
    check(store, scope=[DEEP])
    assert entries(store)[-1][2] == "needs_symlink"
    statuses = {item.playlist: item.status for item in store.reports.status().items}
    assert statuses == {DEEP: "in_sync", HOUSE: "needs_update"}


def test_a_failed_download_stays_an_error_until_it_succeeds(store: Store) -> None:
    store.statuses.track_downloading(TWO, NOW)
    assert download(store, TWO) == ("downloading", None)
    store.statuses.track_failed(TWO, "TIDAL sent a preview", NOW)
    check(store, tracks={TWO: DownloadStatus.NOT_DOWNLOADED})
    assert download(store, TWO) == ("error", "TIDAL sent a preview")
    store.apply(primary_is(DEEP, "2", "Playlists/Deep/two.mp3"), NOW)
    assert download(store, TWO) == ("downloaded", None)


def test_a_download_cut_off_by_a_kill_is_settled(store: Store) -> None:
    store.statuses.track_downloading(ONE, NOW)
    store.statuses.track_downloading(TWO, NOW)
    store.statuses.settle_downloading(NOW)
    assert download(store, ONE) == ("downloaded", None)
    assert download(store, TWO) == ("not_downloaded", None)
    store.statuses.track_downloading(TWO, NOW)
    check(store)
    assert download(store, TWO) == ("not_downloaded", None)


def test_a_file_that_is_missing_is_not_downloaded_whatever_the_ledger_says(store: Store) -> None:
    check(store, tracks={ONE: DownloadStatus.NOT_DOWNLOADED})
    assert download(store, ONE) == ("not_downloaded", None)
    check(store)
    assert download(store, ONE) == ("downloaded", None)
    store.apply([FileGone(ONE)], NOW)
    check(store)
    assert download(store, ONE) == ("not_downloaded", None)


def test_a_run_notes_when_the_disk_was_last_where_tidal_is(store: Store) -> None:
    check(store, playlists={HOUSE: PlaylistSyncStatus.NEEDS_UPDATE})
    store.statuses.playlists_synced(NOW + 2 * DAY)
    synced = {item.playlist: item.last_synced_filesystem for item in store.reports.status().items}
    assert synced == {DEEP: "2026-11-24T15:30:00Z", HOUSE: None}
    counts = store._connection.execute("SELECT track_count_local FROM playlists ORDER BY tidal_id")
    assert list(counts) == [(1,), (1,)]


def test_verified_files_bear_the_date_until_their_content_changes(store: Store) -> None:
    store.statuses.verified([ONE], NOW + DAY)
    query = "SELECT last_verified_at FROM tracks WHERE tidal_id = '1'"
    assert store._connection.execute(query).fetchone() == ("2026-11-23 15:30:00.000000",)
    store.apply(primary_is(DEEP, "1", "Playlists/Deep/new.mp3"), NOW)
    assert store._connection.execute(query).fetchone() == ("2026-11-23 15:30:00.000000",)
    store._connection.execute("UPDATE tracks SET file_hash = 'other'")
    store.apply(primary_is(DEEP, "1", "Playlists/Deep/new.mp3"), NOW)
    assert store._connection.execute(query).fetchone() == (None,)
