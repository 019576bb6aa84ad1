"""The batteries notice what they are for: known-bad variants are planted, each must be caught."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.faults.nursery import Nursery
from tests.faults.seeded import BUGS, REPLACED, SPOILT_LIVES, caught_by, found, spoils_its_life
from tests.faults.tally import tally

ALL = "STRANDLINE_ALL_SEEDED" in os.environ


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as process:
        yield process


def test_what_the_seeded_bugs_replace_is_there_also_of_those_that_only_a_soak_plants() -> None:
    for path in REPLACED:
        found(path)


@pytest.mark.parametrize(
    "number", [at for at, bug in enumerate(BUGS) if bug.quick or ALL], ids=lambda at: BUGS[at].name
)
def test_a_seeded_bug_is_caught(number: int, nursery: Nursery) -> None:
    tally("seeded bugs").count()
    assert caught_by(number, nursery), "no battery noticed it"


@pytest.mark.parametrize(
    "number",
    [at for at, bug in enumerate(BUGS) if bug.name in SPOILT_LIVES],
    ids=lambda at: BUGS[at].name,
)
def test_a_random_life_notices_a_seeded_bug_by_itself(number: int, nursery: Nursery) -> None:
    tally("seeded bugs").count()
    assert spoils_its_life(number, nursery), "another life of `./dev soak --only lives` may"
