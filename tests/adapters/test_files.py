"""What LibraryFiles does when nothing goes wrong, and what it refuses."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from disk import NoHardLinks, OldKernel, contents, open_descriptors, seen, tree

from strandline.core.ids import LibPath
from strandline.errors import ChangedMeanwhileError, ItemError, LibraryError
from strandline.library.files import (
    LibraryFiles,
    OutsideLibraryError,
    Syscalls,
    TakenError,
    parking_path,
)

A = LibPath("Playlists/A/x.mp3")
B = LibPath("Playlists/B/x.mp3")
FOLDER = LibPath("Playlists/A")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A library with a track in A, a link to it in B, and a note of the user's."""
    playlists = tmp_path / "library/mp3/Playlists"
    (playlists / "A").mkdir(parents=True)
    (playlists / "B").mkdir()
    (playlists / "A/x.mp3").write_text("audio")
    (playlists / "A/mine.txt").write_text("mine")
    (playlists / "B/x.mp3").symlink_to("../A/x.mp3")
    return tmp_path / "library"


@pytest.fixture(params=[Syscalls, OldKernel, NoHardLinks], ids=lambda kind: kind.__name__)
def files(root: Path, request: pytest.FixtureRequest) -> Iterator[LibraryFiles]:
    with LibraryFiles(root, request.param()) as opened:
        yield opened


def at(files: LibraryFiles, path: str) -> Path:
    return files.root / "mp3" / path


def playlists(files: LibraryFiles) -> dict[str, str]:
    return tree(files.root / "mp3/Playlists")


# ---------------------------------------------------------------- folders


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
    parked = parking_path(a.ino)
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


# ---------------------------------------------------------------- audio comes in and moves


def test_a_temp_is_private_until_published_then_readable_for_all(files: LibraryFiles) -> None:
    temp = files.new_temp(".mp3")
    assert temp.path.parent == files.root / ".strandline/tmp"
    assert temp.path.stat().st_mode & 0o777 == 0o600
    temp.path.write_text("new")
    published = files.publish(temp, LibPath("Playlists/A/new.mp3"))
    new = at(files, "Playlists/A/new.mp3")
    assert (published, new.read_text()) == (seen(new), "new")
    assert new.stat().st_mode & 0o777 == 0o644
    assert os.listdir(files.root / ".strandline/tmp") == []


def test_publishing_where_something_stands_leaves_it_and_the_temp_can_be_used_again(
    files: LibraryFiles,
) -> None:
    with files.new_temp(".mp3") as temp:
        os.write(temp.fd, b"new")
        with pytest.raises(TakenError):
            files.publish(temp, A)
        files.publish(temp, LibPath("Playlists/A/x [2].mp3"))
    assert at(files, A).read_text() == "audio"
    assert at(files, "Playlists/A/x [2].mp3").read_text() == "new"


def test_a_download_takes_the_place_of_our_own_link(files: LibraryFiles) -> None:
    with files.new_temp(".mp3") as temp:
        os.write(temp.fd, b"new")
        files.publish(temp, B, replaces=seen(at(files, B)))
    assert at(files, B).read_text() == "new"
    assert not at(files, B).is_symlink()
    assert os.listdir(files.root / ".strandline/tmp") == []


def test_a_download_whose_link_is_already_gone_is_published_all_the_same(
    files: LibraryFiles,
) -> None:
    link = seen(at(files, B))
    at(files, B).unlink()
    with files.new_temp(".mp3") as temp:
        files.publish(temp, B, replaces=link)
    assert at(files, B).is_file()


def test_a_download_never_takes_the_place_of_a_file_that_was_a_link_before(
    files: LibraryFiles,
) -> None:
    link = seen(at(files, B))
    at(files, B).unlink()
    at(files, B).write_text("mine")
    with files.new_temp(".mp3") as temp, pytest.raises(ChangedMeanwhileError):
        files.publish(temp, B, replaces=link)
    assert at(files, B).read_text() == "mine"


def test_a_temp_not_published_is_gone(files: LibraryFiles) -> None:
    before = open_descriptors()
    with files.new_temp(".mp3") as temp:
        assert temp.path.exists()
    assert not temp.path.exists()
    files.flush()
    assert open_descriptors() == before


def test_a_temp_that_was_swapped_for_a_link_is_not_published(
    files: LibraryFiles, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with files.new_temp(".mp3") as temp:
        temp.path.unlink()
        temp.path.symlink_to(secret)
        with pytest.raises(ChangedMeanwhileError):
            files.publish(temp, LibPath("Playlists/A/new.mp3"))
    assert files.see(LibPath("Playlists/A/new.mp3")) is None
    assert secret.read_text() == "secret"


@pytest.mark.parametrize("path", [LibPath("Playlists/A/new.mp3"), B])
def test_a_temp_that_was_written_to_after_its_seal_is_not_published(
    files: LibraryFiles, path: LibPath
) -> None:
    """What is published is what was made durable and hashed."""
    link = files.see(path)
    with files.new_temp(".mp3") as temp:
        os.write(temp.fd, b"new")
        temp.seal()
        os.write(temp.fd, b"er")
        with pytest.raises(ChangedMeanwhileError):
            files.publish(temp, path, replaces=link)
    assert files.see(path) == link


def test_what_a_program_left_in_its_work_folder_is_taken_only_if_it_is_a_file(
    files: LibraryFiles, tmp_path: Path
) -> None:
    with files.new_work_folder() as work:
        (work.path / "song.flac").write_text("song")
        (work.path / "deep/er").mkdir(parents=True)
        (work.path / "deep/er/junk").write_text("junk")
        (work.path / "evil.flac").symlink_to(tmp_path)
        os.mkfifo(work.path / "pipe.flac")
        for name in ("evil.flac", "pipe.flac", "deep", "gone.flac", "../../lock"):
            with pytest.raises(ItemError):
                work.take(name)
        files.publish(work.take("song.flac"), LibPath("Playlists/A/song.flac"))
    assert at(files, "Playlists/A/song.flac").read_text() == "song"
    assert os.listdir(files.root / ".strandline/tmp") == []


def test_a_track_moves_to_another_playlist(files: LibraryFiles) -> None:
    files.move(A, LibPath("Playlists/B/y.mp3"), seen(at(files, A)))
    assert playlists(files)["B/y.mp3"] == "audio"
    assert "A/x.mp3" not in playlists(files)


def test_a_track_moves_to_where_our_link_to_it_stands(files: LibraryFiles) -> None:
    before = seen(at(files, A))
    assert files.move(A, B, before, replaces=seen(at(files, B))) == before
    assert playlists(files) == {"A": "/", "A/mine.txt": "mine", "B": "/", "B/x.mp3": "audio"}
    assert os.listdir(files.root / ".strandline/tmp") == []


def test_moving_over_a_file_is_refused_and_both_stay(files: LibraryFiles) -> None:
    with pytest.raises(TakenError):
        files.move(A, LibPath("Playlists/A/mine.txt"), seen(at(files, A)))
    assert playlists(files)["A/mine.txt"] == "mine"
    assert playlists(files)["A/x.mp3"] == "audio"


def test_a_move_that_fails_puts_the_link_back(files: LibraryFiles) -> None:
    audio, link = seen(at(files, A)), seen(at(files, B))
    before = playlists(files)
    with pytest.raises(ItemError):
        files.move(LibPath("Playlists/A/mine.txt"), B, audio, replaces=link)
    assert playlists(files) == before


def test_a_file_written_to_since_the_scan_is_left_alone(files: LibraryFiles) -> None:
    before = seen(at(files, A))
    at(files, A).write_text("audio, edited")
    for attempt in (
        lambda: files.move(A, LibPath("Playlists/B/y.mp3"), before),
        lambda: files.to_trash(A, "run1", before),
    ):
        with pytest.raises(ChangedMeanwhileError):
            attempt()
    assert at(files, A).read_text() == "audio, edited"


def test_what_changed_before_the_step_is_not_even_touched(files: LibraryFiles) -> None:
    before = seen(at(files, A))
    at(files, A).write_text("audio, edited")
    changed_at = at(files, A).lstat().st_ctime_ns
    with pytest.raises(ChangedMeanwhileError):
        files.move(A, LibPath("Playlists/B/y.mp3"), before)
    assert at(files, A).lstat().st_ctime_ns == changed_at


def test_an_empty_folder_that_is_another_one_by_now_stays(files: LibraryFiles) -> None:
    planned = files.make_folder(LibPath("Playlists/C"))
    at(files, "Playlists/C").rename(at(files, "Playlists/D"))
    at(files, "Playlists/C").mkdir()
    with pytest.raises(ChangedMeanwhileError):
        files.remove_folder(LibPath("Playlists/C"), planned)
    assert at(files, "Playlists/C").is_dir()


def test_content_is_verified_by_reading_it(files: LibraryFiles) -> None:
    good = "04bd0e0a2d1b0e4bb6d29a1e2d3e5c7f" * 2
    here = seen(at(files, A))
    right = hashlib.sha256(b"audio").hexdigest()
    assert files.verify_file(A, 5, right) == here
    assert files.verify_file(A, 5, good) is None
    assert files.verify_file(A, 6, right) is None
    assert files.verify_file(B, 5, right) is None  # a link is not a copy
    assert files.verify_file(LibPath("Playlists/No/x.mp3"), 5, right) is None


# ---------------------------------------------------------------- links and copies


def test_a_link_is_made_only_where_nothing_stands(files: LibraryFiles) -> None:
    files.make_link(LibPath("Playlists/B/y.mp3"), "../A/x.mp3")
    assert playlists(files)["B/y.mp3"] == "-> ../A/x.mp3"
    with pytest.raises(TakenError):
        files.make_link(LibPath("Playlists/A/mine.txt"), "../A/x.mp3")
    assert playlists(files)["A/mine.txt"] == "mine"


def test_a_link_is_pointed_elsewhere(files: LibraryFiles) -> None:
    files.replace_link(B, "../C/x.mp3", seen(at(files, B)))
    assert playlists(files)["B/x.mp3"] == "-> ../C/x.mp3"
    assert os.listdir(files.root / ".strandline/tmp") == []


def test_a_link_the_user_pointed_elsewhere_stays(files: LibraryFiles) -> None:
    old = seen(at(files, B))
    at(files, B).unlink()
    at(files, B).symlink_to("/my/own")
    for attempt in (
        lambda: files.replace_link(B, "../C/x.mp3", old),
        lambda: files.remove_link(B, old),
    ):
        with pytest.raises(ChangedMeanwhileError):
            attempt()
    assert playlists(files)["B/x.mp3"] == "-> /my/own"


def test_a_link_is_removed_and_a_file_never_is(files: LibraryFiles) -> None:
    files.remove_link(B, seen(at(files, B)))
    assert files.see(B) is None
    for attempt in (
        lambda: files.remove_link(A, seen(at(files, A))),
        lambda: files.replace_link(A, "x", seen(at(files, A))),
    ):
        with pytest.raises(ChangedMeanwhileError):
            attempt()
    assert at(files, A).read_text() == "audio"


def test_a_hard_link_is_a_second_name(root: Path) -> None:
    with LibraryFiles(root) as files:
        made = files.make_hardlink(LibPath("Playlists/B/y.mp3"), A)
        assert made == seen(at(files, A))
        with pytest.raises(TakenError):
            files.make_hardlink(LibPath("Playlists/A/mine.txt"), A)
        with pytest.raises(ChangedMeanwhileError):
            files.make_hardlink(LibPath("Playlists/B/z.mp3"), B)


def test_a_copy_is_made_of_good_bytes_only(files: LibraryFiles) -> None:
    copy = LibPath("Playlists/B/y.mp3")
    with pytest.raises(ItemError, match="not what was stored"):
        files.make_copy(copy, A, sha256="0" * 64)
    assert files.see(copy) is None
    assert files.make_copy(copy, A) == seen(at(files, copy))
    assert at(files, copy).read_text() == "audio"
    assert at(files, copy).stat().st_mtime_ns == at(files, A).stat().st_mtime_ns
    with pytest.raises(TakenError):
        files.make_copy(LibPath("Playlists/A/mine.txt"), A)


def test_a_stale_copy_goes_to_the_trash_for_a_fresh_one(files: LibraryFiles) -> None:
    copy = LibPath("Playlists/B/y.mp3")
    at(files, copy).write_text("stale")
    files.replace_copy(copy, A, seen(at(files, copy)), "run1")
    assert at(files, copy).read_text() == "audio"
    assert (files.root / ".strandline/trash/run1" / copy).read_text() == "stale"


# ---------------------------------------------------------------- trash


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


# ---------------------------------------------------------------- what killed runs leave


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


# ---------------------------------------------------------------- where it never goes


@pytest.mark.parametrize(
    "path",
    ["", "/", "/etc/passwd", "Playlists", "Playlists/", "Playlists//x", "Playlists/../x.mp3",
     "Playlists/A/../../x", "Playlists/./x", "Other/A/x.mp3", "../.strandline/library.json",
     "Playlists/A/x\0.mp3", ".strandline/tmp/x", "Playlists/A/", "playlists/A/x"],
)  # fmt: skip
def test_no_path_leaves_the_playlists(files: LibraryFiles, path: str) -> None:
    entry = seen(at(files, A))
    bad = LibPath(path)
    attempts = (
        lambda: files.see(bad),
        lambda: files.make_folder(bad),
        lambda: files.rename_folder(FOLDER, bad, seen(at(files, FOLDER))),
        lambda: files.remove_folder(bad, entry),
        lambda: files.publish(files.new_temp(), bad),
        lambda: files.move(A, bad, entry),
        lambda: files.move(bad, A, entry),
        lambda: files.make_link(bad, "x"),
        lambda: files.remove_link(bad, seen(at(files, B))),
        lambda: files.replace_link(bad, "x", seen(at(files, B))),
        lambda: files.make_hardlink(bad, A),
        lambda: files.make_copy(bad, A),
        lambda: files.make_copy(B, bad),
        lambda: files.to_trash(bad, "run1", entry),
        lambda: files.verify_file(bad, 5, ""),
    )
    before = playlists(files)
    for attempt in attempts:
        with pytest.raises(OutsideLibraryError):
            attempt()
    assert playlists(files) == before


def test_an_entry_is_not_put_beside_the_playlist_folders(files: LibraryFiles) -> None:
    with pytest.raises(OutsideLibraryError):
        files.make_link(LibPath("Playlists/x.mp3"), "A/x.mp3")


def test_a_playlist_folder_that_is_a_link_is_never_entered(
    files: LibraryFiles, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.mp3").write_text("audio")
    at(files, "Playlists/C").symlink_to(outside)
    inside, here = LibPath("Playlists/C/x.mp3"), seen(outside / "x.mp3")
    assert files.see(inside) is None
    assert files.verify_file(inside, 5, "") is None
    with files.new_temp() as temp:
        for attempt in (
            lambda: files.publish(temp, LibPath("Playlists/C/new.mp3")),
            lambda: files.make_link(LibPath("Playlists/C/new.mp3"), "x"),
            lambda: files.move(inside, LibPath("Playlists/A/y.mp3"), here),
            lambda: files.move(A, LibPath("Playlists/C/new.mp3"), seen(at(files, A))),
            lambda: files.to_trash(inside, "run1", here),
        ):
            with pytest.raises(ChangedMeanwhileError):
                attempt()
    assert tree(outside) == {"x.mp3": "audio"}


@pytest.mark.parametrize("linked", [".strandline", "mp3", "mp3/Playlists"])
def test_a_link_in_place_of_a_top_folder_stops_the_run(
    root: Path, tmp_path: Path, linked: str
) -> None:
    real = tmp_path / "elsewhere"
    if (root / linked).exists():
        (root / linked).rename(real)
    else:
        real.mkdir()
    (root / linked).symlink_to(real)
    before = tree(real)
    stops = pytest.raises(LibraryError, match="not a folder of its own")
    with LibraryFiles(root) as files, stops:
        files.publish(files.new_temp(), LibPath("Playlists/A/new.mp3"))
    assert {name: text for name, text in tree(real).items() if "part-" not in name} == before


def test_the_root_may_be_a_link_and_is_resolved_once(root: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(root)
    with LibraryFiles(tmp_path / "shortcut") as files:
        assert files.root == root.resolve()
        (tmp_path / "shortcut").unlink()
        (tmp_path / "shortcut").symlink_to("/nowhere")
        files.make_link(LibPath("Playlists/B/y.mp3"), "../A/x.mp3")
        assert files.still_there()


def test_a_library_that_went_away_is_noticed(root: Path) -> None:
    with LibraryFiles(root) as files:
        root.rename(root.with_name("unplugged"))
        assert not files.still_there()
        root.mkdir()
        assert not files.still_there()


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for root in (tmp_path / "file", tmp_path / "missing"):
        with pytest.raises(LibraryError, match="not a folder"):
            LibraryFiles(root)


def test_opening_and_looking_changes_nothing_and_leaks_nothing(root: Path) -> None:
    before, descriptors = tree(root), open_descriptors()
    with LibraryFiles(root) as files:
        assert files.see(A) == seen(at(files, A))
        assert files.see(B) == seen(at(files, B))
        assert files.see(FOLDER) == seen(at(files, FOLDER))
        assert files.trash_runs() == []
        assert files.sweep_temps() == 0
        assert files.free_bytes() > 0
    assert tree(root) == before
    assert open_descriptors() == descriptors


# ---------------------------------------------------------------- durability


class Recording(Syscalls):
    """Notes which folders were synced."""

    def __init__(self) -> None:
        self.synced: list[str] = []

    def fsync(self, fd: int) -> None:
        here = os.fstat(fd)
        self.synced.append(f"{here.st_dev}:{here.st_ino}")
        super().fsync(fd)


def test_a_batch_syncs_each_touched_folder_once(root: Path) -> None:
    calls = Recording()
    with LibraryFiles(root, calls) as files:
        for number in range(50):
            files.make_link(LibPath(f"Playlists/B/{number}.mp3"), "../A/x.mp3")
        files.to_trash(A, "run1", seen(at(files, A)))
        assert calls.synced == []
        files.flush()
        touched = [at(files, "Playlists/A"), at(files, "Playlists/B"), files.root,
                   *(files.root / ".strandline" / part for part in (
                       ".", "trash", "trash/run1", "trash/run1/Playlists",
                       "trash/run1/Playlists/A"))]  # fmt: skip
        assert sorted(calls.synced) == sorted(
            f"{path.stat().st_dev}:{path.stat().st_ino}" for path in touched
        )
        files.flush()
        assert len(calls.synced) == len(touched)


def test_audio_is_synced_before_it_has_a_name(root: Path) -> None:
    calls = Recording()
    with LibraryFiles(root, calls) as files, files.new_temp() as temp:
        here = os.fstat(temp.fd)
        files.publish(temp, LibPath("Playlists/A/new.mp3"))
        assert calls.synced == [f"{here.st_dev}:{here.st_ino}"]


def test_nothing_of_the_content_changed_by_all_of_this(files: LibraryFiles) -> None:
    before = contents(files.root)
    files.move(A, B, seen(at(files, A)), replaces=seen(at(files, B)))
    files.to_trash(B, "run1", seen(at(files, B)))
    files.restore("run1/Playlists/B/x.mp3", A)
    assert contents(files.root) == before
