"""Killed, and killed again while the next start was settling it: still as if never killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from strandline.errors import Exit
from tests.faults.kill import places_of, run_and_kill
from tests.faults.reference import Reference
from tests.faults.tally import tally
from tests.stage import Stage

SCENES_WITH_MUCH_TO_SETTLE = (
    "first run",
    "track leaves its primary playlist",
    "two playlists swap names",
    "names go round, and a new track",
    "a byte-equal copy gives way",
    "track leaves every playlist",
    "from copies to symlinks",
)


@pytest.fixture(params=SCENES_WITH_MUCH_TO_SETTLE)
def reference(request: pytest.FixtureRequest, tmp_path: Path) -> Reference:
    return Reference(request.param, tmp_path)


def test_killed_during_recovery_ends_as_if_never_killed(reference: Reference) -> None:
    for first in _after_intents(reference.places):
        watched = _hurt(reference, first)
        settling = places_of(lambda watch, watched=watched: watched.recover(watch=watch))
        for second, name in enumerate(settling, 1):
            stage = _hurt(reference, first)  # not a clone: folders would have other inodes
            killed = run_and_kill(lambda watch, stage=stage: stage.recover(watch=watch), second)
            assert killed == name
            reference.check_cut_off(stage)
            assert stage.sync().exit is Exit.DONE, (reference.places[first - 1], name)
            reference.check_end(stage)
            tally("kill again during recovery").count()


def _hurt(reference: Reference, at: int) -> Stage:
    stage = reference.again()
    assert run_and_kill(lambda watch: stage.sync(watch=watch), at) == reference.places[at - 1]
    return stage


def _after_intents(places: list[str]) -> list[int]:
    """Where a kill leaves the most in doubt: right after each act on the disk."""
    acts = (".after_rename", ".after_swap", ".after_make")
    found = [at for at, name in enumerate(places, 1) if name.endswith(acts)]
    return found[:: max(1, len(found) // 11)]


def test_recovering_twice_settles_nothing_twice(reference: Reference) -> None:
    for at in _after_intents(reference.places)[:3]:
        stage = _hurt(reference, at)
        stage.recover()
        tree = stage.tree()
        assert stage.recover() == []
        assert stage.tree() == tree
