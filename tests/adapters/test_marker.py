"""Is it the right folder, and is nobody else at work in it?"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from disk import tree

from strandline.errors import BusyError, Exit, LibraryError
from strandline.library.files import LibraryFiles
from strandline.library.lock import lock_library, lock_state
from strandline.library.marker import (
    LibraryState,
    LibraryVerdict,
    Marker,
    check_library,
    claim_marker,
    confirm_marker,
    judge,
    read_marker,
)

NOW = datetime(2026, 11, 22, 12, 0, 0)  # noqa: DTZ001 - naive UTC, as everywhere
FIRST, SECOND, THIRD = ("1" * 32, "2" * 32, "3" * 32)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


def mark(root: Path, new_id: str, known: str | None = None) -> None:
    """What a run does with a folder that is new to it."""
    state = check_library(root, known, knows_files=False)
    with LibraryFiles(root) as files:
        claim_marker(files, state, new_id, NOW)
        confirm_marker(files)


def verdict(root: Path, known: str | None, *, knows: bool, here: bool = True) -> LibraryVerdict:
    return check_library(root, known, knows_files=knows, files_here=here).verdict


# ---------------------------------------------------------------- stories


def test_a_library_is_marked_once_and_known_again(root: Path) -> None:
    assert verdict(root, None, knows=False) is LibraryVerdict.NEW
    mark(root, FIRST)
    assert verdict(root, FIRST, knows=True) is LibraryVerdict.READY
    document = json.loads((root / ".strandline/library.json").read_text())
    assert document == {
        "schema": "strandline.library/1", "id": FIRST, "created": NOW.isoformat(), "former": [],
    }  # fmt: skip
    assert os.listdir(root / ".strandline/tmp") == []


def test_checking_changes_nothing(root: Path) -> None:
    verdict(root, None, knows=False)
    assert tree(root) == {}
    mark(root, FIRST)
    before = tree(root)
    verdict(root, SECOND, knows=True)
    assert tree(root) == before


def test_a_disk_that_is_not_mounted_is_no_empty_library(root: Path) -> None:
    mark(root, FIRST)
    root.rename(root.with_name("unplugged"))
    assert verdict(root, FIRST, knows=True) is LibraryVerdict.MISSING  # no mount point
    root.mkdir()
    assert verdict(root, FIRST, knows=True) is LibraryVerdict.MISSING  # an empty one
    stop = check_library(root, FIRST, knows_files=True).stop()
    assert stop is not None
    assert (stop.exit, stop.code) == (Exit.SAFETY_STOP, "library_missing")
    assert str(root) in stop.message
    assert stop.hint


def test_a_fresh_database_takes_the_library_over_and_the_old_one_finds_out(root: Path) -> None:
    mark(root, FIRST)
    assert verdict(root, None, knows=False) is LibraryVerdict.TAKE_OVER
    mark(root, SECOND)
    assert verdict(root, SECOND, knows=True) is LibraryVerdict.READY
    for knows in (True, False):
        assert verdict(root, FIRST, knows=knows) is LibraryVerdict.OTHER_DATABASE
    mark(root, THIRD)
    assert read_marker(root) == Marker(THIRD, NOW.isoformat(), (SECOND, FIRST))
    stop = check_library(root, FIRST, knows_files=True).stop()
    assert stop is not None
    assert (stop.exit, stop.code) == (Exit.SAFETY_STOP, "library_on_other_database")


def test_a_database_of_another_library_is_stopped(root: Path) -> None:
    mark(root, FIRST)
    assert verdict(root, SECOND, knows=True) is LibraryVerdict.MISSING
    assert verdict(root, SECOND, knows=False) is LibraryVerdict.OTHER_DATABASE
    assert verdict(root, None, knows=True) is LibraryVerdict.OTHER_DATABASE


def test_a_database_older_than_markers_needs_to_find_its_files(root: Path) -> None:
    assert verdict(root, None, knows=True, here=True) is LibraryVerdict.NEW
    assert verdict(root, None, knows=True, here=False) is LibraryVerdict.MISSING


@pytest.mark.parametrize("knows", [True, False])
@pytest.mark.parametrize("old", [None, FIRST])
def test_killed_anywhere_while_marking_the_next_run_ends_it(
    root: Path, old: str | None, knows: bool
) -> None:
    if old:
        mark(root, old)
        knows = False  # only a fresh database takes over
    state = check_library(root, None, knows_files=knows)
    with LibraryFiles(root) as files:
        claim_marker(files, state, SECOND, NOW)
        # killed here: the database knows nothing of it, so it is as if it had never been
        assert verdict(root, None, knows=knows) is state.verdict
        if old:
            assert verdict(root, old, knows=True) is LibraryVerdict.READY
        # killed after the database committed: only the last step is missing
        again = check_library(root, SECOND, knows_files=knows)
        assert again.verdict is LibraryVerdict.FINISH
        assert again.stop() is None
        confirm_marker(files)
    assert verdict(root, SECOND, knows=True) is LibraryVerdict.READY


def test_no_combination_lets_a_database_with_files_work_in_a_folder_it_was_never_bound_to() -> None:
    marker = Marker(FIRST, "", (THIRD,))
    going_on = {
        LibraryVerdict.READY,
        LibraryVerdict.NEW,
        LibraryVerdict.TAKE_OVER,
        LibraryVerdict.FINISH,
    }
    for found, claimed, known, here in itertools.product(
        (None, marker), (None, SECOND), (None, FIRST, SECOND, THIRD), (True, False)
    ):
        told = judge(found, claimed, known, knows_files=True, files_here=here)
        bound = known is not None and (known == claimed or (found and found.id == known))
        old_database_at_home = known is None and found is None and here
        assert (told in going_on) == bool(bound or old_database_at_home), (found, claimed, known)
        assert bool(LibraryState(told, Path("/x")).stop()) == (told not in going_on)


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"schema": "strandline.library/2", "id": "%s"}',
     b'{"schema": "strandline.library/1"}', b'{"schema": "strandline.library/1", "id": 5}',
     b'{"schema": "strandline.library/1", "id": "../../x"}', b"[" * 60_000],
)  # fmt: skip
def test_a_damaged_marker_is_an_error_and_not_a_new_library(root: Path, damage: bytes) -> None:
    mark(root, FIRST)
    (root / ".strandline/library.json").write_bytes(damage)
    with pytest.raises(LibraryError, match=r"library\.json is damaged"):
        check_library(root, FIRST, knows_files=True)


def test_a_marker_that_is_a_link_is_not_followed(root: Path, tmp_path: Path) -> None:
    mark(root, FIRST)
    (root / ".strandline/library.json").rename(tmp_path / "stolen")
    (root / ".strandline/library.json").symlink_to(tmp_path / "stolen")
    with pytest.raises(LibraryError):
        check_library(root, FIRST, knows_files=True)


# ---------------------------------------------------------------- locks


def test_the_second_run_is_told_at_once_and_the_lock_is_free_afterwards(
    root: Path, tmp_path: Path
) -> None:
    for lock, place in ((lock_state, tmp_path / "state"), (lock_library, root)):
        with lock(place):
            with pytest.raises(BusyError) as told, lock(place):
                pass
            assert told.value.exit is Exit.BUSY
        with lock(place):
            pass


def test_the_state_folder_is_private_and_a_check_leaves_no_trace_in_the_library(
    root: Path, tmp_path: Path
) -> None:
    with lock_state(tmp_path / "new/state"):
        assert (tmp_path / "new/state").stat().st_mode & 0o777 == 0o700
    assert tree(root) == {}


def test_a_lock_that_is_a_link_is_neither_followed_nor_cut_short(
    root: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (root / ".strandline").mkdir()
    (root / ".strandline/lock").symlink_to(victim)
    (tmp_path / "state").mkdir()
    (tmp_path / "state/lock").symlink_to(tmp_path / "made by the link")
    with ExitStack() as stack:
        with pytest.raises(LibraryError):
            stack.enter_context(lock_library(root))
        with pytest.raises(LibraryError):
            stack.enter_context(lock_state(tmp_path / "state"))
    assert victim.read_text() == "precious"
    assert not (tmp_path / "made by the link").exists()


def test_a_pipe_in_place_of_the_lock_does_not_hang(root: Path) -> None:
    (root / ".strandline").mkdir()
    os.mkfifo(root / ".strandline/lock")
    with pytest.raises(LibraryError, match="lock"), lock_library(root):
        pass


HOLDER = """
import sys, pathlib
from strandline.library.lock import lock_library
with lock_library(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the library."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_killed_run_frees_the_library(root: Path, holder: subprocess.Popen[bytes]) -> None:
    with pytest.raises(BusyError), lock_library(root):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with lock_library(root):
        pass
