"""Which files of the trash may go for good: a table, one row a reason to stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strandline.core.ids import LibPath, TrackId
from strandline.core.retention import OF_A_SYNC, Made, TrashedFile, is_due, may_go

NOW = datetime(2026, 11, 28, 4, 30)  # noqa: DTZ001 - naive UTC, as the journal's
X, PATH = TrackId("1"), LibPath("Playlists/A/x.mp3")
MADE: Made = {(X, 9): {"aa"}}


def lain(**fields: Any) -> TrashedFile:
    """A file of ours that was taken away 31 days ago."""
    ended = NOW - timedelta(days=31)
    usual = TrashedFile("sync-execute", ended, "run/Playlists/A/x.mp3", PATH, X, 9)
    return usual._replace(**fields)


def test_a_file_of_ours_goes_after_its_time() -> None:
    assert is_due(lain(), MADE, now=NOW, days=30)
    assert may_go(lain(), "aa", MADE, {X})


@pytest.mark.parametrize(
    "file",
    [
        lain(ended=NOW - timedelta(days=30)),
        lain(ended=None),
        lain(command="import"),
        lain(command="unheard of"),
        lain(track=None),
        lain(track=TrackId("2")),
        lain(size=10),
    ],
    ids=[
        "just as old", "still running", "imported", "of a command nobody knows", "nobody's track",
        "never downloaded", "of another size",
    ],
)  # fmt: skip
def test_anything_else_is_not_due(file: TrashedFile) -> None:
    assert not is_due(file, MADE, now=NOW, days=30)


def test_by_default_all_of_it_stays_for_ever() -> None:
    assert not is_due(lain(ended=datetime(1970, 1, 1)), MADE, now=NOW, days=0)  # noqa: DTZ001


def test_what_is_due_stays_with_other_content_and_when_tidal_lacks_it() -> None:
    assert not may_go(lain(), "bb", MADE, {X})
    assert not may_go(lain(), "aa", MADE, set())
    assert not may_go(lain(track=TrackId("2")), "aa", MADE, {X, TrackId("2")})


@given(
    command=st.sampled_from(["sync-execute", "undo", "import", "unheard of", "trash restore"]),
    age=st.none() | st.integers(0, 100_000),
    days=st.integers(0, 400),
    track=st.sampled_from([None, "1", "2"]),
    size=st.integers(8, 10),
    sha256=st.sampled_from(["aa", "bb"]),
    offered=st.sets(st.sampled_from(["1", "2"])),
)
def test_nothing_goes_that_could_not_be_had_again(
    command: str, age: int | None, days: int, track: str | None, size: int, sha256: str,
    offered: set[str],
) -> None:  # fmt: skip
    ended = None if age is None else NOW - timedelta(hours=age)
    found = TrackId(track) if track else None
    file = lain(command=command, ended=ended, track=found, size=size)
    goes = is_due(file, MADE, now=NOW, days=days) and may_go(
        file, sha256, MADE, set(map(TrackId, offered))
    )
    if goes:
        assert (track, size, sha256) == ("1", 9, "aa")
        assert "1" in offered
        assert command in OF_A_SYNC
        assert days
        assert age is not None
        assert age > days * 24
