"""sync-status, dedupe-report and history: documents with the keys that scripts rely on."""

from __future__ import annotations

from tests.cli.terminal import Terminal


def test_the_status_of_a_synced_library(synced: Terminal) -> None:
    asked = len(synced.tidal.requests)
    said = synced("sync-status", "--json")
    assert said.code == 0
    document = said.json
    assert document["schema"] == "strandline.sync-status/1"
    assert document["playlists"] == {
        "total": 2, "in_sync": 2, "needs_download": 0,
        "needs_update": 0, "needs_removal": 0, "unknown": 0, "excluded": 0,
    }  # fmt: skip
    assert document["tracks"] == {
        "total": 2, "downloaded": 2, "not_downloaded": 0,
        "downloading": 0, "error": 0, "unavailable": 0, "excluded": 0,
    }  # fmt: skip
    size = (synced.playlists / "Deep House" / "Ana - x.flac").stat().st_size
    assert document["dedupe"] == {"shared_tracks": 1, "links": 1, "bytes_saved": size}
    assert document["same_recording"] == 0
    item = document["items"][0]
    assert item.keys() >= {
        "playlist", "name", "folder", "status", "tracks", "downloaded", "errors",
        "last_updated_tidal", "last_synced_filesystem",
    }  # fmt: skip
    assert item["folder"] == "mp3/Playlists/Deep House/"
    assert item["last_synced_filesystem"]
    assert len(synced.tidal.requests) == asked


def test_the_status_after_a_check_tells_what_is_pending(synced: Terminal) -> None:
    deep, sunday = synced.account.playlists.values()
    synced.account.add(sunday, synced.track("z"))
    synced.account.remove(deep, 1)
    assert synced("sync-check").code == 0
    items = {item["name"]: item for item in synced("sync-status", "--json").json["items"]}
    assert items["Deep House"]["status"] == "needs_update"
    assert items["Sunday"]["status"] == "needs_download"


def test_a_playlist_that_is_gone_from_tidal_needs_removal(synced: Terminal) -> None:
    synced.account.delete(list(synced.account.playlists.values())[1])
    assert synced("sync-check").code == 0
    items = {item["name"]: item for item in synced("sync-status", "--json").json["items"]}
    assert items["Sunday"]["status"] == "needs_removal"
    assert synced("sync-execute", "--yes").code == 0
    assert synced("sync-status", "--json").json["playlists"]["total"] == 1


def test_the_status_can_be_narrowed_to_a_playlist(synced: Terminal) -> None:
    said = synced("sync-status", "--json", "--playlist", "sunday")
    assert [item["name"] for item in said.json["items"]] == ["Sunday"]
    assert synced("sync-status", "--playlist", "Sundae").code == 2


def test_the_status_before_anything_is_known_is_empty(fresh: Terminal) -> None:
    said = fresh("sync-status", "--json")
    assert (said.code, said.json["playlists"]["total"], said.json["items"]) == (0, 0, [])


def test_a_run_with_nothing_to_do_has_the_same_keys(synced: Terminal) -> None:
    result = synced("sync-execute", "--yes", "--json").json["result"]
    assert result["run"] is None
    assert result.keys() >= {"done", "failed", "skipped", "notes", "interrupted", "stopped"}


def test_who_shares_which_file(synced: Terminal) -> None:
    said = synced("dedupe-report", "--json")
    assert said.code == 0
    assert said.json["schema"] == "strandline.dedupe-report/1"
    (group,) = said.json["groups"]
    size = (synced.playlists / "Deep House" / "Ana - x.flac").stat().st_size
    assert group["primary"] == "Playlists/Deep House/Ana - x.flac"
    assert group["links"] == ["Playlists/Sunday/Ana - x.flac"]
    assert (group["artist"], group["title"]) == ("Ana", "x")
    assert group["bytes"] == group["bytes_saved"] == said.json["bytes_saved"] == size
    assert "1 shared track" in synced("dedupe-report").out


def test_history_lists_runs_and_their_steps(synced: Terminal) -> None:
    said = synced("history", "--json")
    (run,) = said.json["runs"]
    assert (run["command"], run["status"], run["failed"]) == ("sync-execute", "done", 0)
    steps = synced("history", "--json", run["run"]).json["steps"]
    assert [step["action"] for step in steps].count("download") == 2
    assert "+ Ana - x: downloaded" in synced("history", run["run"]).out
    assert synced("history", "nonsense").code == 2


def test_the_log_tells_what_began_and_how_it_ended(synced: Terminal) -> None:
    assert synced("sync-check", "--playlist", "none").code == 2
    log = synced.log.read_text()
    assert f"strandline sync-execute began in {synced.library}" in log
    assert "ended with 2: There is no playlist 'none'." in log


def test_in_a_pipe_a_table_is_lines_of_fields(synced: Terminal) -> None:
    lines = synced("sync-status").out.splitlines()
    assert lines[0].split("\t")[:4] == ["Deep House", "in sync", "2", "2"]
    assert lines[-1].startswith("1 link saves ")


def test_files_with_the_same_content_are_named_when_asked_for(synced: Terminal) -> None:
    audio = (synced.playlists / "Deep House" / "Ana - x.flac").read_bytes()
    (synced.playlists / "Sunday" / "mine.flac").write_bytes(audio)
    assert "same_content" not in synced("dedupe-report", "--json").json
    document = synced("dedupe-report", "--content", "--json").json
    paths = ["Playlists/Deep House/Ana - x.flac", "Playlists/Sunday/mine.flac"]
    assert document["same_content"] == [{"bytes": len(audio), "paths": paths}]
    assert document["bytes_wasted"] == len(audio)
    assert "mine.flac" in synced("dedupe-report", "--content").out


def test_one_recording_under_two_ids_is_named_when_asked_for(t: Terminal) -> None:
    twins = [t.account.track("x", "Ana", isrc="GBAYE0601498", album=name) for name in "AB"]
    t.account.playlist("Deep House", [twins[0]])
    t.account.playlist("Sunday", [twins[1]])
    assert t("sync-execute", "--yes").code == 0
    (one,) = t("dedupe-report", "--recordings", "--json").json["recordings"]
    assert one["primary"] == str(twins[0].id)
    assert [track["playlists"] for track in one["tracks"]] == [["Deep House"], ["Sunday"]]
    assert one["bytes"] > 0
    assert "1 recording under several ids" in t("dedupe-report", "--recordings").out
    assert t("dedupe-report", "--recordings", "--content").code == 2
