"""What a person imported is theirs: it goes to a place of its own, and no age empties that."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from strandline.db.store import utc_now
from strandline.demo.model import Playlist, Track
from tests.cli.own_music import flac, m4a
from tests.cli.terminal import Terminal

AUDIO = '[audio]\nformat = "original"\n'
PATH = "Playlists/A/Ana - x.flac"


class Imported(NamedTuple):
    """x in the playlist A is a file of the person's."""

    t: Terminal
    playlist: Playlist
    x: Track
    run: str

    def leaves(self) -> str:
        """x leaves its playlist; the run that took it away."""
        self.t.account.remove(self.playlist, self.x)
        done = self.t("sync-execute", "--yes", "--json")
        assert done.code == 0, done.err
        return str(done.json["result"]["run"])

    @property
    def trashed(self) -> Path:
        return self.t.library / ".strandline" / "trash" / self.run / PATH


@pytest.fixture
def imported(t: Terminal) -> Imported:
    x = t.track("x")
    playlist = t.account.playlist("A", [x, t.track("y")])
    assert t("sync-check").code == 0
    flac(t.folder / "mine" / "x.flac", title="x", artist="Ana")
    done = t("import", str(t.folder / "mine"), "--mode", "move", "--yes", "--json")
    assert done.code == 0, done.err
    return Imported(t, playlist, x, done.json["result"]["run"])


def long_ago(t: Terminal) -> None:
    """As if every run so far had ended three months ago."""
    at = (utc_now() - timedelta(days=99)).isoformat(" ")
    with closing(sqlite3.connect(t.state / "strandline.db")) as db, db:
        db.execute("UPDATE runs SET finished_at = ?", (at,))


def test_it_goes_back_to_the_trash_of_its_import(imported: Imported) -> None:
    content = (imported.t.playlists / "A" / "Ana - x.flac").read_bytes()
    imported.leaves()
    assert imported.trashed.read_bytes() == content
    (run,) = imported.t("trash", "list", "--json").json["runs"]
    assert (run["run"], run["imported"]) == (imported.run, True)
    assert [file["path"] for file in run["files"]] == [PATH]
    assert "1 file of yours, imported" in imported.t("trash", "list").out


def test_no_age_empties_it_but_the_persons_word_does(imported: Imported) -> None:
    t = imported.t
    imported.leaves()
    long_ago(t)
    t.settings.write_text(f"{AUDIO}[sync]\ntrash_keep_days = 1\n")
    assert t("sync-execute", "--yes").code == 0
    assert t("trash", "empty", "--older-than", "0d", "--yes", "--json").json["runs"] == []
    assert imported.trashed.is_file()
    assert t("trash", "empty", "--yes", "--json").json["runs"] == [imported.run]
    assert not imported.trashed.exists()


def test_not_even_where_strandline_once_fetched_the_very_same_bytes(t: Terminal) -> None:
    x = t.track("x")
    playlist = t.account.playlist("A", [x, t.track("y")])
    assert t("sync-execute", "--yes").code == 0
    kept = t.folder / "mine" / "x.flac"
    kept.parent.mkdir()
    (t.playlists / "A" / "Ana - x.flac").rename(kept)
    done = t("import", str(kept.parent), "--yes", "--json")
    assert done.json["result"]["done"] == {"import": 1}
    imported = Imported(t, playlist, x, done.json["result"]["run"])
    imported.leaves()
    long_ago(t)
    t.settings.write_text(f"{AUDIO}[sync]\ntrash_keep_days = 1\n")
    assert t("sync-execute", "--yes").code == 0
    assert imported.trashed.is_file()


@pytest.mark.parametrize("how", ["undo", "restore", "restore its import", "restore by path"])
def test_the_run_that_took_it_away_is_undone(imported: Imported, how: str) -> None:
    t = imported.t
    run = imported.leaves()
    words = {
        "undo": ("undo", run, "--yes"),
        "restore": ("trash", "restore", run),
        "restore its import": ("trash", "restore", imported.run),
        "restore by path": ("trash", "restore", run, PATH),
    }[how]
    said = t(*words)
    assert said.code == 0, said.err
    assert (t.playlists / "A" / "Ana - x.flac").is_file()
    assert not imported.trashed.exists()


@pytest.mark.parametrize("ending", ["flac", "m4a"])
def test_a_track_that_comes_back_is_not_fetched(t: Terminal, ending: str) -> None:
    x = t.track("x")
    y = t.track("y")
    playlists = [t.account.playlist(name, [x, y]) for name in ("A", "B")]
    assert t("sync-check").code == 0
    if ending == "flac":
        flac(t.folder / "mine" / "x.flac", title="x", artist="Ana")
    else:
        m4a(t.folder / "mine" / "x.m4a", {"©nam": "x", "©ART": "Ana"})
    assert t("import", str(t.folder / "mine"), "--yes").code == 0
    assert t("sync-execute", "--yes").code == 0
    for playlist in playlists:
        t.account.remove(playlist, x)
    assert t("sync-execute", "--yes").code == 0
    for playlist in playlists:
        t.account.add(playlist, x)
    done = t("sync-execute", "--yes", "--json")
    found = {name: number for name, number in done.json["result"]["done"].items() if number}
    assert found == {"link": 1, "move": 1}, done.err
    assert (t.playlists / "A" / f"Ana - x.{ending}").is_file()
    assert (t.playlists / "B" / f"Ana - x.{ending}").is_file()
    assert t("sync-check", "--exit-code").code == 0


def test_what_was_fetched_in_its_stead_is_no_longer_the_persons(imported: Imported) -> None:
    t = imported.t
    (t.playlists / "A" / "Ana - x.flac").rename(t.folder / "elsewhere.flac")
    assert t("sync-execute", "--yes").code == 0
    run = imported.leaves()
    assert not imported.trashed.exists()
    assert (t.library / ".strandline" / "trash" / run / PATH).is_file()


def test_undo_of_its_import_puts_a_copy_there_too(t: Terminal) -> None:
    t.account.playlist("A", [t.track("x")])
    assert t("sync-check").code == 0
    flac(t.folder / "mine" / "x.flac", title="x", artist="Ana")
    done = t("import", str(t.folder / "mine"), "--yes", "--json")
    run = done.json["result"]["run"]
    assert t("undo", run, "--yes").code == 0
    assert [it["run"] for it in t("trash", "list", "--json").json["runs"]] == [run]
    redo = t("undo", "last", "--yes")
    assert redo.code in (0, 2), redo.err
