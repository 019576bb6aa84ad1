"""kill -9 while files of lyrics are written and follow their audio: nothing is left over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from strandline.app.undo import undo
from strandline.demo.server import StandIn
from tests.faults.direct import direct
from tests.faults.owner import account_with_playlists
from tests.faults.person import Person, _kill_at, in_child, warmed_up
from tests.faults.tally import tally

MANY = 200


class Singer(Person):
    """Wants lyrics in files."""

    def __init__(self, folder: Path, tidal: StandIn) -> None:
        folder.mkdir()
        super().__init__(folder, tidal)
        self.config = replace(self.config, tags_lyrics="file")

    def lyrics(self) -> set[str]:
        return {str(it.relative_to(self.playlists)) for it in self.playlists.rglob("*.lrc")}

    def beside(self) -> set[str]:
        """Where they are to be: beside each track's audio."""
        files = (it for it in self.playlists.rglob("*.flac") if not it.is_symlink())
        return {str(it.relative_to(self.playlists).with_suffix(".lrc")) for it in files}

    def check_beside(self) -> None:
        assert self.lyrics() == self.beside()
        done = self.run()
        assert done.result is None, (self.words(done), done.result)


@pytest.fixture(autouse=True)
def shortcut(tidal: StandIn) -> Iterator[None]:
    with direct(tidal):
        yield


def test_lyrics_follow_their_audio_wherever_a_run_is_killed(tmp_path: Path, tidal: StandIn) -> None:
    warmed_up()
    for at in count(1, 2):
        tidal.account.playlists.clear()
        playlists = account_with_playlists(tidal)
        for playlist in playlists.values():
            for track in playlist.tracks:
                track.lyrics = f"words of {track.title}"
        person = Singer(tmp_path / f"{at}", tidal)
        assert person.run().exit == 0
        person.check_beside()
        tidal.account.rename(playlists["Beta"], "Bee")
        tidal.account.delete(playlists["Alpha"])
        killed = in_child(partial(_killed, person, at))
        ended = person.run()
        assert ended.exit == 0, ended.result
        person.check_beside()
        tally("kill -9 while lyrics follow").count()
        if not killed:
            break
    assert 15 < at < MANY


def _killed(person: Singer, at: int) -> None:
    _kill_at(at)
    person.run()


def test_an_undo_brings_lyrics_back_with_their_audio(tmp_path: Path, tidal: StandIn) -> None:
    playlists = account_with_playlists(tidal)
    for playlist in playlists.values():
        for track in playlist.tracks:
            track.lyrics = f"words of {track.title}"
    person = Singer(tmp_path / "home", tidal)
    assert person.run().exit == 0
    before = person.tree
    tidal.account.rename(playlists["Beta"], "Bee")
    tidal.account.delete(playlists["Alpha"])
    done = person.run()
    assert done.result
    undo(person.config, done.result.run, now=person.next_second())
    assert person.tree == before
