"""moves.json: where the audio of each track was before, for DJ programs and scripts."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.cli.terminal import Terminal


def kept(t: Terminal) -> Path:
    return t.library / ".strandline" / "moves.json"


def moves(t: Terminal) -> list[dict[str, Any]]:
    document = json.loads(kept(t).read_text())
    assert document["schema"] == "strandline.moves/1"
    found = document["moves"]
    assert isinstance(found, list)
    return found


def places(t: Terminal) -> list[tuple[str, str]]:
    return [(move["from"], move["to"]) for move in moves(t)]


def last_run(t: Terminal) -> str:
    run = t("history", "--json").json["runs"][0]["run"]
    assert isinstance(run, str)
    return run


def leave_deep_house(t: Terminal) -> None:
    """y, which lies in Deep House, is in Sunday, too, and leaves Deep House."""
    deep, sunday = t.account.playlists.values()
    t.account.add(sunday, deep.entries[1].item)
    t("sync-execute", "--yes")
    t.account.remove(deep, 1)
    t("sync-execute", "--yes")


def test_there_is_no_list_of_moves_until_something_moves(synced: Terminal) -> None:
    assert not kept(synced).exists()
    synced("export", "m3u8")
    assert not (synced.library / "exports" / "moves.json").exists()


def test_audio_that_goes_to_another_playlist_is_a_move(synced: Terminal) -> None:
    leave_deep_house(synced)
    (move,) = moves(synced)
    assert move["from"] == "Playlists/Deep House/Ana - y.flac"
    assert move["to"] == "Playlists/Sunday/Ana - y.flac"
    assert move["run"] == last_run(synced)
    assert move["track"] in {str(id) for id in synced.account.tracks}
    assert move["offset"] == 0
    assert move["at"].endswith("Z")


def test_each_primary_of_a_renamed_playlist_moves_and_no_link_does(synced: Terminal) -> None:
    deep, sunday = synced.account.playlists.values()
    synced.account.rename(sunday, "Monday")
    synced("sync-execute", "--yes")
    assert not kept(synced).exists()  # all that is in it are links
    synced.account.rename(deep, "Deeper")
    synced("sync-execute", "--yes")
    assert places(synced) == [
        ("Playlists/Deep House/Ana - x.flac", "Playlists/Deeper/Ana - x.flac"),
        ("Playlists/Deep House/Ana - y.flac", "Playlists/Deeper/Ana - y.flac"),
    ]


def test_undoing_a_move_is_a_move_back(synced: Terminal) -> None:
    leave_deep_house(synced)
    there = places(synced)[0]
    assert synced("undo", "last", "--yes").code == 0
    assert places(synced) == [there, there[::-1]]
    assert moves(synced)[1]["run"] == last_run(synced)


def test_what_the_person_moved_is_told_without_a_run(synced: Terminal) -> None:
    deep = synced.playlists / "Deep House"
    (deep / "Ana - y.flac").rename(deep / "Mine.flac")
    synced("sync-execute", "--yes")
    leave_deep_house(synced)
    first, second = moves(synced)
    assert (first["to"], first["run"]) == ("Playlists/Deep House/Mine.flac", None)
    assert second["from"] == first["to"]


def test_audio_that_comes_back_elsewhere_has_moved_from_where_it_was(synced: Terminal) -> None:
    deep, sunday = synced.account.playlists.values()
    y = deep.entries[1].item
    synced.account.remove(deep, 1)
    synced("sync-execute", "--yes", "--max-removals", "100%")
    assert not kept(synced).exists()
    synced.account.add(sunday, y)
    synced("sync-execute", "--yes")
    assert places(synced) == [
        ("Playlists/Deep House/Ana - y.flac", "Playlists/Sunday/Ana - y.flac")
    ]


def test_a_second_run_writes_no_moves(synced: Terminal) -> None:
    leave_deep_house(synced)
    before = kept(synced).stat()
    synced("sync-execute", "--yes")
    synced("export", "m3u8")
    assert kept(synced).stat() == before


def test_what_a_run_saw_that_the_person_moved_is_written_by_that_run(synced: Terminal) -> None:
    deep = synced.playlists / "Deep House"
    (deep / "Ana - y.flac").rename(deep / "Mine.flac")
    synced("sync-execute", "--yes")
    before = kept(synced).stat()
    assert places(synced) == [
        ("Playlists/Deep House/Ana - y.flac", "Playlists/Deep House/Mine.flac")
    ]
    synced("sync-execute", "--yes")
    assert kept(synced).stat() == before


def test_a_list_that_a_killed_run_did_not_write_is_written_by_the_next(synced: Terminal) -> None:
    leave_deep_house(synced)
    synced("export", "m3u8")
    whole = kept(synced).read_bytes()
    for next_run in (("sync-execute", "--yes"), ("export", "m3u8")):
        kept(synced).unlink()
        with closing(sqlite3.connect(synced.state / "strandline.db")) as db, db:
            db.execute("UPDATE moves SET in_file = 0")  # as it is before the file is durable
        assert synced(*next_run).code == 0
        assert kept(synced).read_bytes() == whole


def test_moves_are_copied_beside_an_export_and_a_second_one_writes_nothing(
    synced: Terminal,
) -> None:
    leave_deep_house(synced)
    folder = synced.library / "exports"
    said = synced("export", "itunes", "--to", str(synced.folder), "--json").json
    assert said["result"]["done"]["export"] == 3
    assert (folder / "moves.json").read_bytes() == kept(synced).read_bytes()
    with (folder / "moves.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["from"], row["to"]) == places(synced)[0]
    assert list(row) == ["track", "from", "to", "run", "at", "offset"]
    assert synced("export", "itunes", "--to", str(synced.folder), "--json").json["result"] is None
    synced("undo", "last", "--yes")
    assert not (folder / "moves.csv").exists()


def test_a_persons_own_file_of_that_name_stays_and_is_named(synced: Terminal) -> None:
    leave_deep_house(synced)
    mine = synced.library / "exports" / "moves.csv"
    mine.parent.mkdir()
    mine.write_text("mine")
    said = synced("export", "m3u8", "--json")
    assert said.code == 0
    assert [it["code"] for it in said.json["warnings"]] == ["not_ours"]
    assert mine.read_text() == "mine"


def test_a_new_database_goes_on_with_the_list_of_the_old_one(synced: Terminal) -> None:
    leave_deep_house(synced)
    (before,) = moves(synced)
    with closing(sqlite3.connect(synced.state / "strandline.db")) as db, db:
        db.execute("DELETE FROM moves")  # as of a database that was made anew
    synced.account.rename(list(synced.account.playlists.values())[1], "Monday")
    synced("sync-execute", "--yes")
    first, second = moves(synced)
    assert first == before
    assert (second["from"], second["to"]) == (before["to"], "Playlists/Monday/Ana - y.flac")


def test_a_list_of_a_newer_version_stays_as_it_is_and_is_named(synced: Terminal) -> None:
    newer = '{"schema": "strandline.moves/9"}'
    kept(synced).write_text(newer)
    leave_deep_house(synced)
    assert kept(synced).read_text() == newer
    said = synced("export", "relocate", "--from", "x", "--to", "y", "--json")
    assert said.code == 2
