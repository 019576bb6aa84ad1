"""history: what each run did and how it ended; and which run a person means."""

from __future__ import annotations

import re
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from strandline.app.ages import parse_since
from strandline.core.run_ids import KnownRun, runs_meant, short_of
from strandline.db.journal import new_run
from strandline.demo.effects import status
from strandline.library.lock import lock_state
from tests.cli.terminal import Said, Terminal, two_playlists

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC).replace(tzinfo=None)


def runs(t: Terminal, *words: str) -> list[dict[str, Any]]:
    """Newest first."""
    listed: list[dict[str, Any]] = t("history", "--json", *words).json["runs"]
    return listed


def change(t: Terminal, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(t.state / "strandline.db")) as db, db:
        db.execute(statement, values)


# ---------------------------------------------------------------- how runs ended


def test_a_run_says_what_it_did_when_and_how_it_ended(synced: Terminal) -> None:
    (run,) = runs(synced)
    assert run["short"] == short_of(run["run"])
    assert (run["command"], run["status"], run["code"]) == ("sync-execute", "done", 0)
    assert run["counts"]["download"] == 2
    assert run["counts"]["link"] == 1
    assert run["counts"]["trash"] == 0
    assert run["started"] <= run["ended"]
    assert run["ended"].endswith("Z")
    assert "steps" not in synced("history", "--json").json


def test_a_night_with_nothing_to_do_is_a_run_as_well(synced: Terminal) -> None:
    assert synced("sync-execute", "--yes").code == 0
    quiet, _ = runs(synced)
    assert (quiet["status"], quiet["code"], sum(quiet["counts"].values())) == ("done", 0, 0)
    assert "nothing to do" in synced("history").out


def test_a_run_that_needed_a_login_is_in_the_history(fresh: Terminal) -> None:
    assert fresh("sync-execute", "--yes").code == 6
    (run,) = runs(fresh)
    assert (run["status"], run["code"], run["error"]) == ("stopped", 6, "login")
    said = fresh("history", "last").out
    assert "Stopped (exit code 6)" in said
    assert run["message"] in said
    assert run["hint"] in said


def test_a_run_that_was_stopped_for_safety_is_in_the_history(synced: Terminal) -> None:
    playlists = synced.account.playlists
    for number in range(8):
        synced.account.add(next(iter(playlists.values())), synced.track(f"n{number}"))
    assert synced("sync-execute", "--yes").code == 0
    synced.account.clear(next(iter(playlists.values())))
    said = synced("sync-execute", "--yes", "--json")
    assert said.json["error"] == "mass_removal"
    stopped = runs(synced)[0]
    assert (stopped["code"], stopped["error"]) == (5, "mass_removal")
    assert stopped["message"] == said.json["message"]
    assert "mass_removal" not in synced("history").out
    assert "(exit code 5)" in synced("history").out


def test_a_run_that_found_the_library_held_is_in_the_history(synced: Terminal) -> None:
    with lock_state(synced.state):
        before = time.monotonic()
        assert synced("sync-execute", "--yes").code == 7
        assert time.monotonic() - before < 2
        assert runs(synced)[0]["code"] == 7


def test_a_run_without_tidal_is_in_the_history(synced: Terminal) -> None:
    synced.tidal.faults.on("/**", status(503), times=None)
    assert synced("sync-execute", "--yes").code == 8
    assert runs(synced)[0]["code"] == 8
    synced.tidal.faults.clear()


def test_a_playlist_that_could_not_be_read_is_named_in_the_history(synced: Terminal) -> None:
    deep = next(iter(synced.account.playlists.values()))
    synced.account.add(deep, synced.track("z"))
    synced.tidal.faults.on(f"/v1/playlists/{deep.uuid}/items", status(500), times=None)
    assert synced("sync-execute", "--yes").code == 4
    run = runs(synced)[0]
    assert (run["status"], run["code"]) == ("partial", 4)
    assert "Deep House could not be read completely" in run["notes"][0]
    assert "Deep House could not be read completely" in synced("history").out


def test_wrong_usage_and_a_no_are_no_runs(synced: Terminal) -> None:
    assert synced("sync-execute", "--yes", "--playlist", "nonsense").code == 2
    assert synced("undo", "nonsense", "--yes").code == 2
    assert len(runs(synced)) == 1


def test_no_secret_gets_into_the_history(synced: Terminal) -> None:
    token = synced.tidal.logins.issue().access_token
    synced.tidal.faults.on("/**", status(503), times=None)
    synced("sync-execute", "--yes")
    with closing(sqlite3.connect(synced.state / "strandline.db")) as db:
        assert token not in "\n".join(db.iterdump())


def test_a_killed_run_says_so_and_a_live_one_too(synced: Terminal) -> None:
    change(synced, "UPDATE runs SET status = 'running', finished_at = NULL")
    change(synced, "DELETE FROM run_ends")
    (run,) = runs(synced)
    assert (run["status"], run["code"], run["ended"]) == ("killed", None, None)
    assert "killed" in synced("history").out
    with lock_state(synced.state):
        assert runs(synced)[0]["status"] == "running"
        assert "still running" in synced("history", "last").out


# ---------------------------------------------------------------- what came and went


def test_what_is_new_since_yesterday_is_one_command(synced: Terminal) -> None:
    deep = next(iter(synced.account.playlists.values()))
    synced.account.remove(deep, 1)
    synced.account.add(deep, synced.track("z"))
    assert synced("sync-execute", "--yes").code == 0
    said = synced("history", "--since", "1d").out
    house = said[said.index("Deep House\n") : said.index("Sunday\n")]
    assert "+ Ana - x: downloaded (a new playlist)" in house
    assert "+ Ana - z: downloaded (new in the playlist)" in house
    assert "- Ana - y: moved to the trash (no longer in any playlist)" in house
    assert "+ Ana - x: linked to Deep House" in said[said.index("Sunday\n") :]
    steps = synced("history", "--since", "1d", "--json").json["steps"]
    assert {step["run"] for step in steps} == {run["run"] for run in runs(synced)}


def test_a_move_is_told_under_both_playlists(synced: Terminal) -> None:
    synced.account.remove(next(iter(synced.account.playlists.values())), 0)
    assert synced("sync-execute", "--yes").code == 0
    said = synced("history", "last").out
    here, there = "+ Ana - x: moved here from Deep House", "- Ana - x: moved to Sunday"
    assert said.index("Deep House\n") < said.index(there) < said.index("Sunday\n")
    assert said.index(here) > said.index("Sunday\n")


def test_a_playlist_is_called_by_its_name_wherever_its_folder_is_meant(t: Terminal) -> None:
    """ "A / B" lies in the folder "A - B"."""
    x = t.track("x")
    gone = t.account.playlist("A / B", [x, t.track("y")])
    t.account.playlist("C", [x])
    assert t("sync-execute", "--yes").code == 0
    linked = "+ Ana - x: linked to A / B"
    assert linked in t("history", "last").out
    t.account.delete(gone)
    assert t("sync-execute", "--yes").code == 0
    said = t("history", "last").out
    assert said.count("A / B\n") == 1
    assert "+ Ana - x: moved here from A / B" in said
    assert "A - B" not in said
    assert "A - B" not in t("history", "--since", "1d").out
    told = t("why", "x").out
    assert "linked to A / B" in told
    assert "moved here from A / B" in told


def test_what_failed_and_why_is_one_command_and_what_came_right_is_not_told(t: Terminal) -> None:
    two_playlists(t)
    where = "/mediatracks/**"
    t.tidal.faults.on(where, status(404), times=None)
    assert t("sync-execute", "--yes").code == 4
    assert "! Ana - x: download failed: " in t("history", "--since", "1h").out
    t.tidal.faults.clear()
    assert t("sync-execute", "--yes").code == 0
    assert "!" not in t("history", "--since", "1h").out


def test_only_so_many_runs_are_shown(synced: Terminal) -> None:
    synced("sync-execute", "--yes")
    assert len(runs(synced, "--limit", "1")) == 1
    assert len(runs(synced, "--since", "1h")) == 2
    change(synced, "UPDATE runs SET started_at = '2020-01-01', finished_at = '2020-01-02'")
    assert len(runs(synced, "--since", "2w")) == 1


def test_a_run_and_a_choice_among_runs_are_not_given_together(synced: Terminal) -> None:
    assert synced("history", "last", "--limit", "3").code == 2
    assert synced("history", "last", "--since", "1d").code == 2


def test_an_age_that_is_none_is_named(synced: Terminal) -> None:
    said = synced("history", "--since", "soon")
    assert said.code == 2
    assert "'soon' is not a valid age or date" in said.err


@pytest.mark.parametrize(
    ("text", "age"),
    [("90m", timedelta(minutes=90)), ("12h", timedelta(hours=12)), ("2w", timedelta(weeks=2))],
)
def test_an_age_is_counted_from_now(text: str, age: timedelta) -> None:
    assert parse_since(text, NOW) == NOW - age


def test_days_are_those_of_the_clock_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        midnight = datetime(2026, 11, 21, 23, tzinfo=UTC).replace(tzinfo=None)
        assert parse_since("today", NOW) == midnight
        assert parse_since("yesterday", NOW) == midnight - timedelta(days=1)
        assert parse_since("2026-11-22", NOW) == midnight
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_log_has_a_line_a_step(synced: Terminal) -> None:
    said = synced.log.read_text()
    assert (
        "INFO strandline.execute.run_log download done: Playlists/Deep House/Ana - x.flac" in said
    )
    assert said.count(" link done: ") == 1


def test_the_log_says_what_failed_in_which_run_and_why_it_ended(synced: Terminal) -> None:
    tidal = synced.tidal.faults
    synced.account.playlist("New", [synced.track("n")])
    tidal.on("/mediatracks/**", status(404), times=None)
    assert synced("sync-execute", "--yes").code == 4
    some = runs(synced)[0]["run"]
    tidal.on("**", status(503), times=None)
    assert synced("sync-execute", "--yes").code == 8
    none = runs(synced)[0]["run"]
    lines = [line.split(" ", 2)[2] for line in synced.log.read_text().splitlines()]
    (step,) = (line for line in lines if line.startswith("WARNING strandline.execute.run_log"))
    assert f"download failed in run {some}: Playlists/New/Ana - n.flac: " in step
    assert f"WARNING strandline run {some} ended with 4" in lines
    (error,) = (line for line in lines if line.startswith("ERROR strandline "))
    assert error.startswith(f"ERROR strandline run {none} ended with 8: TIDAL ")


# ---------------------------------------------------------------- which run is meant


def test_a_run_is_meant_by_its_id_its_short_form_or_a_beginning(synced: Terminal) -> None:
    synced("sync-execute", "--yes")
    newest, first = runs(synced)
    for word in (first["run"], first["short"], first["short"][:6], first["run"][:-2]):
        assert runs(synced, word) == [first]
    assert runs(synced, "last") == [newest]
    said = synced("history", newest["run"][:8], "--json")
    assert (said.code, said.json["error"]) == (2, "ambiguous_run")


def test_the_last_run_to_undo_changed_something_and_is_no_undo(synced: Terminal) -> None:
    first = runs(synced)[0]["run"]
    synced.account.remove(next(iter(synced.account.playlists.values())), 1)
    second = synced("sync-execute", "--yes", "--json").json["result"]["run"]
    assert synced("sync-execute", "--yes").code == 0
    assert synced("undo", "last", "--yes", "--json").json["undoes"] == second
    assert synced("undo", "last", "--yes", "--json").json["undoes"] == first
    assert synced("undo", "last", "--yes").code == 2


def restored(t: Terminal) -> Said:
    """A file that the last run took away is brought back."""
    t.account.remove(next(iter(t.account.playlists.values())), 1)
    assert t("sync-execute", "--yes").code == 0
    return t("trash", "restore", "last")


def test_files_of_the_last_run_come_back_by_that_word(synced: Terminal) -> None:
    said = restored(synced)
    assert said.code == 0
    assert "Restored: Playlists/Deep House/Ana - y.flac\n" in said.out
    assert "The next sync may remove again" in said.out
    assert (synced.playlists / "Deep House" / "Ana - y.flac").exists()


def test_an_undone_restore_says_how_to_have_the_file_again(synced: Terminal) -> None:
    restored(synced)
    said = synced("undo", "last", "--yes")
    told = said.out + said.err
    assert "does the same again" not in told
    [way_on] = re.findall("`strandline (trash restore [0-9a-f]+)`", told)
    assert synced("sync-execute", "--yes").code == 0
    assert synced(*way_on.split()).code == 0
    assert (synced.playlists / "Deep House" / "Ana - y.flac").exists()


def test_undo_tells_what_it_will_do_before_it_asks(
    synced: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    restored(synced)
    asked: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("strandline.cli.history.confirmed", asked.append)
    before, run = synced.tree(), runs(synced)[0]
    said = synced("undo", "last")
    assert f"This takes back run {run['short']} (trash restore, " in said.err
    assert "1 file restored" in said.err
    assert "    to the trash: Playlists/Deep House/Ana - y.flac\n" in said.err
    assert asked == [f"Take back 1 step of run {run['short']}?"]
    assert synced.tree() == before


def test_the_trash_is_emptied_by_short_forms(synced: Terminal) -> None:
    synced.account.remove(next(iter(synced.account.playlists.values())), 1)
    run = synced("sync-execute", "--yes", "--json").json["result"]["run"]
    assert synced("trash", "empty", "nonsense", "--yes").code == 2
    assert synced("trash", "empty", short_of(run), "--yes", "--json").json["runs"] == [run]


def test_a_short_form_that_is_the_beginning_of_another_id_is_meant_first() -> None:
    known = [KnownRun("20261122-153000-000000-2026aaaa"), KnownRun("20261122-150000-000000-2026")]
    assert runs_meant("2026", known) == ["20261122-150000-000000-2026"]
    assert len(runs_meant("20261122", known)) == 2
    assert runs_meant("", known) == []


def test_run_ids_fit_their_column_and_end_in_a_short_form() -> None:
    run = new_run(NOW)
    assert len(run) <= 32
    assert len(short_of(run)) == 8


def test_a_shell_completes_runs(synced: Terminal) -> None:
    (run,) = runs(synced)
    for words in ("history ", "undo ", "trash restore ", "trash empty "):
        said = synced.process(
            env={
                "_STRANDLINE_COMPLETE": "bash_complete",
                "COMP_WORDS": f"strandline {words}",
                "COMP_CWORD": str(len(words.split()) + 1),
            }
        )
        assert said.out.split() == ["plain,last", f"plain,{run['short']}"], (words, said)
