"""Statuses and the reports made of them, as CONTRACT writes them down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stored import (
    DAY,
    DEEP,
    HOUSE,
    NOW,
    dump,
    folder_is,
    gone,
    items,
    link_is,
    open_store,
    primary_is,
    save,
)

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger import EntryGone, FileGone
from strandline.core.states import Kind
from strandline.db.reports import Primary, Saved
from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus, TrackSyncStatus
from strandline.db.store import Store

ONE, TWO, THREE = TrackId("1"), TrackId("2"), TrackId("3")
LINK = LibPath("Playlists/House/one.mp3")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Track 1 is in both folders, track 2 was never downloaded, track 3 TIDAL no longer has."""
    with open_store(tmp_path) as opened:
        save(opened, {DEEP: items("1", "2", gone("3")), HOUSE: items("1")})
        changes = [
            folder_is(DEEP, "Deep"),
            *primary_is(DEEP, "1", "Playlists/Deep/one.mp3"),
            folder_is(HOUSE, "House"),
            link_is(HOUSE, "1", LINK),
        ]
        opened.apply(changes, NOW)
        yield opened


def check(store: Store, **found: object) -> None:
    """What a check saves; everything it does not name is as it should be."""
    nothing = {"tracks": {}, "entries": {}, "playlists": {}, "broken": (), "now": NOW + DAY}
    store.statuses.save(**nothing | found)  # type: ignore[arg-type]


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


# ---------------------------------------------------------------- reports


def test_the_status_report_has_the_shape_scripts_rely_on(store: Store) -> None:
    store.statuses.track_failed(TWO, "no", NOW)
    check(store, playlists={DEEP: PlaylistSyncStatus.NEEDS_DOWNLOAD})
    document = store.reports.status().document()
    assert document["playlists"] == {
        "total": 2,
        "in_sync": 1,
        "needs_download": 1,
        "needs_update": 0,
        "needs_removal": 0,
        "unknown": 0,
    }
    assert document["tracks"] == {
        "total": 3,
        "not_downloaded": 0,
        "downloading": 0,
        "downloaded": 1,
        "error": 1,
        "unavailable": 1,
    }
    assert document["dedupe"] == {"shared_tracks": 1, "links": 1, "bytes_saved": 1000}
    assert document["items"] == [
        {
            "playlist": DEEP,
            "name": "Deep",
            "folder": "mp3/Playlists/Deep/",
            "status": "needs_download",
            "tracks": 3,
            "downloaded": 1,
            "errors": 1,
            "last_updated_tidal": None,
            "last_synced_filesystem": None,
        },
        {
            "playlist": HOUSE,
            "name": "House",
            "folder": "mp3/Playlists/House/",
            "status": "in_sync",
            "tracks": 1,
            "downloaded": 1,
            "errors": 0,
            "last_updated_tidal": None,
            "last_synced_filesystem": "2026-11-23T15:30:00Z",
        },
    ]


def test_the_status_of_one_playlist_counts_its_tracks_only(store: Store) -> None:
    report = store.reports.status([HOUSE])
    assert [item.name for item in report.items] == ["House"]
    assert report.tracks["total"] == report.tracks["downloaded"] == 1
    assert report.playlists["total"] == 1
    assert store.reports.status([PlaylistId("nobody")]).items == ()


def test_a_track_that_is_on_disk_counts_as_downloaded_even_when_tidal_lost_it(
    store: Store,
) -> None:
    save(store, {DEEP: items(gone("1")), HOUSE: items(gone("1"))})
    assert store.reports.status().tracks["downloaded"] == 1


def test_a_deleted_playlist_is_reported_until_its_folder_is_gone(store: Store) -> None:
    save(store, {DEEP: items("1")})
    check(store, playlists={HOUSE: PlaylistSyncStatus.NEEDS_REMOVAL})
    assert store.reports.status().playlists["needs_removal"] == 1
    assert store.reports.playlist_names() == {DEEP: "Deep", HOUSE: "House"}


def test_the_dedupe_report_names_primary_and_links(store: Store) -> None:
    assert store.reports.dedupe().document() == {
        "shared_tracks": 1,
        "links": 1,
        "bytes_saved": 1000,
        "groups": [
            {
                "track": "1",
                "artist": "Artist 1",
                "title": "Title 1",
                "bytes": 1000,
                "primary": "Playlists/Deep/one.mp3",
                "links": (LINK,),
                "bytes_saved": 1000,
            }
        ],
    }


@pytest.mark.parametrize(
    ("kind", "saved"), [(Kind.SYMLINK, 1000), (Kind.HARDLINK, 1000), (Kind.COPY, 0)]
)
def test_a_hard_link_saves_as_much_as_a_symlink_and_a_copy_nothing(
    store: Store, kind: Kind, saved: int
) -> None:
    store.apply([link_is(HOUSE, "1", LINK, kind)], NOW)
    assert store.reports.dedupe().bytes_saved == saved
    assert store.reports.status().dedupe == Saved(1, 1, saved)


def test_without_links_there_is_nothing_to_save(store: Store) -> None:
    store.apply([EntryGone(HOUSE, ONE)], NOW)
    report = store.reports.dedupe()
    assert report == (0, 0, 0, ())
    assert store.reports.status().dedupe == Saved(0, 0, 0)


def test_there_is_to_verify_what_lies_in_the_library(store: Store) -> None:
    path = LibPath("Playlists/Deep/one.mp3")
    expected = [Primary(ONE, path, 1000, "1".zfill(64), 10**18)]
    assert store.reports.verify_list() == expected
    assert store.reports.verify_list([HOUSE]) == expected
    assert store.reports.verify_list([PlaylistId("nobody")]) == []
