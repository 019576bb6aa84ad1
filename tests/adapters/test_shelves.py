"""What is settled is left out of the states, and the plan is the same as from all of them."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.stage import Stage

from strandline.app import observe
from strandline.app.observe import Observed
from strandline.app.statuses import exceptions_in
from strandline.core.ids import PlaylistId
from strandline.db.store import Store
from strandline.events import Silent
from strandline.library.scan import FilesystemScanService

LISTS = {
    "a": ("Ambient", ("1", "2", "3")),
    "b": ("Breaks", ("3", "4", "5")),
    "c": ("Chill", ("5", "6")),
    "d": ("Dub", ("7", "8", "1")),
    "e": ("Electro", ("9", "8", "2")),
    "f": ("Funk", ("10",)),
    "g": ("Garage", ("11", "12")),
    "h": ("House", ("12", "11")),
}


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Eight playlists in sync; one track stands in two, most folders hold a link."""
    stage = Stage(tmp_path_factory.mktemp("shelves"))
    for id, (name, tracks) in LISTS.items():
        stage.lists(id, name, *tracks)
    assert not stage.sync().failed
    return stage


@pytest.fixture
def stage(synced: Stage, tmp_path: Path) -> Stage:
    return synced.clone(tmp_path / "home")


class Seen:
    """Both ways of looking at one stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __enter__(self) -> Seen:
        self.store = self._stage.open()
        self._stage.snapshot(self.store)
        mp3 = self._stage.root / "mp3"
        self._session: Any = SimpleNamespace(
            store=self.store, config=SimpleNamespace(mp3_dir=mp3), progress=Silent()
        )
        self._service = FilesystemScanService(mp3, self.store.evidence)
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def part(self) -> Observed | None:
        return observe._observe_part(self._session, self._stage.policy, self._service, Silent())

    def all(self) -> Observed:
        return observe._observe_all(self._session, self._stage.policy, self._service)


@pytest.fixture(autouse=True)
def never_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight playlists are few: look at a part of them however many are in question."""
    monkeypatch.setattr(observe, "MOST_IN_QUESTION", 1)


def same(part: Observed, whole: Observed) -> None:
    assert part.plan == whole.plan
    assert part.extent == whole.extent
    assert exceptions_in(part.plan, part.snapshot, part.scan) == exceptions_in(
        whole.plan, whole.snapshot, whole.scan
    )


def test_of_a_library_in_sync_no_entry_is_loaded(stage: Stage) -> None:
    with Seen(stage) as seen:
        part = seen.part()
        assert part is not None
        assert (part.ledger.entries, part.snapshot.tracks, part.scan.files) == ({}, {}, {})
        assert part.extent == (12, 19)
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


def _links(stage: Stage) -> list[Path]:
    return sorted(path for path in stage.shelf.glob("*/*") if path.is_symlink())


def _files(stage: Stage) -> list[Path]:
    return sorted(path for path in stage.shelf.glob("*/*") if path.is_file())


def _folders(stage: Stage) -> list[Path]:
    return sorted(path for path in stage.shelf.iterdir() if path.is_dir() and any(path.iterdir()))


def _pick(paths: list[Path], number: int) -> Iterator[Path]:
    yield from paths[number % len(paths) :][:1] if paths else []


def _relist(
    stage: Stage, number: int, change: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> None:
    ids = sorted(stage.playlists)
    if ids:
        name, tracks = stage.playlists[ids[number % len(ids)]]
        stage.lists(ids[number % len(ids)], name, *change(tracks))


def _rename_list(stage: Stage, number: int) -> None:
    for id in sorted(stage.playlists)[number % 8 :][:1]:
        stage.lists(id, f"{stage.playlists[id][0]} again", *stage.playlists[id][1])


def _drop_list(stage: Stage, number: int) -> None:
    for id in sorted(stage.playlists)[number % 8 :][:1]:
        stage.drops(id)


def _point(link: Path, target: str) -> None:
    link.unlink()
    link.symlink_to(target)


def _unlink(path: Path) -> None:
    path.unlink()


HANDS: dict[str, Callable[[Stage, int], object]] = {
    "a link goes": lambda s, n: [_unlink(p) for p in _pick(_links(s), n)],
    "a link dangles": lambda s, n: [_point(p, "../x/y") for p in _pick(_links(s), n)],
    "a link leads to another file": lambda s, n: [
        _point(p, f"../{q.parent.name}/{q.name}")
        for p in _pick(_links(s), n)
        for q in _pick(_files(s), n + 1)
    ],
    "a link is renamed": lambda s, n: [
        p.rename(p.with_name(f"mine {n}")) for p in _pick(_links(s), n)
    ],
    "a file goes": lambda s, n: [_unlink(p) for p in _pick(_files(s), n)],
    "a file is touched": lambda s, n: [os.utime(p, ns=(n, n)) for p in _pick(_files(s), n)],
    "a folder is renamed": lambda s, n: [
        p.rename(p.with_name(f"{p.name} mine")) for p in _pick(_folders(s), n)
    ],
    "a note is put in": lambda s, n: [
        (p / f"notes {n}.txt").write_text("mine") for p in _pick(_folders(s), n)
    ],
    "a folder is added": lambda s, n: (s.shelf / f"Own {n}" / "sub").mkdir(
        parents=True, exist_ok=True
    ),
    "TIDAL drops a track": lambda s, n: _relist(s, n, lambda tracks: tracks[1:]),
    "TIDAL adds a track": lambda s, n: _relist(
        s, n, lambda tracks: tuple(dict.fromkeys([*tracks, str(n % 14 + 1)]))
    ),
    "TIDAL renames a playlist": _rename_list,
    "TIDAL drops a playlist": _drop_list,
}


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
        assert list(store.shelves.load()) == []
        assert store.shelves.holding([]) == set[PlaylistId]()
