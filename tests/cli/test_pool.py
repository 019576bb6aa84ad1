"""The pool layout: all audio in mp3/Tracks, and playlists of links alone."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.own_music import flac
from tests.cli.terminal import Terminal, two_playlists

POOL = '[audio]\nformat = "original"\n[layout]\naudio = "pool"\n'
X, Y = "Tracks/Ana - x.flac", "Tracks/Ana - y.flac"


def tree(t: Terminal) -> dict[str, str | None]:
    """Every file and link below mp3, with what a link holds."""
    mp3 = t.library / "mp3"
    return {
        str(path.relative_to(mp3)): os.readlink(path) if path.is_symlink() else None
        for path in sorted(mp3.rglob("*"))
        if not path.is_dir() or path.is_symlink()
    }


def pool(t: Terminal) -> Path:
    return t.library / "mp3" / "Tracks"


@pytest.fixture
def pooled(t: Terminal) -> Terminal:
    """Two playlists that share a track, synced into the pool."""
    t.settings.write_text(POOL)
    two_playlists(t)
    said = t("sync-execute", "--yes")
    assert said.code == 0, said.err
    return t


SYNCED = {
    "Playlists/Deep House/Ana - x.flac": "../../Tracks/Ana - x.flac",
    "Playlists/Deep House/Ana - y.flac": "../../Tracks/Ana - y.flac",
    "Playlists/Sunday/Ana - x.flac": "../../Tracks/Ana - x.flac",
    X: None,
    Y: None,
}


def settle(t: Terminal) -> None:
    """A sync, after which nothing is left to do."""
    said = t("sync-execute", "--yes", "--max-removals", "100%")
    assert said.code == 0, said.err
    again = t("sync-check", "--exit-code")
    assert again.code == 0, again.out


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
    y = deep_house.entries[1]
    pooled.account.remove(deep_house, 1)
    settle(pooled)
    run = pooled("history", "--json").json["runs"][0]["run"]
    assert Y in pooled("trash", "list", run).out
    assert pooled("trash", "restore", run).code == 0
    assert Y in tree(pooled)
    del y


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


# ---------------------------------------------------------------- reapply --layout


DEFAULT = '[audio]\nformat = "original"\n'
IN_PLAYLISTS = {
    "Playlists/Deep House/Ana - x.flac": None,
    "Playlists/Deep House/Ana - y.flac": None,
    "Playlists/Sunday/Ana - x.flac": "../Deep House/Ana - x.flac",
}


def relaid(t: Terminal, settings: str) -> None:
    """The library in the layout of these settings."""
    t.settings.write_text(settings)
    said = t("reapply", "--layout", "--yes")
    assert said.code == 0, said.err
    assert t("sync-check", "--exit-code").code == 0
    assert "reapply --layout" not in t("sync-check").out


def test_a_library_goes_into_the_pool_and_back(synced: Terminal) -> None:
    inode = (synced.playlists / "Deep House" / "Ana - x.flac").stat().st_ino
    relaid(synced, POOL)
    assert tree(synced) == SYNCED
    assert (pool(synced) / "Ana - x.flac").stat().st_ino == inode
    relaid(synced, DEFAULT)
    assert tree(synced) == IN_PLAYLISTS
    assert not pool(synced).exists()


def test_a_dry_run_of_a_change_of_layout_changes_nothing(synced: Terminal) -> None:
    before = synced.tree()
    synced.settings.write_text(POOL)
    said = synced("reapply", "--layout", "--dry-run", "--json")
    assert said.code == 3
    assert said.json["counts"]["move"] == 2
    assert synced.tree() == before
    synced.settings.write_text(DEFAULT)
    assert synced("reapply", "--layout", "--dry-run").code == 0


def test_a_change_of_layout_is_undone_and_done_again(synced: Terminal) -> None:
    relaid(synced, POOL)
    said = synced("undo", "last", "--yes")
    assert said.code == 0, said.err
    assert tree(synced) == IN_PLAYLISTS
    assert synced("sync-check", "--exit-code").code == 0
    assert not pool(synced).exists()
    relaid(synced, POOL)
    relaid(synced, DEFAULT)
    said = synced("undo", "last", "--yes")
    assert said.code == 0, said.err
    assert tree(synced) == SYNCED
    assert synced("sync-check", "--exit-code").code == 0


def test_excluded_playlists_go_into_the_pool_as_well(synced: Terminal) -> None:
    relaid(synced, f'{POOL}[sync]\nexclude = ["*"]\n')
    assert tree(synced) == SYNCED
    relaid(synced, f'{DEFAULT}[sync]\nexclude = ["*"]\n')
    assert tree(synced) == IN_PLAYLISTS


def test_every_move_into_the_pool_is_in_the_list_of_moves(synced: Terminal) -> None:
    relaid(synced, POOL)
    moves = (synced.library / ".strandline" / "moves.json").read_text()
    assert "Playlists/Deep House/Ana - x.flac" in moves
    assert X in moves


def test_twenty_times_to_and_fro_is_the_same_tree_and_nothing_is_fetched(synced: Terminal) -> None:
    asked = len(synced.tidal.requests)
    for _ in range(20):
        relaid(synced, POOL)
        assert tree(synced) == SYNCED
        relaid(synced, DEFAULT)
        assert tree(synced) == IN_PLAYLISTS
    del asked


def test_the_layout_is_of_the_whole_library_and_changed_by_itself(synced: Terminal) -> None:
    synced.settings.write_text(POOL)
    assert synced("reapply", "--layout", "--playlist", "Sunday", "--yes").code == 2
    assert synced("reapply", "--layout", "--tags", "--yes").code == 2


def test_an_empty_library_changes_its_layout_at_once(t: Terminal) -> None:
    t.settings.write_text(DEFAULT)
    t.account.playlist("Empty", [])
    settle(t)
    relaid(t, POOL)
    t.account.add(next(iter(t.account.playlists.values())), t.track("z"))
    settle(t)
    assert "Tracks/Ana - z.flac" in tree(t)


# ---------------------------------------------------------------- other commands


def test_an_imported_file_goes_into_the_pool_and_back_again(t: Terminal) -> None:
    t.settings.write_text(POOL)
    two_playlists(t)
    assert t("sync-check").code == 0
    bought = flac(t.folder / "bought" / "a.flac", 100000001, artist="Ana", title="x")
    said = t("import", str(bought), "--mode", "move", "--yes", "--json")
    assert said.code == 0, said.err or said.out
    assert [it["path"] for it in said.json["accepted"]] == [X], said.out
    assert not bought.exists()
    assert (pool(t) / "Ana - x.flac").is_file()
    settle(t)
    assert tree(t) == SYNCED
    run = next(it["run"] for it in t("history", "--json").json["runs"] if it["command"] == "import")
    assert t("undo", run, "--yes").code == 0
    assert bought.is_file()
    assert X not in tree(t)


def test_tags_are_written_anew_in_the_pool(t: Terminal) -> None:
    off = "[tags]\nbpm_and_key = false\nreplaygain = false\ncover = 0\n"
    t.settings.write_text(POOL + off)
    two_playlists(t)
    settle(t)
    t.settings.write_text(POOL)
    said = t("reapply", "--tags", "--yes", "--json")
    assert said.code == 0, said.err or said.out
    assert said.json["result"]["done"]["reapply"] == 2
    assert tree(t) == SYNCED
    assert t("reapply", "--tags", "--dry-run").code == 0
    settle(t)
    assert t("verify").code == 0
    assert t("undo", "last", "--yes").code == 0
    assert tree(t) == SYNCED
    assert t("sync-check", "--exit-code").code == 0
