"""The pool layout: all audio in mp3/Tracks, and playlists of links alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.cli.pool import POOL, SYNCED, X, Y, pool, settle, tree
from tests.cli.terminal import Terminal, two_playlists
from tests.cli.test_damaged import retag


def test_audio_lies_in_the_pool_and_playlists_hold_links_alone(pooled: Terminal) -> None:
    assert tree(pooled) == SYNCED
    assert pooled("sync-check", "--exit-code").code == 0
    said = pooled("verify", "--json")
    assert said.code == 0
    assert (said.json["checked"], said.json["ok"], said.json["broken_links"]) == (2, 2, [])
    assert pooled("verify", "--quick").code == 0


def test_every_report_calls_the_entries_links(pooled: Terminal) -> None:
    size = (pool(pooled) / "Ana - x.flac").stat().st_size
    dedupe = pooled("dedupe-report", "--json").json
    assert (dedupe["shared_tracks"], dedupe["links"], dedupe["bytes_saved"]) == (1, 3, size)
    assert [(g["primary"], len(g["links"]), g["bytes_saved"]) for g in dedupe["groups"]] == [
        (X, 2, size)
    ]
    status = pooled("sync-status", "--json").json
    saved = {"shared_tracks": 1, "links": 3, "bytes_saved": size}
    assert status["dedupe"] == saved
    assert status["playlists"]["in_sync"] == status["playlists"]["total"] == 2
    checked = pooled("sync-check", "--json").json
    assert checked["library"] == {"playlists": 2, "tracks": 2, "links": 3, "foreign_files": 0}
    for track in pooled("tracks", "--json").json["tracks"]:
        assert track["path"].startswith("Tracks/")
        assert {it["kind"] for it in track["playlists"]} == {"symlink"}
        assert {it["status"] for it in track["playlists"]} == {"synced"}


def test_the_database_has_no_primary_entry_and_the_full_path_of_each_link(pooled: Terminal) -> None:
    with sqlite3.connect(pooled.state / "strandline.db") as db:
        rows = db.execute("SELECT path, is_primary, symlink_path FROM playlist_tracks").fetchall()
        files = db.execute("SELECT file_path FROM tracks ORDER BY 1").fetchall()
    assert files == [(X,), (Y,)]
    assert len(rows) == 3
    for path, primary, link in rows:
        assert (primary, link) == (0, f"{pooled.library}/mp3/{path}")


def test_why_says_that_all_audio_is_in_the_pool(pooled: Terminal) -> None:
    answer = pooled("why", "x", "--json").json["answers"][0]
    assert answer["primary"] == {"playlist": None, "name": "Tracks", "because": "layout"}
    assert "pool" in pooled("why", "x").out
    assert pooled("why", X, "--json").json["answers"][0]["track"] == answer["track"]


def test_a_track_that_leaves_one_playlist_stays_where_it_is(pooled: Terminal) -> None:
    deep_house = next(p for p in pooled.account.playlists.values() if p.title == "Deep House")
    pooled.account.remove(deep_house, 0)
    settle(pooled)
    gone = dict(SYNCED)
    del gone["Playlists/Deep House/Ana - x.flac"]
    assert tree(pooled) == gone


def test_a_track_that_leaves_every_playlist_goes_to_the_trash_and_comes_back(
    pooled: Terminal,
) -> None:
    before = (pool(pooled) / "Ana - y.flac").read_bytes()
    deep_house = next(p for p in pooled.account.playlists.values() if p.title == "Deep House")
    pooled.account.remove(deep_house, 1)
    settle(pooled)
    assert Y not in tree(pooled)
    said = pooled("undo", "last", "--yes")
    assert said.code == 0, said.err
    assert tree(pooled) == SYNCED
    assert (pool(pooled) / "Ana - y.flac").read_bytes() == before


def test_the_trash_gives_a_file_of_the_pool_back(pooled: Terminal) -> None:
    deep_house = next(p for p in pooled.account.playlists.values() if p.title == "Deep House")
    pooled.account.remove(deep_house, 1)
    settle(pooled)
    run = pooled("history", "--json").json["runs"][0]["run"]
    assert Y in pooled("trash", "list", run).out
    assert pooled("trash", "restore", run).code == 0
    assert Y in tree(pooled)


def test_what_was_taken_away_comes_back_from_the_trash_and_not_from_tidal(
    pooled: Terminal,
) -> None:
    deep_house = next(p for p in pooled.account.playlists.values() if p.title == "Deep House")
    entry = deep_house.entries[1]
    pooled.account.remove(deep_house, 1)
    settle(pooled)
    pooled.account.add(deep_house, entry.item)
    said = pooled("sync-execute", "--yes", "--json")
    assert said.json["result"]["done"]["download"] == 0
    assert tree(pooled) == SYNCED


def test_a_playlist_renamed_in_tidal_moves_no_audio(pooled: Terminal) -> None:
    inode = (pool(pooled) / "Ana - x.flac").stat().st_ino
    deep_house = next(p for p in pooled.account.playlists.values() if p.title == "Deep House")
    pooled.account.rename(deep_house, "Deeper")
    settle(pooled)
    assert tree(pooled)["Playlists/Deeper/Ana - x.flac"] == "../../Tracks/Ana - x.flac"
    assert (pool(pooled) / "Ana - x.flac").stat().st_ino == inode


def test_a_file_dragged_into_a_playlist_goes_back_and_is_not_fetched_again(
    pooled: Terminal,
) -> None:
    (pooled.playlists / "Sunday" / "Ana - x.flac").unlink()
    (pool(pooled) / "Ana - x.flac").rename(pooled.playlists / "Sunday" / "Ana - x.flac")
    said = pooled("sync-execute", "--yes", "--json")
    assert said.json["result"]["done"]["download"] == 0
    assert tree(pooled) == SYNCED


def test_a_file_renamed_in_the_pool_keeps_the_persons_name(pooled: Terminal) -> None:
    (pool(pooled) / "Ana - x.flac").rename(pool(pooled) / "mine.flac")
    settle(pooled)
    assert tree(pooled)["Playlists/Sunday/Ana - x.flac"] == "../../Tracks/mine.flac"
    assert "Tracks/mine.flac" in tree(pooled)


def test_files_of_others_in_the_pool_are_counted_and_never_overwritten(t: Terminal) -> None:
    t.settings.write_text(POOL)
    two_playlists(t)
    pool(t).mkdir(parents=True)
    (pool(t) / "Ana - x.flac").write_bytes(b"mine")
    settle(t)
    assert (pool(t) / "Ana - x.flac").read_bytes() == b"mine"
    track = next(it for it in t("tracks", "x", "--json").json["tracks"])
    assert track["path"] == f"Tracks/Ana - x [{track['track']}].flac"
    assert t("sync-check", "--json").json["library"]["foreign_files"] == 1


def test_names_are_unique_in_the_whole_library(t: Terminal) -> None:
    t.settings.write_text(POOL)
    t.account.playlist("A", [t.track("Same")])
    t.account.playlist("B", [t.track("same")])
    settle(t)
    names = [path.name.casefold() for path in pool(t).iterdir()]
    assert len(names) == len(set(names)) == 2


def test_a_file_deleted_or_damaged_in_the_pool_is_fetched_again(pooled: Terminal) -> None:
    (pool(pooled) / "Ana - x.flac").unlink()
    whole = (pool(pooled) / "Ana - y.flac").read_bytes()
    (pool(pooled) / "Ana - y.flac").write_bytes(whole[:2000])
    assert pooled("verify").code == 4
    settle(pooled)
    assert tree(pooled) == SYNCED
    assert pooled("verify").code == 0


def test_links_deleted_or_spoiled_are_made_again(pooled: Terminal) -> None:
    link = pooled.playlists / "Sunday" / "Ana - x.flac"
    link.unlink()
    spoiled = pooled.playlists / "Deep House" / "Ana - x.flac"
    spoiled.unlink()
    spoiled.symlink_to("../nowhere.flac")
    settle(pooled)
    assert tree(pooled) == SYNCED


def test_a_run_with_a_plan_file_into_the_pool(t: Terminal) -> None:
    t.settings.write_text(POOL)
    two_playlists(t)
    plan = t.folder / "plan.json"
    assert t("sync-check", "--out", str(plan)).code == 0
    assert t("sync-execute", "--plan", str(plan), "--yes").code == 0
    assert tree(t) == SYNCED


@pytest.mark.parametrize("mode", ["copy", "hardlink"])
def test_copies_and_hard_links_stand_for_audio_of_the_pool(t: Terminal, mode: str) -> None:
    t.settings.write_text(f'{POOL}[sync]\nlink_mode = "{mode}"\n')
    two_playlists(t)
    settle(t)
    assert set(tree(t)) == set(SYNCED)
    saved = t("dedupe-report", "--json").json["bytes_saved"]
    size = (pool(t) / "Ana - x.flac").stat().st_size
    assert saved == (size if mode == "hardlink" else 0)
    assert t("verify").code == 0
    kinds = {p["kind"] for it in t("tracks", "--json").json["tracks"] for p in it["playlists"]}
    assert kinds == {mode}


def test_an_undo_of_the_first_run_takes_everything_to_the_trash(pooled: Terminal) -> None:
    assert pooled("undo", "last", "--yes").code == 0
    assert tree(pooled) == {}
    assert not pool(pooled).exists()
    said = pooled("sync-execute", "--yes", "--json")
    assert said.json["result"]["done"]["download"] == 0
    assert tree(pooled) == SYNCED


@pytest.mark.parametrize("changed", [False, True])
def test_a_file_in_a_link_s_place_is_the_audio_after_an_undo_unless_a_person_changed_it(
    pooled: Terminal, changed: bool
) -> None:
    link = pooled.playlists / "Sunday" / "Ana - x.flac"
    audio = link.read_bytes()
    link.unlink()
    link.write_bytes(audio)
    if changed:
        retag(link, "mine")
    inode, theirs = link.stat().st_ino, link.read_bytes()
    assert pooled("undo", "last", "--yes").code == 4, "a file stands where the link was"
    said = pooled("sync-execute", "--yes", "--json")
    assert said.json["result"]["done"]["download"] == 0
    assert pooled("sync-check", "--exit-code").code == 0
    kept = {"Playlists/Sunday/Ana - x.flac": None} if changed else {}
    assert tree(pooled) == SYNCED | kept
    assert ((pool(pooled) / "Ana - x.flac").stat().st_ino == inode) is not changed
    assert link.read_bytes() == (theirs if changed else audio)


def test_the_setting_alone_changes_nothing_of_a_library_that_is_there(synced: Terminal) -> None:
    before = tree(synced)
    synced.settings.write_text(POOL)
    said = synced("sync-check", "--exit-code")
    assert said.code == 0
    assert "reapply --layout" in said.out + said.err
    assert "reapply --layout" in synced("doctor").out
    settle(synced)
    assert tree(synced) == before


def test_a_person_s_folder_of_that_name_is_left_alone_in_the_default_layout(
    synced: Terminal,
) -> None:
    pool(synced).mkdir()
    (pool(synced) / "mine.flac").write_bytes(b"mine")
    settle(synced)
    assert synced("sync-check", "--json").json["library"]["foreign_files"] == 0
    assert (pool(synced) / "mine.flac").read_bytes() == b"mine"


def test_a_lost_database_finds_the_pool_again_whatever_the_settings_say(pooled: Terminal) -> None:
    for file in pooled.state.glob("strandline.db*"):
        file.unlink()
    pooled.settings.write_text('[audio]\nformat = "original"\n')
    said = pooled("sync-execute", "--yes", "--json")
    assert said.json["result"]["done"]["download"] == 0, said.out
    assert tree(pooled) == SYNCED


def test_a_pool_that_cannot_be_used_is_said_and_nothing_is_fetched(pooled: Terminal) -> None:
    pool(pooled).rename(pooled.folder / "elsewhere")
    pool(pooled).symlink_to(pooled.folder / "elsewhere")
    deep_house = next(p for p in pooled.account.playlists.values() if p.title == "Deep House")
    pooled.account.add(deep_house, pooled.track("z"))
    said = pooled("sync-execute", "--yes", "--json")
    assert said.code == 4, said.out
    assert said.json["counts"]["download"] == 0
    assert said.json["counts"]["conflict"] >= 1
    assert not (pooled.folder / "elsewhere" / "Ana - z.flac").exists()


def test_exports_name_the_files_of_the_pool(pooled: Terminal) -> None:
    for form in ("m3u8", "rekordbox", "traktor", "itunes"):
        assert pooled("export", form).code == 0
    exports = pooled.library / "exports"
    playlist = (exports / "m3u8" / "Sunday.m3u8").read_text()
    assert "../../mp3/Tracks/Ana - x.flac" in playlist
    assert "mp3/Tracks/Ana%20-%20x.flac" in (exports / "rekordbox.xml").read_text()


def test_an_excluded_playlist_keeps_its_links_and_their_audio(pooled: Terminal) -> None:
    pooled.settings.write_text(f'{POOL}[sync]\nexclude = ["Deep House"]\n')
    settle(pooled)
    assert tree(pooled) == SYNCED
    sunday = next(p for p in pooled.account.playlists.values() if p.title == "Sunday")
    pooled.account.remove(sunday, 0)
    settle(pooled)
    assert X in tree(pooled)


def test_what_only_an_excluded_playlist_lists_and_a_person_took_is_not_believed_in_the_pool(
    pooled: Terminal,
) -> None:
    pooled.settings.write_text(f'{POOL}[sync]\nexclude = ["Sunday"]\n')
    house = next(p for p in pooled.account.playlists.values() if p.title == "Deep House")
    pooled.account.remove(house, 0)
    settle(pooled)
    (pool(pooled) / "Ana - x.flac").rename(pooled.library / "mp3" / "Playlists" / "Ana - x.flac")
    settle(pooled)
    with closing(sqlite3.connect(pooled.state / "strandline.db")) as db:
        rows = db.execute("SELECT title, file_path FROM tracks ORDER BY 1").fetchall()
    assert rows == [("x", None), ("y", Y)]
    assert "Playlists/Sunday/Ana - x.flac" in tree(pooled), "the settings leave the link as it is"
