"""trash_keep_days: what can be had again goes after its time; what cannot stays for ever."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from strandline.db.store import utc_now
from strandline.demo import effects
from strandline.demo.model import Availability, Track
from tests.cli.terminal import Terminal

AUDIO = '[audio]\nformat = "original"\n'


def keep(t: Terminal, days: int) -> None:
    t.settings.write_text(f"{AUDIO}[sync]\ntrash_keep_days = {days}\n")


def in_trash(t: Terminal) -> list[str]:
    root = t.library / ".strandline" / "trash"
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def database(t: Terminal) -> sqlite3.Connection:
    return sqlite3.connect(t.state / "strandline.db")


def ended_days_ago(t: Terminal, days: float) -> None:
    """As if every run so far had ended then."""
    at = (utc_now() - timedelta(days=days)).isoformat(" ")
    with closing(database(t)) as db, db:
        db.execute("UPDATE runs SET finished_at = ?", (at,))


@pytest.fixture
def dropped(t: Terminal) -> tuple[Terminal, str, Track]:
    """x was downloaded, and is in the trash of a run that ended 31 days ago."""
    x = t.track("x")
    playlist = t.account.playlist("A", [x, t.track("y")])
    assert t("sync-execute", "--yes").code == 0
    t.account.remove(playlist, x)
    run = t("sync-execute", "--yes", "--json").json["result"]["run"]
    assert in_trash(t) == ["Ana - x.flac"]
    ended_days_ago(t, 31)
    return t, run, x


def test_what_has_lain_there_long_enough_goes_and_history_names_it(
    dropped: tuple[Terminal, str, Track],
) -> None:
    t, run, _ = dropped
    keep(t, 30)
    emptied = t("sync-execute", "--yes", "--json").json["result"]["emptied"]
    assert (emptied["runs"], emptied["files"]) == ([run], 1)
    assert in_trash(t) == []
    assert not (t.library / ".strandline" / "trash" / run).exists()
    steps = t("history", emptied["run"], "--json").json["steps"]
    assert [(step["action"], step["path"], step["because"]) for step in steps] == [
        ("empty", "Playlists/A/Ana - x.flac", "trash_keep_days")
    ]
    (row,) = [one for one in t("history", "--json").json["runs"] if one["run"] == emptied["run"]]
    assert (row["command"], row["status"], row["code"]) == ("trash empty", "done", 0)
    assert row["counts"]["empty"] == 1
    assert row["notes"] == [f"Emptied the trash of {run}."]
    assert f"Emptied the trash of {run}." in t("history", emptied["run"]).out
    assert t("sync-execute", "--yes", "--json").json["result"]["emptied"] is None


@pytest.mark.parametrize("days", [0, 31, 32])
def test_younger_trash_stays_and_by_default_all_of_it(
    dropped: tuple[Terminal, str, Track], days: int
) -> None:
    t, _, _ = dropped
    ended_days_ago(t, 30.9)
    keep(t, days)
    assert t("sync-execute", "--yes").code == 0
    assert in_trash(t) == ["Ana - x.flac"]


def test_a_run_that_did_not_end_well_empties_nothing(dropped: tuple[Terminal, str, Track]) -> None:
    t, _, _ = dropped
    keep(t, 30)
    broken = t.track("z")
    t.account.playlist("B", [broken])
    t.tidal.faults.on(f"/v1/tracks/{broken.id}/*", effects.status(500), times=None)
    assert t("sync-execute", "--yes").code in (4, 8)
    assert in_trash(t) == ["Ana - x.flac"]


@pytest.mark.parametrize("how", [Availability.GREYED_OUT, Availability.PLACEHOLDER])
def test_audio_that_tidal_no_longer_offers_stays(
    dropped: tuple[Terminal, str, Track], how: Availability
) -> None:
    t, _, x = dropped
    keep(t, 30)
    t.account.withhold(x, how)
    assert t("sync-execute", "--yes").code == 0
    assert in_trash(t) == ["Ana - x.flac"]
    t.account.withhold(x, Availability.AVAILABLE)
    assert t("sync-execute", "--yes").code == 0
    assert in_trash(t) == []


def test_what_tidal_does_not_tell_stays(dropped: tuple[Terminal, str, Track]) -> None:
    t, _, x = dropped
    keep(t, 30)
    t.tidal.faults.on(f"/v1/tracks/{x.id}", effects.status(500), times=None)
    assert t("sync-execute", "--yes").code == 0
    assert in_trash(t) == ["Ana - x.flac"]


def test_a_persons_version_stays(t: Terminal) -> None:
    """They retagged the file before its track left the playlist."""
    from mutagen.flac import FLAC

    x = t.track("x")
    playlist = t.account.playlist("A", [x, t.track("y")])
    t("sync-execute", "--yes")
    tags = FLAC(t.playlists / "A" / "Ana - x.flac")
    tags["comment"] = "mine"
    tags.save()
    t("sync-execute", "--yes")
    t.account.remove(playlist, x)
    t("sync-execute", "--yes")
    assert in_trash(t) == ["Ana - x.flac"]
    ended_days_ago(t, 99)
    keep(t, 1)
    assert t("sync-execute", "--yes").code == 0
    assert in_trash(t) == ["Ana - x.flac"]


def test_what_a_person_wrote_into_the_trash_stays(dropped: tuple[Terminal, str, Track]) -> None:
    t, run, _ = dropped
    keep(t, 30)
    file = t.library / ".strandline" / "trash" / run / "Playlists" / "A" / "Ana - x.flac"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    seen = file.stat()
    file.write_bytes(data)
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    (file.parent / "mine.txt").write_text("mine")
    assert t("sync-execute", "--yes").code == 0
    assert in_trash(t) == ["Ana - x.flac", "mine.txt"]


def test_imported_files_stay(dropped: tuple[Terminal, str, Track]) -> None:
    t, run, _ = dropped
    keep(t, 30)
    with closing(database(t)) as db, db:
        db.execute("UPDATE runs SET command = 'import' WHERE id = ?", (run,))
    assert t("sync-execute", "--yes").code == 0
    assert in_trash(t) == ["Ana - x.flac"]


@pytest.mark.parametrize("how", ["by age", "by hand"])
def test_undo_and_restore_say_that_the_trash_was_emptied(
    dropped: tuple[Terminal, str, Track], how: str
) -> None:
    t, run, _ = dropped
    if how == "by age":
        keep(t, 30)
        t("sync-execute", "--yes")
    else:
        assert t("trash", "empty", run, "--yes").code == 0
    commands = [row["command"] for row in t("history", "--json").json["runs"]]
    assert "trash empty" in commands
    said = t("undo", run, "--yes")
    assert said.code == 4
    assert "it was removed from the trash for good on 20" in said.err
    said = t("trash", "restore", run)
    assert said.code == 2
    assert "was emptied on 20" in said.err


def test_a_file_that_was_emptied_is_downloaded_again(dropped: tuple[Terminal, str, Track]) -> None:
    t, _, x = dropped
    keep(t, 30)
    t("sync-execute", "--yes")
    playlist = next(iter(t.account.playlists.values()))
    t.account.add(playlist, x)
    assert t("sync-execute", "--yes", "--json").json["result"]["done"]["download"] == 1
    assert (t.playlists / "A" / "Ana - x.flac").is_file()


def exported_twice(t: Terminal) -> None:
    """The first export lies in the trash, of a run that ended 31 days ago."""
    playlist = t.account.playlist("A", [t.track("x")])
    t("sync-execute", "--yes")
    t("export", "itunes")
    t.account.add(playlist, t.track("y"))
    t("sync-execute", "--yes")
    t("export", "itunes")
    assert in_trash(t) == ["itunes.xml"]


def test_an_export_that_a_newer_one_replaced_goes_after_its_time(t: Terminal) -> None:
    exported_twice(t)
    keep(t, 30)
    t("sync-execute", "--yes")
    assert in_trash(t) == ["itunes.xml"]
    ended_days_ago(t, 31)
    emptied = t("sync-execute", "--yes", "--json").json["result"]["emptied"]
    assert emptied["files"] == 1
    assert in_trash(t) == []
    assert (t.library / "exports" / "itunes.xml").exists()


def test_an_export_that_was_changed_in_the_trash_stays(t: Terminal) -> None:
    exported_twice(t)
    keep(t, 30)
    ended_days_ago(t, 31)
    (file,) = (t.library / ".strandline" / "trash").rglob("itunes.xml")
    file.write_text("mine")
    t("sync-execute", "--yes")
    assert file.read_text() == "mine"


def test_what_was_made_of_a_persons_own_file_stays(t: Terminal) -> None:
    deep = t.account.playlist("A", [t.track("x")])
    t("sync-execute", "--yes")
    t("export", "rekordbox")
    mine, out = t.folder / "mine.xml", t.folder / "out.xml"
    mine.write_bytes((t.library / "exports" / "rekordbox.xml").read_bytes())
    words = ("export", "relocate", "--from", str(mine), "--to", str(out))
    for name in ("B", "C"):
        t.account.rename(deep, name)
        t("sync-execute", "--yes")
        assert t(*words).code == 0
    assert in_trash(t) == ["out.xml"]
    keep(t, 30)
    ended_days_ago(t, 31)
    t("sync-execute", "--yes")
    assert in_trash(t) == ["out.xml"]
