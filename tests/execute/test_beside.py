"""Many links: while some are made, the database hears of those before and of those to come.

A connection of its own tells what is committed; the one that writes would also see what is not.
"""

from __future__ import annotations

import os
import random
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from strandline.core.actions import Because, Link
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.plan import Plan
from strandline.core.states import Kind
from strandline.db.store import Store
from strandline.errors import DatabaseError, Exit, SafetyStopError
from strandline.execute.batch import MANY
from strandline.execute.executor import Executor
from strandline.execute.ports import RunSettings, StopFlag
from strandline.execute.recovery import recover
from strandline.execute.result import Result
from strandline.library.files import DiskStoppedError, LibraryFiles
from tests.faults.kill import places_of, run_and_kill
from tests.faults.size import runs, seed
from tests.faults.tally import tally
from tests.stage import START, Stage, Ticks, Watch

HOUSE, LINKS = PlaylistId("bbbbbbbb-2"), 3 * MANY + 30
NUMBERS = [str(number) for number in range(1, LINKS + 1)]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A folder with audio, a listed playlist with none of its links, and many steps a batch."""
    return unlinked(Stage(tmp_path / "home", settings=RunSettings(batch=MANY)))


def unlinked(stage: Stage) -> Stage:
    stage.lists(HOUSE, "House", *NUMBERS)
    with stage.open() as store:
        stage.snapshot(store)
    for number in NUMBERS:
        stage.put(f"Deep/{number}.flac", number.encode())
    (stage.shelf / "House").mkdir()
    return stage


def link(number: str) -> Link:
    path, source = LibPath(f"Playlists/House/{number}.flac"), f"Playlists/Deep/{number}.flac"
    new, track = Because.NEW_IN_PLAYLIST, TrackId(number)
    kind, name = Kind.SYMLINK, f"Name {number}"
    return Link(path, new, HOUSE, track, source=LibPath(source), kind=kind, named_for=name)


PLAN = Plan(tuple(map(link, NUMBERS)))


def carry_out(stage: Stage, *, watch: Watch | None = None, stop: StopFlag | None = None) -> Result:
    with stage.open() as store, stage.files() as files:
        if watch:
            watch(store)
        return stage.executor(files, store, stop).run(PLAN, "sync-execute")


def states(stage: Stage) -> dict[str, str]:
    """What is committed, by path."""
    with closing(sqlite3.connect(stage.database)) as db:
        return dict(db.execute("SELECT path, state FROM run_steps"))


def made(stage: Stage) -> set[str]:
    return {f"Playlists/House/{name}" for name in os.listdir(stage.shelf / "House")}


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Called before a link is made, with its path; a test appends to it."""
    hooks: list[Any] = []
    real = LibraryFiles.make_link

    def make_link(self: LibraryFiles, path: str, target: str) -> None:
        for hook in hooks:
            hook(path)
        real(self, path, target)

    monkeypatch.setattr(LibraryFiles, "make_link", make_link)
    return hooks


def test_no_link_is_made_before_its_intent_is_committed(stage: Stage, acts: list[Any]) -> None:
    unknown: list[str] = []
    acts.append(lambda path: unknown.extend([path] if states(stage).get(path) != "intent" else []))
    assert carry_out(stage).done == {"link": LINKS}
    assert unknown == []
    assert set(states(stage).values()) == {"done"}


def test_a_batch_is_committed_while_links_of_the_next_are_made(
    stage: Stage, acts: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first commit waits for a link of the second batch; alone it would wait in vain."""
    going_on, came = threading.Event(), []

    def watch(store: Store) -> None:
        done = store.journal.done

        def watched(*args: Any) -> None:
            came.append(going_on.wait(20))
            done(*args)

        monkeypatch.setattr(store.journal, "done", watched)

    acts.append(lambda path: path == PLAN.actions[MANY].path and going_on.set())
    assert carry_out(stage, watch=watch).exit is Exit.DONE
    assert came[0]


def test_nothing_is_called_done_before_its_folder_was_synced(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    late: list[str] = []
    real = os.fsync

    def fsync(fd: int) -> None:
        there = made(stage)
        real(fd)
        synced.update(there)

    def watch(store: Store) -> None:
        done = store.journal.done

        def watched(run: str, finished: Any, *rest: Any) -> None:
            paths = {row.seq: row.path for row in store.journal.steps(run)}
            late.extend(str(paths[row.seq]) for row in finished if paths[row.seq] not in synced)
            done(run, finished, *rest)

        monkeypatch.setattr(store.journal, "done", watched)

    monkeypatch.setattr(os, "fsync", fsync)
    assert carry_out(stage, watch=watch).done == {"link": LINKS}
    assert late == []
    assert len(synced) == LINKS


def test_the_ledger_holds_every_link_under_its_name(stage: Stage) -> None:
    carry_out(stage)
    entries = stage.ledger().entries
    for number in NUMBERS:
        entry, asked = entries[HOUSE, TrackId(number)], link(number)
        assert (entry.path, entry.kind, entry.named_for) == (
            asked.path,
            asked.kind,
            asked.named_for,
        )


# ---------------------------------------------------------------- ways to end early


def test_ctrl_c_takes_back_the_intents_of_this_batch_and_of_the_next(
    stage: Stage, acts: list[Any]
) -> None:
    stop, seen = StopFlag(), []
    acts.append(lambda path: seen.append(path) or (len(seen) == 7 and stop.set()))
    result = carry_out(stage, stop=stop)
    assert (result.exit, result.done) == (Exit.INTERRUPTED, {"link": 7})
    assert len(made(stage)) == 7
    assert sorted(states(stage).values()) == ["done"] * 7 + ["skipped"] * (2 * MANY - 7)


def test_a_full_disk_takes_back_the_intents_that_nobody_acted_on(
    stage: Stage, acts: list[Any]
) -> None:
    def full(path: str) -> None:
        if len(made(stage)) == MANY + 5:
            raise DiskStoppedError("The disk is full.", code="disk_full")

    acts.append(full)
    result = carry_out(stage)
    assert (result.status, result.done) == ("stopped", {"link": MANY + 5})
    counts = sorted(states(stage).values())
    assert counts == ["done"] * (MANY + 5) + ["intent"] + ["skipped"] * (2 * MANY - 6)


def test_a_library_that_goes_away_between_two_batches_ends_the_run(stage: Stage) -> None:
    looks: list[int] = []

    def check() -> None:
        looks.append(len(made(stage)))
        if len(looks) == 3:
            raise SafetyStopError("It is not mounted any more.", code="library_missing")

    with stage.open() as store, stage.files() as files:
        settings = stage.settings
        source, clock = stage.source, Ticks()
        executor = Executor(
            files, store, source, clock=clock, settings=settings, check_library=check
        )
        result = executor.run(PLAN, "sync-execute")
    assert looks == [0, MANY, 2 * MANY]
    assert (result.exit, result.done) == (Exit.SAFETY_STOP, {"link": 2 * MANY})
    assert sorted(states(stage).values()) == ["done"] * 2 * MANY + ["skipped"] * (MANY + 30)


def test_a_database_that_fails_leaves_open_what_it_did_not_hear_of(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def watch(store: Store) -> None:
        def failing(*_: object) -> None:
            raise DatabaseError("The disk of the database is full.")

        monkeypatch.setattr(store.journal, "done", failing)

    result = carry_out(stage, watch=watch)
    assert (result.status, result.done) == ("stopped", {})
    told = states(stage)
    assert made(stage) <= told.keys()
    assert set(told.values()) == {"intent"}


# ---------------------------------------------------------------- killed


def test_killed_at_any_place_the_next_start_knows_every_link(tmp_path: Path) -> None:
    """Two threads pass the places, so which one is the n-th differs from run to run."""
    rehearsed = unlinked(Stage(tmp_path / "rehearsed", settings=RunSettings(batch=MANY)))
    places = places_of(lambda watch: carry_out(rehearsed, watch=watch))
    start = unlinked(Stage(tmp_path / "start", settings=RunSettings(batch=MANY)))
    dice = random.Random(seed())
    for number in range(runs("beside", 40)):
        stage = start.clone(tmp_path / f"{number}")
        at = dice.randrange(1, len(places))
        run_and_kill(lambda watch, stage=stage: carry_out(stage, watch=watch), at)
        told = states(stage)
        assert made(stage) <= told.keys(), "a link without an intent"
        assert {path for path in told if told[path] == "done"} <= made(stage), "I13"
        with stage.open() as store, stage.files() as files:
            recover(files, store, START)
        assert "intent" not in states(stage).values()
        known = {entry.path for entry in stage.ledger().entries.values()}
        assert known == made(stage)
        tally("killed with two threads").count()
