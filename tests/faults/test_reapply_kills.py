"""kill -9 at every place of a reapply and of its undo: each file is its old or its new self."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from strandline.core.reapply import Part
from strandline.demo.server import StandIn
from strandline.library.audio.packets import packets_hash
from strandline.library.files.replace import Replacing
from strandline.library.files.syscalls import Syscalls
from tests.faults.copies import copy_of
from tests.faults.direct import direct
from tests.faults.follower import MANY, Follower
from tests.faults.owner import account_with_playlists
from tests.faults.person import hash_of, warmed_up
from tests.faults.tally import tally

DISKS = ["exchange", "hard links", "neither"]


@pytest.fixture
def shelf(tidal: StandIn) -> Iterator[StandIn]:
    warmed_up()
    account_with_playlists(tidal)
    for track in tidal.account.playlists.values():
        for one in track.tracks:
            one.bpm = 124
    with direct(tidal):
        yield tidal


@pytest.fixture(params=DISKS, autouse=True)
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the library's disk can do."""
    if request.param != "exchange":
        monkeypatch.setattr(Syscalls, "exchange", lambda *_: False)
    if request.param == "neither":
        monkeypatch.setattr(Replacing, "_second_name", lambda *_: None)
    return str(request.param)


class Retagger(Follower):
    """Has a synced library whose files lack what the settings want from now on."""

    part = Part.TAGS

    def __init__(self, folder: Path, tidal: StandIn, **settings: Any) -> None:
        folder.mkdir()
        super().__init__(folder, tidal)
        self.config = replace(self.config, tags_bpm_and_key=False, **settings)
        assert self.run().exit == 0
        self.config = replace(self.config, tags_bpm_and_key=True)
        self.before = self.files()
        self.sound = {path: packets_hash(path) for path in self.before}

    def files(self) -> dict[Path, str]:
        return {p: hash_of(p) for p in sorted(self.playlists.rglob("*.*")) if not p.is_symlink()}

    def check_whole(self) -> None:
        """I1, and no part of a file under a final name."""
        assert set(self.before.values()) <= self.contents, "I1"
        for path in self.files():
            assert packets_hash(path) == self.sound[path], f"{path} is not whole"

    def check_done(self) -> None:
        after = self.files()
        assert after.keys() == self.before.keys()
        assert not set(after.values()) & set(self.before.values())
        self.check_settled()


@pytest.mark.parametrize("mode", ["symlink", "copy"])
def test_a_reapply_killed_anywhere_is_ended_by_the_next_and_can_be_undone(
    tmp_path: Path, shelf: StandIn, mode: str, disk: str
) -> None:
    every = (mode, disk) == ("symlink", "exchange")
    synced = Retagger(tmp_path / "synced", shelf, sync_link_mode=mode)
    for at in count(1) if every else count(2, 4):
        person = copy_of(synced, tmp_path / f"{at}")
        killed = person.killed(person.reapply, at)
        person.check_whole()
        if at % 3 == 0:
            person.check(offline=True)
        if at % 3 == 1:
            assert person.run().exit == 0
        assert person.reapply().exit == 0
        assert person.run().exit == 0
        person.check_done()
        person.check_whole()
        for run in person.runs():
            person.undo(run)
        if mode == "symlink":
            assert person.files() == person.before
        tally("kill -9 of a reapply or its undo").count()
        if not killed:
            break
    assert 10 < at < MANY


def test_an_undo_killed_anywhere_is_ended_by_the_next(
    tmp_path: Path, shelf: StandIn, disk: str
) -> None:
    done_once = Retagger(tmp_path / "done", shelf)
    assert done_once.reapply().exit == 0
    for at in count(1) if disk == "exchange" else count(1, 3):
        person = copy_of(done_once, tmp_path / f"{at}")
        killed = person.undone_though_killed(at, person.check_whole)
        assert person.files() == person.before
        done = person.run()
        assert done.result is None, (person.words(done), done.result)
        tally("kill -9 of a reapply or its undo").count()
        if not killed:
            break
    assert 10 < at < MANY
