"""A collection's whole life on each kind of disk, over HTTP, with the disk pulled and put back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from strandline.app.doctor import examine
from strandline.demo.server import StandIn
from strandline.errors import Exit, LibraryError
from tests.faults.machine.mounts import Mounts
from tests.faults.tally import tally
from tests.scenarios.home import Home

NAME = "file systems"
pytestmark = pytest.mark.battery(NAME)
WITHOUT_LINKS = {"exfat"}
WITHOUT_CASE = {"exfat"}
KINDS = ("ext4", "xfs", "btrfs", "ntfs", "exfat")


class OnDisk(Home):
    """A home whose library is on a disk of its own."""

    kind: str
    mounts: Mounts
    image: Path

    def replug(self) -> None:
        """The disk is pulled and put back: device numbers change, inode numbers may."""
        self.mounts.pull(self.library)
        self.mounts.insert(self.kind, self.image, self.library)

    def in_sync(self) -> None:
        """Nothing left to do, and a second run writes no byte (I10), also after a replug."""
        for _ in range(2):
            before = self.looks()
            assert self.words(self.check()) == []
            assert self.sync().result is None
            assert self.looks() == before
            self.replug()
        tally(NAME).count()

    def looks(self) -> dict[str, tuple[int, int]]:
        """Every path with size and time; inode numbers mean nothing on some disks."""
        found = {}
        for path in sorted(self.library.rglob("*")):
            seen = path.lstat()
            found[str(path)] = (seen.st_size, seen.st_mtime_ns)
        return found

    def names(self) -> list[str]:
        """The tree, whether a link or a copy stands there."""
        return [line.partition(" -> ")[0] for line in self.tree]


def home_on(kind: str, folder: Path, tidal: StandIn, mounts: Mounts) -> OnDisk:
    home = OnDisk(folder, tidal)
    home.kind, home.mounts = kind, mounts
    home.image = mounts.disk(kind, home.library)
    return home


@pytest.fixture(params=KINDS)
def home(request: pytest.FixtureRequest, tmp_path: Path, tidal: StandIn, mounts: Mounts) -> OnDisk:
    return home_on(request.param, tmp_path, tidal, mounts)


def test_a_collection_lives_on_this_disk(home: OnDisk) -> None:
    x, y, z = (home.account.track(title, "Ana") for title in "xyz")
    deep = home.account.playlist("Deep House", [x, y])
    sunday = home.account.playlist("Sunday", [x, z])
    home.account.playlist("Évora: «¿?»", [x])
    home.sync()
    third = next(line.split("/")[0] for line in home.names() if "vora" in line)
    home.in_sync()
    kept = home.contents
    (home.playlists / "Sunday" / "cues.txt").write_bytes(b"mine")

    home.account.rename(deep, "Omega")
    home.sync()
    assert "Omega/Ana - y.flac" in home.names()
    home.in_sync()

    home.account.rename(deep, "OMEGA")
    home.sync()
    assert {"OMEGA", "Sunday", third} <= set(os.listdir(home.playlists))
    home.in_sync()

    home.account.remove(deep, x)
    home.sync()
    assert home.names() == [
        "OMEGA/Ana - y.flac",
        "Sunday/Ana - x.flac",
        "Sunday/Ana - z.flac",
        "Sunday/cues.txt",
        f"{third}/Ana - x.flac",
    ]
    home.in_sync()

    home.account.delete(sunday)
    home.sync()
    assert home.names() == ["OMEGA/Ana - y.flac", "Sunday/cues.txt", f"{third}/Ana - x.flac"]
    assert (home.playlists / third / "Ana - x.flac").is_file()
    home.in_sync()
    assert kept <= home.contents


def test_names_that_differ_only_in_case_or_accents_are_kept_apart(home: OnDisk) -> None:
    x = home.account.track("x", "Ana")
    names = ["Deep", "DEEP", "Caf\u00e9", "Cafe\u0301", "CAFÉ"]
    for name in names:
        home.account.playlist(name, [x, home.account.track(name, "Ana")])
    home.sync()
    assert len(os.listdir(home.playlists)) == len(names)
    assert len(home.tree) == 2 * len(names)
    home.in_sync()


def test_the_doctor_tells_what_this_disk_cannot(home: OnDisk) -> None:
    home.account.playlist("A", [home.account.track("x")])
    home.sync()
    told = " ".join(part.message for part in examine(home.config, offline=True))
    assert ("no symlinks here: shared tracks become copies" in told) is (home.kind in WITHOUT_LINKS)
    assert ("file names are not case-sensitive" in told) is (home.kind in WITHOUT_CASE)
    tally(NAME).count()


def test_a_disk_that_changes_names_is_refused_in_words(
    tmp_path: Path, tidal: StandIn, mounts: Mounts
) -> None:
    home = home_on("ntfs in small letters", tmp_path, tidal, mounts)
    home.account.playlist("A", [home.account.track("x")])
    mine = home.library / "mine.flac"
    mine.write_bytes(b"audio")
    with pytest.raises(LibraryError, match="shows names with other capitals") as refused:
        home.sync()
    assert refused.value.exit is Exit.USAGE
    assert home.tree == []
    assert mine.read_bytes() == b"audio"
    tally(NAME).count()
