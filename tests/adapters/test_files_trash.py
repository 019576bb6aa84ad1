"""LibraryFiles and the trash: what goes in, comes back or is swept, and never by accident."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from disk import A, B, at, contents, seen, tree

from strandline.core.ids import LibPath
from strandline.errors import ChangedMeanwhileError, ItemError
from strandline.library.files import LibraryFiles, TakenError


def test_the_trash_keeps_the_old_path_and_numbers_what_comes_twice(files: LibraryFiles) -> None:
    first = files.to_trash(A, "run1", seen(at(files, A)))
    at(files, A).write_text("again")
    second = files.to_trash(A, "run1", seen(at(files, A)))
    assert (first, second) == ("run1/Playlists/A/x.mp3", "run1/Playlists/A/x~2.mp3")
    assert files.trash_runs() == ["run1"]
    assert list(files.trash_files("run1")) == [first, second]
    assert files.see_trashed(first) == files.trash_files("run1")[first]


def test_what_is_in_the_trash_comes_back_unless_its_place_is_taken(files: LibraryFiles) -> None:
    before = seen(at(files, A))
    trashed = files.to_trash(A, "run1", before)
    at(files, A).write_text("newer")
    with pytest.raises(TakenError):
        files.restore(trashed, A)
    assert at(files, A).read_text() == "newer"
    assert files.restore(trashed, LibPath("Playlists/A/back.mp3")) == before
    with pytest.raises(ChangedMeanwhileError):
        files.restore(trashed, LibPath("Playlists/A/back again.mp3"))


def test_emptying_the_trash_removes_one_run_and_nothing_beyond_its_links(
    files: LibraryFiles, tmp_path: Path
) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").write_text("precious")
    files.to_trash(A, "run1", seen(at(files, A)))
    files.to_trash(LibPath("Playlists/A/mine.txt"), "run2", seen(at(files, "Playlists/A/mine.txt")))
    (files.root / ".strandline/trash/run1/out").symlink_to(tmp_path / "precious")
    assert files.empty_trash("run1") == 5
    assert files.trash_runs() == ["run2"]
    assert (tmp_path / "precious/file").read_text() == "precious"
    assert files.empty_trash("run1") == 0


@pytest.mark.parametrize("run", ["", ".", "..", "a/b", "../..", ".hidden", "a" * 65, "a\n"])
def test_a_run_is_one_harmless_name(files: LibraryFiles, run: str) -> None:
    for attempt in (
        lambda: files.to_trash(A, run, seen(at(files, A))),
        lambda: files.empty_trash(run),
        lambda: files.trash_files(run),
        lambda: files.restore(f"{run}/Playlists/A/x.mp3", A),
    ):
        with pytest.raises(ItemError):
            attempt()
    assert at(files, A).read_text() == "audio"


def test_leftovers_of_ours_are_swept_and_a_file_caught_in_mid_air_goes_to_the_trash(
    files: LibraryFiles,
) -> None:
    with files.new_temp():
        pass
    tmp = files.root / ".strandline/tmp"
    (tmp / "part-1.mp3").write_text("half a download")
    (tmp / "part-2/deep").mkdir(parents=True)
    (tmp / "part-2/deep/file").write_text("half a download")
    (tmp / "swap-x").symlink_to("../A")
    os.rename(tmp / "swap-x", tmp / f"swap-li{os.lstat(tmp / 'swap-x').st_ino}-00")
    (tmp / "swap-li1-00").write_text("the user's")
    (tmp / "unknown").write_text("who knows")
    assert files.sweep_temps() == 5
    assert os.listdir(tmp) == []
    rescued = tree(files.root / ".strandline/trash/rescued")
    assert rescued == {"swap-li1-00": "the user's", "unknown": "who knows"}
    assert files.sweep_temps() == 0


def test_a_leftover_that_may_not_be_removed_is_in_nobodys_way(
    files: LibraryFiles, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An external downloader left it immutable: every later run ended before its first step."""
    with files.new_temp():
        pass
    tmp = files.root / ".strandline/tmp"
    (tmp / "part-1.mp3").write_text("immutable")
    (tmp / "part-2.mp3").write_text("half a download")
    unlink = files.calls.unlink

    def refused(folder: int, name: str) -> None:
        if name == "part-1.mp3":
            raise PermissionError(errno.EPERM, "Operation not permitted")
        unlink(folder, name)

    monkeypatch.setattr(files.calls, "unlink", refused)
    assert files.sweep_temps() == 1
    assert os.listdir(tmp) == ["part-1.mp3"]
    assert "part-1.mp3 cannot be removed" in caplog.text


def test_nothing_of_the_content_changed_by_all_of_this(files: LibraryFiles) -> None:
    before = contents(files.root)
    files.move(A, B, seen(at(files, A)), replaces=seen(at(files, B)))
    files.to_trash(B, "run1", seen(at(files, B)))
    files.restore("run1/Playlists/B/x.mp3", A)
    assert contents(files.root) == before
