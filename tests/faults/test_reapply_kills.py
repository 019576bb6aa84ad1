"""kill -9 at every place of a reapply and of its undo: each file is its old or its new self."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from strandline.app.reapply import Reapplied, ReapplyOrder, reapply
from strandline.app.undo import undo
from strandline.core.reapply import Part
from strandline.demo.server import StandIn
from strandline.errors import UsageError
from strandline.library.files.replace import Replacing
from strandline.library.files.syscalls import Syscalls
from strandline.library.packets import packets_hash
from tests.faults.owner import account_with_playlists
from tests.faults.person import Person, _kill_at, hash_of, in_child, warmed_up
from tests.faults.tally import tally

MANY = 200
DISKS = ["exchange", "hard links", "neither"]


@pytest.fixture
def shelf(tidal: StandIn) -> StandIn:
    warmed_up()
    account_with_playlists(tidal)
    for track in tidal.account.playlists.values():
        for one in track.tracks:
            one.bpm = 124
    return tidal


@pytest.fixture(params=DISKS, autouse=True)
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the library's disk can do."""
    if request.param != "exchange":
        monkeypatch.setattr(Syscalls, "exchange", lambda *_: False)
    if request.param == "neither":
        monkeypatch.setattr(Replacing, "_second_name", lambda *_: None)
    return str(request.param)


class Retagger(Person):
    """Has a synced library whose files lack what the settings want from now on."""

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

    def reapply(self) -> Reapplied:
        order = ReapplyOrder([Part.TAGS])
        return reapply(self.config, order, now=self.next_second())

    def undo(self, run: str) -> object:
        return undo(self.config, run, now=self.next_second())

    def killed(self, what: Callable[[], object], at: int) -> bool:
        return in_child(lambda: (_kill_at(at), what()))

    def check_whole(self) -> None:
        """I1, and no part of a file under a final name."""
        assert set(self.before.values()) <= self.contents, "I1"
        for path in self.files():
            assert packets_hash(path) == self.sound[path], f"{path} is not whole"

    def check_done(self) -> None:
        after = self.files()
        assert after.keys() == self.before.keys()
        assert not set(after.values()) & set(self.before.values())
        temps = self.library / ".strandline" / "tmp"
        assert not temps.exists() or not list(temps.iterdir())
        assert self.reapply().result is None, "a second reapply has something to do"
        done = self.run()
        assert done.result is None, (self.words(done), done.result)

    def runs(self) -> list[str]:
        from strandline.db.store import Store

        with Store.open(self.state / "strandline.db", self.library) as store:
            runs = store.journal.history()
        return [run.id for run in runs if run.command == "reapply" and run.done]


@pytest.mark.parametrize("mode", ["symlink", "copy"])
def test_a_reapply_killed_anywhere_is_ended_by_the_next_and_can_be_undone(
    tmp_path: Path, shelf: StandIn, mode: str, disk: str
) -> None:
    every = (mode, disk) == ("symlink", "exchange")
    for at in count(1) if every else count(2, 4):
        person = Retagger(tmp_path / f"{at}", shelf, sync_link_mode=mode)
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
    for at in count(1) if disk == "exchange" else count(1, 3):
        person = Retagger(tmp_path / f"{at}", shelf)
        assert person.reapply().exit == 0
        (run,) = person.runs()
        killed = person.killed(partial(person.undo, run), at)
        person.check_whole()
        if killed:
            with suppress(UsageError):  # undone already is as good
                person.undo(run)
        assert person.files() == person.before
        done = person.run()
        assert done.result is None, (person.words(done), done.result)
        tally("kill -9 of a reapply or its undo").count()
        if not killed:
            break
    assert 10 < at < MANY
