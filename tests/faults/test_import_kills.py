"""kill -9 at every place of an import and of its undo: nothing lost, and all can be given back.

I1 and I2 hold for the person's folders as for the library.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from strandline.demo.server import StandIn
from strandline.library.files.incoming import Incoming
from tests.faults.copies import copy_of
from tests.faults.direct import direct
from tests.faults.owner import Owner, account_with_playlists
from tests.faults.person import warmed_up
from tests.faults.tally import tally

MODES = ["copy", "hardlink", "move", "move to another disk"]
MANY = 200


@pytest.fixture
def shelf(tidal: StandIn) -> Iterator[StandIn]:
    warmed_up()
    account_with_playlists(tidal)
    with direct(tidal):
        yield tidal


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """As ``--mode`` has it, here or between two disks."""
    if request.param != "move to another disk":
        return str(request.param)

    def across(*_: Any) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Incoming, "_take_whole", across)
    return "move"


def test_an_import_killed_anywhere_is_ended_by_the_next_and_can_be_undone(
    tmp_path: Path, shelf: StandIn, mode: str
) -> None:
    first = Owner(tmp_path / "first", shelf)
    for at in count(1):
        owner = copy_of(first, tmp_path / f"{at}")
        killed = owner.import_killed(mode, at)
        owner.check_nothing_lost()
        done = owner.import_(mode)
        owner.check_taken(done)
        for run in owner.imports():
            owner.undo(run)
        owner.check_given_back()
        tally("kill -9 of an import or its undo").count()
        if not killed:
            break
    assert 15 < at < MANY


def test_after_a_killed_import_a_sync_fetches_only_what_is_not_there(
    tmp_path: Path, shelf: StandIn, mode: str
) -> None:
    first = Owner(tmp_path / "first", shelf)
    for at in count(1, 5):
        owner = copy_of(first, tmp_path / f"{at}")
        killed = owner.import_killed(mode, at)
        if at % 2:  # as a timer may, before the sync
            owner.check(offline=True)
        came = set(owner.tree) if owner.playlists.exists() else set()
        assert owner.run().exit == 0
        assert {line for line in came if not line.endswith("/")} <= set(owner.tree)
        owner.check_entries()
        owner.check_in_sync()
        owner.check_kept()
        for run in owner.imports():
            owner.undo(run)
        assert owner.tree_of(owner.mine) == owner.before
        tally("kill -9 of an import or its undo").count()
        if not killed:
            break


def test_an_undo_killed_anywhere_is_ended_by_the_next(
    tmp_path: Path, shelf: StandIn, mode: str
) -> None:
    imported = Owner(tmp_path / "imported", shelf)
    imported.import_(mode)
    (run,) = imported.imports()
    for at in count(1):
        owner = copy_of(imported, tmp_path / f"{at}")
        killed = owner.undo_killed(run, at)
        owner.check_nothing_lost()
        if killed:
            owner.undo_again(run)
        owner.check_given_back()
        tally("kill -9 of an import or its undo").count()
        if not killed:
            break
    assert 15 < at < MANY
