"""No export replaces a person's files, follows links, or shrinks where a sync would stop."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.cli.exported import FORMATS, ONE_FILE, exports, tree, where
from tests.cli.terminal import Terminal


@pytest.mark.parametrize("form", ONE_FILE)
def test_a_file_of_the_persons_is_never_replaced(synced: Terminal, form: str) -> None:
    mine = synced.folder / "mine.xml"
    mine.write_text("my collection")
    said = synced("export", form, "--to", str(mine), "--json")
    assert said.code == 2
    assert said.json["error"] == "not_ours"
    assert mine.read_text() == "my collection"
    ours = synced.folder / "ours.xml"
    assert synced("export", form, "--to", str(ours)).code == 0
    assert synced("export", form, "--playlist", "Sunday", "--to", str(ours)).code == 0
    ours.write_text(ours.read_text() + "<!-- edited -->")
    assert synced("export", form, "--to", str(ours)).code == 2
    assert ours.read_text().endswith("<!-- edited -->")


def test_of_several_files_those_of_the_persons_stay_and_the_others_are_written(
    synced: Terminal,
) -> None:
    folder = exports(synced) / "m3u8"
    folder.mkdir(parents=True)
    (folder / "Sunday.m3u8").write_text("mine")
    said = synced("export", "m3u8", "--json")
    assert said.code == 4
    assert [it["code"] for it in said.json["result"]["failed"]] == ["not_ours"]
    assert (folder / "Sunday.m3u8").read_text() == "mine"
    assert (folder / "Deep House.m3u8").exists()


def test_a_manifest_that_names_other_files_takes_none_of_them(synced: Terminal) -> None:
    folder = exports(synced) / "m3u8"
    synced("export", "m3u8")
    victim = exports(synced) / "notes.m3u8"
    victim.write_text("mine")
    digest = hashlib.sha256(b"mine").hexdigest()
    names = dict.fromkeys(("../notes.m3u8", "/notes.m3u8", "a/../../notes.m3u8"), digest)
    (folder / ".strandline-export.json").write_text(json.dumps({"files": names}))
    assert synced("export", "m3u8").code == 0
    assert victim.read_text() == "mine"


def test_an_export_never_goes_where_the_music_is_kept(synced: Terminal) -> None:
    for place in (synced.playlists / "Deep House", synced.library / ".strandline"):
        said = synced("export", "m3u8", "--to", str(place))
        assert said.code == 2
        assert "--to" in said.err
    assert not list(synced.playlists.rglob("*.m3u8"))
    assert synced("export", "serato").code == 2
    assert synced("export", "itunes", "--to", str(synced.folder / "no" / "x.xml")).code == 2


def test_a_link_in_an_exports_place_is_not_followed(synced: Terminal) -> None:
    mine = synced.folder / "mine.xml"
    mine.write_text("mine")
    exports(synced).mkdir()
    (exports(synced) / "rekordbox.xml").symlink_to(mine)
    assert synced("export", "rekordbox").code == 2
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("to", ["", " ", "-", "/dev/null"])
def test_what_names_no_place_is_refused_by_every_export(
    synced: Terminal, form: str, to: str
) -> None:
    said = synced("export", form, "--to", to, "--json")
    assert (said.code, said.json["error"]) == (2, "no_place")


@pytest.mark.parametrize("form", ["m3u8", "serato"])
def test_a_file_in_the_place_of_a_folder_is_told(synced: Terminal, form: str) -> None:
    mine = synced.folder / "my.xml"
    mine.write_text("mine")
    said = synced("export", form, "--to", str(mine))
    assert said.code == 2
    assert f"{mine.resolve()} is a file" in said.err


@pytest.mark.parametrize("form", [*ONE_FILE, "m3u8"])
def test_exports_that_are_a_link_are_refused_before_a_run(synced: Terminal, form: str) -> None:
    (synced.folder / "cloud").mkdir()
    exports(synced).symlink_to(synced.folder / "cloud")
    runs = synced("history", "--json").json["runs"]
    said = synced("export", form)
    assert said.code == 2
    assert "is a link, where exports need a folder" in said.err
    assert synced("history", "--json").json["runs"] == runs
    assert synced("export", form, "--to", str(exports(synced))).code == 0
    exports(synced).unlink()
    exports(synced).write_text("mine")
    assert "is a file" in synced("export", form).err


def test_a_link_in_the_place_of_exports_lets_a_sync_do_its_work(synced: Terminal) -> None:
    (synced.folder / "cloud").mkdir()
    exports(synced).symlink_to(synced.folder / "cloud")
    synced.settings.write_text(
        synced.settings.read_text() + '[export]\nafter_sync = ["rekordbox"]\n'
    )
    synced.account.rename(next(iter(synced.account.playlists.values())), "Deeper")
    said = synced("sync-execute", "--yes", "--json")
    assert said.code == 4
    assert [it["code"] for it in said.json["result"]["failed"]] == ["no_folder"]
    assert (synced.playlists / "Deeper" / "Ana - x.flac").is_file()
    said = synced("export", "rekordbox", "--to", str(synced.folder / "cloud"), "--json")
    assert said.code == 0  # the list of moves has no place there, and is named
    assert [it["code"] for it in said.json["warnings"]] == ["not_ours"]


def many(t: Terminal) -> None:
    """Two playlists of ten tracks, synced and exported."""
    for name in ("A", "B"):
        t.account.playlist(name, [t.track(f"{name}{number}") for number in range(10)])
    assert t("sync-execute", "--yes").code == 0


@pytest.mark.parametrize("form", [*FORMATS, "usb"])
def test_an_export_goes_no_further_than_a_sync_would(t: Terminal, form: str) -> None:
    many(t)
    (stick := t.folder / "stick").mkdir()
    words = ("--to", str(stick), "--player", "nxs2") if form == "usb" else where(t, form)
    assert t("export", form, *words).code == 0
    before = tree(stick), tree(exports(t)), tree(t.folder / "_Serato_")
    for playlist in t.account.playlists.values():  # a fault of TIDAL's: all of them are empty
        for _ in range(9):
            t.account.remove(playlist, 0)
    assert t("sync-execute", "--yes").code == 5
    said = t("export", form, *words, "--json")
    assert (said.code, said.json["error"]) == (5, "mass_removal")
    assert "18 of 20" in said.json["message"]
    assert (tree(stick), tree(exports(t)), tree(t.folder / "_Serato_")) == before
    assert t("sync-execute", "--yes", "--accept-removals", "18").code == 0
    assert t("export", form, *words).code == 0
    for playlist in list(t.account.playlists.values()):
        t.account.delete(playlist)
    t("sync-check")
    said = t("export", form, *words, "--json")
    assert (said.code, said.json["error"]) == (5, "empty_tidal")


@pytest.mark.parametrize("form", [*FORMATS, "usb"])
def test_no_export_is_emptied_by_a_disk_that_is_not_there(synced: Terminal, form: str) -> None:
    t = synced
    (stick := t.folder / "stick").mkdir()
    words = ("--to", str(stick), "--player", "nxs2") if form == "usb" else where(t, form)
    assert t("export", form, *words).code == 0
    before = tree(stick), tree(exports(t)), tree(t.folder / "_Serato_")
    music, away = t.library / "mp3", t.library / "away"
    music.rename(away)
    for mounted in (False, True):
        said = t("export", form, *words, "--json")
        assert (said.code, said.json["error"]) == (5, "library_missing")
        assert "2 of 2 downloaded tracks" in said.json["message"]
        assert (tree(stick), tree(exports(t)), tree(t.folder / "_Serato_")) == before
        if not mounted:
            music.mkdir()  # the place where the disk is mounted
    music.rmdir()
    away.rename(music)
    assert t("export", form, *words).code == 0


@pytest.mark.parametrize("form", ["m3u8", "serato"])
def test_a_folder_of_another_librarys_export_is_refused(synced: Terminal, form: str) -> None:
    place = synced.folder / "lists"
    assert synced("export", form, "--to", str(place)).code == 0
    manifest = place / ".strandline-export.json"
    ours = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(ours | {"library": "another"}))
    before = tree(place)
    said = synced("export", form, "--to", str(place), "--json")
    assert (said.code, said.json["error"]) == (5, "other_library")
    assert tree(place) == before
    manifest.write_text(json.dumps({"files": ours["files"]}))  # of an earlier version
    assert synced("export", form, "--to", str(place)).code == 0


def test_a_sync_of_one_playlist_exports_nothing_that_others_lost(t: Terminal) -> None:
    many(t)
    t("export", "rekordbox")
    before = tree(exports(t))
    t.settings.write_text(t.settings.read_text() + '[export]\nafter_sync = ["rekordbox"]\n')
    a, b = t.account.playlists.values()
    for _ in range(10):
        t.account.remove(b, 0)
    t("sync-check")
    t.account.add(a, t.track("more"))
    said = t("sync-execute", "--yes", "--playlist", "A", "--json")
    assert said.code == 4
    assert [it["code"] for it in said.json["result"]["failed"]] == ["mass_removal"]
    assert tree(exports(t)) == before
