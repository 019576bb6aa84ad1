"""What TIDAL turns out not to have while a run is under way: the same run draws the consequences.

TIDAL lists the track as any other until it is asked for its audio: missing, and told nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from strandline.app.check import CheckOptions
from strandline.app.execute import SyncRequest, execute
from strandline.app.history import history
from strandline.app.verify import verify
from strandline.demo import effects
from strandline.demo.model import Availability, Playlist
from tests.scenarios.accord import everything_agrees
from tests.scenarios.home import Home

NAME = "Ana - x.flac"


class Shared:
    """``x`` with its audio in A and links in B and C, beside ``y``, which is always to be had."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.x = home.account.track("x", "Ana")
        y = home.account.track("y", "Ana")
        self.lists: list[Playlist] = [home.account.playlist(n, [self.x, y]) for n in "ABC"]
        home.sync()

    def at(self, folder: str) -> Path:
        return self.home.playlists / folder / NAME


def audio_is_deleted(shared: Shared) -> None:
    shared.at("A").unlink()


def link_is_spoiled(shared: Shared) -> None:
    shared.at("A").unlink()
    shared.at("B").unlink()
    shared.at("B").symlink_to("../Gone/x.flac")


def link_was_renamed(shared: Shared) -> None:
    shared.at("A").unlink()
    shared.at("B").rename(shared.at("B").with_name("mine.flac"))


def title_changes(shared: Shared) -> None:
    shared.at("A").unlink()
    shared.x.title = "another"


def first_playlist_is_deleted(shared: Shared) -> None:
    shared.at("A").unlink()
    shared.home.account.delete(shared.lists[0])


def playlist_is_renamed(shared: Shared) -> None:
    shared.at("A").unlink()
    shared.home.account.rename(shared.lists[1], "Bee")


def audio_leaves_its_playlist(shared: Shared) -> None:
    """A link of ours stands where the audio is to come."""
    shared.at("A").unlink()
    shared.home.account.remove(shared.lists[0], shared.x)


WAYS = [
    audio_is_deleted,
    link_is_spoiled,
    link_was_renamed,
    title_changes,
    first_playlist_is_deleted,
    playlist_is_renamed,
    audio_leaves_its_playlist,
]


@pytest.mark.parametrize("happens", WAYS)
def test_no_link_to_lost_audio_is_left_for_the_next_run(
    home: Home, happens: Callable[[Shared], None]
) -> None:
    shared = Shared(home)
    home.account.withhold(shared.x, Availability.NOT_READY)
    happens(shared)
    done = home.sync(full=True)
    assert done.exit == 0
    links = [path for path in home.playlists.rglob("*") if path.is_symlink()]
    assert [path for path in links if not path.exists()] == [], "they lead nowhere"
    assert {os.path.basename(path) for path in links} == {"Ana - y.flac"}

    before = home.fingerprint()
    assert home.words(home.check()) == []
    assert home.sync(full=True).result is None
    assert home.fingerprint() == before
    everything_agrees(home)
    assert verify(home.config).exit == 0


def test_what_a_run_does_beyond_its_plan_is_in_the_history_and_comes_back(home: Home) -> None:
    shared = Shared(home)
    home.account.withhold(shared.x, Availability.NOT_READY)
    audio_is_deleted(shared)
    done = home.sync(full=True)
    assert done.result
    assert done.result.done == {"unlink": 2}
    row = next(row for row in history(home.config, 9) if row.id == done.result.run)
    assert (row.planned, row.done, row.failed) == (3, 2, 0)
    home.account.withhold(shared.x, Availability.AVAILABLE)
    home.sync()
    assert shared.at("A").is_file()
    assert shared.at("B").readlink() == shared.at("C").readlink() == Path("../A", NAME)


def test_links_stay_while_the_audio_only_failed_to_come(home: Home) -> None:
    """A broken answer says nothing of the track: the next run heals the links."""
    shared = Shared(home)
    audio_is_deleted(shared)
    home.tidal.faults.on("/mediatracks/**", effects.truncated(), times=None)
    done = execute(home.config, SyncRequest(CheckOptions(full=True)))
    assert done.exit == 4
    assert shared.at("B").readlink() == shared.at("C").readlink() == Path("../A", NAME)
    home.tidal.faults.clear()
    assert home.words(home.sync()) == ["download A/Ana - x.flac (missing_on_disk)"]
    everything_agrees(home)


def test_links_to_a_damaged_file_follow_its_folder_while_nothing_comes_in_its_stead(
    home: Home,
) -> None:
    shared = Shared(home)
    shared.at("A").write_bytes(shared.at("A").read_bytes()[:5000])
    home.account.rename(shared.lists[0], "Ambient")
    home.tidal.faults.on("/mediatracks/**", effects.truncated(), times=None)
    for _ in range(2):
        assert execute(home.config, SyncRequest(CheckOptions(full=True))).exit == 4
        assert shared.at("Ambient").is_file()
        assert shared.at("B").readlink() == shared.at("C").readlink() == Path("../Ambient", NAME)
    home.tidal.faults.clear()
    home.sync()
    everything_agrees(home)
