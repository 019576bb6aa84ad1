"""A track that left every playlist: TIDAL itself is asked what it put in its place."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from strandline.core.ids import TrackId
from strandline.demo import effects
from strandline.demo.model import Playlist, Track
from strandline.tidal.replacement import replacements_of
from tests.cli.terminal import Terminal

ASKED = "/v2/tracks/*/relationships/replacement"


def replaced(t: Terminal, *, seconds: int = 1, explicit: bool = False) -> tuple[Playlist, Track]:
    """A synced playlist of which TIDAL replaced the only track by one with another code."""
    old = t.account.track("Dawn", "Ana", isrc="GBAYE0601498")
    crate = t.account.playlist("Crate", [old])
    assert t("sync-execute", "--yes").code == 0
    new = t.account.track("Dawn", "Ana", isrc="USUM71703861", audio_id=old.tune,
                          duration=seconds, explicit=explicit)  # fmt: skip
    t.account.replace(crate, 0, new)
    t.account.replacements[old.id] = new.id
    return crate, new


def downloads(t: Terminal) -> int:
    return len(t.tidal.asked("/mediatracks/**"))


def the_file(t: Terminal) -> tuple[str, int]:
    (path,) = (t.playlists / "Crate").iterdir()
    return path.name, path.stat().st_ino


def test_tidals_own_word_saves_the_download_where_the_code_is_another(t: Terminal) -> None:
    replaced(t)
    before, fetched = the_file(t), downloads(t)
    assert t("sync-execute", "--yes").code == 0
    assert (the_file(t), downloads(t)) == (before, fetched)
    assert t("sync-check", "--exit-code").code == 0
    assert len(t.tidal.asked(ASKED)) == 1


def test_an_answer_is_kept_and_nothing_is_asked_twice(t: Terminal) -> None:
    replaced(t)
    t.account.replacements.clear()
    for _ in range(3):
        t("sync-check")
    assert len(t.tidal.asked(ASKED)) == 1


def test_nothing_is_asked_of_what_simply_left(t: Terminal) -> None:
    crate = t.account.playlist("Crate", [t.track("x"), t.track("y")])
    t("sync-execute", "--yes")
    t.account.remove(crate, 0)
    t("sync-check")
    assert t.tidal.asked(ASKED) == []


def test_tidal_itself_is_asked_once_in_two_seconds() -> None:
    waits: list[float] = []
    wire = SimpleNamespace(
        origin=None,
        limiter=SimpleNamespace(sleep=waits.append),
        get=lambda *_, **__: SimpleNamespace(status=404, document=None),
    )
    client: Any = SimpleNamespace(http=wire, account=lambda: SimpleNamespace(country_code="DE"))
    tracks = [TrackId("1"), TrackId("2"), TrackId("3")]
    assert dict(replacements_of(client, tracks)) == dict.fromkeys(tracks)
    assert waits == [2.0, 2.0]


def test_nothing_is_asked_where_nothing_left(t: Terminal) -> None:
    t.account.playlist("Crate", [t.track("x")])
    t("sync-execute", "--yes")
    t("sync-check")
    assert t.tidal.asked(ASKED) == []


@pytest.mark.parametrize("odd", [{"seconds": 9}, {"explicit": True}])
def test_what_cannot_be_the_same_sound_is_fetched(t: Terminal, odd: dict[str, int]) -> None:
    replaced(t, **odd)  # type: ignore[arg-type]
    fetched = downloads(t)
    assert t("sync-execute", "--yes").code == 0
    assert downloads(t) > fetched


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_an_api_that_does_not_let_us_in_changes_nothing(t: Terminal, status: int) -> None:
    replaced(t)
    t.tidal.faults.on(ASKED, effects.status(status), times=None)
    fetched = downloads(t)
    assert t("sync-execute", "--yes").code == 0
    assert downloads(t) > fetched
    assert t("auth", "status").code == 0


def test_the_token_goes_to_tidals_hosts_alone(t: Terminal) -> None:
    replaced(t)
    t("sync-execute", "--yes")
    assert t.tidal.leaks == []
    assert isinstance(t.library, Path)
