"""What goes wrong ends in its exit code, with words to act on, and without a traceback."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from strandline.core.ids import TrackId
from strandline.demo.effects import html, status
from strandline.library.files import LibraryFiles
from strandline.library.lock import lock_library, lock_state
from tests.cli.terminal import Said, Terminal, two_playlists


def told(said: Said, code: int, *words: str) -> None:
    """The error ended in ``code`` and says all of ``words``."""
    assert said.code == code, said
    for word in words:
        assert word in said.err
    assert said.err.startswith("Error: ") or "\nError: " in said.err
    assert "Traceback" not in said.err + said.out


@pytest.mark.parametrize("words", [["sync-check"], ["sync-execute", "--yes"], ["auth", "status"]])
def test_without_a_login_it_says_how_to_log_in(fresh: Terminal, words: list[str]) -> None:
    told(fresh(*words), 6, "strandline auth login")
    said = fresh(*words, "--json")
    assert (said.json["code"], said.json["error"]) == (6, "login")


def test_a_login_that_tidal_no_longer_accepts(t: Terminal) -> None:
    t.tidal.logins.revoke()
    told(t("sync-check"), 6, "no longer accepts", "strandline auth login")
    assert (t.state / "login.json").exists()


def test_tidal_is_not_there(synced: Terminal) -> None:
    synced.tidal.faults.on("**", status(503), times=None)
    before = synced.tree()
    for words in (["sync-check"], ["sync-execute", "--yes"], ["auth", "status"]):
        told(synced(*words), 8, "TIDAL")
    assert synced.tree() == before
    assert synced("sync-check", "--offline").code == 0


def test_a_network_that_answers_with_its_own_page(t: Terminal) -> None:
    t.tidal.faults.on("**", html(), times=None)
    told(t("sync-check"), 8, "TIDAL")


def test_the_network_is_gone(t: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_TIDAL_URL", "http://127.0.0.1:9")
    told(t("sync-check"), 8, "could not be reached")


def test_another_run_holds_the_state_folder(t: Terminal) -> None:
    with lock_state(t.state):
        for words in (["sync-check"], ["sync-execute", "--yes"], ["verify"]):
            told(t(*words), 7, "Another run")
        assert t("sync-execute", "--yes", "--json").json["error"] == "busy"


def test_who_holds_the_state_folder_is_told_and_since_when(t: Terminal) -> None:
    with lock_state(t.state, "sync-execute"):
        assert re.search(
            r"is using .*: sync-execute, since \d{4}-\d\d-\d\d \d\d:\d\d"
            rf" \(process {os.getpid()}\)\.",
            t("sync-check").err,
        )


def test_a_run_says_who_it_is_to_others(synced: Terminal) -> None:
    assert (synced.state / "lock").read_text() == f"sync-execute {os.getpid()}"


def test_another_run_holds_the_library(synced: Terminal) -> None:
    with lock_library(synced.library):
        told(synced("sync-execute", "--yes"), 7, "Another run")
        assert synced("sync-check").code == 0
        assert synced("sync-status").code == 0


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("librari = '/x'", ["line 1", "librari", "library"]),
        ("\n[sync]\nlink_mode = 'hard'", ["line 3", "sync.link_mode"]),
        ("[audio]\nbitrate = '320'", ["line 2", "audio.bitrate"]),
        ("[", ["TOML"]),
    ],
)
def test_a_config_with_a_mistake(fresh: Terminal, text: str, words: list[str]) -> None:
    fresh.settings.write_text(text)
    told(fresh("sync-check"), 2, *words)
    assert fresh("sync-status", "--json").json["error"] == "config"


def test_a_config_file_that_does_not_exist(fresh: Terminal) -> None:
    told(fresh("sync-check", "--config", "/nonexistent/config.toml"), 2, "does not exist")


def test_a_place_for_the_config_where_nothing_is_written_yet(fresh: Terminal) -> None:
    fresh.settings.unlink(missing_ok=True)
    assert fresh("sync-status").code == 0
    shown = fresh("config", "show", "--json").json
    assert shown["config"] == str(fresh.settings)


def test_an_origin_that_is_none(fresh: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_TIDAL_URL", "tidal.example/path")
    told(fresh("sync-check"), 2, "STRANDLINE_TIDAL_URL")


def test_a_downloader_that_does_not_exist(t: Terminal) -> None:
    two_playlists(t)
    t.settings.write_text('[download]\nsource = "command"\ncommand = ["/nonexistent", "{url}"]\n')
    told(t("sync-execute", "--yes"), 2, "/nonexistent")
    assert not t.playlists.exists()


# ---------------------------------------------------------------- the library folder


@pytest.mark.parametrize("place", ["", "mp3", "mp3/Playlists"])
def test_a_file_where_a_folder_should_be(t: Terminal, place: str) -> None:
    two_playlists(t)
    path = t.library / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    for words in (["sync-check"], ["sync-execute", "--yes"]):
        told(t(*words), 2, str(path), "not a folder")
    assert path.read_text() == "mine"


def test_a_dangling_link_where_the_library_should_be(t: Terminal) -> None:
    t.library.symlink_to("/nonexistent/disk")
    told(t("sync-execute", "--yes"), 2, str(t.library))


@pytest.mark.parametrize("folder", ["/", "~"])
def test_a_library_that_would_be_everything(t: Terminal, folder: str) -> None:
    (t.folder / "home").mkdir()
    told(t("sync-execute", "--yes", "--library", folder), 2, "cannot be")


def test_a_library_that_cannot_be_written(t: Terminal) -> None:
    two_playlists(t)
    told(t("sync-execute", "--yes", "--library", "/proc/strandline"), 2, "/proc/strandline")


def test_a_full_disk_ends_the_run_cleanly(t: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    two_playlists(t)
    with monkeypatch.context() as full:
        full.setattr(LibraryFiles, "free_bytes", lambda _self: 0)
        said = t("sync-execute", "--yes", "--json")
    assert said.code == 4
    result = said.json["result"]
    assert result["stopped"]["error"] == "disk_full"
    assert result["done"]["download"] == 0
    named = [item["path"] for item in (*result["failed"], *result["skipped"])]
    assert named == [a["path"] for a in said.json["actions"] if a["action"] != "create_folder"]
    assert "Error: the run ended early" in said.err
    assert t("sync-execute", "--yes").code == 0


# ---------------------------------------------------------------- the database


def test_a_database_of_a_newer_version_is_left_alone(synced: Terminal) -> None:
    path = synced.state / "strandline.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999_future'")
        db.commit()
    for words in (["sync-check"], ["sync-status"], ["db", "upgrade"], ["db", "status"]):
        said = synced(*words)
        assert said.code == (0 if words == ["db", "status"] else 2), (words, said)
    told(synced("sync-status"), 2, "newer version")


def test_a_damaged_database(t: Terminal) -> None:
    t.state.mkdir(exist_ok=True)
    (t.state / "strandline.db").write_bytes(b"not a database, " * 100)
    for words in (["sync-check"], ["sync-status"], ["db", "status"], ["history"]):
        told(t(*words), 2, "strandline.db")


@pytest.mark.parametrize("url", ["postgresql://u:secret@h/db", "sqlite:///", "/dev/null/x.db"])
def test_a_database_that_is_none(fresh: Terminal, url: str) -> None:
    said = fresh("sync-status", "--database-url", url)
    told(said, 2)
    assert "secret" not in said.err


def test_an_old_database_is_copied_and_upgraded_without_being_asked(t: Terminal) -> None:
    from tests.migrations.old_databases import OldDatabase

    path = t.folder / "old.db"
    OldDatabase(path)
    said = t("sync-status", "--database-url", str(path))
    assert said.code == 0, said.err
    assert "copied first" in said.err
    assert "copied" not in t("sync-status", "--database-url", str(path)).err


# ---------------------------------------------------------------- bugs and interruptions


def test_a_bug_shows_no_traceback_but_logs_it(t: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret details")

    monkeypatch.setattr("strandline.app.reports.status", broken)
    said = t("sync-status")
    told(said, 1, "bug", str(t.log))
    assert "secret details" not in said.err
    assert "ZeroDivisionError: secret details" in t.log.read_text()
    assert t("sync-status", "--json").json["code"] == 1


def test_ctrl_c_finishes_the_item_in_hand_and_the_next_run_goes_on(t: Terminal) -> None:
    t.settings.write_text('[audio]\nformat = "original"\n[download]\nworkers = 1\n')
    tracks = [t.track(f"n{number}") for number in range(12)]
    t.account.playlist("A", tracks)
    with subprocess.Popen(
        [sys.executable, "-m", "strandline", "sync-execute", "--yes"],
        env={**os.environ, **t.environment},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        path = "/v1/tracks/*/playbackinfopostpaywall"
        t.tidal.faults.on(path, before=lambda: os.kill(child.pid, 2), nth=2)
        _, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert "press Ctrl-C again" in err
    assert "left for the next run" in err
    there = len(list((t.playlists / "A").iterdir()))
    assert 0 < there < len(tracks)
    assert t("history", "--json").json["runs"][0]["status"] == "interrupted"
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["result"]["done"]["download"]) == (0, len(tracks) - there)


def test_a_second_ctrl_c_does_not_wait_for_a_server_that_hangs(t: Terminal) -> None:
    t.account.playlist("A", [t.track(f"n{number}") for number in range(3)])
    hangs = threading.Event()
    with subprocess.Popen(
        [sys.executable, "-m", "strandline", "sync-execute", "--yes", "--json"],
        env={**os.environ, **t.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stderr

        def hang() -> None:
            os.kill(child.pid, signal.SIGINT)
            hangs.wait(60)

        t.tidal.faults.on("/v1/tracks/*/playbackinfopostpaywall", before=hang, nth=1)
        heard = child.stderr.readline()
        while heard and "again to abort" not in heard:
            heard = child.stderr.readline()
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=30)
        hangs.set()
    assert child.returncode == 130
    assert json.loads(out)["error"] == "interrupted"
    assert t("sync-execute", "--yes", "--json").json["result"]["done"]["download"] == 3
    assert t("verify").code == 0


def test_ctrl_c_before_the_first_step_leaves_everything_as_it_is(
    t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    two_playlists(t)
    monkeypatch.setattr("strandline.app.check.take_snapshot", interrupt)
    told(t("sync-execute", "--yes"), 130, "Interrupted")
    assert not t.library.exists()


def test_a_reader_that_goes_away_is_no_error(synced: Terminal) -> None:
    command = f"{sys.executable} -m strandline sync-status --json | true"
    environment = {**os.environ, **synced.environment}
    done = subprocess.run(
        ["sh", "-c", command],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_no_bug(synced: Terminal, closed: str) -> None:
    command = f"{sys.executable} -m strandline sync-execute --yes {closed}"
    done = subprocess.run(["sh", "-c", command], env={**os.environ, **synced.environment})
    assert done.returncode == 0
    assert not synced.log.exists() or "Traceback" not in synced.log.read_text()


@pytest.mark.parametrize("step", ["claim_marker", "confirm_marker"])
def test_a_library_whose_making_was_cut_off_is_made_by_the_next_run(
    t: Terminal, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    two_playlists(t)
    with monkeypatch.context() as once:
        once.setattr(f"strandline.app.library_marker.{step}", killed)
        assert t("sync-execute", "--yes").code == 130
    assert t("sync-check").code == 0
    assert t("sync-execute", "--yes", "--json").json["result"]["done"]["download"] == 2
    assert t("sync-check", "--exit-code").code == 0


def test_what_failed_is_counted_as_what_it_is_and_the_next_step_is_told(t: Terminal) -> None:
    playlist, _ = two_playlists(t)
    bad = TrackId(str(playlist.entries[1].item.id))
    t.tidal.faults.on(f"/v1/tracks/{bad}/playbackinfopostpaywall", status(404), times=None)
    said = t("sync-execute", "--yes")
    assert said.code == 4
    assert "1 track failed:" in said.err
    assert "The next sync tries again; `strandline tracks --status error` lists" in said.err
    assert "Ana - y" in t("tracks", "--status", "error").out


def test_a_track_that_left_while_it_failed_is_no_error_any_more(t: Terminal) -> None:
    playlist, _ = two_playlists(t)
    bad = TrackId(str(playlist.entries[1].item.id))
    t.tidal.faults.on(f"/v1/tracks/{bad}/playbackinfopostpaywall", status(404), times=None)
    assert t("sync-execute", "--yes").code == 4
    t.account.remove(playlist, 1)
    assert t("sync-execute", "--yes").code == 0
