"""LibraryFiles and folders: made, renamed over nothing, removed only when empty."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from disk import FOLDER, A, at, playlists, seen

from strandline.core.ids import LibPath
from strandline.errors import ChangedMeanwhileError
from strandline.library.files import LibraryFiles, Syscalls, TakenError, temporary_folder_path


def test_a_folder_is_made_with_the_folders_above_it_and_making_it_again_is_fine(
    tmp_path: Path,
) -> None:
    with LibraryFiles(tmp_path) as files:
        made = files.make_folder(LibPath("Playlists/Nyt ♪"))
        assert made == seen(at(files, "Playlists/Nyt ♪"))
        assert files.make_folder(LibPath("Playlists/Nyt ♪")) == made


def test_a_folder_is_not_made_where_a_file_of_the_users_stands(files: LibraryFiles) -> None:
    at(files, "Playlists/C").write_text("mine")
    with pytest.raises(TakenError, match="Playlists/C"):
        files.make_folder(LibPath("Playlists/C"))
    assert at(files, "Playlists/C").read_text() == "mine"


def test_a_folder_is_renamed_with_whatever_is_in_it(files: LibraryFiles) -> None:
    before = seen(at(files, FOLDER))
    assert files.rename_folder(FOLDER, LibPath("Playlists/C"), before) == before
    assert playlists(files) == {
        "B": "/", "B/x.mp3": "-> ../A/x.mp3",
        "C": "/", "C/x.mp3": "audio", "C/mine.txt": "mine",
    }  # fmt: skip


@pytest.mark.parametrize("taken_by", ["a folder", "an empty folder", "a file", "a link"])
def test_a_folder_is_never_renamed_over_anything(files: LibraryFiles, taken_by: str) -> None:
    new = at(files, "Playlists/C")
    match taken_by:
        case "a file":
            new.write_text("mine")
        case "a link":
            new.symlink_to("B")
        case _:
            new.mkdir()
            if taken_by == "a folder":
                (new / "y").write_text("mine")
    before = playlists(files)
    with pytest.raises(TakenError):
        files.rename_folder(FOLDER, LibPath("Playlists/C"), seen(at(files, FOLDER)))
    assert playlists(files) == before


def test_two_folders_swap_names_by_way_of_a_parking_place(files: LibraryFiles) -> None:
    a, b = seen(at(files, "Playlists/A")), seen(at(files, "Playlists/B"))
    parked = temporary_folder_path(a.ino)
    files.rename_folder(FOLDER, parked, a)
    files.rename_folder(LibPath("Playlists/B"), FOLDER, b)
    files.rename_folder(parked, LibPath("Playlists/B"), a)
    assert playlists(files) == {
        "A": "/", "A/x.mp3": "-> ../A/x.mp3",
        "B": "/", "B/x.mp3": "audio", "B/mine.txt": "mine",
    }  # fmt: skip


class CaseBlind(Syscalls):
    """A disk on which ``a`` and ``A`` are one name, as on most Macs."""

    def _actual(self, folder: int, name: str) -> str:
        alike = [one for one in os.listdir(folder) if one.casefold() == name.casefold()]
        return alike[0] if alike else name

    def lstat(self, folder: int, name: str) -> os.stat_result:
        return super().lstat(folder, self._actual(folder, name))

    def rename_in_kernel(self, source: int, name: str, folder: int, new: str) -> bool:
        name, new = self._actual(source, name), self._actual(folder, new)
        if os.path.lexists(f"/proc/self/fd/{folder}/{new}"):
            raise FileExistsError(17, "File exists")
        return super().rename_in_kernel(source, name, folder, new)


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="the stand-in disk needs /proc")
def test_a_folder_changes_only_its_case_on_a_disk_that_does_not_tell_them_apart(root: Path) -> None:
    with LibraryFiles(root, CaseBlind()) as files:
        files.rename_folder(FOLDER, LibPath("Playlists/a"), seen(at(files, FOLDER)))
        assert sorted(os.listdir(at(files, "Playlists"))) == ["B", "a"]
        with pytest.raises(TakenError):
            files.rename_folder(LibPath("Playlists/a"), LibPath("Playlists/b"),
                                seen(at(files, "Playlists/a")))  # fmt: skip


def test_removing_a_folder_that_is_not_empty_does_nothing_and_says_so(files: LibraryFiles) -> None:
    assert files.remove_folder(FOLDER, seen(at(files, FOLDER))) is False
    assert at(files, A).read_text() == "audio"


def test_an_empty_folder_is_removed(files: LibraryFiles) -> None:
    made = files.make_folder(LibPath("Playlists/C"))
    assert files.remove_folder(LibPath("Playlists/C"), made) is True
    assert files.see(LibPath("Playlists/C")) is None


def test_an_empty_folder_that_is_another_one_by_now_stays(files: LibraryFiles) -> None:
    planned = files.make_folder(LibPath("Playlists/C"))
    at(files, "Playlists/C").rename(at(files, "Playlists/D"))
    at(files, "Playlists/C").mkdir()
    with pytest.raises(ChangedMeanwhileError):
        files.remove_folder(LibPath("Playlists/C"), planned)
    assert at(files, "Playlists/C").is_dir()
