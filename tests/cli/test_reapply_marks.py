"""What else a file bears goes over to its new form; an old form that cannot leave is left."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from strandline.core.ids import LibPath
from strandline.errors import ItemError
from strandline.library.files import LibraryFiles
from strandline.library.files.syscalls import Syscalls
from tests.cli.converting import contents, names, settled, song, synced, two_lists, undone, wants
from tests.cli.terminal import Terminal

MARK = "user.xdg.tags"
RIGHTS = 0o640


def mark(path: Path) -> None:
    """Rights and an attribute, as a file manager gives them."""
    path.chmod(RIGHTS)
    if sys.platform == "linux":
        try:
            os.setxattr(path, MARK, b"summer")
        except OSError:
            pytest.skip("no attributes of the user's on this file system")


def is_marked(path: Path) -> bool:
    rights = path.stat().st_mode & 0o777
    return rights == RIGHTS and (sys.platform != "linux" or os.getxattr(path, MARK) == b"summer")


def test_rights_and_attributes_of_a_file_stay_with_other_tags(t: Terminal) -> None:
    track = song(t)
    two_lists(t, track)
    t.settings.write_text("[tags]\nbpm_and_key = false\n")
    track.bpm = 124
    assert t("sync-execute", "--yes").code == 0
    (path,) = (it for it in t.playlists.glob("Deep/*"))
    mark(path)
    before = path.read_bytes()
    assert t("sync-check", "--exit-code").code == 0
    t.settings.write_text("[tags]\nbpm_and_key = true\n")
    assert t("reapply", "--tags", "--yes").code == 0
    assert path.read_bytes() != before
    assert is_marked(path)
    assert t("reapply", "--tags", "--dry-run").code == 0
    undone(t)
    assert is_marked(path)


@pytest.mark.parametrize(("old", "new"), [("flac", "mp3"), ("mp3", "flac")])
def test_rights_and_attributes_of_a_file_go_over_to_another_format(
    t: Terminal, old: str, new: str
) -> None:
    synced(t, old)
    mark(t.playlists / f"Deep/Ana - x.{old}")
    wants(t, new)
    assert t("reapply", "--audio", "--yes").code == 0
    assert is_marked(t.playlists / f"Deep/Ana - x.{new}")
    settled(t)


@pytest.mark.parametrize("mode", ["symlink", "copy"])
def test_an_old_file_that_cannot_leave_is_named_and_all_stays_as_it_was(
    t: Terminal, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """It is immutable, say; links lead to the new one by then."""
    two_lists(t, song(t))
    sync = f'[sync]\nlink_mode = "{mode}"\n'
    t.settings.write_text(f'[audio]\nformat = "flac"\n{sync}')
    assert t("sync-execute", "--yes").code == 0
    before, away = contents(t), LibraryFiles.to_trash

    def stuck(files: LibraryFiles, path: LibPath, *rest: object) -> object:
        if path.endswith("Deep/Ana - x.flac"):
            raise ItemError(f"{path}: permission denied")
        return away(files, path, *rest)  # type: ignore[arg-type]

    t.settings.write_text(f'[audio]\nformat = "mp3"\n{sync}')
    monkeypatch.setattr(LibraryFiles, "to_trash", stuck)
    said = t("reapply", "--audio", "--yes", "--json")
    assert said.code == 4, said.out
    assert "permission denied" in said.out
    assert contents(t) == before
    assert t("sync-check", "--exit-code").code == 0
    monkeypatch.setattr(LibraryFiles, "to_trash", away)
    assert t("reapply", "--audio", "--yes").code == 0
    assert names(t) == ["Deep/Ana - x.mp3", "Sunday/Ana - x.mp3"]
    settled(t)
    held = {path.read_bytes() for path in t.library.rglob("*") if path.is_file()}
    assert {it for it in before.values() if isinstance(it, bytes)} <= held


@pytest.mark.parametrize("number", [errno.EIO, errno.EPERM])
@pytest.mark.parametrize("part", ["--tags", "--audio"])
def test_rights_that_cannot_be_given_leave_the_old_file_as_it_was(
    t: Terminal, monkeypatch: pytest.MonkeyPatch, part: str, number: int
) -> None:
    """The disk fails, or forbids it; once it does not, the next run does the rest."""
    track = song(t)
    two_lists(t, track)
    t.settings.write_text('[audio]\nformat = "flac"\n[tags]\nbpm_and_key = false\n')
    track.bpm = 124
    assert t("sync-execute", "--yes").code == 0
    before = contents(t)

    def failing(calls: Syscalls, source: int, fd: int) -> None:
        raise OSError(number, os.strerror(number))

    wanted = "mp3" if part == "--audio" else "flac"
    t.settings.write_text(f'[audio]\nformat = "{wanted}"\n[tags]\nbpm_and_key = true\n')
    assert t("sync-check").code in (0, 1)
    with monkeypatch.context() as patch:
        patch.setattr(Syscalls, "liken", failing)
        failed = t("reapply", part, "--yes")
    assert failed.code == 4
    assert "a bug" not in failed.err
    assert ("disk" if number == errno.EIO else "not permitted") in failed.err
    assert contents(t) == before
    assert t("reapply", part, "--yes").code == 0
    assert contents(t) != before
    undone(t)
