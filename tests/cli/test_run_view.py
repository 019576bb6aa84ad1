"""What a run could not do, as a person reads it: equal causes take one line."""

from __future__ import annotations

import pytest

from strandline.app.documents import result_document
from strandline.cli import run_view
from strandline.cli.output import Output
from strandline.core.ids import LibPath
from strandline.errors import LibraryError
from strandline.execute.result import NotDone, Result

FULL = "not done: The library's disk is nearly full: 3.1 MB free."


def undone(number: int, error: str, action: str = "download") -> NotDone:
    path = LibPath(f"Playlists/A/Artist - {number}.mp3")
    return NotDone(action, path, error.format(path=path, name=f"Artist - {number}"), "code")


def shown(items: list[NotDone], capsys: pytest.CaptureFixture[str]) -> list[str]:
    run_view.show(Result("r", failed=items), Output())
    return capsys.readouterr().err.splitlines()


def test_fifty_equal_failures_are_one_line_and_fifty_entries_of_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    items = [undone(number, FULL) for number in range(50)]
    assert shown(items, capsys) == [
        "50 tracks failed:",
        f"  50 tracks (Artist - 0 and 49 more): {FULL}",
    ]
    assert len(result_document(Result("r", failed=items))["failed"]) == 50


@pytest.mark.parametrize("error", ["{path}: no permission", "{name}: no permission"])
def test_failures_that_differ_in_their_own_name_alone_are_equal(
    error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, line = shown([undone(number, error) for number in range(3)], capsys)
    assert line == "  3 tracks (Artist - 0 and 2 more): no permission"


def test_what_failed_otherwise_has_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    items = [undone(1, FULL), undone(2, "TIDAL refuses."), undone(3, FULL), undone(4, FULL, "link")]
    assert shown(items, capsys)[1:] == [
        f"  2 tracks (Artist - 1 and 1 more): {FULL}",
        "  download Playlists/A/Artist - 2.mp3: TIDAL refuses.",
        f"  link Playlists/A/Artist - 4.mp3: {FULL}",
    ]


def test_more_kinds_than_a_screen_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    items = [undone(number, f"fault {number}") for number in range(60)]
    lines = shown(items, capsys)
    assert len(lines) == 1 + run_view.LISTED + 1
    assert lines[-1] == "  … and 10 more (see --json)"


@pytest.mark.parametrize("what", ["Artist - 0", "a temporary file"])
def test_a_full_disk_is_one_line_with_all_that_it_kept_from_being_done(
    what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    full = LibraryError(f"{what}: the disk is full", hint="Free some space.", code="code")
    items = [undone(0, full.message)]
    left = [undone(number, full.message) for number in range(1, 12)]
    left += [undone(number, full.message, "link") for number in range(3)]
    run_view.show(Result("r", failed=items, skipped=left, stopped=full), Output())
    assert capsys.readouterr().err.splitlines() == [
        "Error: the run ended early. The disk is full.",
        "Left for the next run: 12 tracks, 3 links.",
        "Free some space.",
    ]
