"""kill -9 at every place of every scene, then run again: as if it had never been killed.

I1 nothing is lost, I2 nothing of the user's changes, I9 the end is the same and no final name ever
holds a part of a file, I10 a further run finds nothing to do, I13 what the database calls done is
on the disk.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from strandline.errors import Exit
from tests.faults.kill import run_and_kill
from tests.faults.reference import Reference
from tests.faults.scenes import SCENES
from tests.faults.tally import tally


@pytest.fixture(params=SCENES)
def reference(request: pytest.FixtureRequest, tmp_path: Path) -> Reference:
    return Reference(request.param, tmp_path)


def test_killed_anywhere_and_run_again_ends_as_if_never_killed(reference: Reference) -> None:
    assert reference.result.exit is Exit.DONE, reference.result
    assert len(reference.places) > 8
    for at, name in enumerate(reference.places, 1):
        stage = reference.again()
        killed = run_and_kill(lambda watch, stage=stage: stage.sync(watch=watch), at)
        assert killed == name
        reference.check_cut_off(stage)
        result = stage.sync()
        assert result.exit is Exit.DONE, (name, result)
        reference.check_end(stage)
        tally("kill -9 at every place").count()
