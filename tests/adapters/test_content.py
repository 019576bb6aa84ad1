"""Which files hold the same bytes: the real disk, whatever their names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strandline.core.ids import LibPath
from strandline.core.states import FoundFile
from strandline.events import Silent
from strandline.library.hashing import duplicates
from strandline.library.hashing.duplicates import BLOCK, HEAD, SMALL, comparing
from strandline.library.scan.service import walk


def put(mp3: Path, **files: bytes) -> None:
    folder = mp3 / "Playlists" / "A"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def equal(mp3: Path) -> list[list[str]]:
    return of(mp3, walk(mp3, Silent(), files_only=True).files)


def of(mp3: Path, files: dict[LibPath, FoundFile]) -> list[list[str]]:
    with comparing(mp3, files, Silent()) as compared:
        return [[path.removeprefix("Playlists/A/") for path in group] for group in compared()]


def test_copies_are_found_whatever_their_names(tmp_path: Path) -> None:
    put(tmp_path, x=b"one" * 999, y=b"one" * 999, z=b"two" * 999, empty=b"", void=b"")
    assert equal(tmp_path) == [["x", "y"]]


@pytest.mark.parametrize("place", [0, HEAD - 1, HEAD, HEAD + BLOCK, 3 * BLOCK - 1])
def test_one_byte_tells_files_apart_wherever_it_is(tmp_path: Path, place: int) -> None:
    same = bytearray(3 * BLOCK)
    other = bytearray(same)
    other[place] = 1
    put(tmp_path, a=bytes(same), b=bytes(other), c=bytes(same), d=bytes(other), e=b"\2" * len(same))
    assert equal(tmp_path) == [["a", "c"], ["b", "d"]]


@pytest.mark.parametrize("size", [HEAD, HEAD + 1, SMALL - 1, SMALL, SMALL + 1])
def test_one_byte_at_the_end_tells_files_of_any_size_apart(tmp_path: Path, size: int) -> None:
    same = b"x" * (size - 1)
    put(tmp_path, a=same + b"y", b=same + b"z", c=same + b"y")
    assert equal(tmp_path) == [["a", "c"]]


def test_progress_is_told_of_no_byte_more_than_was_expected(tmp_path: Path) -> None:
    expected, told = [], []

    class Counts(Silent):
        def expect(self, of_bytes: int) -> None:
            expected.append(of_bytes)

        def advance(self, items: int = 0, *, of_bytes: int = 0) -> None:
            told.append(of_bytes)

    large = b"x" * (SMALL + 1)
    put(tmp_path, a=b"1", b=b"2", c=large + b"y", d=large + b"z", e=large + b"y")
    with comparing(tmp_path, walk(tmp_path, Silent()).files, Counts()) as compared:
        assert len(compared()) == 1
    assert sum(told) == sum(expected)


def test_a_hard_link_is_no_copy(tmp_path: Path) -> None:
    put(tmp_path, a=b"x" * 10)
    os.link(tmp_path / "Playlists/A/a", tmp_path / "Playlists/A/b")
    assert equal(tmp_path) == []


def test_more_files_than_may_be_open_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "SIDE_BY_SIDE", 2)
    data = b"x" * (SMALL + 1)
    put(tmp_path, a=data, b=data, c=data, d=b"x" * SMALL + b"y")
    assert equal(tmp_path) == [["a", "b", "c"]]


def test_a_file_that_went_away_is_in_no_group(tmp_path: Path) -> None:
    put(tmp_path, a=b"x" * 9999, b=b"x" * 9999, c=b"x" * 9999)
    files = walk(tmp_path, Silent()).files
    (tmp_path / "Playlists/A/b").unlink()
    assert of(tmp_path, files) == [["a", "c"]]


def test_a_file_that_grew_meanwhile_is_in_no_group(tmp_path: Path) -> None:
    put(tmp_path, a=b"x" * 9, b=b"x" * 9, c=b"x" * 9)
    files = walk(tmp_path, Silent()).files
    put(tmp_path, b=b"x" * 10)
    assert of(tmp_path, files) == [["a", "c"]]


@given(st.lists(st.binary(max_size=3), max_size=12))
def test_files_are_together_exactly_when_their_bytes_are(contents: list[bytes]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        put(Path(folder), **{f"f{number:02}": data for number, data in enumerate(contents)})
        found = equal(Path(folder))
    names: dict[bytes, list[str]] = {}
    for number, data in enumerate(contents):
        names.setdefault(data, []).append(f"f{number:02}")
    assert found == sorted(group for data, group in names.items() if data and len(group) > 1)
