"""Random lives with all their oracles; a life that fails is told, and repeated by its number.

Of the soak alone: ``./dev soak --only lives``.
"""

from __future__ import annotations

import pytest

from tests.faults.lives import lived
from tests.faults.person import warmed_up
from tests.faults.size import runs, seed
from tests.faults.tally import tally

SHARDS = 10


@pytest.mark.parametrize("shard", range(SHARDS))
def test_in_a_random_life_disk_database_plans_and_reports_say_one_thing(shard: int) -> None:
    warmed_up()
    for number in range(-(-runs("lives", 300) // SHARDS)):
        tally("lives").count()
        lived(seed() * 1_000_000 + shard * 100_000 + number)
