"""The reports as CONTRACT writes them down, from the database alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stored import (
    DEEP,
    HOUSE,
    LINK,
    NOW,
    check,
    gone,
    items,
    link_is,
    open_store,
    save,
    shared_account,
)

from strandline.core.ids import PlaylistId, TrackId
from strandline.core.ledger_facts import EntryGone
from strandline.core.states import Kind
from strandline.db.reports import Saved
from strandline.db.statuses import PlaylistSyncStatus
from strandline.db.store import Store

ONE, TWO = TrackId("1"), TrackId("2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        shared_account(opened)
        yield opened


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
        "excluded": 0,
    }
    assert document["tracks"] == {
        "total": 3,
        "not_downloaded": 0,
        "downloading": 0,
        "downloaded": 1,
        "error": 1,
        "unavailable": 1,
        "excluded": 0,
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
