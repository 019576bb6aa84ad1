"""LibraryFiles and downloads: private until published, and published over nothing of the user's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from disk import A, B, at, open_descriptors, seen

from strandline.core.ids import LibPath
from strandline.errors import ChangedMeanwhileError, ItemError
from strandline.library.files import LibraryFiles, TakenError


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
    before = open_descriptors(files.root)
    with files.new_temp(".mp3") as temp:
        assert temp.path.exists()
    assert not temp.path.exists()
    files.flush()
    assert open_descriptors(files.root) == before


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
