"""kill -9 at every place of every scene, then run again: as if it had never been killed.

I1 nothing is lost, I2 nothing of the user's changes, I9 the end is the same and no final name ever
holds a part of a file, I10 a further run finds nothing to do, I13 what the database calls done is
on the disk.
"""

from __future__ import annotations

import errno
from itertools import count
from pathlib import Path

import pytest

from strandline.demo.server import StandIn
from strandline.errors import Exit
from strandline.library.files import Syscalls
from tests.faults.kill import run_and_kill
from tests.faults.person import Person, warmed_up
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


class OldKernel(Syscalls):
    """A disk that cannot exchange two entries."""

    def rename_in_kernel(self, source: int, name: str, folder: int, new: str) -> bool:
        return False

    def exchange(self, source: int, name: str, folder: int, new: str) -> bool:
        return False


class NoHardLinks(OldKernel):
    """Nor give a file a second name."""

    def link(self, source: int, name: str, folder: int, new: str) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("calls", [Syscalls, OldKernel, NoHardLinks])
@pytest.mark.parametrize("scene", ["primary damaged", "moved onto a damaged file"])
def test_a_damaged_file_is_replaced_or_stands_whatever_the_disk_can(
    tmp_path: Path, scene: str, calls: type[Syscalls]
) -> None:
    reference = Reference(scene, tmp_path, calls)
    assert reference.result.exit is Exit.DONE, reference.result
    path = reference.start.shelf / "Alpha" / "Artist 1 - Title 1.flac"
    for at, name in enumerate(reference.places, 1):
        stage = reference.again()
        assert run_and_kill(lambda watch, stage=stage: stage.sync(watch=watch), at) == name
        reference.check_cut_off(stage)
        there = stage.root / path.relative_to(reference.start.root)
        gap = calls is NoHardLinks
        assert there.is_file() or gap, name
        stage.recover()
        assert there.is_file(), name
        assert stage.sync().exit is Exit.DONE, name
        reference.check_end(stage)
        tally("kill -9 at every place").count()


def test_a_first_run_killed_anywhere_is_made_whole_by_the_second(
    tmp_path: Path, tidal: StandIn
) -> None:
    """All of ``sync-execute``: while it makes the folder a library, and after."""
    warmed_up()
    tidal.account.playlist("A", [tidal.account.track("x", "Ana")])
    for at in count(1):
        folder = tmp_path / f"{at}"
        folder.mkdir()
        person = Person(folder, tidal)
        killed = person.run_killed(at)
        assert person.run().exit is Exit.DONE, at
        assert person.tree == ["A/Ana - x.flac"], at
        person.check_settled()
        if not killed:
            break
        tally("kill -9 at every place").count()
    assert at > 20
