"""What the scan sees, compared with what really is there."""

from __future__ import annotations

import os
import random
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scans import NO_WISHES, Cache, X, scan, tagged, write

from strandline.core.ids import LibPath, PlaylistId
from strandline.core.states import FoundFile, FoundLink, Ledger, LedgerPlaylist, Scan
from strandline.errors import LibraryError
from strandline.events import Silent
from strandline.library.scan.service import FilesystemScanService


def test_no_playlists_folder_is_an_empty_scan(tmp_path: Path) -> None:
    assert scan(tmp_path / "mp3") == Scan({}, {}, {}, root=str(tmp_path / "mp3"))


@pytest.mark.parametrize("linked", ["mp3", "mp3/Playlists"])
def test_a_playlists_folder_that_is_a_link_is_an_error_not_an_empty_library(
    tmp_path: Path, linked: str
) -> None:
    (tmp_path / "real/Playlists").mkdir(parents=True)
    (tmp_path / linked).parent.mkdir(exist_ok=True)
    (tmp_path / linked).symlink_to(tmp_path / "real")
    with pytest.raises(LibraryError, match="cannot be read"):
        scan(tmp_path / "mp3")


def oracle(mp3: Path) -> tuple[dict[LibPath, FoundFile], dict[LibPath, FoundLink], set[LibPath]]:
    """The same by other means."""
    files, links, others = {}, {}, set()
    for folder, below, names in os.walk(mp3 / "Playlists"):
        for name in (*below, *names):
            path = os.path.join(folder, name)
            lib = LibPath(os.path.relpath(path, mp3))
            here = os.lstat(path)
            if os.path.islink(path):
                links[lib] = FoundLink(lib, here.st_dev, here.st_ino, os.readlink(path))
            elif os.path.isfile(path):
                files[lib] = FoundFile(
                    lib, here.st_dev, here.st_ino, here.st_size, here.st_mtime_ns, here.st_ctime_ns
                )
            else:
                others.add(lib)
    return files, links, others


def test_two_thousand_entries_are_exactly_what_a_slow_walk_finds(mp3: Path) -> None:
    rng = random.Random(7)
    for number in range(2000):
        folder = mp3 / "Playlists" / f"P{rng.randrange(40)}" / rng.choice(["", "", "", "mine/deep"])
        folder.mkdir(parents=True, exist_ok=True)
        match rng.randrange(4):
            case 0:
                (folder / f"{number}.mp3").symlink_to(f"../P{rng.randrange(50)}/{number}.mp3")
            case 1 if number % 50 == 0:
                os.mkfifo(folder / f"{number}.pipe")
            case _:
                (folder / f"{number}.bin").write_bytes(b"x" * rng.randrange(9))
    found, (files, links, others) = scan(mp3), oracle(mp3)
    assert found.files == files
    assert found.links == links
    assert found.others == {path for path in others if path.count("/") > 1}
    assert sorted(found.folders) == sorted(os.listdir(mp3 / "Playlists"))


def test_what_is_no_folder_is_reported_and_not_entered(mp3: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.mp3").write_bytes(b"")
    (mp3 / "Playlists/Linked").symlink_to(tmp_path / "outside")
    (mp3 / "Playlists/loop").symlink_to(".")
    (mp3 / "Playlists/file.mp3").write_bytes(b"")
    os.mkfifo(mp3 / "Playlists/pipe")
    found = scan(mp3)
    assert {name: folder.is_folder for name, folder in found.folders.items()} == {
        "A": True, "Linked": False, "loop": False, "file.mp3": False, "pipe": False,
    }  # fmt: skip
    assert set(found.files) == {"Playlists/file.mp3"}, "the person's, or audio that went astray"
    assert not found.links


def test_links_in_loops_and_nowhere_are_only_read(mp3: Path) -> None:
    (mp3 / "Playlists/A/a").symlink_to("b")
    (mp3 / "Playlists/A/b").symlink_to("a")
    (mp3 / "Playlists/A/self").symlink_to(".")
    (mp3 / "Playlists/A/up").symlink_to("../..")
    assert {link.target for link in scan(mp3).links.values()} == {"a", "b", ".", "../.."}


def test_users_folders_are_listed_however_deep_but_not_without_end(mp3: Path) -> None:
    deep = mp3 / "Playlists/A"
    for depth in range(40):
        deep = deep / "d"
        deep.mkdir()
        (deep / f"{depth}.txt").write_bytes(b"")
    found = scan(mp3)
    assert LibPath("Playlists/A/d/d/d/2.txt") in found.files
    assert len(found.files) == 32
    assert LibPath("Playlists/A/d") in found.others


def test_both_spellings_of_an_accent_are_two_files_as_the_disk_has_them(mp3: Path) -> None:
    names = [unicodedata.normalize(form, "Café.txt") for form in ("NFC", "NFD")]
    for name in names:
        (mp3 / "Playlists/A" / name).write_text(name)
    assert set(scan(mp3).files) == {
        LibPath(f"Playlists/A/{name}") for name in os.listdir(mp3 / "Playlists/A")
    }


@pytest.mark.skipif(os.uname().sysname == "Darwin", reason="macOS has no such names")
def test_names_that_are_no_text_are_foreign_and_do_no_harm(mp3: Path) -> None:
    inside = os.fsencode(mp3 / "Playlists/A")
    open(inside + b"/caf\xe9.mp3", "wb").close()
    os.symlink(b"../caf\xe9", inside + b"/link.mp3")
    os.mkdir(os.fsencode(mp3 / "Playlists") + b"/caf\xe9")
    found = scan(mp3)
    assert found.others == {
        "Playlists/A/caf\\xe9.mp3", "Playlists/A/link.mp3", "Playlists/caf\\xe9",
    }  # fmt: skip
    assert not found.files
    assert not found.links
    assert list(found.folders) == ["A"]
    assert "".join(found.others).encode()


NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=40
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 200)


@settings(max_examples=60, deadline=None)
@given(st.sets(NAMES, max_size=8))
def test_any_name_a_disk_can_hold_is_found(
    tmp_path_factory: pytest.TempPathFactory, names: set[str]
) -> None:
    mp3 = tmp_path_factory.mktemp("library") / "mp3"
    (mp3 / "Playlists/A").mkdir(parents=True)
    for name in names:
        (mp3 / "Playlists/A" / name).write_bytes(b"")
    there = {f"Playlists/A/{name}" for name in os.listdir(mp3 / "Playlists/A")}
    assert set(scan(mp3).files) == there


# The superuser may read everything, so an error is put in the system's place.
@pytest.mark.parametrize("sub_folder", [False, True])
def test_a_folder_that_cannot_be_read_is_unknown_and_not_empty(
    mp3: Path, monkeypatch: pytest.MonkeyPatch, sub_folder: bool
) -> None:
    (mp3 / "Playlists/A/mine").mkdir()
    write(mp3, X, b"")
    write(mp3, LibPath("Playlists/B/y.txt"), b"")
    refused, real = "mine" if sub_folder else "A", os.open

    def denied(path: str, *args: Any, **kwargs: Any) -> int:
        if path == refused:
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", denied)
    found = scan(mp3)
    place = ": Playlists/A/mine" if sub_folder else ""
    assert found.unreadable == {"A": f"Permission denied{place}"}
    assert found.folders["A"].is_folder
    assert set(found.files) == {"Playlists/B/y.txt"}


def test_a_folder_that_is_renamed_while_others_are_looked_at_is_not_gone(mp3: Path) -> None:
    """A playlist of nothing but links: no file would be missed."""
    folder, new = mp3 / "Playlists" / "B", mp3 / "Playlists" / "Mine"
    folder.mkdir(parents=True)
    (folder / "x.mp3").symlink_to("../A/x.mp3")

    class Renaming(Silent):
        def phase(self, name: str, *, total: int | None = None) -> None:
            if name == "scan" and folder.exists():
                folder.rename(new)

    known = LedgerPlaylist(PlaylistId("b"), "B", "B", folder.stat().st_ino)
    ledger = Ledger({known.id: known}, {}, {})
    found = FilesystemScanService(mp3, Cache(), progress=Renaming()).scan(ledger, NO_WISHES)
    assert [*found.links] == ["Playlists/Mine/x.mp3"]


def test_scanning_changes_nothing(mp3: Path) -> None:
    write(mp3, X, tagged("7"))
    before = {path: os.lstat(mp3 / path) for path in (".", "Playlists/A", X)}
    scan(mp3)
    for path, stat in before.items():
        now = os.lstat(mp3 / path)
        assert (now.st_mtime_ns, now.st_ctime_ns) == (stat.st_mtime_ns, stat.st_ctime_ns)
    assert sorted(os.listdir(mp3.parent)) == ["mp3"]
