"""Exports on the disk: what somebody else wrote there, at any moment, is not replaced."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from strandline.errors import ItemError
from strandline.library.files import LibraryFiles, Syscalls

PATH = "exports/rekordbox.xml"
OLD = b"old"
HASH = hashlib.sha256(OLD).hexdigest()


class Meddling(Syscalls):
    """Somebody writes to the file once a copy of it lies in the trash."""

    file: Path

    def rename_noreplace(self, *args: Any) -> None:
        super().rename_noreplace(*args)
        self.file.write_bytes(b"mine")


@pytest.fixture
def file(root: Path) -> Path:
    path = root / PATH
    path.parent.mkdir()
    path.write_bytes(OLD)
    return path


@pytest.fixture
def meddled(root: Path, file: Path) -> Iterator[LibraryFiles]:
    calls = Meddling()
    calls.file = file
    with LibraryFiles(root, calls) as files:
        yield files


def parts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_export_replaces_what_it_was_told_of_and_keeps_it(
    files: LibraryFiles, file: Path
) -> None:
    _, kept = files.write_export(PATH, [b"ne", b"w"], HASH, "run")
    assert file.read_bytes() == b"new"
    assert kept is not None
    assert b"".join(files.read_trashed(kept)) == OLD


@pytest.mark.parametrize("content", [b"mine", b""])
def test_another_content_than_was_told_of_stays(
    files: LibraryFiles, file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    with pytest.raises(ItemError):
        files.write_export(PATH, [b"new"], HASH, "run")
    with pytest.raises(ItemError):
        files.remove_export(PATH, HASH, "run")
    assert file.read_bytes() == content
    assert parts(file.parent) == ["rekordbox.xml"]
    assert not list((file.parents[1] / ".strandline" / "trash").rglob("*.xml"))


def test_where_nothing_stood_nothing_is_replaced(files: LibraryFiles, file: Path) -> None:
    with pytest.raises(ItemError):
        files.write_export(PATH, [b"new"], None, "run")
    assert file.read_bytes() == OLD
    assert parts(file.parent) == ["rekordbox.xml"]


def test_what_somebody_writes_just_before_it_is_replaced_stays(
    meddled: LibraryFiles, file: Path
) -> None:
    with pytest.raises(ItemError):
        meddled.write_export(PATH, [b"new"], HASH, "run")
    assert file.read_bytes() == b"mine"
    assert parts(file.parent) == ["rekordbox.xml"]


def test_what_somebody_writes_just_before_it_is_removed_stays(
    meddled: LibraryFiles, file: Path
) -> None:
    with pytest.raises(ItemError):
        meddled.remove_export(PATH, HASH, "run")
    assert file.read_bytes() == b"mine"


def test_a_link_that_somebody_puts_there_is_not_followed(files: LibraryFiles, file: Path) -> None:
    mine = file.parents[1] / "mine.xml"
    mine.write_bytes(OLD)
    file.unlink()
    file.symlink_to(mine)
    with pytest.raises(ItemError):
        files.write_export(PATH, [b"new"], HASH, "run")
    assert file.is_symlink()
    assert mine.read_bytes() == OLD
