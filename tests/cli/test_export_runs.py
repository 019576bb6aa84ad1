"""An export is a run: in history, undone, cut off, stopped by a full disk, written after a sync."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from strandline.library.files.syscalls import Syscalls
from tests.cli.exported import FORMATS, exports, tree, where
from tests.cli.terminal import Terminal


def last_run(t: Terminal) -> str:
    run = t("history", "--json").json["runs"][0]["run"]
    assert isinstance(run, str)
    return run


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_is_in_history_and_can_be_undone(synced: Terminal, form: str) -> None:
    place = where(synced, form)
    folder = synced.folder / "_Serato_" if place else exports(synced)
    synced("export", form, *place)
    first = last_run(synced)
    before = tree(folder)
    synced.account.add(list(synced.account.playlists.values())[1], synced.track("z"))
    synced("sync-execute", "--yes")
    assert synced("export", form, *place).code == 0
    assert tree(folder) != before
    said = synced("undo", last_run(synced), "--yes", "--json")
    assert said.code == 0, said.err
    assert tree(folder) == before
    assert synced("undo", first, "--yes").code == 0
    assert tree(folder) == {}


def test_what_was_edited_since_is_not_undone(synced: Terminal) -> None:
    synced("export", "itunes")
    file = exports(synced) / "itunes.xml"
    file.write_text("edited")
    said = synced("undo", last_run(synced), "--yes")
    assert said.code == 4
    assert "The next export to the same place" in said.out
    assert "The next sync" not in said.out
    assert file.read_text() == "edited"


def test_the_old_export_comes_back_from_the_trash(synced: Terminal) -> None:
    synced("export", "itunes")
    file = exports(synced) / "itunes.xml"
    old = file.read_bytes()
    synced("export", "itunes", "--playlist", "Sunday")
    run = last_run(synced)
    (listed,) = synced("trash", "list", "--json").json["runs"]
    assert [it["path"] for it in listed["files"]] == ["exports/itunes.xml"]
    assert synced("trash", "restore", run).code == 4  # the new one stands there
    file.rename(synced.folder / "aside")
    assert synced("trash", "restore", run).code == 0
    assert file.read_bytes() == old


def test_exports_are_written_after_a_sync_that_changed_something(t: Terminal) -> None:
    t.settings.write_text(t.settings.read_text() + '[export]\nafter_sync = ["rekordbox", "m3u8"]\n')
    deep = t.account.playlist("Deep House", [t.track("x")])
    said = t("sync-execute", "--yes", "--json").json
    assert said["result"]["done"]["export"] == 3  # and the list of what lies there
    file = exports(t) / "rekordbox.xml"
    before = file.read_bytes()
    assert b'Entries="1"' in before
    t.account.add(deep, t.track("y"))
    t("sync-execute", "--yes")
    assert b"Ana%20-%20y" in file.read_bytes()
    assert t("undo", last_run(t), "--yes").code == 0  # one run, the exports with it
    assert file.read_bytes() == before
    said = t("sync-execute", "--yes", "--json").json
    assert t("sync-execute", "--yes", "--json").json["result"]["run"] is None
    t.settings.write_text(t.settings.read_text().replace("rekordbox", "serato"))
    assert t("sync-check").code == 2


def test_a_full_disk_leaves_the_old_export(synced: Terminal) -> None:
    synced("export", "itunes")
    before = tree(exports(synced))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Syscalls, "write", full)
        assert synced("export", "itunes", "--playlist", "Sunday").code == 4
    assert tree(exports(synced)) == before


KILLED = """
import os, signal
from strandline.cli.main import main
from strandline.library.files import crash
def hook(name):
    if name == os.environ["KILLED_AT"]:
        os.kill(os.getpid(), signal.SIGKILL)
crash.hook = hook
main()
"""


@pytest.mark.parametrize("point", ["export.before_rename", "export.after_rename"])
def test_an_export_that_was_cut_off_is_settled_by_the_next_run(
    synced: Terminal, point: str
) -> None:
    synced("export", "itunes")
    before = (exports(synced) / "itunes.xml").read_bytes()
    synced("export", "itunes", "--playlist", "Sunday")
    after = (exports(synced) / "itunes.xml").read_bytes()
    synced("export", "itunes")
    command = [sys.executable, "-c", KILLED, "export", "itunes", "--playlist", "Sunday"]
    env = {**os.environ, **synced.environment, "KILLED_AT": point}
    assert subprocess.run(command, env=env, timeout=60).returncode == -signal.SIGKILL
    assert (exports(synced) / "itunes.xml").read_bytes() in (before, after)
    assert synced("export", "itunes", "--playlist", "Sunday").code == 0
    assert set(tree(exports(synced))) == {"itunes.xml"}
    assert (exports(synced) / "itunes.xml").read_bytes() == after
    with closing(sqlite3.connect(synced.state / "strandline.db")) as db:
        assert (
            db.execute("SELECT count(*) FROM run_steps WHERE state = 'intent'").fetchone()[0] == 0
        )


def test_a_file_that_stays_is_not_told_as_written_and_stands_in_history(synced: Terminal) -> None:
    folder = exports(synced) / "m3u8"
    folder.mkdir(parents=True)
    (folder / "Sunday.m3u8").write_text("mine")
    said = synced("export", "m3u8", "--json")
    assert said.json["files"] == ["exports/m3u8/Deep House.m3u8"]
    failed = synced("history", "last", "--json").json["steps"]
    assert [it["state"] for it in failed].count("failed") == 1
    text = synced("export", "m3u8")
    assert text.code == 4
    assert "1 of 2 files: 2 playlists" in text.out
    assert text.err.count("Sunday.m3u8") == 1
    assert "1 failed" in synced("history").out


def test_an_export_that_a_full_disk_stopped_leaves_nothing_open(synced: Terminal) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Syscalls, "write", full)
        said = synced("export", "itunes", "--to", str(synced.folder / "x.xml"))
    assert said.code == 4
    assert "x.xml was not written" in said.out
    assert synced("verify").code == 0
