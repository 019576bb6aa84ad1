"""import: what a person has already is not fetched, nothing wrong is taken, all can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.own_music import flac, m4a
from tests.cli.terminal import Terminal, two_playlists

INFO = "/v1/tracks/*/playbackinfopostpaywall"


@pytest.fixture
def mine(t: Terminal) -> Path:
    """Two playlists in TIDAL (x in both, y in one), read once; and a folder of the person's own."""
    two_playlists(t)
    assert t("sync-check").code == 0
    folder = t.folder / "mine"
    folder.mkdir()
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def in_playlists(t: Terminal) -> dict[str, str]:
    """Every file and link there."""
    found = t.tree().items()
    return {p: it for p, it in found if "/mp3/" in p and not it.startswith("folder")}


def test_a_dry_run_says_what_would_be_taken_and_touches_nothing(t: Terminal, mine: Path) -> None:
    file = flac(mine / "01 - x.flac", title="x", artist="Ana")
    flac(mine / "stranger.flac", 78, title="Nothing like it", artist="Somebody")
    before = t.tree()
    said = t("import", str(mine), "--dry-run", "--json")
    assert said.code == 3, said.err
    (taken,) = said.json["accepted"]
    assert (taken["file"], taken["method"]) == (str(file), "words")
    assert taken["path"] == "Playlists/Deep House/Ana - x.flac"
    assert [it["file"] for it in said.json["unmatched"]] == [str(mine / "stranger.flac")]
    assert (said.json["files"], said.json["result"]) == (2, None)
    assert t.tree() == before
    assert not t.library.exists()


def test_a_copy_takes_the_place_of_a_download_and_the_other_playlists_link_to_it(
    t: Terminal, mine: Path
) -> None:
    flac(mine / "01 - x.flac", title="x", artist="Ana", comment="bought at a shop")
    before = tree(mine)
    done = t("import", str(mine), "--yes", "--json")
    assert done.code == 0, done.err
    assert done.json["result"]["done"] == {"create_folder": 2, "import": 1, "link": 1}
    came = t.playlists / "Deep House" / "Ana - x.flac"
    assert came.read_bytes() == before["01 - x.flac"]
    assert (t.playlists / "Sunday" / "Ana - x.flac").resolve() == came
    assert tree(mine) == before

    synced = t("sync-execute", "--yes", "--json")
    assert (synced.code, synced.json["result"]["done"]["download"]) == (0, 1)
    assert came.read_bytes() == before["01 - x.flac"]
    assert t("sync-check", "--exit-code").code == 0
    assert t("verify", "--json").json["ok"] == 2


@pytest.mark.parametrize("mode", ["copy", "hardlink", "move"])
def test_undo_gives_both_trees_back(t: Terminal, mine: Path, mode: str) -> None:
    assert t("sync-execute", "--yes").code == 0
    (deep, *_) = t.account.playlists.values()
    t.account.add(deep, t.track("z"))
    assert t("sync-check").code == 0
    flac(mine / "z.flac", 91, title="z", artist="Ana")
    flac(mine / "other.flac", 92, title="Nothing like it", artist="Somebody")
    mine_before, before = tree(mine), in_playlists(t)
    done = t("import", str(mine), "--mode", mode, "--yes", "--json")
    assert done.code == 0, done.err
    assert (t.playlists / "Deep House" / "Ana - z.flac").read_bytes() == mine_before["z.flac"]
    assert (mine / "z.flac").exists() is (mode != "move")
    assert t("sync-check", "--exit-code").code == 0

    undone = t("undo", done.json["result"]["run"], "--yes")
    assert undone.code == 0, undone.err
    assert tree(mine) == mine_before
    assert in_playlists(t) == before


def test_a_hard_link_is_the_same_file(t: Terminal, mine: Path) -> None:
    file = flac(mine / "x.flac", title="x", artist="Ana")
    assert t("import", str(mine), "--mode", "hardlink", "--yes").code == 0
    assert (t.playlists / "Deep House" / "Ana - x.flac").stat().st_ino == file.stat().st_ino


def test_undo_of_a_move_replaces_nothing_that_stands_there_now(t: Terminal, mine: Path) -> None:
    flac(mine / "x.flac", title="x", artist="Ana")
    done = t("import", str(mine), "--mode", "move", "--yes", "--json")
    (mine / "x.flac").write_bytes(b"mine, and new")
    undone = t("undo", done.json["result"]["run"], "--yes")
    assert (mine / "x.flac").read_bytes() == b"mine, and new"
    assert undone.code == 0, undone.err


def test_another_ending_than_a_download_would_have_is_kept_and_links_follow(
    t: Terminal, mine: Path
) -> None:
    m4a(mine / "x.m4a", {"©nam": "x", "©ART": "Ana"})
    assert t("import", str(mine), "--yes").code == 0
    assert (t.playlists / "Deep House" / "Ana - x.m4a").is_file()
    assert (t.playlists / "Sunday" / "Ana - x.m4a").is_symlink()
    assert t("sync-execute", "--yes").code == 0
    assert t("sync-check", "--exit-code").code == 0


def test_what_is_no_sound_is_named_and_left(t: Terminal, mine: Path) -> None:
    (mine / "empty.mp3").write_bytes(b"")
    (mine / "picture.mp3").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (mine / "cut.flac").write_bytes(
        flac(mine / "y.flac", title="y", artist="Ana").read_bytes()[:99]
    )
    (mine / "link.flac").symlink_to(mine / "y.flac")
    said = t("import", str(mine), "--dry-run", "--json").json
    assert {Path(it["file"]).name for it in said["unreadable"]} == {
        "empty.mp3", "picture.mp3", "cut.flac",
    }  # fmt: skip
    assert [Path(it["file"]).name for it in said["accepted"]] == ["y.flac"]


def test_sound_that_breaks_off_is_not_taken_in(t: Terminal, mine: Path) -> None:
    whole = flac(mine / "x.flac", title="x", artist="Ana").read_bytes()
    (mine / "x.flac").write_bytes(whole[: len(whole) * 2 // 3])
    done = t("import", str(mine), "--yes", "--json")
    assert done.code == 4
    assert "its audio is damaged" in done.json["result"]["failed"][0]["error"]
    assert not (t.playlists / "Deep House" / "Ana - x.flac").exists()


def test_the_best_of_several_files_is_taken(t: Terminal, mine: Path) -> None:
    m4a(mine / "x.m4a", {"©nam": "x", "©ART": "Ana"})
    flac(mine / "x.flac", title="x", artist="Ana")
    said = t("import", str(mine), "--dry-run", "--json").json
    assert [Path(it["file"]).name for it in said["accepted"]] == ["x.flac"]
    assert [Path(it["file"]).name for it in said["duplicates"]] == ["x.m4a"]


def test_a_track_that_the_library_has_is_not_needed(synced: Terminal) -> None:
    t = synced
    flac(t.folder / "mine" / "x.flac", title="x", artist="Ana")
    said = t("import", str(t.folder / "mine"), "--dry-run", "--json")
    assert said.code == 0
    assert said.json["duplicates"][0]["of"] == "Playlists/Deep House/Ana - x.flac"


def test_ids_as_other_tools_write_them_are_read(t: Terminal, mine: Path) -> None:
    x, y = sorted(t.account.tracks.values(), key=lambda track: track.title)
    flac(mine / "a.flac", title="?", URL=f"https://tidal.com/browse/track/{x.id}")
    m4a(mine / "b.m4a", {"©nam": "?", "©url": f"http://www.tidal.com/browse/track/{y.id}"})
    said = t("import", str(mine), "--dry-run", "--json").json
    assert {it["track"]: it["method"] for it in said["accepted"]} == {
        str(x.id): "tidal_id",
        str(y.id): "tidal_id",
    }


def test_a_track_that_tidal_no_longer_offers_is_taken_all_the_same(t: Terminal, mine: Path) -> None:
    x = min(t.account.tracks.values(), key=lambda track: track.title)
    t.account.withhold(x)
    assert t("sync-check", "--full").code in (0, 3)
    flac(mine / "x.flac", title="x", artist="Ana")
    assert t("import", str(mine), "--yes").code == 0
    assert (t.playlists / "Deep House" / "Ana - x.flac").is_file()


def test_without_a_terminal_it_needs_a_yes(t: Terminal, mine: Path) -> None:
    flac(mine / "x.flac", title="x", artist="Ana")
    assert t("import", str(mine)).code == 2
    assert t("import", str(mine / "nowhere"), "--yes").code == 2


def test_before_any_playlist_was_read_it_says_what_to_do(t: Terminal) -> None:
    (t.folder / "mine").mkdir()
    said = t("import", str(t.folder / "mine"), "--yes")
    assert said.code == 2
    assert "sync-check" in said.err


def test_a_path_that_is_not_there_is_told_before_anything_is_asked(t: Terminal) -> None:
    for how in ([], ["--yes"], ["--dry-run"]):
        said = t("import", str(t.folder / "nope"), *how)
        assert said.code == 2
        assert f"There is no file or folder {t.folder / 'nope'}." in said.err
