"""undo and the trash: nothing is ever gone before ``trash empty``."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

from strandline.cli.moments import local
from strandline.core.run_ids import short_of
from strandline.db.store import utc_now
from tests.cli.terminal import Terminal


def without_y(t: Terminal) -> str:
    """y has left every playlist and is in the trash; the run that put it there."""
    t.account.remove(next(iter(t.account.playlists.values())), 1)
    said = t("sync-execute", "--yes", "--json")
    assert said.code == 0
    assert said.json["counts"]["trash"] == 1
    run = said.json["result"]["run"]
    assert isinstance(run, str)
    return run


def test_an_undone_run_leaves_the_library_as_before(synced: Terminal) -> None:
    place = synced.playlists / "Deep House" / "Ana - y.flac"
    audio = place.read_bytes()
    run = without_y(synced)
    assert not place.exists()
    said = synced("undo", run, "--yes", "--json")
    assert said.code == 0
    assert said.json["undoes"] == run
    assert place.read_bytes() == audio
    assert synced("undo", run, "--yes").code == 2


def test_after_the_clock_was_put_back_the_last_run_is_the_one_that_was_made_last(
    synced: Terminal,
) -> None:
    """A machine without a battery, or one that Windows started before."""
    ahead = (utc_now() + timedelta(hours=2)).isoformat(" ")
    with closing(sqlite3.connect(synced.state / "strandline.db")) as db, db:
        db.execute("UPDATE runs SET started_at = ?", (ahead,))
        db.execute("UPDATE run_ends SET started_at = ?", (ahead,))
    run = without_y(synced)
    assert synced("history", "--json").json["runs"][0]["run"] == run
    assert synced("history", "last", "--json").json["runs"][0]["run"] == run
    assert synced("undo", "last", "--yes", "--json").json["undoes"] == run


def test_undo_asks_first(synced: Terminal) -> None:
    said = synced("undo", without_y(synced))
    assert said.code == 2
    assert "--yes" in said.err


def test_an_unknown_run_cannot_be_undone(synced: Terminal) -> None:
    for yes in (["--yes"], []):
        said = synced("undo", "20200101-000000-0000", *yes)
        assert said.code == 2
        assert "history" in said.err


def test_the_trash_tells_what_it_holds(synced: Terminal) -> None:
    assert synced("trash", "list", "--json").json["runs"] == []
    run = without_y(synced)
    (listed,) = synced("trash", "list", "--json").json["runs"]
    assert listed["run"] == run
    assert [file["path"] for file in listed["files"]] == ["Playlists/Deep House/Ana - y.flac"]
    assert listed["bytes"] > 0
    line, *more = synced("trash", "list").out.splitlines()
    assert re.fullmatch(rf"{short_of(run)}  20\d\d-\d\d-\d\d \d\d:\d\d  1 file, [\d.]+ kB", line)
    assert not [text for text in more if text.startswith(" ")]


def test_the_trash_of_one_run_names_its_files(synced: Terminal) -> None:
    first = synced("history", "--json").json["runs"][-1]["run"]
    run = without_y(synced)
    for word in (short_of(run), run, "last"):
        assert "    Playlists/Deep House/Ana - y.flac" in synced("trash", "list", word).out
    (listed,) = synced("trash", "list", run, "--json").json["runs"]
    assert listed["run"] == run
    assert synced("trash", "list", first).code == 2
    assert synced("trash", "list", "nonsense").code == 2


def test_the_trash_shows_when_a_run_was_by_the_clock_here(synced: Terminal) -> None:
    run = without_y(synced)
    began = datetime.strptime(run[:15], "%Y%m%d-%H%M%S")  # noqa: DTZ007 - naive UTC
    assert local(began) in synced("trash", "list").out


def test_a_file_comes_back_from_the_trash(synced: Terminal) -> None:
    run = without_y(synced)
    said = synced("trash", "restore", run, "Playlists/Deep House/Ana - y.flac")
    assert said.code == 0
    assert (synced.playlists / "Deep House" / "Ana - y.flac").exists()
    assert synced("trash", "list", "--json").json["runs"] == []


def test_restoring_replaces_nothing(synced: Terminal) -> None:
    run = without_y(synced)
    place = synced.playlists / "Deep House" / "Ana - y.flac"
    place.write_text("mine")
    said = synced("trash", "restore", run)
    assert said.code == 4
    assert place.read_text() == "mine"


def test_what_the_trash_does_not_hold_cannot_be_restored(synced: Terminal) -> None:
    run = without_y(synced)
    assert synced("trash", "restore", "nonsense").code == 2
    assert synced("trash", "restore", run, "Playlists/A/x.flac").code == 2


def test_emptying_the_trash_needs_a_yes(synced: Terminal) -> None:
    without_y(synced)
    assert synced("trash", "empty").code == 2
    assert len(synced("trash", "list", "--json").json["runs"]) == 1


def test_only_old_runs_are_emptied_when_an_age_is_given(synced: Terminal) -> None:
    run = without_y(synced)
    said = synced("trash", "empty", "--older-than", "30d", "--yes", "--json")
    assert (said.code, said.json["runs"]) == (0, [])
    said = synced("trash", "empty", "--older-than", "0h", "--yes", "--json")
    assert said.json["runs"] == [run]
    assert said.json["bytes_freed"] > 0
    assert synced("trash", "list", "--json").json["runs"] == []


def test_an_age_that_is_none_is_wrong_usage(synced: Terminal) -> None:
    assert synced("trash", "empty", "--older-than", "soon", "--yes").code == 2
