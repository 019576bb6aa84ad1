"""Inode numbers: given out again by ext4, others on another disk, others at each mount of FAT."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from strandline.app.undo import undo
from strandline.app.verify import verify
from strandline.demo.model import Track
from strandline.errors import Exit, LibraryError
from strandline.library import volume
from strandline.library.files import Syscalls
from tests.scenarios.home import Home

MODES = pytest.mark.parametrize("mode", ["symlink", "copy", "hardlink"])


def shared(home: Home, mode: str = "symlink") -> tuple[Track, Track]:
    home.configure(f'[audio]\nformat = "original"\n[sync]\nlink_mode = "{mode}"\n')
    x, y = (home.account.track(title, "Ana") for title in "xy")
    home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    home.sync()
    return x, y


def asked(home: Home) -> int:
    return len(home.tidal.asked("/v1/tracks/*/playbackinfopostpaywall"))


def other_disk(home: Home) -> None:
    """``cp -a`` and back under the old name: all numbers are others, all times stay."""
    names: dict[int, Path] = {}

    def copy(source: str, target: str) -> None:
        ino = Path(source).stat().st_ino
        if ino in names and not Path(source).is_symlink():
            Path(target).hardlink_to(names[ino])
        else:
            names[ino] = Path(target)
            shutil.copy2(source, target, follow_symlinks=False)

    new = home.folder / "new"
    shutil.copytree(home.library, new, symlinks=True, copy_function=copy)
    home.library.rename(home.folder / f"old {new.stat().st_ino}")
    new.rename(home.library)


@MODES
def test_a_library_whose_numbers_change_at_every_mount_is_in_sync(home: Home, mode: str) -> None:
    shared(home, mode)
    downloads, tree = asked(home), home.tree
    for _mount in range(3):
        other_disk(home)
        done = home.sync()
        assert home.words(done) == []
        assert done.checked.plan.tally.foreign_files == 0
        assert home.words(home.check()) == []
        assert verify(home.config).exit is Exit.DONE
    assert (asked(home), home.tree, home.trash) == (downloads, tree, [])


@MODES
def test_on_another_disk_our_links_and_copies_are_still_ours(home: Home, mode: str) -> None:
    x, _ = shared(home, mode)
    other_disk(home)
    (beta,) = (one for one in home.account.playlists.values() if one.title == "Beta")
    home.account.remove(beta, x)
    home.sync()
    assert home.tree == ["Alpha/Ana - x.flac", "Alpha/Ana - y.flac", "Beta/"]


@pytest.mark.parametrize("disk", ["exfat", "fuseblk"])
def test_on_a_disk_without_links_what_was_copied_for_them_stays(
    home: Home, monkeypatch: pytest.MonkeyPatch, disk: str
) -> None:
    """The disk is tried anew: what the last one could do says nothing of this one."""
    x, _ = shared(home, "auto")
    new = home.folder / "new"
    shutil.copytree(home.library, new)  # a file in each link's place
    home.library.rename(home.folder / "old")
    new.rename(home.library)

    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Syscalls, "symlink", refused)
    monkeypatch.setattr(volume, "file_system", lambda _: disk)
    downloads, tree = asked(home), home.tree
    assert home.words(home.check()) == [] or disk == "fuseblk"
    home.sync()
    assert (home.tree, home.trash) == (tree, [])
    home.account.playlist("Gamma", [x])
    home.sync()
    assert home.tree == [*tree, "Gamma/Ana - x.flac"]
    assert home.words(home.check()) == []
    assert asked(home) == downloads


def test_a_disk_mounted_over_the_playlists_ends_a_run_before_its_first_step(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It made folders in the strange disk and fetched every track in vain, night after night."""
    shared(home)
    downloads = asked(home)
    home.playlists.rename(home.folder / "hidden")
    home.playlists.mkdir()
    over, fstat = home.playlists.stat(), Syscalls.fstat

    def mounted(calls: Syscalls, fd: int) -> os.stat_result:
        found = list(fstat(calls, fd))
        found[2] += found[1] == over.st_ino  # its device
        return os.stat_result(found)

    monkeypatch.setattr(Syscalls, "fstat", mounted)
    with pytest.raises(LibraryError, match="another disk"):
        home.sync()
    assert (home.tree, asked(home)) == ([], downloads)


def test_a_folder_the_person_made_after_removing_ours_is_never_renamed(home: Home) -> None:
    """ext4 gives the number of the one to the other; here the database says so on every disk."""
    shared(home)
    downloads = asked(home)
    for _try in range(5):
        for path in [*(home.playlists / "Beta").iterdir()]:
            path.unlink()
        (home.playlists / "Beta").rmdir()
        mine = home.playlists / "My own mixes"
        mine.mkdir(exist_ok=True)
        with closing(sqlite3.connect(home.folder / "state" / "strandline.db")) as db, db:
            number = mine.stat().st_ino
            db.execute("UPDATE playlists SET folder_inode = ? WHERE name = 'Beta'", (number,))
        (mine / "set.flac").write_bytes(b"fLaC my own")
        done = home.sync()
        assert not [word for word in home.words(done) if word.startswith("rename_folder")]
        assert (mine / "set.flac").read_bytes() == b"fLaC my own"
        assert "Beta/Ana - x.flac -> ../Alpha/Ana - x.flac" in home.tree
    assert asked(home) == downloads


@pytest.mark.parametrize("told", [False, True], ids=["times_put_back", "written_to"])
@pytest.mark.parametrize("mode", ["hardlink", "copy"])
def test_a_damaged_file_is_damaged_under_each_of_its_names(
    home: Home, mode: str, told: bool
) -> None:
    """Hard links: one number, one content. All names get the new file, in one run.

    What an undo puts back is damaged, too, and ours: it gives way once more.
    """
    shared(home, mode)
    song = home.playlists / "Alpha" / "Ana - x.flac"
    was, tree, links, run = song.stat(), home.tree, song.stat().st_nlink, ""
    data = bytearray(song.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 100] = bytes(100)
    song.write_bytes(data)
    if not told:
        os.utime(song, ns=(was.st_atime_ns, was.st_mtime_ns))
        assert verify(home.config).corrupt == ("Playlists/Alpha/Ana - x.flac",)
    for again in (False, True):
        if again:
            undo(home.config, run)
            assert song.read_bytes() == bytes(data)
            assert verify(home.config).exit is Exit.SOME_FAILED
        done = home.sync()
        assert done.result
        run = done.result.run
        assert home.tree == tree
        assert song.stat().st_nlink == links
        assert song.read_bytes() != bytes(data)
        assert verify(home.config).exit is Exit.DONE
        assert home.words(home.check()) == []
