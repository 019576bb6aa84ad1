"""kill -9 at every place of a reapply --names and of its undo: a file has its old or new name."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from strandline.core.reapply import Part
from strandline.demo.server import StandIn
from tests.faults.follower import MANY, Follower
from tests.faults.owner import account_with_playlists
from tests.faults.person import warmed_up
from tests.faults.tally import tally

EVERY = 4
"""Which of the places, one after the other: all of them are met by two layouts and the undo."""


@pytest.fixture
def shelf(tidal: StandIn) -> StandIn:
    warmed_up()
    for playlist in account_with_playlists(tidal).values():
        for track in playlist.tracks:
            track.lyrics = f"words of {track.title}"
    return tidal


class Renamer(Follower):
    """Has a synced library with lyrics, and wants other names from now on."""

    part = Part.NAMES

    def __init__(self, folder: Path, tidal: StandIn, layout: str) -> None:
        folder.mkdir()
        super().__init__(folder, tidal)
        self.pool_name = ("Tracks",) if layout == "pool" else ()
        self.config = replace(self.config, layout_audio=layout, tags_lyrics="file")
        assert self.run().exit == 0
        self.before, self.sounds = self.names(), self.contents
        self.old = self.config
        self.config = replace(self.config, names_track="{title} by {artist}")
        tidal.requests.clear()

    def names(self) -> list[str]:
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
        assert not self.tidal.asked("**/playbackinfo*")

    def check_named(self) -> None:
        """By the template; what lies in the pool keeps its name, and its lyrics stay beside it."""
        named = [path for path in self.playlists.rglob("*.*") if path.suffix != ".lrc"]
        assert named
        assert not [path.name for path in named if " by " not in path.name]
        assert all(path.exists() for path in named), "a link dangles"
        for words in self.library.glob("mp3/**/*.lrc"):
            assert words.with_suffix(".flac").is_file()
        self.check_settled()


@pytest.mark.parametrize("layout", ["playlist", "pool"])
def test_new_names_killed_anywhere_are_given_by_the_next_and_can_be_undone(
    tmp_path: Path, shelf: StandIn, layout: str
) -> None:
    for at in count(2, EVERY):
        person = Renamer(tmp_path / f"{at}", shelf, layout)
        killed = person.killed(person.reapply, at)
        person.check_kept()
        if at % 2:
            assert person.run().exit == 0
        assert person.reapply().exit == person.run().exit == person.reapply().exit == 0
        person.check_named()
        person.check_kept()
        for run in person.runs():
            person.undo(run)
        person.config = person.old
        # links that a sync made meanwhile, or that lead to what two runs named, are not those runs'
        assert person.run().exit == person.reapply().exit == person.run().exit == 0
        assert person.names() == person.before
        person.check_kept()
        tally("kill -9 of a reapply or its undo").count()
        if not killed:
            break
    assert 10 < at < MANY


def test_an_undo_of_new_names_killed_anywhere_is_ended_by_the_next(
    tmp_path: Path, shelf: StandIn
) -> None:
    for at in count(1, EVERY):
        person = Renamer(tmp_path / f"{at}", shelf, "playlist")
        assert person.reapply().exit == 0
        killed = person.undone_though_killed(at, person.check_kept)
        assert person.names() == person.before
        done = person.run()
        assert done.result is None, (person.words(done), done.result)
        tally("kill -9 of a reapply or its undo").count()
        if not killed:
            break
    assert 10 < at < MANY
