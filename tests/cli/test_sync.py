"""sync-check and sync-execute as a script sees them: documents, exit codes, and what they touch."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from strandline.demo.effects import short_page, status
from tests.cli.terminal import Terminal, two_playlists

COUNTS = {
    "create_folder", "rename_folder", "remove_folder", "download", "move",
    "link", "relink", "unlink", "trash", "conflict",
}  # fmt: skip


def test_a_check_says_what_a_sync_would_do(t: Terminal) -> None:
    two_playlists(t)
    said = t("sync-check", "--json")
    assert said.code == 0
    found = said.json
    assert found["schema"] == "strandline.sync-check/1"
    assert found["in_sync"] is False
    assert found["tidal"] == {"playlists": 2, "tracks": 2, "complete": True, "incomplete": []}
    assert found["library"] == {"playlists": 0, "tracks": 0, "links": 0, "foreign_files": 0}
    assert found["counts"].keys() == COUNTS
    assert (found["counts"]["download"], found["counts"]["link"]) == (2, 1)
    assert found["alarms"] == []
    link = next(action for action in found["actions"] if action["action"] == "link")
    assert link["path"] == "Playlists/Sunday/Ana - x.flac"
    assert link["source"] == "Playlists/Deep House/Ana - x.flac"
    assert link["because"] == "new_playlist"
    assert link.keys() >= {"action", "path", "track", "playlist", "because", "source"}


def test_a_check_creates_nothing_below_the_library(t: Terminal) -> None:
    two_playlists(t)
    assert t("sync-check").code == 0
    assert not t.library.exists()


def test_a_check_touches_nothing_below_the_library(synced: Terminal) -> None:
    synced.account.playlist("New", [synced.track("z")])
    before = synced.tree()
    for words in ([], ["--full"], ["--offline"], ["--playlist", "New"]):
        assert synced("sync-check", *words).code == 0
    assert synced.tree() == before


def test_the_exit_code_tells_that_changes_are_pending_when_asked(t: Terminal) -> None:
    two_playlists(t)
    assert t("sync-check", "--exit-code").code == 3
    assert t("sync-execute", "--yes").code == 0
    assert t("sync-check", "--exit-code").code == 0


def test_a_sync_does_what_the_check_said(t: Terminal) -> None:
    two_playlists(t)
    done = t("sync-execute", "--yes", "--json")
    assert done.code == 0
    document = done.json
    assert document["schema"] == "strandline.sync-execute/1"
    assert document["result"]["done"].keys() == COUNTS
    assert document["result"]["done"]["download"] == 2
    assert document["result"]["failed"] == document["result"]["skipped"] == []
    assert document["result"]["run"]
    link = t.playlists / "Sunday" / "Ana - x.flac"
    assert str(link.readlink()) == "../Deep House/Ana - x.flac"
    assert t("sync-check", "--json").json["in_sync"] is True


def test_a_second_sync_does_nothing_and_writes_nothing(synced: Terminal) -> None:
    before = synced.tree()
    said = synced("sync-execute", "--yes", "--json")
    assert said.code == 0
    assert said.json["actions"] == []
    assert said.json["result"]["run"] is None
    assert synced.tree() == before


def test_without_a_terminal_a_sync_needs_yes(t: Terminal) -> None:
    two_playlists(t)
    said = t("sync-execute")
    assert said.code == 2
    assert "--yes" in said.err
    assert not t.library.exists()


def test_a_no_leaves_everything_as_it_is(t: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    two_playlists(t)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("strandline.cli.execute.confirmed", lambda *_, **__: False)
    said = t("sync-execute")
    assert said.code == 0
    assert "download 2 tracks" in said.out
    assert "Nothing was done" in said.err
    assert not t.library.exists()


def test_only_the_playlist_that_was_named_is_synced(t: Terminal) -> None:
    two_playlists(t)
    assert t("sync-execute", "--yes", "--playlist", "SUNDAY").code == 0
    assert [path.name for path in t.playlists.iterdir()] == ["Sunday"]


def test_a_playlist_can_be_named_by_its_uuid(t: Terminal) -> None:
    _, sunday = two_playlists(t)
    said = t("sync-check", "--json", "--playlist", sunday.uuid)
    assert {action["playlist"] for action in said.json["actions"]} == {sunday.uuid}


def test_of_two_names_that_differ_in_case_the_exact_one_is_meant(t: Terminal) -> None:
    deep = t.account.playlist("deep house", [t.track("x")])
    t.account.playlist("Deep House", [t.track("y")])
    said = t("sync-check", "--json", "--playlist", "deep house")
    assert {action["playlist"] for action in said.json["actions"]} == {deep.uuid}
    both = t("sync-check", "--json", "--playlist", "DEEP HOUSE").json
    assert len({action["playlist"] for action in both["actions"]}) == 2


def test_a_library_that_was_moved_keeps_working(synced: Terminal) -> None:
    moved = synced.folder / "elsewhere"
    synced.library.rename(moved)
    for words in (["sync-check", "--exit-code"], ["sync-execute", "--yes"], ["verify"]):
        assert synced(*words, "--library", str(moved)).code == 0
    with closing(sqlite3.connect(synced.state / "strandline.db")) as db:
        (link,) = db.execute("SELECT symlink_path FROM playlist_tracks WHERE NOT is_primary")
    assert link == (str(moved / "mp3/Playlists/Sunday/Ana - x.flac"),)


def test_an_unknown_playlist_is_answered_with_the_nearest_names(t: Terminal) -> None:
    two_playlists(t)
    said = t("sync-check", "--playlist", "Dep House")
    assert said.code == 2
    assert "'Dep House'" in said.err
    assert "'Deep House'" in said.err


def test_offline_the_last_snapshot_counts(synced: Terminal) -> None:
    synced.account.playlist("New", [synced.track("z")])
    asked = len(synced.tidal.requests)
    assert synced("sync-check", "--offline", "--json").json["in_sync"] is True
    assert len(synced.tidal.requests) == asked


def test_offline_before_any_snapshot_says_that_nothing_is_known(t: Terminal) -> None:
    said = t("sync-check", "--offline")
    assert said.code == 4
    assert "have not been read" in said.out


# ---------------------------------------------------------------- what is incomplete


def test_a_playlist_that_came_short_is_named_and_the_rest_goes_on(synced: Terminal) -> None:
    deep = next(p for p in synced.account.playlists.values() if p.title == "Deep House")
    synced.account.playlist("New", [synced.track("z")])
    synced.account.remove(deep, 0)
    synced.tidal.faults.on(f"/v1/playlists/{deep.uuid}/items", short_page(), times=None)
    said = synced("sync-execute", "--yes", "--json")
    assert said.code == 4
    (incomplete,) = said.json["tidal"]["incomplete"]
    assert (incomplete["playlist"], incomplete["name"]) == (deep.uuid, "Deep House")
    assert incomplete["reason"]
    assert said.json["tidal"]["complete"] is False
    assert said.json["counts"]["trash"] == said.json["counts"]["unlink"] == 0
    assert (synced.playlists / "New" / "Ana - z.flac").exists()
    assert "Deep House" in said.err


def test_a_track_that_fails_is_named_and_the_rest_is_done(t: Terminal) -> None:
    x, y = t.track("x"), t.track("y")
    t.account.playlist("A", [x, y])
    t.account.playlist("B", [x])
    t.tidal.faults.on(f"/v1/tracks/{x.id}/playbackinfopostpaywall", status(404), times=None)
    said = t("sync-execute", "--yes", "--json")
    assert said.code == 4
    (failed,) = said.json["result"]["failed"]
    assert failed["action"] == "download"
    assert failed["path"] == "Playlists/A/Ana - x.flac"
    assert failed["error"]
    assert [item["path"] for item in said.json["result"]["skipped"]] == ["Playlists/B/Ana - x.flac"]
    assert (t.playlists / "A" / "Ana - y.flac").exists()
    assert "Ana - x.flac" in said.err
    assert t("sync-status", "--json").json["tracks"]["error"] == 1


def test_a_file_of_the_users_in_the_way_is_named_and_kept(t: Terminal) -> None:
    t.account.playlist("A", [t.track("x")])
    place = t.playlists / "A"
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    said = t("sync-execute", "--yes", "--json")
    assert said.code == 4
    assert said.json["counts"]["conflict"] == 1
    (skipped,) = said.json["result"]["skipped"]
    assert (skipped["action"], skipped["path"]) == ("conflict", "Playlists/A")
    assert place.read_text() == "mine"


# ---------------------------------------------------------------- safety stops


def emptied(t: Terminal, entries: int = 8) -> None:
    """A synced playlist of so many tracks, of which TIDAL then lists none."""
    playlist = t.account.playlist("A", [t.track(f"n{number}") for number in range(entries)])
    t.account.playlist("B", [t.track("b")])
    assert t("sync-execute", "--yes").code == 0
    t.account.clear(playlist)


def test_a_mass_removal_stops_before_the_first_step(t: Terminal) -> None:
    emptied(t)
    before = t.tree()
    assert [alarm["code"] for alarm in t("sync-check", "--json").json["alarms"]] == ["mass_removal"]
    said = t("sync-execute", "--yes", "--json")
    assert said.code == 5
    assert said.json["schema"] == "strandline.error/1"
    assert (said.json["code"], said.json["error"]) == (5, "mass_removal")
    assert "sync-execute --accept-removals 8" in said.json["hint"]
    assert t.tree() == before


def test_a_mass_removal_goes_ahead_when_it_is_what_was_meant(t: Terminal) -> None:
    emptied(t)
    assert t("sync-execute", "--yes", "--max-removals", "8").code == 0
    assert list((t.playlists / "A").iterdir()) == []


def test_a_limit_that_is_none_is_wrong_usage(t: Terminal) -> None:
    said = t("sync-execute", "--yes", "--max-removals", "many")
    assert said.code == 2
    assert "25%" in said.err


def test_no_playlists_at_all_stops(synced: Terminal) -> None:
    for playlist in list(synced.account.playlists.values()):
        synced.account.delete(playlist)
    before = synced.tree()
    said = synced("sync-execute", "--yes", "--json")
    assert (said.code, said.json["error"]) == (5, "empty_tidal")
    assert synced.tree() == before


def test_a_library_that_is_not_mounted_stops(synced: Terminal) -> None:
    synced.library.rename(synced.folder / "away")
    synced.library.mkdir()
    for words in (["sync-execute", "--yes"], ["sync-check"], ["verify"]):
        said = synced(*words, "--json")
        assert (said.code, said.json["error"]) == (5, "library_missing")
        assert f"move the database {synced.state / 'strandline.db'} away" in said.json["hint"]
    assert list(synced.library.iterdir()) == []


def test_a_library_of_another_database_stops(synced: Terminal) -> None:
    other = str(synced.folder / "other.db")
    assert synced("sync-execute", "--yes", "--database-url", other).code == 0
    said = synced("sync-execute", "--yes", "--json")
    assert (said.code, said.json["error"]) == (5, "library_on_other_database")


def test_a_lost_database_takes_the_library_over_without_downloading(synced: Terminal) -> None:
    for path in synced.state.glob("strandline.db*"):
        path.unlink()
    assert synced("sync-check", "--json").json["counts"]["download"] == 0
    said = synced("sync-execute", "--yes", "--json")
    assert said.code == 0
    assert not any(said.json["result"]["done"].values())
    assert synced("sync-check", "--json").json["in_sync"] is True
    assert synced("sync-status", "--json").json["tracks"]["downloaded"] == 2


def test_a_disk_that_went_away_before_the_first_file_is_no_new_library(t: Terminal) -> None:
    """Another one would be made in its place, and the disk be a stranger's when it is back."""
    two_playlists(t)
    gone = t.folder / "unplugged"
    t.tidal.faults.on("/mediatracks/**", before=lambda: t.library.rename(gone))
    assert t("sync-execute", "--yes").code == 5
    for words in (["sync-execute", "--yes"], ["sync-check"]):
        said = t(*words, "--json")
        assert (said.code, said.json["error"]) == (5, "library_missing")
    assert not t.library.exists()
    gone.rename(t.library)
    assert t("sync-execute", "--yes").code == 0


def test_the_login_of_another_account_stops(synced: Terminal) -> None:
    synced.account.user_id = 2002
    synced.logged_in()
    before = synced.tree()
    for words in (["sync-execute", "--yes"], ["sync-check"]):
        said = synced(*words, "--json")
        assert (said.code, said.json["error"]) == (5, "other_account")
    assert synced.tree() == before


# ---------------------------------------------------------------- saved plans


def planned(t: Terminal) -> Path:
    path = t.folder / "plan.json"
    assert t("sync-check", "--out", str(path)).code == 0
    return path


def test_a_saved_plan_is_carried_out_as_saved(t: Terminal) -> None:
    two_playlists(t)
    path = planned(t)
    assert json.loads(path.read_text())["schema"] == "strandline.sync-check/1"
    said = t("sync-execute", "--yes", "--json", "--plan", str(path))
    assert (said.code, said.json["result"]["done"]["download"]) == (0, 2)


def test_a_plan_does_only_what_it_names(t: Terminal) -> None:
    two_playlists(t)
    path = planned(t)
    t.account.playlist("New", [t.track("z")])
    assert t("sync-execute", "--yes", "--plan", str(path)).code == 0
    assert sorted(folder.name for folder in t.playlists.iterdir()) == ["Deep House", "Sunday"]


def test_a_plan_that_no_longer_fits_is_refused_whole(t: Terminal) -> None:
    deep, _ = two_playlists(t)
    path = planned(t)
    t.account.remove(deep, 1)
    said = t("sync-execute", "--yes", "--json", "--plan", str(path))
    assert (said.code, said.json["error"]) == (5, "plan_stale")
    assert "have changed since. 1 of its " in said.json["message"]
    assert not t.library.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"actions": [1]}', "\xff", '{"actions": {}}'])
def test_a_file_that_is_no_plan_is_wrong_usage(t: Terminal, text: str) -> None:
    path = t.folder / "plan.json"
    path.write_text(text, encoding="latin-1")
    said = t("sync-execute", "--yes", "--plan", str(path))
    assert said.code == 2
    assert "not a plan" in said.err


def test_a_forged_plan_can_do_nothing_a_fresh_one_would_not(synced: Terminal) -> None:
    action = {"action": "trash", "path": "../../etc/passwd", "because": "left_playlist"}
    path = synced.folder / "plan.json"
    path.write_text(json.dumps({"actions": [action]}))
    before = synced.tree()
    assert synced("sync-execute", "--yes", "--plan", str(path)).code == 5
    assert synced.tree() == before


def test_what_a_damaged_file_means_for_its_playlist_stands_in_one_place(t: Terminal) -> None:
    t.account.playlist("House / Techno", [t.track("x")])
    assert t("sync-execute", "--yes").code == 0
    os.truncate(t.playlists / "House - Techno" / "Ana - x.flac", 1000)
    said = t("sync-check").out.splitlines()
    assert said[0] == "House / Techno"
    assert [line for line in said if "House" in line] == ["House / Techno"]
    assert sum("damaged on disk" in line for line in said) == 2
