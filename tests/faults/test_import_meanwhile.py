"""While an import goes on the person goes on, too: what is theirs is neither taken nor replaced."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from strandline.app import importing
from strandline.app.importing import ImportRequest, ImportResult, import_files
from strandline.app.session import Session
from strandline.demo.server import StandIn
from strandline.errors import BusyError
from strandline.library.files import LibraryFiles, Syscalls, crash
from strandline.library.lock import lock_library
from tests.faults.failing import failing
from tests.faults.owner import Owner, account_with_playlists
from tests.faults.tally import tally

MODES = ["copy", "hardlink", "move"]
NEW = b"written meanwhile"


@pytest.fixture
def owner(tmp_path: Path, tidal: StandIn) -> Owner:
    account_with_playlists(tidal)
    return Owner(tmp_path / "home", tidal)


def meanwhile(owner: Owner, mode: str, act: Callable[[], object]) -> ImportResult:
    """An import; ``act`` is done after the person said yes to what they were shown."""

    def yes(_: ImportResult) -> bool:
        act()
        return True

    order = ImportRequest([owner.mine], mode, confirm=yes)
    return import_files(owner.config, order, now=owner.next_second())


def at_point(monkeypatch: pytest.MonkeyPatch, point: str, act: Callable[[], object]) -> None:
    """Once, between two system calls."""
    todo = [act]

    def hook(name: str) -> None:
        if name == point and todo:
            todo.pop()()

    monkeypatch.setattr(crash, "hook", hook)


def overwrite(path: Path) -> None:
    """As a tagger does: another file takes its place."""
    new = path.with_suffix(".new")
    new.write_bytes(NEW)
    new.replace(path)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("how", ["retagged", "same size and time", "gone", "a link", "a pipe"])
def test_a_file_that_changed_since_the_plan_is_left_and_the_others_are_taken(
    owner: Owner, mode: str, how: str
) -> None:
    file = owner.mine / "Ana" / "a.flac"

    def change() -> None:
        match how:
            case "retagged":
                file.write_bytes(file.read_bytes() + bytes(4096))
            case "same size and time":
                seen, data = file.stat(), bytearray(file.read_bytes())
                data[-9] ^= 1
                overwrite(file)
                file.write_bytes(data)
                os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
            case "gone":
                file.rename(owner.folder / "elsewhere.flac")
            case "a link":
                file.rename(owner.folder / "elsewhere.flac")
                file.symlink_to(owner.folder / "elsewhere.flac")
            case "a pipe":
                file.rename(owner.folder / "elsewhere.flac")
                os.mkfifo(file)

    done = meanwhile(owner, mode, change)
    assert done.result
    assert done.result.done["import"] == 2
    (left, *_) = [*done.result.failed, *done.result.skipped]
    assert left.path == "Playlists/Alpha/Ana - a.flac"
    assert not os.path.lexists(owner.playlists / "Alpha" / "Ana - a.flac")
    assert not os.path.lexists(owner.playlists / "Gamma" / "Ana - a.flac")


@pytest.mark.parametrize("mode", MODES)
def test_a_place_that_was_taken_meanwhile_stays_taken(owner: Owner, mode: str) -> None:
    place = owner.playlists / "Alpha" / "Ana - a.flac"

    def take() -> None:
        place.parent.mkdir(parents=True)
        place.write_bytes(NEW)

    owner.library.mkdir()
    done = meanwhile(owner, mode, take)
    assert done.result
    assert place.read_bytes() == NEW
    assert (owner.mine / "Ana" / "a.flac").is_file()
    assert done.exit == 4
    owner.check_kept()


@pytest.mark.parametrize("mode", ["hardlink", "move"])
def test_a_file_that_changes_in_the_very_moment_is_given_back(
    owner: Owner, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = owner.mine / "Ana" / "a.flac"
    at_point(monkeypatch, "import.before_take", lambda: overwrite(file))
    owner.import_(mode)
    assert file.read_bytes() == NEW
    assert not os.path.lexists(owner.playlists / "Alpha" / "Ana - a.flac")


def test_a_copy_that_is_not_what_was_recognised_is_not_taken(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that reads wrong now and then."""
    monkeypatch.setattr(Syscalls, "clone", lambda *_: False)
    real = Syscalls.read
    monkeypatch.setattr(Syscalls, "read", lambda *it: real(*it).replace(b"fLaC", b"fLaX"))
    done = owner.import_("copy")
    assert done.result
    assert not done.result.done["import"]
    assert not list(owner.playlists.glob("*/*"))


def test_undo_replaces_nothing_that_came_in_the_very_moment(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.import_("move")
    (run,) = owner.imports()
    homes = [owner.mine / "Ana" / f"{title}.flac" for title in "abc"]

    def come_home() -> None:
        for home in homes:
            if not home.exists():
                home.write_bytes(NEW)

    at_point(monkeypatch, "give_back.before_rename", come_home)
    owner.undo(run)
    assert [home.read_bytes() for home in homes] == [NEW] * 3
    known = {sha256 for sha256, _ in owner.before.values()}
    here = {sha256 for sha256, _ in owner.tree_of(owner.mine).values()}
    assert known <= here | owner.contents
    monkeypatch.setattr(crash, "hook", None)
    owner.undo(run)  # now it knows: what cannot go back goes to the trash
    assert len([name for name in owner.trash if name.endswith(".flac")]) == 3


def test_undo_of_a_move_out_of_a_folder_that_is_gone_keeps_the_file_in_the_trash(
    owner: Owner,
) -> None:
    owner.import_("move")
    (owner.mine / "Ana").rename(owner.mine / "Ana, renamed")
    (run,) = owner.imports()
    done = owner.undo(run)
    assert done
    assert done.exit == 0
    assert len([name for name in owner.trash if name.endswith(".flac")]) == 3


def test_while_another_run_holds_the_library_nothing_begins(owner: Owner) -> None:
    owner.import_("copy")
    with lock_library(owner.library), pytest.raises(BusyError):
        owner.import_("copy")


def library_with(calls: Callable[[], Syscalls], session: Session) -> LibraryFiles:
    """The library on a disk of that kind."""
    return LibraryFiles(session.config.library, calls())


CALLS = ("create_file", "write", "read", "link", "rename_noreplace", "fsync", "fsync_folder",
         "lstat", "fstat", "mkdir", "set_mtime", "open_file", "free_bytes")  # fmt: skip
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EXDEV, errno.ENOENT,
          errno.EEXIST)  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_fails_loses_nothing_and_the_next_import_goes_on(
    tmp_path: Path, tidal: StandIn, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    account_with_playlists(tidal)
    for number, (error, at) in enumerate((error, 1 + at % 3) for at, error in enumerate(ERRORS)):
        mode, for_ever = MODES[number % 3], number % 2 == 1
        owner = Owner(tmp_path / f"{number}", tidal)
        calls = failing(call, error, at, for_ever=for_ever)
        with monkeypatch.context() as patch:
            patch.setattr(Syscalls, "clone", lambda *_: False)
            patch.setattr(importing, "library_files", partial(library_with, calls))
            failed = owner.somehow(partial(owner.import_, mode))
        owner.check_nothing_lost()
        what = (errno.errorcode[error], at, mode, for_ever, failed)
        done = owner.import_(mode)
        assert done.exit == 0, (what, done.result)
        owner.check_taken(done)
        for run in owner.imports():
            owner.undo(run)
        owner.check_given_back()
        tally("every call of an import fails").count()
