"""Every system call fails in every way, once and for ever: nothing is lost, and the next run heals.

I1, I9, I11: a run that failed ends cleanly, says so in its exit code, and leaves no torn file.
"""

from __future__ import annotations

import errno
from itertools import cycle

import pytest

from strandline.errors import Exit, StrandlineError
from tests.faults.failing import CHANGING, failing
from tests.faults.reference import Reference
from tests.faults.tally import tally
from tests.stage import Stage

ERRORS = (
    errno.ENOSPC, errno.EIO, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG,
    errno.EMFILE, errno.EXDEV, errno.ENOENT, errno.EEXIST, errno.EINTR,
)  # fmt: skip
RUNS_TO_HEAL = 3
"""A rename that failed may leave folders in the way of one another for one more run."""
SCENES = (
    "first run",
    "track leaves its primary playlist",
    "a byte-equal copy gives way",
    "names go round, and a new track",
    "playlist deleted",
)


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> list[Reference]:
    return [Reference(name, tmp_path_factory.mktemp("scene")) for name in SCENES]


@pytest.mark.parametrize("call", CHANGING)
def test_a_failing_call_loses_nothing_and_the_next_run_heals(
    references: list[Reference], call: str
) -> None:
    turn = cycle(references)
    for number in ERRORS:
        for at, for_ever in ((1, False), (3, False), (2, True)):
            reference = next(turn)
            stage = reference.again()
            stage.calls = failing(call, number, at, for_ever=for_ever)
            _sync_somehow(stage)
            stage.calls = type(stage).calls
            reference.check_cut_off(stage)
            what = (errno.errorcode[number], at, for_ever, reference.start.home)
            results = [stage.sync() for _ in range(RUNS_TO_HEAL)]
            assert results[-1].exit is Exit.DONE, (what, results)
            assert stage.pending().actions == (), what
            assert stage.heard() == reference.heard, what
            tally("every file-system call fails").count()


def _sync_somehow(stage: Stage) -> None:
    """It may end in an error of ours, never in another one, and it never claims to be done."""
    try:
        result = stage.sync()
    except StrandlineError:
        return
    assert not any(item.code == "bug" for item in result.failed), result.failed
    pending = stage.pending()
    if pending.actions:
        assert result.exit is not Exit.DONE, (result, pending.actions)
