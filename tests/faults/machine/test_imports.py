"""Imports on disks that share blocks, and from one disk to another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from strandline.demo.server import StandIn
from strandline.errors import Exit
from strandline.library.files.syscalls import Syscalls
from tests.faults.machine.mounts import Mounts
from tests.faults.owner import Owner, account_with_playlists
from tests.faults.tally import tally

NAME = "imports on real disks"
pytestmark = pytest.mark.battery(NAME)


@pytest.mark.parametrize(("kind", "shares"), [("btrfs", True), ("xfs", True), ("ext4", False)])
def test_a_copy_shares_its_blocks_where_the_disk_has_that(
    kind: str,
    shares: bool,
    tmp_path: Path,
    tidal: StandIn,
    mounts: Mounts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account_with_playlists(tidal)
    mounts.disk(kind, tmp_path / "disk")
    owner = Owner(tmp_path / "disk" / "home", tidal)
    cloned: list[bool] = []
    clone = Syscalls.clone

    def seen(self: Syscalls, source: int, fd: int) -> bool:
        cloned.append(clone(self, source, fd))
        return cloned[-1]

    monkeypatch.setattr(Syscalls, "clone", seen)
    owner.check_taken(owner.import_("copy"))
    assert len(cloned) >= 3
    assert set(cloned) == {shares}
    for run in owner.imports():
        owner.undo(run)
    owner.check_given_back()
    tally(NAME).count()


@pytest.mark.parametrize("mode", ["move", "copy"])
def test_from_another_disk_a_file_is_copied_and_the_original_stays(
    mode: str, tmp_path: Path, tidal: StandIn, mounts: Mounts
) -> None:
    account_with_playlists(tidal)
    mounts.tmpfs(tmp_path / "home" / "mine", "size=20m")
    owner = Owner(tmp_path / "home", tidal)
    assert os.stat(owner.mine).st_dev != os.stat(owner.config.library.parent).st_dev
    owner.check_taken(owner.import_(mode))
    assert owner.tree_of(owner.mine) == owner.before
    for run in owner.imports():
        owner.undo(run)
    owner.check_given_back()
    tally(NAME).count()


def test_no_hard_link_goes_to_another_disk_and_each_file_is_named(
    tmp_path: Path, tidal: StandIn, mounts: Mounts
) -> None:
    account_with_playlists(tidal)
    mounts.tmpfs(tmp_path / "home" / "mine", "size=20m")
    owner = Owner(tmp_path / "home", tidal)
    done = owner.import_("hardlink")
    assert done.exit is Exit.SOME_FAILED
    assert done.result
    assert len(done.result.failed) == 3
    assert owner.tree_of(owner.mine) == owner.before
    assert [line for line in owner.tree if not line.endswith("/")] == []
    tally(NAME).count()
