"""Snapshots: a list of playlists that fails is never a complete one; absent is not deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from snapshots import SPOILED_PAGES, crate, take
from tidal_side import FLAT, FOLDERS, MemoryStore

from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.errors import UnreachableError

LIST_FAULTS = {
    name: SPOILED_PAGES[name]
    for name in ("503", "html", "reset", "short page", "no total", "cut off")
}


@pytest.mark.parametrize("path", [FLAT, FOLDERS])
@pytest.mark.parametrize("kind", LIST_FAULTS)
def test_a_list_that_fails_is_never_a_complete_one(
    tidal: StandIn, tmp_path: Path, kind: str, path: str
) -> None:
    for number in range(60):
        crate(tidal, f"Crate {number}", 1)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    tidal.faults.on(path, LIST_FAULTS[kind][0], times=None)
    report = take(tidal, tmp_path, store, full=True)
    assert not report.complete
    assert report.reason
    assert store.complete is False
    assert store.reason == report.reason


@pytest.mark.parametrize("status", [403, 404, 410, 451])
@pytest.mark.parametrize("path", [FLAT, FOLDERS])
def test_a_list_tidal_no_longer_offers_is_made_up_for_by_the_other(
    tidal: StandIn, tmp_path: Path, path: str, status: int
) -> None:
    crates = [crate(tidal, f"Crate {number}", 1) for number in range(3)]
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    tidal.faults.on(path, effects.status(status), times=None)
    tidal.account.delete(crates[0])
    assert take(tidal, tmp_path, store, full=True).complete
    assert store.seen == {crates[1].uuid, crates[2].uuid}


def test_the_only_list_may_be_an_empty_one(tidal: StandIn, tmp_path: Path) -> None:
    last = crate(tidal, "Last", 1)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    tidal.faults.on(FOLDERS, effects.status(404), times=None)
    tidal.account.delete(last)
    assert take(tidal, tmp_path, store, full=True).complete
    assert store.seen == set()


def test_what_the_only_list_lacks_is_not_gone_while_tidal_has_it(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Listed", 1)
    theirs = tidal.account.follow("Theirs", [])
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    tidal.faults.on(FOLDERS, effects.status(404), times=None)
    tidal.account.unfollow(theirs)
    report = take(tidal, tmp_path, store, full=True)
    assert not report.complete
    assert "1 known playlist" in report.reason


def test_a_list_that_is_not_found_for_a_moment_is_not_a_complete_one(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Crate", 1)
    tidal.faults.on(FOLDERS, effects.status(404), times=1)
    assert not take(tidal, tmp_path, MemoryStore()).complete


def test_two_lists_that_fail_are_an_error_and_nothing_is_stored(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Crate", 1)
    for path in (FLAT, FOLDERS):
        tidal.faults.on(path, effects.status(503), times=None)
    store = MemoryStore()
    with pytest.raises(UnreachableError) as caught:
        take(tidal, tmp_path, store)
    assert caught.value.exit == 8
    assert store.complete is None
    assert store.user == ""


def test_a_cursor_that_leads_nowhere_ends_and_is_told(tidal: StandIn, tmp_path: Path) -> None:
    for number in range(60):
        crate(tidal, f"Crate {number}", 1)
    tidal.faults.on(FOLDERS, effects.endless_cursor(), times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert not report.complete
    assert "circles" in report.reason
    assert len(tidal.asked(FOLDERS)) < 10


def test_a_deleted_playlist_is_missing_from_a_complete_list(tidal: StandIn, tmp_path: Path) -> None:
    gone = crate(tidal, "Gone", 1)
    crate(tidal, "Here", 1)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    tidal.account.delete(gone)
    assert take(tidal, tmp_path, store).complete
    assert gone.uuid not in store.seen
    assert store.complete is True
