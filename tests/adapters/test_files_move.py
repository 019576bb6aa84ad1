"""LibraryFiles and files that move: over nothing, and only as the scan saw them."""

from __future__ import annotations

import hashlib
import os

import pytest
from disk import A, B, at, playlists, seen

from strandline.core.ids import LibPath
from strandline.errors import ChangedMeanwhileError, ItemError
from strandline.library.files import LibraryFiles, TakenError


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


def test_content_is_verified_by_reading_it(files: LibraryFiles) -> None:
    good = "04bd0e0a2d1b0e4bb6d29a1e2d3e5c7f" * 2
    here = seen(at(files, A))
    right = hashlib.sha256(b"audio").hexdigest()
    assert files.verify_file(A, 5, right) == here
    assert files.verify_file(A, 5, good) is None
    assert files.verify_file(A, 6, right) is None
    assert files.verify_file(B, 5, right) is None  # a link is not a copy
    assert files.verify_file(LibPath("Playlists/No/x.mp3"), 5, right) is None
