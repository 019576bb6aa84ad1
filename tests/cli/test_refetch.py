"""mass_refetch: files that are gone all at once are not fetched anew before somebody looked."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import pytest

from tests.cli.terminal import Terminal

TRACKS = 30


@pytest.fixture
def emptied(t: Terminal) -> Terminal:
    """Thirty tracks synced; then somebody moved all files out of the library."""
    t.logged_in()
    t.account.playlist("A", [t.track(f"t{number}") for number in range(TRACKS)])
    assert t("sync-execute", "--yes").code == 0
    shutil.copytree(t.playlists / "A", t.folder / "moved")
    for path in (t.playlists / "A").iterdir():
        path.unlink()
    return t


def test_the_run_stops_before_its_first_step_and_says_the_way_on(emptied: Terminal) -> None:
    before, asked = emptied.tree(), len(emptied.tidal.asked("/v1/tracks/*/playbackinfopostpaywall"))
    for _ in range(2):  # a check in between changes nothing about it
        said = emptied("sync-execute", "--yes", "--json")
        assert (said.code, said.json["error"]) == (5, "mass_refetch")
        assert "30 of 30 downloaded tracks" in said.json["message"]
        assert "--accept-refetch 30" in said.json["hint"]
        [alarm] = emptied("sync-check", "--json").json["alarms"]
        assert alarm["code"] == "mass_refetch"
    assert emptied.tree() == before
    assert len(emptied.tidal.asked("/v1/tracks/*/playbackinfopostpaywall")) == asked


@pytest.mark.parametrize(("most", "code"), [("29", 5), ("30", 0), ("100", 0)])
def test_so_many_can_be_agreed_to(emptied: Terminal, most: str, code: int) -> None:
    assert emptied("sync-execute", "--yes", "--accept-refetch", most).code == code


def test_no_limit_of_removals_lifts_it(emptied: Terminal) -> None:
    words = ("--max-removals", "100%", "--accept-removals", "1000")
    assert emptied("sync-execute", "--yes", *words).code == 5


@pytest.mark.parametrize("words", [["--accept-refetch"], ["--accept-refetch", "many"]])
def test_what_is_agreed_to_without_a_terminal_needs_a_number(
    emptied: Terminal, words: list[str]
) -> None:
    assert emptied("sync-execute", "--yes", *words).code == 2


def test_removals_can_be_agreed_to_alike(emptied: Terminal) -> None:
    for path in (emptied.folder / "moved").iterdir():
        path.rename(emptied.playlists / "A" / path.name)
    [playlist] = emptied.account.playlists.values()
    for entry in list(playlist.entries)[:20]:
        emptied.account.remove(playlist, entry.item)
    assert emptied("sync-execute", "--yes").code == 5
    assert emptied("sync-execute", "--yes", "--accept-removals", "19").code == 5
    assert emptied("sync-execute", "--yes", "--accept-removals", "20").code == 0


def test_a_killed_run_asks_again_for_what_is_left_and_says_why(emptied: Terminal) -> None:
    words = [sys.executable, "-m", "strandline", "sync-execute", "--yes", "--accept-refetch", "30"]
    env = {**os.environ, **emptied.environment}
    with subprocess.Popen(words, env=env, stderr=subprocess.DEVNULL) as child:
        path = "/v1/tracks/*/playbackinfopostpaywall"
        emptied.tidal.faults.on(path, before=lambda: os.kill(child.pid, signal.SIGKILL), nth=3)
    assert child.returncode == -signal.SIGKILL
    for _ in range(2):  # what a run that was stopped has settled changes nothing about it
        said = emptied("sync-execute", "--yes", "--json")
        assert (said.code, said.json["error"]) == (5, "mass_refetch")
        assert "ended before it was done" in said.json["hint"]
    left = said.json["hint"].rpartition("--accept-refetch ")[2].partition("`")[0]
    assert emptied("sync-execute", "--yes", "--accept-refetch", left).code == 0


def test_a_first_alarm_speaks_of_no_earlier_run(emptied: Terminal) -> None:
    assert "ended before" not in emptied("sync-execute", "--yes", "--json").json["hint"]
