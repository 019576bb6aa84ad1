"""A run from its first intent to its end: order, journal, report, and ways to end early."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from strandline.core.actions import Action, Because, Conflict
from strandline.core.ledger_facts import EntryIs
from strandline.core.plan import Plan
from strandline.core.states import Kind, LedgerEntry
from strandline.db.journal import StepRow
from strandline.errors import DatabaseError, Exit, SafetyStopError
from strandline.execute.executor import batches, families
from strandline.execute.ports import StopFlag
from strandline.execute.result import Result
from strandline.library.files import DiskStoppedError
from tests.execute.things import (
    ONE,
    A,
    B,
    at,
    download,
    folder,
    link,
    relink,
    renames,
    trash,
    unlink,
)
from tests.stage import START, Stage

CONFLICT = Conflict(
    at("A/x.mp3"), Because.FOLDER_IN_THE_WAY, A, ONE, message="something stands there"
)


def do(stage: Stage, plan: Plan, stop: StopFlag | None = None) -> Result:
    with stage.open() as store, stage.files() as files:
        return stage.executor(files, store, stop).run(plan, "sync-execute")


@pytest.fixture
def stage(stage: Stage) -> Stage:
    stage.lists(A, "A", "1").lists(B, "B", "1")
    with stage.open() as store:
        stage.snapshot(store)
    return stage


# ---------------------------------------------------------------- the order


def seqs(actions: list[Action]) -> list[list[int]]:
    return [[step.seq for step in alike] for alike in families(actions)]


def test_neighbours_of_one_kind_are_done_together_and_the_order_is_kept() -> None:
    assert seqs([folder("A"), folder("B"), download("A/x"), unlink("A/y"), folder("C")]) == [
        [1, 2], [3], [4], [5],
    ]  # fmt: skip


def test_making_links_and_pointing_them_elsewhere_is_one_kind_of_work() -> None:
    assert seqs([link("A/x", "B/x"), relink("A/y", "B/y"), link("A/z", "B/z")]) == [[1, 2, 3]]


def test_a_file_goes_with_the_link_that_takes_its_place() -> None:
    assert seqs([trash("A/x"), trash("A/y"), link("B/z", "A/z"), link("A/x", "B/x")]) == [
        [1, 4], [2], [3],
    ]  # fmt: skip


def test_a_link_made_before_a_file_goes_is_another_matter() -> None:
    assert seqs([link("A/x", "B/x"), trash("A/x")]) == [[1], [2]]


def test_a_batch_is_even_so_that_no_pair_is_cut_apart() -> None:
    (links,) = families([link(f"A/{number}", "B/x") for number in range(9)])
    assert [len(batch) for batch in batches(links, 4)] == [4, 4, 1]
    assert [len(batch) for batch in batches(links, 5)] == [4, 4, 1]
    assert [len(batch) for batch in batches(links, 1)] == [2, 2, 2, 2, 1]


def test_renames_are_never_split(stage: Stage) -> None:
    """Two playlists may be swapping names."""
    begun: list[int] = []
    with stage.open() as store, stage.files() as files:
        intent = store.journal.intent

        def watched(steps: Iterable[StepRow], *rest: Any) -> None:
            rows = list(steps)
            begun.append(len(rows))
            intent(rows, *rest)

        store.journal.intent = watched  # type: ignore[method-assign]
        plan = Plan(tuple(renames(f"A{number}", f"B{number}") for number in range(9)))
        stage.executor(files, store).run(plan, "sync-execute")
    assert begun == [9]


# ---------------------------------------------------------------- the journal


def test_a_run_is_written_down_with_what_it_was_to_do_and_what_it_did(stage: Stage) -> None:
    result = do(stage, Plan((folder("A"), CONFLICT, download("A/x.flac"), trash("A/gone"))))
    assert result.done == {"create_folder": 1, "download": 1}
    with stage.open() as store:
        row = store.journal.run(result.run)
        steps = store.journal.steps(result.run)
    assert row
    assert (row.command, row.status, row.undoes) == ("sync-execute", "partial", None)
    assert (row.planned, row.done, row.failed) == (3, 2, 0), "a conflict is no step"
    assert row.finished_at
    assert [(step.seq, step.action, step.state) for step in steps] == [
        (1, "create_folder", "done"), (2, "download", "done"), (3, "trash", "skipped"),
    ]  # fmt: skip


def test_what_was_recognised_is_known_before_the_first_step(stage: Stage) -> None:
    entry = LedgerEntry(B, ONE, at("B/x.mp3"), Kind.SYMLINK, None)
    known: list[object] = []
    with stage.open() as store, stage.files() as files:
        intent = store.journal.intent

        def watched(*rows: object) -> None:
            known.extend(store.load_ledger().entries.values())
            intent(*rows)  # type: ignore[arg-type]

        store.journal.intent = watched  # type: ignore[method-assign]
        plan = Plan((folder("A"),), facts=(EntryIs(entry),))
        stage.executor(files, store).run(plan, "sync-execute")
    assert known == [entry]


def test_the_intents_of_a_batch_are_written_before_its_first_act(stage: Stage) -> None:
    states: list[list[str | None]] = []
    with stage.open() as store, stage.files() as files:
        make = files.make_folder

        def watched(path: str) -> object:
            states.append([row.path for row in store.journal.open_intents()])
            return make(path)

        files.make_folder = watched  # type: ignore[method-assign,assignment]
        plan = Plan((folder("A"), replace(folder("B"), playlist=B)))
        stage.executor(files, store).run(plan, "sync-execute")
    assert states == [[at("A"), at("B")]] * 2


# ---------------------------------------------------------------- ways to end early


def test_a_disk_that_fails_keeps_what_was_done_before_and_names_the_rest(stage: Stage) -> None:
    with stage.open() as store, stage.files() as files:
        make = files.make_folder

        def failing(path: str) -> object:
            if path == at("B"):
                raise DiskStoppedError("The disk is full.", code="disk_full")
            return make(path)

        files.make_folder = failing  # type: ignore[method-assign,assignment]
        plan = Plan((folder("A"), replace(folder("B"), playlist=B), folder("C"), download("A/x")))
        result = stage.executor(files, store).run(plan, "sync-execute")
        steps = {row.path: (row.state, row.error) for row in store.journal.steps(result.run)}
    assert result.exit is Exit.SOME_FAILED
    assert result.status == "stopped"
    assert result.done == {"create_folder": 1}
    assert [(item.path, item.code, item.error) for item in result.skipped] == [
        (path, "disk_full", "not done: The disk is full.") for path in (at("B"), at("C"), at("A/x"))
    ]
    assert steps == {
        at("A"): ("done", None),
        at("B"): ("intent", None),  # the act was cut off: only the disk can tell
        at("C"): ("skipped", "not done: the run ended before"),
    }


def test_a_bug_in_one_step_is_logged_and_the_next_steps_are_done(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    with stage.open() as store, stage.files() as files:
        make = files.make_folder

        def failing(path: str) -> object:
            if path == at("A"):
                raise ZeroDivisionError("token=secret")
            return make(path)

        files.make_folder = failing  # type: ignore[method-assign,assignment]
        plan = Plan((folder("A"), replace(folder("B"), playlist=B), download("A/x.flac")))
        result = stage.executor(files, store).run(plan, "sync-execute")
    assert result.done == {"create_folder": 1}
    assert [(item.path, item.code) for item in result.failed] == [(at("A"), "bug")]
    assert result.failed[0].error == (
        "a bug in strandline (ZeroDivisionError); the log has the details"
    )
    assert [(item.code, item.error) for item in result.skipped] == [
        ("dependency", "not done: its folder 'A' could not be prepared")
    ]
    (record,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert record.exc_info


def test_an_act_that_reports_an_error_after_the_deed_was_done_is_done(stage: Stage) -> None:
    from strandline.errors import ItemError

    with stage.open() as store, stage.files() as files:
        make = files.make_folder

        def late(path: str) -> object:
            make(path)
            raise ItemError("interrupted by a signal")

        files.make_folder = late  # type: ignore[method-assign,assignment]
        result = stage.executor(files, store).run(Plan((folder("A"),)), "sync-execute")
    assert result.done == {"create_folder": 1}
    assert stage.ledger().playlists[A].folder == "A"


def test_a_library_that_is_gone_before_the_first_batch_ends_the_run_untouched(
    stage: Stage,
) -> None:
    from strandline.execute.executor import Executor
    from tests.stage import Ticks

    def gone() -> None:
        raise SafetyStopError("It is not mounted any more.", code="library_missing")

    with stage.open() as store, stage.files() as files:
        executor = Executor(files, store, stage.source, clock=Ticks(), check_library=gone)
        result = executor.run(Plan((folder("A"), download("A/x"))), "sync-execute")
    assert (result.exit, result.status) == (Exit.SAFETY_STOP, "stopped")
    assert [item.code for item in result.skipped] == ["library_missing"] * 2
    assert stage.tree() == {}


def test_ctrl_c_before_the_first_step_does_nothing_and_names_all(stage: Stage) -> None:
    stop = StopFlag()
    stop.set()
    result = do(stage, Plan((folder("A"), download("A/x"))), stop)
    assert (result.exit, result.status) == (Exit.INTERRUPTED, "interrupted")
    assert [(item.code, item.error) for item in result.skipped] == [
        ("interrupted", "not done: the run was interrupted")
    ] * 2
    assert stage.tree() == {}
    with stage.open() as store:
        assert store.journal.steps(result.run) == []


def test_ctrl_c_within_a_batch_takes_back_the_intents_nobody_acted_on(stage: Stage) -> None:
    stop = StopFlag()
    with stage.open() as store, stage.files() as files:
        make = files.make_folder

        def stopping(path: str) -> object:
            stop.set()
            return make(path)

        files.make_folder = stopping  # type: ignore[method-assign,assignment]
        plan = Plan((folder("A"), replace(folder("B"), playlist=B)))
        result = stage.executor(files, store, stop).run(plan, "sync-execute")
        steps = [(row.state, row.error) for row in store.journal.steps(result.run)]
    assert result.exit is Exit.INTERRUPTED
    assert steps == [("done", None), ("skipped", "not done: the run ended before")]


def test_ctrl_c_after_the_last_step_comes_too_late(stage: Stage) -> None:
    stop = StopFlag()
    with stage.open() as store, stage.files() as files:
        make = files.make_folder

        def stopping(path: str) -> object:
            stop.set()
            return make(path)

        files.make_folder = stopping  # type: ignore[method-assign,assignment]
        result = stage.executor(files, store, stop).run(Plan((folder("A"),)), "sync-execute")
    assert (result.exit, result.status) == (Exit.DONE, "done")


def test_a_database_that_fails_ends_the_run_and_that_is_in_the_log(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: object) -> None:
        raise DatabaseError("The disk of the database is full.")

    with stage.open() as store, stage.files() as files:
        store.journal.intent = failing  # type: ignore[method-assign]
        store.journal.finish_run = failing  # type: ignore[method-assign]
        result = stage.executor(files, store).run(Plan((folder("A"),)), "sync-execute")
    assert (result.exit, result.status) == (Exit.SOME_FAILED, "stopped")
    assert [item.code for item in result.skipped] == ["database"]
    assert f"The end of run {result.run} could not be saved" in caplog.text
    assert stage.tree() == {}


def test_times_in_the_journal_are_those_of_the_clock(stage: Stage) -> None:
    result = do(stage, Plan((folder("A"),)))
    with stage.open() as store:
        row = store.journal.run(result.run)
    assert row
    assert isinstance(row.started_at, datetime)
    assert START < row.started_at < (row.finished_at or START)
