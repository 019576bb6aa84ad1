"""What the library's disk can do, asked of the disk itself."""

from __future__ import annotations

import dataclasses
import os
import unicodedata
from pathlib import Path

import pytest
from disk import FaultyOs, NoHardLinks, OldKernel, tree

from strandline.errors import LibraryError
from strandline.library.files import LibraryFiles, Syscalls
from strandline.library.volume import Capabilities, Normalization, from_json, probe


def test_this_disk_is_probed_and_left_as_it_was(tmp_path: Path) -> None:
    with LibraryFiles(tmp_path) as files:
        found = probe(files)
    assert found.symlinks == hasattr(os, "symlink")
    assert 100 < found.max_name_bytes < 70_000
    assert tree(tmp_path) == {".strandline": "/", ".strandline/tmp": "/"}


def test_capabilities_survive_the_database_and_anything_else_is_asked_anew(tmp_path: Path) -> None:
    with LibraryFiles(tmp_path) as files:
        found = probe(files)
    assert from_json(found.to_json()) == found
    for text in ("", "{", "[]", "null", "{}", found.to_json().replace("distinct", "odd")):
        assert from_json(text) in (None, found) if "distinct" in text else from_json(text) is None


def test_an_old_kernel_still_never_replaces_thanks_to_hard_links(tmp_path: Path) -> None:
    with LibraryFiles(tmp_path, OldKernel()) as files:
        found = probe(files)
    assert (found.noreplace, found.exchange, found.hardlinks) == (True, False, True)


def test_a_disk_without_hard_links_says_so(tmp_path: Path) -> None:
    with LibraryFiles(tmp_path, NoHardLinks()) as files:
        found = probe(files)
    assert (found.noreplace, found.exchange, found.hardlinks) == (False, False, False)


class SmallLetters(Syscalls):
    """Shows every name in small letters, as NTFS does under ``ignore_case``."""

    def names(self, folder: int) -> list[str]:
        return [name.lower() for name in super().names(folder)]


def test_a_disk_that_shows_other_capitals_is_refused(tmp_path: Path) -> None:
    with (
        LibraryFiles(tmp_path, SmallLetters()) as files,
        pytest.raises(LibraryError, match="other capitals") as refused,
    ):
        probe(files)
    assert "ignore_case" in refused.value.hint


class Mac(Syscalls):
    """Finds names in any case and spelling; ``rewrites`` as HFS+ does."""

    rewrites = False

    def _actual(self, folder: int, name: str) -> str:
        key = unicodedata.normalize("NFD", name).casefold()
        for one in os.listdir(folder):
            if unicodedata.normalize("NFD", one).casefold() == key:
                return one
        return unicodedata.normalize("NFD", name) if self.rewrites else name

    def lstat(self, folder: int, name: str) -> os.stat_result:
        return super().lstat(folder, self._actual(folder, name))

    def create_file(self, folder: int, name: str) -> int:
        return super().create_file(folder, self._actual(folder, name))


class OldMac(Mac):
    rewrites = True


@pytest.mark.parametrize(
    ("kind", "spelling"), [(Mac, Normalization.SAME), (OldMac, Normalization.REWRITTEN)]
)
def test_a_mac_does_not_tell_cases_and_spellings_apart(
    tmp_path: Path, kind: type[Mac], spelling: Normalization
) -> None:
    with LibraryFiles(tmp_path, kind()) as files:
        found = probe(files)
    assert not found.case_sensitive
    assert found.normalization is spelling


@pytest.mark.parametrize("call", ["mkdir", "create_file"])
def test_a_disk_that_holds_nothing_is_an_error_of_the_library(tmp_path: Path, call: str) -> None:
    calls, stops = FaultyOs(call, 30, for_ever=True), pytest.raises(LibraryError, match="read-only")
    with LibraryFiles(tmp_path, calls) as files, stops:
        probe(files)


def test_music_on_another_disk_than_the_trash_is_refused(tmp_path: Path) -> None:
    class TwoDisks(Syscalls):
        def fstat(self, fd: int) -> os.stat_result:
            found = super().fstat(fd)
            own = os.path.samestat(found, os.stat(tmp_path / ".strandline"))
            fields = list(found)
            fields[2] += own
            return os.stat_result(fields)

    (tmp_path / "mp3/Playlists").mkdir(parents=True)
    (tmp_path / ".strandline").mkdir()
    stops = pytest.raises(LibraryError, match="another disk")
    with LibraryFiles(tmp_path, TwoDisks()) as files, stops:
        probe(files)


def test_the_database_gets_plain_values() -> None:
    some = Capabilities(True, True, True, Normalization.DISTINCT, 255, True, True, "ext4")
    assert '"normalization": "distinct"' in some.to_json()
    assert dataclasses.replace(some, symlinks=False) == from_json(
        some.to_json().replace('"symlinks": true', '"symlinks": false')
    )
