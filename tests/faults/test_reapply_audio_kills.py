"""kill -9 at every place of a reapply of audio: each link leads to whole sound, old or new."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from strandline.core.reapply import Part
from strandline.demo.server import StandIn
from strandline.library.audio import sound_offset
from strandline.library.audio.packets import packets_hash
from strandline.library.files.replace import Replacing
from strandline.library.files.syscalls import Syscalls
from tests.faults.copies import copy_of
from tests.faults.direct import direct
from tests.faults.follower import MANY, Follower
from tests.faults.owner import account_with_playlists
from tests.faults.person import warmed_up
from tests.faults.tally import tally

AUDIO = "/mediatracks/**"
TRACKS = 4


@pytest.fixture
def shelf(tidal: StandIn) -> Iterator[StandIn]:
    warmed_up()
    account_with_playlists(tidal)
    with direct(tidal):
        yield tidal


@pytest.fixture(params=["exchange", "neither"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the library's disk can do."""
    if request.param == "neither":
        monkeypatch.setattr(Syscalls, "exchange", lambda *_: False)
        monkeypatch.setattr(Replacing, "_second_name", lambda *_: None)
    return str(request.param)


@pytest.fixture(autouse=True)
def heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same two sounds, fetched again and again, are compared once; a fork knows it, too."""
    real, known = sound_offset.offset_between, dict[tuple[str, str], float | None]()

    def offset_between(old: Path, new: Path) -> float | None:
        both = packets_hash(old), packets_hash(new)
        if both not in known:
            known[both] = real(old, new)
        return known[both]

    monkeypatch.setattr(sound_offset, "offset_between", offset_between)


class Converter(Follower):
    """Has a synced library in one format, and wants another from now on."""

    part = Part.AUDIO

    def __init__(self, folder: Path, tidal: StandIn, old: str, new: str, **settings: Any) -> None:
        folder.mkdir()
        super().__init__(folder, tidal)
        self.new = new
        self.config = replace(self.config, audio_format=old, **settings)
        assert self.run().exit == 0
        self.config = replace(self.config, audio_format=new)
        self.before, self.first = self.standing(), self.contents

    def standing(self) -> dict[str, str | bytes]:
        return {
            str(path.relative_to(self.playlists)): (
                os.readlink(path) if path.is_symlink() else path.read_bytes()
            )
            for path in sorted(self.playlists.glob("*/*"))
        }

    def all_files(self) -> list[Path]:
        return list(self.playlists.glob("*/*"))

    def check_kept(self) -> None:
        assert self.first <= self.contents, "I1"

    def check_nothing_lost(self) -> None:
        self.check_kept()
        for path in self.playlists.glob("*/*"):
            assert path.exists(), f"{path} leads nowhere"

    def check_done(self) -> None:
        names = {Path(name).with_suffix("") for name in self.before}
        after = self.standing()
        assert {Path(name).with_suffix("") for name in after} == names
        assert {Path(name).suffix for name in after} == {f".{self.new}"}, sorted(after)
        self.check_settled()


def went_on(person: Converter, at: int) -> None:
    """Whatever a person does next."""
    if at % 3 == 0:
        person.check(offline=True)
    if at % 3 == 1:
        assert person.run().exit == 0
    assert person.reapply().exit == 0
    assert person.run().exit == 0


@pytest.mark.parametrize("mode", ["symlink", "copy", "hardlink"])
def test_a_conversion_killed_anywhere_is_ended_by_the_next_and_can_be_undone(
    tmp_path: Path, shelf: StandIn, mode: str, disk: str
) -> None:
    every = (mode, disk) == ("symlink", "exchange")
    synced = Converter(tmp_path / "synced", shelf, "flac", "aiff", sync_link_mode=mode)
    for at in count(1) if every else count(2, 7):
        person = copy_of(synced, tmp_path / f"{at}")
        killed = person.killed(person.reapply, at)
        person.check_nothing_lost()
        went_on(person, at)
        person.check_done()
        person.check_nothing_lost()
        for run in person.runs():
            person.undo(run)
        assert person.standing() == person.before
        tally("kill -9 of a reapply or its undo").count()
        if not killed:
            break
    assert 10 < at < MANY


def test_what_is_fetched_anew_and_killed_anywhere_is_fetched_once(
    tmp_path: Path, shelf: StandIn, disk: str
) -> None:
    synced = Converter(tmp_path / "synced", shelf, "mp3", "flac")
    for at in count(1, 4 if disk == "exchange" else 9):
        person = copy_of(synced, tmp_path / f"{at}")
        shelf.requests.clear()
        killed = person.killed(person.reapply, at)
        person.check_nothing_lost()
        came = sum(path.suffix == ".flac" and not path.is_symlink() for path in person.all_files())
        before = len(shelf.asked(AUDIO))
        went_on(person, at)
        person.check_done()
        assert len(shelf.asked(AUDIO)) - before <= TRACKS - came, "fetched twice"
        for run in person.runs():
            person.undo(run)
        assert person.standing() == person.before
        tally("kill -9 of a reapply or its undo").count()
        if not killed:
            break
    assert 10 < at < MANY


def test_an_undo_of_it_killed_anywhere_is_ended_by_the_next(
    tmp_path: Path, shelf: StandIn, disk: str
) -> None:
    done_once = Converter(tmp_path / "done", shelf, "flac", "aiff")
    assert done_once.reapply().exit == 0
    for at in count(1, 2 if disk == "exchange" else 9):
        person = copy_of(done_once, tmp_path / f"{at}")
        killed = person.undone_though_killed(at, person.check_kept)
        person.config = replace(person.config, audio_format="flac")
        assert person.run().exit == 0
        assert person.standing() == person.before
        tally("kill -9 of a reapply or its undo").count()
        if not killed:
            break
    assert 10 < at < MANY
