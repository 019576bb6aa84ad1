"""The folder is not the library: not mounted, another's, gone in the middle. Nothing is written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from strandline.app.check import CheckOptions
from strandline.app.execute import ExecuteResult, SyncRequest, execute
from strandline.demo.server import StandIn
from strandline.errors import Exit, LibraryError, SafetyStopError, StrandlineError
from strandline.library.files import crash
from tests.faults.machine.mounts import Mounts
from tests.faults.tally import tally
from tests.scenarios.home import Home

NAME = "library not there"
pytestmark = pytest.mark.battery(NAME)


class External(Home):
    """A home whose library is on a disk that can be pulled; a change waits to be synced."""

    def __init__(self, folder: Path, tidal: StandIn, mounts: Mounts) -> None:
        # One at a time: what is published together is one batch, and only then it looks again.
        super().__init__(folder, tidal, "[download]\nworkers = 1\n")
        self.mounts = mounts
        self.image = mounts.disk("ext4", self.library)
        x, y, *new = (self.account.track(title, "Ana") for title in "xyzw")
        self.playlist = self.account.playlist("Deep House", [x, y])
        self.account.playlist("Sunday", [x])
        self.sync()
        self.account.add(self.playlist, *new)
        self.account.rename(self.playlist, "Deeper")
        self.account.remove(self.playlist, x)

    @property
    def marker(self) -> Path:
        return self.library / ".strandline" / "library.json"

    def pull(self) -> None:
        """As if somebody had pulled the plug; what is open stays open."""
        self.mounts.pull(self.library, lazily=True)

    def replug(self) -> None:
        self.mounts.insert("ext4", self.image, self.library)

    def run(self) -> ExecuteResult:
        """All of ``sync-execute --yes``, whatever comes of it."""
        return execute(self.config, SyncRequest(CheckOptions()))

    def everything(self) -> dict[str, tuple[int, int, int]]:
        """All below the folder where the library should be, and below the one aside."""
        aside = self.folder / "aside"
        return {
            str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns, path.lstat().st_size)
            for root in (self.library, aside)
            for path in (root, *root.rglob("*"))
            if os.path.lexists(path)
        }


@pytest.fixture
def home(tmp_path: Path, tidal: StandIn, mounts: Mounts) -> External:
    return External(tmp_path, tidal, mounts)


# ---------------------------------------------------------------- before the run


def _not_mounted(home: External) -> None:
    home.pull()


def _mount_point_gone(home: External) -> None:
    home.pull()
    home.library.rmdir()


def _replaced_by_an_empty_folder(home: External) -> None:
    home.pull()
    (home.library / "mp3" / "Playlists").mkdir(parents=True)


def _music_but_no_marker(home: External) -> None:
    home.marker.unlink()


def _own_folder_gone(home: External) -> None:
    (home.library / ".strandline").rename(home.library / "aside")


def _marker_of_another_library(home: External) -> None:
    told = json.loads(home.marker.read_text())
    home.marker.write_text(json.dumps({**told, "id": "0" * 32}))


def _another_library_mounted(home: External) -> None:
    home.pull()
    (home.folder / "other").mkdir()
    other = Home(home.folder / "other", home.tidal)
    other.sync()
    home.library.rmdir()
    os.symlink(other.library, home.library)


def _root_is_a_link_to_nothing(home: External) -> None:
    home.pull()
    home.library.rmdir()
    os.symlink("nowhere", home.library)


def _root_is_a_link_to_an_empty_folder(home: External) -> None:
    home.pull()
    home.library.rmdir()
    (home.folder / "aside").mkdir()
    os.symlink("aside", home.library)


def _root_is_a_file(home: External) -> None:
    home.pull()
    home.library.rmdir()
    home.library.write_bytes(b"mine")


def _marker_damaged(home: External) -> None:
    home.marker.write_bytes(b"{")


def _playlists_are_a_link(home: External) -> None:
    home.playlists.rename(home.folder / "library" / "elsewhere")
    os.symlink("../elsewhere", home.playlists)


MISSING = [
    _not_mounted,
    _mount_point_gone,
    _replaced_by_an_empty_folder,
    _music_but_no_marker,
    _own_folder_gone,
    _marker_of_another_library,
    _another_library_mounted,
    _root_is_a_link_to_an_empty_folder,
]
UNUSABLE = [_root_is_a_file, _root_is_a_link_to_nothing, _marker_damaged, _playlists_are_a_link]


@pytest.mark.parametrize("happens", MISSING)
def test_a_folder_that_is_not_the_library_is_not_touched(
    happens: Callable[[External], None], home: External
) -> None:
    happens(home)
    stopped = _refused(home)
    assert isinstance(stopped, SafetyStopError)
    assert (stopped.exit, stopped.code) == (Exit.SAFETY_STOP, "library_missing")
    assert stopped.hint
    tally(NAME).count()


@pytest.mark.parametrize("happens", UNUSABLE)
def test_a_folder_that_cannot_be_used_is_not_touched(
    happens: Callable[[External], None], home: External
) -> None:
    happens(home)
    stopped = _refused(home)
    assert isinstance(stopped, LibraryError | SafetyStopError)
    assert stopped.message
    assert stopped.hint
    tally(NAME).count()


def _refused(home: External) -> StrandlineError:
    """Neither looking nor syncing writes anything; why not."""
    before = home.everything()
    with pytest.raises(StrandlineError) as looked:
        home.check()
    with pytest.raises(StrandlineError) as tried:
        home.run()
    assert home.everything() == before
    assert looked.value.code == tried.value.code
    return tried.value


def test_the_library_behind_a_link_is_the_library(home: External) -> None:
    home.pull()
    home.mounts.insert("ext4", home.image, home.folder / "aside")
    home.library.rmdir()
    os.symlink("aside", home.library)
    assert home.run().exit is Exit.DONE
    assert home.words(home.check()) == []
    tally(NAME).count()


def test_mounted_again_it_goes_on(home: External) -> None:
    home.pull()
    _refused(home)
    home.replug()
    assert home.run().exit is Exit.DONE
    assert home.words(home.check()) == []
    tally(NAME).count()


# ---------------------------------------------------------------- in the middle of a run


def _pulled(home: External) -> None:
    home.pull()


def _swapped_for_an_empty_folder(home: External) -> None:
    home.pull()
    (home.library / "mp3" / "Playlists").mkdir(parents=True)


def _marker_taken_away(home: External) -> None:
    home.marker.rename(home.library / "marker")


POINTS = ("rename_folder.after_rename", "move.before_rename", "publish.begin")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("happens", [_pulled, _swapped_for_an_empty_folder, _marker_taken_away])
def test_gone_in_the_middle_of_a_run_nothing_is_written_in_its_place(
    happens: Callable[[External], None],
    point: str,
    home: External,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = home.contents
    left: list[dict[str, tuple[int, int, int]]] = []

    def hook(name: str) -> None:
        if name == point and not left:
            happens(home)
            left.append(home.everything())

    monkeypatch.setattr(crash, "hook", hook)
    done = home.run()
    monkeypatch.setattr(crash, "hook", None)
    assert left
    assert done.result is not None
    assert isinstance(done.result.stopped, SafetyStopError), done.result
    assert done.exit is Exit.SAFETY_STOP
    if happens is _marker_taken_away:
        (home.library / "marker").rename(home.marker)
    else:
        assert home.everything() == left[0]
        home.replug()
    assert home.run().exit is Exit.DONE
    assert home.words(home.check()) == []
    assert kept <= home.contents
    tally(NAME).count()
