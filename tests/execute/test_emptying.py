"""A file that is removed from the trash for good: only the very one, and a kill leaves no doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from strandline.core.actions import Because
from strandline.db.journal import RunStatus
from strandline.execute.run_actions import Empty
from strandline.execute.step_rows import action_of, row_of
from strandline.execute.trash import Restoration, emptying
from tests.execute.things import A
from tests.stage import START, Stage


@pytest.fixture
def trashed(stage: Stage) -> tuple[Stage, str, Path]:
    """Track 1 in the trash of a run, and where it lies."""
    stage.lists(A, "Alpha", "1", "2")
    stage.sync()
    stage.lists(A, "Alpha", "2")
    run = stage.sync().run
    (place,) = (stage.root / ".strandline" / "trash" / run).rglob("*.flac")
    return stage, run, place


def the_step(stage: Stage, run: str) -> Empty:
    with stage.open() as store, stage.files() as files:
        (action,) = emptying(files, store, [run]).actions
    assert isinstance(action, Empty)
    return action


def test_it_goes_with_the_folders_that_are_empty_then(trashed: tuple[Stage, str, Path]) -> None:
    stage, run, place = trashed
    work = Restoration([the_step(stage, run)])
    with stage.open() as store, stage.files() as files:
        result = stage.executor(files, store).run(work, "trash empty")
    assert result.done == {"empty": 1}
    assert not place.exists()
    assert list((stage.root / ".strandline" / "trash").iterdir()) == []


@pytest.mark.parametrize("how", ["written to", "another file", "a hash that is another"])
def test_what_is_not_the_very_file_stays(trashed: tuple[Stage, str, Path], how: str) -> None:
    stage, run, place = trashed
    step = the_step(stage, run)
    if how == "written to":
        place.write_bytes(place.read_bytes() + b"x")
    elif how == "another file":
        data = place.read_bytes()
        place.rename(place.with_name("other.flac"))
        place.write_bytes(data)
    else:
        step = Empty(
            step.path, step.because, source=step.source, expected=step.expected, sha256="0" * 64
        )
    with stage.open() as store, stage.files() as files:
        result = stage.executor(files, store).run(Restoration([step]), "trash empty")
    assert [item.action for item in result.skipped] == ["empty"]
    assert place.exists()


@pytest.mark.parametrize("gone", [True, False])
def test_after_a_kill_the_disk_says_whether_it_is_done(
    trashed: tuple[Stage, str, Path], gone: bool
) -> None:
    stage, run, place = trashed
    step = the_step(stage, run)
    with stage.open() as store:
        killed = store.journal.begin_run("trash empty", START, 1)
        store.journal.intent([row_of(killed, 1, step)], START)
    if gone:
        place.unlink()
    assert stage.recover() == [f"Run {killed} was cut off; what it had done is kept."]
    with stage.open() as store:
        (row,) = store.journal.steps(killed)
        assert row.state == ("done" if gone else "skipped")
        assert bool(store.journal.emptied(run)) is gone
        found = store.journal.run(killed)
        assert found is not None
        assert found.status == RunStatus.INTERRUPTED.value


def test_the_journal_keeps_all_that_the_step_says(trashed: tuple[Stage, str, Path]) -> None:
    stage, run, _ = trashed
    step = the_step(stage, run)
    assert step.because is Because.ASKED_FOR
    again = action_of(row_of("r", 1, step))
    assert isinstance(again, Empty)
    assert (again.source, again.path, again.sha256) == (step.source, step.path, None)
    assert again.expected == step.expected._replace(dev=0)
