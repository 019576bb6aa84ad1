"""Real system calls that kill or fail, one kind a sweep: whatever comes, nothing is lost."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from strandline.errors import Exit
from tests.faults.machine.need import need
from tests.faults.machine.traced import UNTOLD, calls_of, may_trace, traced
from tests.faults.reference import Reference
from tests.faults.scenes import SCENES, Scene
from tests.faults.size import runs, seed
from tests.faults.tally import tally
from tests.stage import Stage, hardlinks

NAME = "real system calls"
pytestmark = pytest.mark.battery(NAME)

KILLS, ERRORS = runs("kills_a_sweep", 14), runs("errors_a_sweep", 3)  # the latter of each error


class Sweep(NamedTuple):
    """One kind of system call, in a scene that makes many of it. ``?``: not on every machine."""

    calls: str
    scene: str
    errors: tuple[str, ...] = ("EIO", "ENOSPC", "EACCES", "EROFS")


def _with_hard_links(stage: Stage) -> None:
    stage.policy = hardlinks(stage.policy)


HARD_LINKS = Scene(_with_hard_links, SCENES["first run"].change)
_ROUND = "names go round, and a new track"
SWEEPS = {
    "fsync": Sweep("fsync,fdatasync", _ROUND, ("EIO", "ENOSPC", "EDQUOT")),
    "rename": Sweep("?rename,?renameat,renameat2", _ROUND, ("EIO", "ENOSPC", "EACCES", "EXDEV")),
    "link": Sweep("?link,linkat", "hard links", ("EIO", "EMLINK", "EPERM")),
    "symlink": Sweep("?symlink,symlinkat", _ROUND),
    "unlink, rmdir": Sweep("?unlink,?rmdir,unlinkat", "every playlist but one deleted"),
    "open": Sweep("?open,openat", _ROUND, ("EMFILE", "ENOSPC", "EACCES", "EIO")),
    "write": Sweep("write", _ROUND, ("ENOSPC", "EIO", "EDQUOT", "EINTR")),
    "pwrite": Sweep("pwrite64", _ROUND, ("ENOSPC", "EIO", "EDQUOT")),
    "truncate": Sweep("ftruncate,fallocate", _ROUND, ("EIO", "ENOSPC")),
    "mkdir": Sweep("?mkdir,mkdirat", "every playlist but one deleted"),
    "close": Sweep("close", _ROUND, ("EIO", "EINTR")),
}


@pytest.fixture(params=SWEEPS)
def sweep(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Sweep:
    need("strace")
    monkeypatch.setitem(SCENES, "hard links", HARD_LINKS)
    if why := may_trace():
        pytest.skip(why)
    return SWEEPS[request.param]


def test_killed_or_failed_at_a_system_call_ends_as_if_never(
    sweep: Sweep, tmp_path: Path, memory: Path
) -> None:
    reference = Reference(sweep.scene, memory)
    made = calls_of(_syncing(reference.again()), sweep.calls, tmp_path)
    for inject in _injections(sweep, made):
        stage = reference.again()
        options = ("-e", f"trace={sweep.calls}", "-e", f"inject={sweep.calls}:{inject}")
        code = traced(_syncing(stage), *options, cwd=tmp_path)
        assert code != -signal.SIGALRM, f"{inject}: it hangs"
        assert code != UNTOLD, (inject, (tmp_path / "traceback").read_text())
        reference.check_cut_off(stage)
        assert stage.sync().exit is Exit.DONE, inject
        reference.check_end(stage)
        tally(NAME).count()


def _syncing(stage: Stage) -> Callable[[], Exit]:
    return lambda: stage.sync().exit


def _injections(sweep: Sweep, made: int) -> Iterator[str]:
    """Kills, and each error once and for ever, spread over all calls of the run."""
    assert made, "the scene makes no such call"
    yield from (f"signal=KILL:when={at}" for at in _spread(made, KILLS))
    for number, error in enumerate(sweep.errors, 1):
        yield from (f"error={error}:when={at}" for at in _spread(made, ERRORS))
        if error != "EINTR":  # nobody is interrupted for ever
            yield f"error={error}:when={1 + made * number // (len(sweep.errors) + 1)}+"


def _spread(made: int, wanted: int) -> list[int]:
    """Evenly from the first to the last, others with each seed; each, if there are no more."""
    return sorted({1 + (made * step // wanted + seed() - 1) % made for step in range(wanted)})
