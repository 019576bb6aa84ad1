"""What a run says at its end: its exit code for scripts, and its word in the history."""

from __future__ import annotations

import pytest

from strandline.errors import (
    DatabaseError,
    Exit,
    LoginError,
    SafetyStopError,
    StrandlineError,
    UnreachableError,
)
from strandline.execute.result import NOT_EMPTY, NotDone, Result
from strandline.library.files import DiskStoppedError
from tests.execute.things import ONE, A, download

FULL = NotDone.of(download("A/x.mp3"), "the disk is full", "disk_full")


def test_each_item_that_is_not_done_is_named() -> None:
    assert (
        NotDone("download", download("A/x.mp3").path, "the disk is full", "disk_full", ONE, A)
        == FULL
    )


def test_all_done_is_done() -> None:
    assert (Result("run").exit, Result("run").status) == (Exit.DONE, "done")


def test_one_failed_item_shows_in_the_exit_code() -> None:
    result = Result("run", failed=[FULL])
    assert (result.exit, result.status) == (Exit.SOME_FAILED, "partial")


def test_a_skipped_item_is_still_to_be_done() -> None:
    result = Result("run", skipped=[FULL])
    assert (result.exit, result.status) == (Exit.SOME_FAILED, "partial")
    assert result.missed == [FULL]


def test_a_folder_that_holds_files_of_the_user_is_no_failure() -> None:
    result = Result("run", skipped=[NotDone.of(download("A/x.mp3"), "it stays", NOT_EMPTY)])
    assert (result.exit, result.status, result.missed) == (Exit.DONE, "done", [])


@pytest.mark.parametrize(
    ("stopped", "code"),
    [
        (LoginError("gone"), Exit.LOGIN),
        (UnreachableError("away"), Exit.UNREACHABLE),
        (SafetyStopError("not mounted"), Exit.SAFETY_STOP),
        (DiskStoppedError("full"), Exit.SOME_FAILED),
        (DatabaseError("full"), Exit.SOME_FAILED),
    ],
)
def test_what_ended_a_run_early_is_its_exit_code_but_a_full_disk_is_no_wrong_usage(
    stopped: StrandlineError, code: Exit
) -> None:
    result = Result("run", failed=[FULL], stopped=stopped)
    assert (result.exit, result.status) == (code, "stopped")
    assert Result("run", stopped=stopped).exit is code


def test_ctrl_c_comes_before_everything_else() -> None:
    result = Result("run", failed=[FULL], interrupted=True, stopped=LoginError("gone"))
    assert (result.exit, result.status) == (Exit.INTERRUPTED, "interrupted")
