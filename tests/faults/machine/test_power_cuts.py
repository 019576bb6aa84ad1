"""The power goes during a sync; the disk comes back with what it had by then. Nothing is lost."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from strandline.errors import Exit
from strandline.library.files import Syscalls
from tests.faults.machine.cuts import Apart, Cut, cuts_of, forget
from tests.faults.machine.mounts import Mounts
from tests.faults.reference import Reference
from tests.faults.scenes import SCENES
from tests.faults.size import runs, seed
from tests.faults.tally import tally
from tests.stage import Stage

NAME = "power cuts"
pytestmark = pytest.mark.battery(NAME)

CUTS = runs("power_cuts", 12)  # a disk, if the run is long enough for so many
ROUND = "names go round, and a new track"
SCENES_CUT = (ROUND, "every playlist but one deleted")


class Machine:
    """A library on a disk of its own kind, and how it ends when the power stays."""

    def __init__(
        self, kind: str, stage: type[Stage], mounts: Mounts, home: Path, scene: str = ROUND
    ) -> None:
        self.kind, self.mounts = kind, mounts
        self.disk = home / "disk"
        self.reference = Reference(scene, mounts.images / "reference")
        self.image = mounts.disk(kind, self.disk)
        self.stage = stage(self.disk)
        SCENES[scene].before(self.stage)
        assert self.stage.sync().exit is Exit.DONE
        SCENES[scene].change(self.stage)

    def cuts(self, seed: int, spoil: Callable[[], None] = lambda: None) -> list[Cut]:
        """Some cuts of one run; the disk itself is out then, so that a copy can go in."""
        found = list(cuts_of(self.stage, self.image, seed, spoil=spoil))
        self.mounts.pull(self.disk)
        forget(self.image)
        random.Random(seed).shuffle(found)
        return found[:CUTS]

    def check_all(self, cuts: list[Cut]) -> int:
        """How many held; the first that did not raises AssertionError."""
        for cut in cuts:
            self.check(cut)
        return len(cuts)

    def check(self, cut: Cut) -> None:
        """Power again: nothing is lost, nothing promised in vain, and the next run ends it."""
        self.mounts.insert(self.kind, cut.image, self.disk)
        cut.put_back(self.stage)
        try:
            self._check_promises()
            assert self.stage.sync().exit is Exit.DONE
            self.reference.check_end(self.stage)
        finally:
            self.mounts.pull(self.disk)
            forget(cut.image)

    def _check_promises(self) -> None:
        """I1, I9, and I13: what the database says is done is on the disk."""
        self.reference.check_cut_off(self.stage)
        promised = {file.sha256 for file in self.stage.ledger().files.values() if file.sha256}
        assert promised <= self.stage.contents(), "I13"


@pytest.mark.parametrize("scene", SCENES_CUT)
@pytest.mark.parametrize("stage", [Stage, Apart], ids=["database there", "database elsewhere"])
@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs"])
def test_after_a_power_cut_nothing_is_lost_and_the_next_run_ends_it(
    kind: str, stage: type[Stage], scene: str, tmp_path: Path, mounts: Mounts
) -> None:
    machine = Machine(kind, stage, mounts, tmp_path, scene)
    tally(NAME).count(machine.check_all(machine.cuts(seed())))


def _no_fsync_of_files() -> None:
    os.fsync = lambda fd: None


def _no_fsync_of_folders() -> None:
    Syscalls.fsync_folder = lambda self, fd: None  # type: ignore[method-assign]


@pytest.mark.parametrize("spoil", [_no_fsync_of_files, _no_fsync_of_folders])
@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs"])
def test_without_fsync_the_battery_finds_a_loss(
    kind: str, spoil: Callable[[], None], tmp_path: Path, mounts: Mounts
) -> None:
    """What would be the use of it otherwise?"""
    machine = Machine(kind, Apart, mounts, tmp_path)
    cuts = machine.cuts(1, spoil)
    with pytest.raises(AssertionError):
        machine.check_all(cuts)
