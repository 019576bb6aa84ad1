"""A safety stop: the plan first, then why, then the ways on; each of them is tried here."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import pytest

from tests.cli.terminal import Terminal, two_playlists
from tests.cli.test_output import on_a_terminal

TRACKS = 8


@pytest.fixture
def stopped(t: Terminal) -> Terminal:
    """``Old [Mix]`` is deleted in TIDAL: all of its eight tracks would go, of ten entries."""
    two_playlists(t)
    old = t.account.playlist("Old [Mix]", [t.track(f"o{number}") for number in range(TRACKS)])
    assert t("sync-execute", "--yes").code == 0
    t.account.delete(old)
    return t


def ways(t: Terminal) -> dict[str, list[str]]:
    """The commands that are named, by the words before them."""
    err = t("sync-execute", "--yes").err
    found = re.findall(r"^(.*): `strandline (.*)`$", err, re.MULTILINE)
    return {words: shlex.split(command) for words, command in found}


def old_files(t: Terminal) -> list[str]:
    folder = t.playlists / "Old [Mix]"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_the_plan_comes_first_then_the_stop_and_the_ways_on(stopped: Terminal) -> None:
    before = stopped.tree()
    said = stopped("sync-execute", "--yes")
    assert said.code == 5
    assert "Old [Mix]" in said.out
    assert f"move {TRACKS} files to the trash: the playlist is gone from TIDAL" in said.out
    assert "STOP" not in said.out
    assert f"Error: {TRACKS} of 11 files and links would be removed" in said.err
    assert len(ways(stopped)) == 3
    assert stopped.tree() == before


def test_in_a_log_that_takes_both_the_plan_comes_first_too(stopped: Terminal) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "strandline", "sync-execute", "--yes"],
        env={**os.environ, **stopped.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert done.returncode == 5
    assert 0 < done.stdout.index("Old [Mix]") < done.stdout.index("Error: ")


def test_accepting_it_removes_it(stopped: Terminal) -> None:
    command = ways(stopped)["If that is what you want"]
    assert stopped(*command, "--yes").code == 0
    assert old_files(stopped) == []


def test_on_a_terminal_it_can_be_accepted_without_a_number_once_the_plan_was_read(
    stopped: Terminal,
) -> None:
    code, text = on_a_terminal(stopped, "sync-execute", "--accept-removals", answer=b"y\n")
    assert code == 0
    assert text.index("Old [Mix]") < text.index("Accepted, if you go ahead") < text.index("Go ahea")
    assert old_files(stopped) == []


def test_leaving_the_playlist_out_keeps_it_beside_what_was_left_out_before(
    stopped: Terminal,
) -> None:
    assert stopped("config", "set", "sync.exclude", '["Podcast*"]').code == 0
    before = old_files(stopped)
    command = ways(stopped)["To leave that playlist as on disk"]
    assert stopped(*command).code == 0
    assert stopped("sync-execute", "--yes").code == 0
    assert old_files(stopped) == before
    assert '"Podcast*"' in stopped.settings.read_text()


def test_keeping_what_is_gone_from_tidal_keeps_it(stopped: Terminal) -> None:
    before = old_files(stopped)
    command = ways(stopped)["To keep what is gone from TIDAL on disk"]
    assert stopped(*command).code == 0
    assert stopped("sync-execute", "--yes").code == 0
    assert old_files(stopped) == before


def test_a_dry_run_says_what_a_check_says_and_tells_of_the_stop(stopped: Terminal) -> None:
    before = stopped.tree()
    checked, dry = stopped("sync-check", "--json"), stopped("sync-execute", "-n", "--json")
    assert dry.code == 0
    assert dry.json | {"needs": None} == checked.json | {
        "needs": None
    }  # free space is ever another
    assert dry.json["schema"] == "strandline.sync-check/1"
    assert [alarm["code"] for alarm in dry.json["alarms"]] == ["mass_removal"]
    assert "STOP: " in stopped("sync-execute", "--dry-run").out
    assert "STOP: " not in stopped("sync-execute", "-n", "--accept-removals", "8").out
    assert "STOP: " not in stopped("sync-execute", "-n", "--max-removals", "100%").out
    assert stopped.tree() == before


def test_no_playlists_at_all_is_past_no_flag_but_past_a_new_playlist(synced: Terminal) -> None:
    for playlist in list(synced.account.playlists.values()):
        synced.account.delete(playlist)
    for words in (["--max-removals", "100%"], ["--accept-removals", "100"]):
        said = synced("sync-execute", "--yes", "--json", *words)
        assert (said.code, said.json["error"]) == (5, "empty_tidal")
    synced.account.playlist("New", [synced.track("n")])
    assert synced("sync-execute", "--yes").code == 0


def test_behind_a_stop_that_no_option_passes_no_option_is_named(t: Terminal) -> None:
    gone = t.account.playlist("Gone", [t.track(f"g{number}") for number in range(TRACKS)])
    assert t("sync-execute", "--yes").code == 0
    t.account.delete(gone)
    said = t("sync-check").out
    assert said.count("STOP: ") == 2
    assert "--accept-removals" not in said
    assert "Nothing can be accepted before the first stop is settled." in said


def test_a_number_that_is_too_small_is_named(stopped: Terminal) -> None:
    said = stopped("sync-execute", "--yes", "--accept-removals", "7")
    assert said.code == 5
    assert "--accept-removals 7 is not enough." in said.err
    assert (
        "--accept-removals 7 is not enough."
        in stopped("sync-execute", "-n", "--accept-removals", "7").out
    )


def test_the_way_past_one_stop_leads_past_the_other_too(stopped: Terminal) -> None:
    stopped.account.playlist("Many", [stopped.track(f"m{number}") for number in range(30)])
    assert stopped("sync-execute", "--yes", "--playlist", "Many").code == 0
    assert stopped("config", "set", "sync.max_removals", "5").code == 0
    for path in (stopped.playlists / "Many").iterdir():
        path.unlink()
    said = stopped("sync-execute", "--yes")
    assert said.code == 5
    assert "downloaded tracks are not where they were" in said.err, "what it agrees to besides"
    command = ways(stopped)["If that is what you want"]
    assert stopped(*command, "--yes").code == 0


def test_another_account_is_past_no_flag(synced: Terminal) -> None:
    synced.account.user_id = 2002
    synced.logged_in()
    said = synced("sync-execute", "--yes", "--max-removals", "100%", "--json")
    assert (said.code, said.json["error"]) == (5, "other_account")


def test_a_plan_file_can_be_tried_without_being_carried_out(t: Terminal) -> None:
    two_playlists(t)
    plan = str(t.folder / "plan.json")
    assert t("sync-check", "--out", plan).code == 0
    t.account.playlist("Later", [t.track("l")])
    said = t("sync-execute", "-n", "--plan", plan, "--json")
    assert (said.code, said.json["counts"]["download"]) == (0, 2)
    assert not t.library.exists()
    t.account.clear(next(iter(t.account.playlists.values())))
    said = t("sync-execute", "-n", "--plan", plan, "--json")
    assert (said.code, said.json["error"]) == (5, "plan_stale")
