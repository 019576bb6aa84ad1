"""LibraryFiles and links, hard links and copies: made, pointed elsewhere, removed if ours."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import A, B, at, playlists, seen

from strandline.core.actions import EntryState
from strandline.core.ids import LibPath
from strandline.errors import ChangedMeanwhileError, ItemError
from strandline.library.files import LibraryFiles, TakenError
from strandline.library.stamps import link_stamp


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


def test_a_made_link_is_known_by_its_inode_and_time_whatever_its_name(files: LibraryFiles) -> None:
    new = LibPath("Playlists/B/y.mp3")
    for made, path in (
        (files.make_link(new, "../A/x.mp3"), new),
        (files.replace_link(B, "../C/x.mp3", seen(at(files, B))), B),
    ):
        odd = at(files, path).rename(at(files, path).with_suffix(".odd"))
        assert made is not None
        assert made == link_stamp(odd)
        copy = odd.with_suffix(".copy")
        copy.symlink_to(odd.readlink())
        os.utime(copy, ns=(0, made.mtime_ns), follow_symlinks=False)
        assert made != link_stamp(copy)
    assert link_stamp(at(files, B)) is None


def _removed(files: LibraryFiles, link: EntryState) -> None:
    files.remove_link(B, link)


def _pointed_elsewhere(files: LibraryFiles, link: EntryState) -> None:
    files.replace_link(B, "../C/x.mp3", link)


def _moved_over(files: LibraryFiles, link: EntryState) -> None:
    files.move(A, B, seen(at(files, A)), link)


def _published(files: LibraryFiles, link: EntryState) -> None:
    with files.new_temp() as temp:
        os.write(temp.fd, b"audio")
        files.publish(temp, B, link)


@pytest.mark.parametrize("act", [_removed, _pointed_elsewhere, _moved_over, _published])
def test_a_link_that_the_person_renamed_meanwhile_does_not_stay_beside_what_comes(
    files: LibraryFiles, act: Callable[[LibraryFiles, EntryState], None]
) -> None:
    link = seen(at(files, B))
    at(files, B).rename(at(files, B).with_name("renamed.mp3"))
    at(files, B).with_name("own.mp3").symlink_to(link.target or "")
    act(files, link)
    assert not (at(files, B).with_name("renamed.mp3")).is_symlink()
    assert (at(files, B).with_name("own.mp3")).is_symlink(), "the person's own"
    assert os.path.lexists(at(files, B)) is (act is not _removed)


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
