"""Random lives with all their oracles; a life that fails is told, and repeated by its number.

In every other shard a hand also acts while a run works, and runs are killed. Ten thousand of them:
``./dev soak --only lives --seed 20 --go-on --jobs 2``.
"""

from __future__ import annotations

import pytest

from tests.faults.lives import CHANGING, EMPTYING, IGNORING, POOLED, SHARING, lived, red_among
from tests.faults.person import warmed_up
from tests.faults.seeded import SPOILT_LIVES
from tests.faults.size import runs, seed
from tests.faults.tally import tally

SHARDS = 20


@pytest.mark.parametrize("shard", range(SHARDS))
def test_in_a_random_life_disk_database_plans_and_reports_say_one_thing(shard: int) -> None:
    """All lives of a shard are lived, whatever becomes of the first."""
    warmed_up()
    first = (seed() + shard % 2) * 1_000_000 + shard * 10_000
    count = -(-runs("lives", 300) // SHARDS)  # with those that ignore, and that empty the trash
    ignoring = range(first + IGNORING, first + IGNORING + -(-count // 5))
    special = [*ignoring]
    if first // 1_000_000 % 2:  # nobody meddles
        special += range(first + EMPTYING, first + EMPTYING + -(-count // 5))
        special += range(first + SHARING, first + SHARING + runs("sharing_lives", 0))
        for pool in (POOLED, CHANGING):
            special += range(first + pool, first + pool + runs("pool_lives", 0))
    lives = [*range(first, first + count - len(special)), *special]
    red = red_among(lives)
    battery = tally("lives")
    battery.count(len(lives))
    battery.violated(max(0, len(red) - 1))  # the failing of the test is one
    battery.red += [f"{life}: {tale.splitlines()[-1]}" for life, tale in red.items()]
    assert not red, "\n\n".join(red.values())


@pytest.mark.parametrize("life", sorted({*SPOILT_LIVES.values()}))
def test_a_life_that_a_seeded_bug_spoils_is_a_good_one_without_it(life: int) -> None:
    warmed_up()
    tally("lives").count()
    lived(life)
