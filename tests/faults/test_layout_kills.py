"""kill -9 at every place of a change of layout and of its undo: nothing lost, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from strandline.core.reapply import Part
from strandline.db.store import Store
from strandline.demo.server import StandIn
from strandline.library.files.syscalls import Syscalls
from tests.faults.copies import copy_of
from tests.faults.direct import direct
from tests.faults.follower import MANY, Follower
from tests.faults.owner import account_with_playlists
from tests.faults.person import warmed_up
from tests.faults.tally import tally


@pytest.fixture
def shelf(tidal: StandIn) -> Iterator[StandIn]:
    warmed_up()
    account_with_playlists(tidal)
    with direct(tidal):
        yield tidal


class Mover(Follower):
    """Has a synced library, and wants it in another layout from now on."""

    part = Part.LAYOUT
    pool_name = ("Tracks",)

    def __init__(self, folder: Path, tidal: StandIn, layout: str, **settings: Any) -> None:
        folder.mkdir()
        super().__init__(folder, tidal)
        self.config = replace(self.config, layout_audio=layout, **settings)
        assert self.run().exit == 0
        self.before, self.sounds = self.layout(), self.contents
        self.want({"pool": "playlist", "playlist": "pool"}[layout])
        tidal.requests.clear()

    def want(self, layout: str) -> None:
        self.config = replace(self.config, layout_audio=layout)

    def layout(self) -> list[str]:
        """Every file and link, with what a link holds."""
        mp3 = self.library / "mp3"
        return [
            f"{path.relative_to(mp3)} -> {path.readlink() if path.is_symlink() else ''}"
            for path in sorted(mp3.rglob("*"))
        ]

    def check_kept(self) -> None:
        """I1, I4, and no byte was fetched."""
        assert self.sounds <= self.contents, "I1"
        self.check_inside()

    def check_settled_in(self, layout: str) -> None:
        pool = self.library / "mp3" / "Tracks"
        files = [p for p in self.playlists.rglob("*.*") if p.is_file() and not p.is_symlink()]
        if layout == "pool" and self.config.sync_link_mode == "symlink":
            assert not files
            assert any(pool.iterdir())
        elif layout == "playlist":
            assert not pool.exists()
            assert files
        self.check_settled()


@pytest.mark.parametrize("mode", ["symlink", "copy", "hardlink"])
@pytest.mark.parametrize("layout", ["pool", "playlist"])
def test_a_change_killed_anywhere_is_ended_by_the_next_and_can_be_undone(
    tmp_path: Path, shelf: StandIn, layout: str, mode: str
) -> None:
    other = {"pool": "playlist", "playlist": "pool"}[layout]
    synced = Mover(tmp_path / "synced", shelf, other, sync_link_mode=mode)
    for at in count(1) if mode == "symlink" else count(2, 4):
        person = copy_of(synced, tmp_path / f"{at}")
        killed = person.killed(person.reapply, at)
        person.check_kept()
        if at % 3 == 0:
            person.check(offline=True)
        if at % 3 == 1:  # as a timer may
            assert person.run().exit == 0
        assert person.reapply().exit == 0
        person.check_settled_in(layout)
        person.check_kept()
        assert not shelf.asked("**/playbackinfo*")
        person.want(other)
        for run in person.runs():
            person.undo(run)
        person.check_kept()
        if at % 3 != 1:
            assert person.layout() == person.before
        tally("kill -9 of a change of layout or its undo").count()
        if not killed:
            break
    assert 10 < at < MANY


@pytest.mark.parametrize("layout", ["pool", "playlist"])
@pytest.mark.parametrize("exchange", [True, False])
def test_an_undo_killed_anywhere_is_ended_by_the_next(
    tmp_path: Path,
    shelf: StandIn,
    layout: str,
    exchange: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not exchange:
        monkeypatch.setattr(Syscalls, "exchange", lambda *_: False)
    other = {"pool": "playlist", "playlist": "pool"}[layout]
    done_once = Mover(tmp_path / "done", shelf, other)
    assert done_once.reapply().exit == 0
    for at in count(1) if exchange else count(1, 4):
        person = copy_of(done_once, tmp_path / f"{at}")
        killed = person.undone_though_killed(at, person.check_kept)
        assert person.layout() == person.before
        person.want(other)
        person.check_settled_in(other)
        tally("kill -9 of a change of layout or its undo").count()
        if not killed:
            break
    assert 10 < at < MANY


def test_undone_with_the_sync_that_went_on_a_change_that_was_cut_off_stays_undone(
    tmp_path: Path, shelf: StandIn
) -> None:
    """Though all that it had done itself was to make the folder."""
    person = Mover(tmp_path / "home", shelf, "playlist")
    assert person.killed(person.reapply, 7)
    assert person.run().exit == 0
    with Store.open(person.state / "strandline.db", person.library) as store:
        later, cut_off, _ = (run.id for run in store.journal.history() if run.done)
    person.want("playlist")
    person.undo(later)
    person.undo(cut_off)
    assert person.layout() == person.before
    person.check_settled_in("playlist")
    assert person.layout() == person.before


def test_to_and_fro_twenty_times_with_kills_is_the_same_tree(
    tmp_path: Path, shelf: StandIn
) -> None:
    person = Mover(tmp_path / "home", shelf, "playlist")
    trees = {"playlist": person.before}
    for turn in range(20):
        layout = ("pool", "playlist")[turn % 2]
        person.want(layout)
        person.killed(person.reapply, 2 + turn * 3)
        if turn % 3 == 0:
            assert person.run().exit == 0
        assert person.reapply().exit == 0
        person.check_settled_in(layout)
        person.check_kept()
        assert trees.setdefault(layout, person.layout()) == person.layout()
        tally("kill -9 of a change of layout or its undo").count()
    assert not shelf.asked("**/playbackinfo*")
