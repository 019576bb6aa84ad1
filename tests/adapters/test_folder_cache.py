"""A folder is listed again when something came or went, and not when nothing did."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from folder_states import (
    HANDS,
    LISTS,
    Seen,
    files_of,
    folders_of,
    links_of,
    pick,
    point,
    synced_stage,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.stage import START, Stage

from strandline.core.folder_state import CachedListing
from strandline.core.ids import LibPath, PlaylistId
from strandline.core.ledger_facts import EntryIs
from strandline.core.states import Kind
from strandline.library.scan import unchanged
from strandline.library.scan.folder_cache import FolderCache, file_system

HOUR = 3_600_000_000_000  # nanoseconds


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return synced_stage(tmp_path_factory.mktemp("listings"))


@pytest.fixture
def stage(synced: Stage, tmp_path: Path) -> Stage:
    return synced.clone(tmp_path / "home")


def believing(seen: Seen, now: int) -> dict[PlaylistId, CachedListing]:
    """What a look an hour later would learn, when every stamp is old enough."""
    cache = FolderCache({}, now + HOUR)
    seen.look(cache)
    return {listed.playlist: listed for listed in cache.fresh}


def next_tick(folder: Path) -> None:
    """Until the clock that stamps folders has moved on: milliseconds at most."""
    folder.mkdir()
    was = folder.stat().st_ctime_ns
    while folder.stat().st_ctime_ns == was:
        os.utime(folder)


def _swap(links: list[Path]) -> None:
    for one, other in pairwise(links):
        texts = os.readlink(one), os.readlink(other)
        point(one, texts[1])
        point(other, texts[0])


# Files of a clone are those of the stage it is of, so here none is written to.
HANDS_ON_FOLDERS: dict[str, Callable[[Stage, int], object]] = {
    **{hand: does for hand, does in HANDS.items() if hand != "a file is touched"},
    "two links swap": lambda s, n: _swap(links_of(s)[n : n + 2]),
    "a link is made again": lambda s, n: [point(p, os.readlink(p)) for p in pick(links_of(s), n)],
    "a file is made again": lambda s, n: [
        p.with_name("new").write_bytes(p.read_bytes()) and p.with_name("new").replace(p)
        for p in pick(files_of(s), n)
    ],
    "a folder is made again": lambda s, n: [
        p.rename(p.with_name(f"away {p.stat().st_ino}")) and p.mkdir()
        for p in pick(folders_of(s), n)
    ],
    "a folder's link is a file": lambda s, n: [
        p.unlink() or p.write_text("mine") for p in pick(links_of(s), n)
    ],
}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    hands=st.lists(
        st.tuples(st.sampled_from(sorted(HANDS_ON_FOLDERS)), st.integers(0, 23)), max_size=4
    ),
    times_put_back=st.booleans(),
)
def test_whatever_happened_a_look_that_spares_listings_sees_what_a_whole_one_sees(
    synced: Stage, hands: list[tuple[str, int]], times_put_back: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stage = synced.clone(Path(folder, "home"))
        now = time.time_ns()
        with Seen(stage) as seen:
            believed = believing(seen, now)
            assert len(believed) == len(LISTS)
            next_tick(Path(folder, "tick"))
            times = {path: path.stat().st_mtime_ns for path in stage.shelf.iterdir()}
            for hand, number in hands:
                HANDS_ON_FOLDERS[hand](stage, number)
            if times_put_back:
                for path in filter(Path.exists, times):
                    os.utime(path, ns=(times[path], times[path]))
            stage.snapshot(seen.store)
            assert seen.look(FolderCache(believed, now + 2 * HOUR)) == seen.look(
                FolderCache({}, now)
            )


def test_a_folder_nothing_came_into_is_not_listed_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Seen(stage) as seen:
        now = time.time_ns()
        believed = believing(seen, now)
        (stage.shelf / "Dub" / "notes.txt").write_text("mine")
        listed: list[str] = []
        lists = unchanged._lists_as_left
        monkeypatch.setattr(
            unchanged, "_lists_as_left", lambda fd, s: listed.append(s.folder) or lists(fd, s)
        )
        looked = seen.look(FolderCache(believed, now + HOUR))
    assert listed == ["Dub"]
    assert looked.changed == {PlaylistId("d")}


def test_a_file_written_to_in_place_is_seen_though_its_folder_is_not_listed(tmp_path: Path) -> None:
    stage = Stage(tmp_path).lists("f", "Funk", "10").lists("g", "Garage", "11")
    stage.sync()
    with Seen(stage) as seen:
        now = time.time_ns()
        believed = believing(seen, now)
        folder = (stage.shelf / "Funk").stat()
        next(stage.shelf.glob("Funk/*")).write_bytes(b"something else")
        assert (stage.shelf / "Funk").stat() == folder
        looked = seen.look(FolderCache(believed, now + 2 * HOUR))
    assert (looked.changed, looked.unchanged.keys()) == ({PlaylistId("f")}, {PlaylistId("g")})


def test_a_ledger_that_holds_something_else_by_now_is_compared_with_a_listing(stage: Stage) -> None:
    with Seen(stage) as seen:
        now = time.time_ns()
        believed = believing(seen, now)
        entries = seen.store.load_ledger().entries.values()
        link = next(entry for entry in entries if entry.kind is Kind.SYMLINK)
        seen.store.apply([EntryIs(link._replace(path=LibPath(f"{link.path} 2")))], START)
        looked = seen.look(FolderCache(believed, now + 2 * HOUR))
    assert looked.changed == {link.playlist}


def test_a_folder_changed_just_now_is_listed_again_next_time(stage: Stage) -> None:
    with Seen(stage) as seen:
        for folder in stage.shelf.iterdir():
            os.utime(folder)
        cache = FolderCache({}, time.time_ns())
        seen.look(cache)
        assert cache.fresh == []


@pytest.mark.parametrize("hours", [-1, 24 * 7])
def test_a_listing_of_the_future_or_of_last_week_does_not_count(stage: Stage, hours: int) -> None:
    with Seen(stage) as seen:
        now = time.time_ns()
        believed = believing(seen, now)
        cache = FolderCache(believed, now + HOUR + hours * HOUR)
        seen.look(cache)
        assert (len(cache.fresh) > 0) is (hours > 0)
        for shelf in seen.store.folder_states.load():
            at = (stage.shelf / shelf.folder).stat()
            assert not cache.spare(shelf, at)


def test_on_other_file_systems_every_folder_is_listed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Seen(stage) as seen:
        now = time.time_ns()
        believed = believing(seen, now)
        monkeypatch.setattr("strandline.library.scan.folder_cache.STAMPING", frozenset({"ntfs3"}))
        cache = FolderCache(believed, now + 2 * HOUR)
        seen.look(cache)
        assert cache.fresh == []
        for shelf in seen.store.folder_states.load():
            assert not cache.spare(shelf, (stage.shelf / shelf.folder).stat())


def test_listings_are_kept_until_the_playlist_is_gone(stage: Stage) -> None:
    with Seen(stage) as seen:
        believed = believing(seen, time.time_ns())
        seen.store.folder_cache.save(believed.values())
        assert seen.store.folder_cache.load() == believed
        huge = believed[PlaylistId("a")]._replace(dev=2**64 - 1, ino=2**63, playlist="nobody")
        seen.store.folder_cache.save([believed[PlaylistId("a")]._replace(dev=2**64 - 1, ino=2**63)])
        seen.store.folder_cache.save([huge])
        kept = seen.store.folder_cache.load()
        assert kept.keys() == believed.keys()
        assert kept[PlaylistId("a")][1:3] == (2**64 - 1, 2**63)


def test_the_kernel_tells_the_file_system() -> None:
    fd = os.open("/proc", os.O_RDONLY)
    try:
        assert file_system(fd) == "proc"
    finally:
        os.close(fd)
    assert file_system(fd) is None
