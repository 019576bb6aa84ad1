"""Downloads that will not fit are told before they begin, and before anybody is asked."""

from __future__ import annotations

import shutil
from collections import namedtuple

import pytest

from tests.cli.terminal import Terminal, two_playlists

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def full(t: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A library whose disk has 3 MiB free, and two tracks to fetch."""
    two_playlists(t)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 30, 0, 3 << 20))
    return t


SAID = "but the library's disk has only 3.1 MB free"


def test_a_check_tells_of_too_little_room(full: Terminal) -> None:
    assert SAID in full("sync-check").out
    (warning,) = full("sync-check", "--json").json["warnings"]
    assert warning["code"] == "little_room"
    assert full("sync-check", "--exit-code").code == 3


@pytest.mark.parametrize("words", [["--yes"], ["--yes", "--json"], ["--yes", "--quiet"]])
def test_a_run_that_nobody_is_asked_about_tells_it_before_the_first_step(
    full: Terminal, words: list[str]
) -> None:
    said = full("sync-execute", *words)
    assert SAID in said.err
    assert said.err.index(SAID) < (said.err + "Downloading").index("Downloading")
    assert (said.err + said.out).count(SAID) == 1 + ("--json" in words)


def test_where_there_is_room_nothing_is_said(t: Terminal) -> None:
    two_playlists(t)
    assert t("sync-check", "--json").json["warnings"] == []


def test_where_nothing_is_fetched_a_full_disk_is_no_matter(
    synced: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 30, 0, 0))
    assert synced("sync-check", "--json").json["warnings"] == []
