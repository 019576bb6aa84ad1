"""Folders hold more than music: import looks at whatever lies there, waits for nothing, ends."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from pathlib import Path

import pytest

from strandline.library import user_files
from tests.cli.own_music import flac, m4a
from tests.cli.terminal import Terminal, two_playlists


@pytest.fixture
def mine(t: Terminal) -> Path:
    two_playlists(t)
    assert t("sync-check").code == 0
    folder = t.folder / "mine"
    flac(folder / "x.flac", title="x", artist="Ana")
    return folder


def accepted(t: Terminal, *paths: Path) -> list[str]:
    said = t("import", *map(str, paths), "--dry-run", "--json")
    assert said.code in (0, 3), said.err
    return [Path(it["file"]).name for it in said.json["accepted"]]


def test_pipes_sockets_and_devices_are_passed_by(t: Terminal, mine: Path) -> None:
    os.mkfifo(mine / "pipe.mp3")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(mine)
        server.bind("socket.flac")
        os.chdir(here)
        (mine / "null.flac").symlink_to("/dev/null")
        assert accepted(t, mine) == ["x.flac"]


@pytest.mark.parametrize(
    "trash", [".Trash-1000/files", "#recycle", "$RECYCLE.BIN/S-1-5", "@Recycle", ".stversions"]
)
def test_what_was_thrown_away_is_taken_only_where_the_trash_itself_is_named(
    t: Terminal, mine: Path, trash: str
) -> None:
    flac(mine / trash / "y.flac", 78, title="y", artist="Ana")
    assert accepted(t, mine) == ["x.flac"]
    assert accepted(t, mine / trash) == ["y.flac"]


def test_strandlines_own_trash_is_passed_by_whatever_way_leads_there(synced: Terminal) -> None:
    deep = next(iter(synced.account.playlists.values()))
    y = deep.tracks[1]
    synced.account.remove(deep, y)
    assert synced("sync-execute", "--yes").code == 0
    synced.account.add(deep, y)
    assert synced("sync-check").code == 0
    (synced.folder / "way").symlink_to(synced.library)
    assert accepted(synced, synced.library, synced.folder / "way") == []


def test_links_that_go_round_are_not_followed(t: Terminal, mine: Path) -> None:
    (mine / "loop").symlink_to(mine)
    (mine / "up.flac").symlink_to("up.flac")
    (mine / "out").symlink_to(t.folder)
    (mine / "gone.flac").symlink_to("nowhere.flac")
    assert accepted(t, mine) == ["x.flac"]
    (t.folder / "way").symlink_to(mine)
    assert accepted(t, t.folder / "way", mine, mine / "x.flac") == ["x.flac"]


def test_a_file_without_tags_is_known_by_its_name_alone(t: Terminal, mine: Path) -> None:
    """Where that names artist and title; one that tells nothing is not taken for anything."""
    flac(mine / "Ana - y.flac", 78)
    flac(mine / "track 7.flac", 76)
    said = t("import", str(mine), "--dry-run", "--json").json
    taken = {Path(it["file"]).name: it["method"] for it in said["accepted"]}
    assert taken == {"x.flac": "words", "Ana - y.flac": "words"}
    assert [Path(it["file"]).name for it in said["unmatched"]] == ["track 7.flac"]


def test_a_link_to_a_file_of_the_library_takes_nothing_and_stays(t: Terminal, mine: Path) -> None:
    assert t("sync-execute", "--yes").code == 0
    (ours,) = (path for path in t.playlists.rglob("*x.flac") if not path.is_symlink())
    (mine / "x.flac").unlink()
    (mine / "x.flac").symlink_to(ours)
    assert accepted(t, mine) == []
    assert t("import", str(mine), "--mode", "move", "--yes").code in (0, 3)
    assert (mine / "x.flac").is_symlink()
    assert t("sync-check", "--exit-code").code == 0


def test_names_that_are_no_text_are_told(t: Terminal, mine: Path) -> None:
    os.rename(mine / "x.flac", os.fsencode(mine) + b"/\xff\xfe.flac")
    flac(mine / "line\nbreak \x1b[31m.flac", 78, title="y", artist="Ana")
    said = t("import", str(mine), "--dry-run", "--json").json
    assert [it["because"] for it in said["unreadable"]] == ["its name is not valid UTF-8"]
    assert len(said["accepted"]) == 1
    shown = t("import", str(mine), "--dry-run").out
    assert "\x1b[31m" not in shown
    assert t("import", str(mine), "--yes").code == 0
    assert (t.playlists / "Deep House" / "Ana - y.flac").is_file()


def test_a_folder_that_vanishes_meanwhile_is_no_reason_to_stop(
    t: Terminal, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flac(mine / "a" / "y.flac", 78, title="y", artist="Ana")
    real = user_files.inspect_file

    def look(file: str) -> user_files.InspectedFile:
        if file.endswith("y.flac"):
            (mine / "a").rename(t.folder / "away")
        return real(file)

    monkeypatch.setattr(user_files, "inspect_file", look)
    said = t("import", str(mine), "--dry-run", "--json").json
    assert [it["because"] for it in said["unreadable"]] == ["No such file or directory"]
    assert len(said["accepted"]) == 1


def test_tags_that_lie_about_the_length_take_nothing(t: Terminal, mine: Path) -> None:
    """By its tags it is y, but it is five seconds longer than TIDAL's."""
    flac(mine / "y.flac", 78, 9, title="y", artist="Ana")
    said = t("import", str(mine), "--dry-run", "--json").json
    assert [Path(it["file"]).name for it in said["accepted"]] == ["x.flac"]
    assert "length differs" in said["unmatched"][0]["because"]


def test_two_files_with_one_sound_are_one_question(t: Terminal, mine: Path) -> None:
    for name in ("y.flac", "y again.flac"):
        flac(mine / name, 79, title="y")  # no artist
    said = t("import", str(mine), "--dry-run", "--json").json
    assert {it["number"] for it in said["review"]} == {1}
    listed = t("review", "list", "--json").json["review"]
    assert t("review", "accept", "1", listed[0]["candidates"][0]["track"]).code == 0
    said = t("import", str(mine), "--dry-run", "--json").json
    assert len(said["accepted"]) == 2
    assert [it["because"] for it in said["duplicates"]] == ["another file of this track is taken"]


def test_a_folder_with_the_name_of_music_is_looked_into(t: Terminal, mine: Path) -> None:
    (mine / "folder.flac").mkdir()
    assert accepted(t, mine) == ["x.flac"]


def test_many_files_are_read_in_processes_with_the_same_answer(
    t: Terminal, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        m4a(mine / f"{number}.m4a", {"©nam": f"Other {number}", "©ART": "Somebody"})
    (mine / "empty.mp3").write_bytes(b"")
    alone = t("import", str(mine), "--dry-run", "--json").json
    monkeypatch.setattr(user_files, "MANY", 2)
    monkeypatch.setattr(user_files, "_AT_ONCE", 3)
    monkeypatch.setattr(user_files, "_CHUNK", 1)
    with monkeypatch.context() as only_there:
        only_there.setattr(user_files, "map", _nothing_is_left, raising=False)
        assert t("import", str(mine), "--dry-run", "--json").json == alone
    monkeypatch.setattr(user_files, "_quietly", _die)
    assert t("import", str(mine), "--dry-run", "--json").json == alone


def _nothing_is_left(_: object, files: Iterable[str]) -> list[user_files.InspectedFile]:
    """In place of reading here: processes that never work would not be noticed otherwise."""
    assert [*files] == []
    return []


def _die() -> None:
    os._exit(9)
