"""Killed, and killed again while the next start was settling it: still as if never killed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from strandline.errors import Exit
from tests.faults.kill import places_of, run_and_kill
from tests.faults.reference import Reference
from tests.faults.scenes import SCENES
from tests.faults.size import runs, seed
from tests.faults.tally import tally
from tests.stage import Stage

ACTS = (".after_rename", ".after_swap", ".after_make")
NAME = "kill again during recovery"
pytestmark = pytest.mark.battery(NAME)


@pytest.fixture(params=SCENES)
def reference(request: pytest.FixtureRequest, tmp_path: Path) -> Reference:
    return Reference(request.param, tmp_path)


def hurt(reference: Reference, at: int) -> Stage:
    """Killed at the ``at``-th place of its run."""
    stage = reference.again()
    assert run_and_kill(lambda watch: stage.sync(watch=watch), at) == reference.places[at - 1]
    return stage


def ends_well(reference: Reference, stage: Stage, killed: object) -> None:
    """Nothing is torn now, and the next run ends it."""
    reference.check_cut_off(stage)
    assert stage.sync().exit is Exit.DONE, killed
    reference.check_end(stage)
    tally(NAME).count()


def test_killed_during_recovery_ends_as_if_never_killed(reference: Reference) -> None:
    """In the gate after each act on the disk, where the most is in doubt; in the soak anywhere.

    Of the second kills the gate leaves out each third, another one after each act.
    """
    everywhere = runs("recovery", 0)
    for first, place in enumerate(reference.places, 1):
        if not (everywhere or place.endswith(ACTS)):
            continue
        cut_off = hurt(reference, first)
        watched = reference.copy_of(cut_off)
        settling = places_of(lambda watch, watched=watched: watched.recover(watch=watch))
        for second, name in enumerate(settling, 1):
            if not everywhere and (first + second) % 3 == 0:
                continue
            stage = reference.copy_of(cut_off)
            killed = run_and_kill(lambda watch, stage=stage: stage.recover(watch=watch), second)
            assert killed == name
            ends_well(reference, stage, (place, name))


def test_killed_over_and_over_ends_as_if_never_killed(reference: Reference) -> None:
    dice = random.Random(seed())
    for _ in range(-(-runs("over_and_over", 64) // len(SCENES))):
        at = dice.randint(1, len(reference.places))
        killed, stage = [reference.places[at - 1]], hurt(reference, at)
        for _ in range(dice.randint(2, 4)):
            again = run_and_kill(lambda watch: stage.recover(watch=watch), dice.randint(1, 10))  # noqa: B023
            if again is None:
                break
            killed.append(again)
        ends_well(reference, stage, killed)


def test_recovering_twice_settles_nothing_twice(reference: Reference) -> None:
    acts = [at for at, place in enumerate(reference.places, 1) if place.endswith(ACTS)]
    for at in acts[:3]:
        stage = hurt(reference, at)
        stage.recover()
        tree = stage.tree()
        assert stage.recover() == []
        assert stage.tree() == tree
