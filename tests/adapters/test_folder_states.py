"""What is settled is left out of the states, and the plan is the same as from all of them."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import pytest
from folder_states import HANDS, Seen, synced_stage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.stage import Stage

from strandline.app import observe
from strandline.app.observe import Observed
from strandline.app.statuses import Exceptions, exceptions_in
from strandline.core.ids import PlaylistId
from strandline.db.store import Store


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return synced_stage(tmp_path_factory.mktemp("folder_states"))


@pytest.fixture
def stage(synced: Stage, tmp_path: Path) -> Stage:
    return synced.clone(tmp_path / "home")


@pytest.fixture(autouse=True)
def never_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight playlists are few: look at a part of them however many are in question."""
    monkeypatch.setattr(observe, "MOST_IN_QUESTION", 1)


def same(part: Observed, whole: Observed) -> None:
    assert part.plan == whole.plan
    assert part.extent == whole.extent
    assert told(part) == told(whole)


def told(seen: Observed) -> Exceptions:
    return exceptions_in(seen.plan, seen.snapshot, seen.scan, seen.ledger)


def test_of_a_library_in_sync_no_entry_is_loaded(stage: Stage) -> None:
    with Seen(stage) as seen:
        part = seen.part()
        assert part is not None
        assert (part.ledger.entries, part.snapshot.tracks, part.scan.files) == ({}, {}, {})
        assert part.extent[:2] == (12, 19)
        assert part.plan.tally.tracks == 12
        same(part, seen.all())


def test_of_a_library_with_a_broken_link_only_who_shares_the_track_is_loaded(stage: Stage) -> None:
    link = next(path for path in sorted(stage.shelf.glob("Dub/*")) if path.is_symlink())
    link.unlink()
    link.symlink_to("../Nowhere/x.mp3")
    with Seen(stage) as seen:
        part = seen.part()
        assert part is not None
        assert {entry.playlist for entry in part.ledger.entries.values()} == {"a", "d"}
        same(part, seen.all())


def test_a_file_nobody_knows_may_be_anyones_so_everything_is_loaded(stage: Stage) -> None:
    stage.put("Funk/Somebody - Something.mp3", b"not known")
    with Seen(stage) as seen:
        assert seen.part() is None


def test_the_number_of_statements_does_not_grow_with_the_library(
    stage: Stage, tmp_path: Path
) -> None:
    small = Stage(tmp_path / "small").lists("f", "Funk", "10")
    small.sync()
    assert _statements(small) == _statements(stage)


def _statements(stage: Stage) -> int:
    """Of a look that finds nothing to do, changes of the database among them."""
    said: list[str] = []
    with Seen(stage) as seen:
        connection: sqlite3.Connection = seen.store._connection
        changes = connection.total_changes
        connection.set_trace_callback(said.append)
        assert seen.part() is not None
        assert connection.total_changes == changes
        connection.set_trace_callback(None)
    return len(said)


# ---------------------------------------------------------------- whatever happens


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(hands=st.lists(st.tuples(st.sampled_from(sorted(HANDS)), st.integers(0, 23)), max_size=4))
def test_whatever_happened_the_plan_of_a_part_is_the_plan_of_all(
    synced: Stage, hands: list[tuple[str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stage = synced.clone(Path(folder, "home"))
        for hand, number in hands:
            HANDS[hand](stage, number)
        with Seen(stage) as seen:
            part, whole = seen.part(), seen.all()
        if part is not None:
            same(part, whole)


def test_a_store_without_a_library_has_shelves_all_the_same(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    with stage.open() as store:
        assert isinstance(store, Store)
        assert list(store.folder_states.load()) == []
        assert store.folder_states.holding([]) == set[PlaylistId]()
