"""What a batch costs: its number of commits, statements and fsyncs, not how long they take."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.stage import Stage

from strandline.execute.batch import MANY
from strandline.library.files import Syscalls

A, B = "aaaaaaaa-1", "bbbbbbbb-2"


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Every statement, commit and fsync from now on."""
    counted: Counter[str] = Counter()

    class Database(sqlite3.Connection):
        def execute(self, *args: Any) -> sqlite3.Cursor:
            counted["statements"] += 1
            return super().execute(*args)

        def executemany(self, *args: Any) -> sqlite3.Cursor:
            counted["statements"] += 1
            return super().executemany(*args)

        def commit(self) -> None:
            counted["commits"] += 1
            super().commit()

    def fsync(self: Syscalls, fd: int) -> None:
        counted["fsyncs"] += 1

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **k, factory=Database))
    monkeypatch.setattr(Syscalls, "fsync", fsync)
    return counted


def linked(stage: Stage, tracks: int, costs: Counter[str]) -> Counter[str]:
    """What it costs to link so many tracks of one playlist into another."""
    names = [str(number) for number in range(1, tracks + 1)]
    stage.settings = replace(stage.settings, batch=1000)
    stage.lists(A, "Deep", *names).sync()
    stage.lists(B, "House", *names)
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        plan, executor = stage.plan(store), stage.executor(files, store)
        costs.clear()
        result = executor.run(plan, "sync-execute")
    assert result.done == {"create_folder": 1, "link": tracks}
    return +costs


def test_a_batch_of_links_costs_the_same_however_many_they_are(
    tmp_path: Path, costs: Counter[str]
) -> None:
    few = linked(Stage(tmp_path / "few"), 2, costs)
    many = linked(Stage(tmp_path / "many"), MANY + 20, costs)
    assert few == many
    # two folders' fsyncs: that of Playlists for the new one, and that of the links
    assert (many["commits"], many["fsyncs"]) == (6, 2)


def test_what_moved_between_playlists_costs_the_same_however_many_they_are(
    tmp_path: Path, costs: Counter[str]
) -> None:
    def moved(stage: Stage, tracks: int) -> Counter[str]:
        names = [str(number) for number in range(1, tracks + 1)]
        stage.settings = replace(stage.settings, batch=100)
        stage.lists(A, "Deep", *names, "99").lists(B, "House", "98").sync()
        stage.lists(A, "Deep", "99").lists(B, "House", "98", *names)
        with stage.open() as store, stage.files() as files:
            stage.snapshot(store)
            plan, executor = stage.plan(store), stage.executor(files, store)
            costs.clear()
            result = executor.run(plan, "sync-execute")
        assert result.done == {"move": tracks}
        return +costs

    few, many = moved(Stage(tmp_path / "few"), 2), moved(Stage(tmp_path / "many"), 12)
    assert few == many
    # the file of moves adds a commit, its own fsync and that of its folder
    assert (many["commits"], many["fsyncs"]) == (5, 4)
