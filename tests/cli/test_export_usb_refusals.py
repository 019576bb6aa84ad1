"""export usb: what is refused, what it never touches, and what fails midway."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest

from strandline.demo import music
from strandline.library.files.errors import DiskStoppedError
from strandline.library.files.syscalls import Syscalls
from strandline.library.stick import Stick as OpenStick
from tests.cli.stick import MANIFEST, Stick, done


def test_nothing_that_strandline_did_not_put_there_is_touched(stick: Stick) -> None:
    mine = {
        "Music/Ana/Ana - x.flac": b"mine", "Music/Ana/notes.txt": b"mine",
        "PIONEER/rekordbox": b"db", "Playlists/mine.m3u8": b"mine",
        ".Trashes": b"", "Music/Ana/._Ana - y.flac": b"mac",
    }  # fmt: skip
    for name, content in mine.items():
        path = stick.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    stick.export()
    (listed,) = stick.lines("Sunday")
    assert re.fullmatch(r"\.\./Music/Ana/Ana - x \[\d+\]\.flac", listed)
    assert stick.export()["result"] is None
    for playlist in list(stick.t.account.playlists.values())[1:]:
        stick.t.account.delete(playlist)
    stick.t("sync-execute", "--yes", "--max-removals", "100%")
    stick.export()
    for name, content in mine.items():
        assert (stick.folder / name).read_bytes() == content


def test_a_list_of_yours_under_the_very_name_of_a_playlist_stays(stick: Stick) -> None:
    mine = stick.folder / "Playlists" / "Sunday.m3u8"
    mine.parent.mkdir()
    mine.write_text("#EXTM3U\n../Music/mine.mp3\n")
    (failed,) = stick.export(code=4)["result"]["failed"]
    assert (failed["path"], failed["code"]) == ("Playlists/Sunday.m3u8", "not_ours")
    assert mine.read_text() == "#EXTM3U\n../Music/mine.mp3\n"
    assert "Playlists/Deep House.m3u8" in stick.tree


def test_a_file_that_was_changed_on_the_stick_stays_as_it_is(stick: Stick) -> None:
    stick.export()
    x, list_ = stick.folder / "Music/Ana/Ana - x.flac", stick.folder / "Playlists/Sunday.m3u8"
    x.write_bytes(b"with cues")
    said = stick.export()
    assert [it["code"] for it in said["warnings"]] == ["changed_on_stick"]
    (stick.t.playlists / "Deep House" / "Ana - x.flac").write_bytes(music.flac(88, 1))
    list_.write_text("mine")
    said = stick.export(code=4)
    assert {it["code"] for it in said["result"]["failed"]} == {"not_ours"}
    assert {it["path"] for it in said["result"]["failed"]} == {
        "Music/Ana/Ana - x.flac", "Playlists/Sunday.m3u8"
    }  # fmt: skip
    assert (x.read_bytes(), list_.read_text()) == (b"with cues", "mine")
    for playlist in list(stick.t.account.playlists.values()):
        if playlist.title == "Sunday":
            stick.t.account.delete(playlist)
    stick.t.account.remove(next(iter(stick.t.account.playlists.values())), 0)
    stick.t("sync-execute", "--yes", "--max-removals", "100%")
    told = {it["message"].partition(" was")[0] for it in stick.export()["warnings"]}
    assert told == {"Music/Ana/Ana - x.flac", "Playlists/Sunday.m3u8"}
    assert (x.read_bytes(), list_.read_text()) == (b"with cues", "mine")
    assert stick.export()["warnings"] == []


def test_music_that_does_not_decode_is_named_and_the_rest_is_copied(stick: Stick) -> None:
    x = stick.t.playlists / "Deep House" / "Ana - x.flac"
    whole = x.read_bytes()
    x.write_bytes(whole[:-2000] + bytes(1000) + whole[-1000:])
    said = stick.export("old", code=4)
    (failed,) = said["result"]["failed"]
    assert (failed["action"], failed["code"]) == ("convert", "undecodable")
    assert stick.tree == [
        "Music/Ana/Ana - y.aiff", "Playlists/Deep House.m3u8", "Playlists/Sunday.m3u8"
    ]  # fmt: skip
    assert stick.lines("Deep House") == ["../Music/Ana/Ana - y.aiff"]
    assert (said["playlists"], said["tracks"]) == (2, 1)
    assert said["files"] == [str(stick.folder / name) for name in stick.tree]
    past = stick.t("history", "--json").json["runs"][0]["notes"]
    assert past == [f"1 converted, 2 playlist files written, 1 failed in {stick.folder}"]
    x.write_bytes(whole)
    assert done(stick.export("old")) == {"convert": 1, "write_playlist": 2}


def test_a_playlist_lists_no_file_that_is_neither_there_nor_could_be_made_again(
    stick: Stick,
) -> None:
    stick.export("old")
    (stick.folder / "Music/Ana/Ana - x.aiff").unlink()
    x = stick.t.playlists / "Deep House" / "Ana - x.flac"
    whole = x.read_bytes()
    x.write_bytes(whole[:-2000] + bytes(1000) + whole[-1000:])
    stick.export("old", code=4)
    assert stick.lines("Deep House") == ["../Music/Ana/Ana - y.aiff"]
    assert stick.lines("Sunday") == []


def test_a_copy_that_fails_leaves_the_old_one_in_the_playlists(stick: Stick) -> None:
    stick.export("old")
    x = stick.t.playlists / "Deep House" / "Ana - x.flac"
    whole = x.read_bytes()
    x.write_bytes(whole[:-2000] + bytes(1000) + whole[-1000:])
    stick.export("old", code=4)
    assert stick.lines("Sunday") == ["../Music/Ana/Ana - x.aiff"]
    assert (stick.folder / "Music/Ana/Ana - x.aiff").is_file()


def test_a_place_that_is_none_is_refused(stick: Stick) -> None:
    library, t = stick.t.library, stick.t
    (t.folder / "link").symlink_to(library / "mp3")
    (t.folder / "home").mkdir(exist_ok=True)
    for place, why in (
        (t.folder / "none", "no_folder"),
        (library / "mp3", "to_in_library"),
        (library / "mp3" / "Playlists" / "Deep House", "to_in_library"),
        (library / ".strandline", "to_in_library"),
        (library, "to_in_library"),
        (t.folder / "link", "to_in_library"),
        (t.folder, "no_stick"),
        ("/", "no_stick"),
        (t.folder / "home", "no_stick"),
        (t.settings, "no_folder"),
        (t.folder / "none" / "either", "no_folder"),
    ):
        said = t("export", "usb", "--to", str(place), "--player", "nxs2", "--json")
        assert (said.code, said.json["error"]) == (2, why), place
    (library / "exports" / "stick").mkdir(parents=True)
    ok = t("export", "usb", "--to", str(library / "exports" / "stick"), "--player", "nxs2")
    assert ok.code == 0
    assert t("export", "usb", "--to", str(stick.folder), "--player", "cdj9000").code == 2


def test_a_folder_of_another_library_or_export_is_refused(stick: Stick) -> None:
    stick.export()
    manifest = stick.folder / MANIFEST
    text = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**text, "library": "0" * 32}))
    before = stick.looks
    assert stick.export(code=5)["error"] == "other_library"
    assert stick.looks == before
    manifest.write_text(json.dumps(text))
    for inside in ("", "Playlists", "Music/Ana"):
        said = stick.t("export", "m3u8", "--to", str(stick.folder / inside), "--json")
        assert (said.code, said.json["error"]) == (2, "other_export")
    assert stick.t("export", "m3u8", "--to", str(stick.folder / "mine")).code == 0
    other = stick.t.folder / "lists"
    stick.t("export", "m3u8", "--to", str(other))
    stick.folder = other
    assert stick.export(code=2)["error"] == "other_export"


def test_a_forged_manifest_takes_nothing_outside_of_it(stick: Stick) -> None:
    stick.export()
    victim = stick.t.folder / "victim.flac"
    victim.write_bytes(b"mine")
    digest = hashlib.sha256(b"mine").hexdigest()
    manifest = stick.folder / MANIFEST
    text = json.loads(manifest.read_text())
    for name in ("../victim.flac", "Music/../../victim.flac", str(victim)):
        manifest.write_text(json.dumps({**text, "files": {name: digest}}))
        stick.export()
        assert victim.read_bytes() == b"mine"


def test_a_link_on_the_stick_is_not_followed(stick: Stick) -> None:
    outside = stick.t.folder / "outside"
    outside.mkdir()
    runs = len(stick.t("history", "--json").json["runs"])
    for name, wanted in (("Music", "folder"), ("Playlists", "folder"), (MANIFEST, "file")):
        at = stick.folder / name
        at.symlink_to(outside)
        said = stick.export(code=2)
        assert said["error"] == "in_the_way"
        assert f"{at} is a link, where a {wanted} is needed" in said["message"]
        at.unlink()
        at.mkdir() if wanted == "file" else at.write_text("mine")
        assert stick.export(code=2)["error"] == "in_the_way"
        at.rename(stick.t.folder / f"away {name}")
    assert list(outside.iterdir()) == list(stick.folder.iterdir()) == []
    assert len(stick.t("history", "--json").json["runs"]) == runs


def test_there_must_be_room_before_anything_is_written(
    stick: Stick, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Syscalls, "free_bytes", lambda *_: 100_000)
    said = stick.export(code=5)
    assert said["error"] == "no_room"
    assert "0.1 MB are free" in said["message"]
    (warning,) = stick.export("nxs2", "--dry-run", code=3)["warnings"]
    assert warning["code"] == "no_room"
    assert warning["message"] == f"{said['message']} The run would stop with exit code 5."
    assert list(stick.folder.iterdir()) == []


def test_a_disk_that_does_not_tell_its_room_is_written_to(
    stick: Stick, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As some network disks and phones, which tell no size at all."""
    monkeypatch.setattr(Syscalls, "free_bytes", lambda *_: None)
    assert stick.export("old", "--dry-run", code=3)["room"]["free"] is None
    said = stick.t("export", "usb", "--to", str(stick.folder), "--player", "nxs2")
    assert said.code == 0
    assert " needed.\n" in said.out + said.err
    assert "free" not in said.out + said.err


def test_what_goes_makes_room_first_where_it_must(
    stick: Stick, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick.export("nxs2", "--playlist", "Deep House")
    manifest, big = stick.folder / MANIFEST, stick.folder / "Music/Ana/old.flac"
    big.write_bytes(bytes(3_000_000))
    text = json.loads(manifest.read_text())
    text["files"]["Music/Ana/old.flac"] = hashlib.sha256(bytes(3_000_000)).hexdigest()
    manifest.write_text(json.dumps(text))
    free = lambda *_: 500_000 if big.exists() else 3_500_000  # noqa: E731
    monkeypatch.setattr(Syscalls, "free_bytes", free)
    stick.export()
    assert not big.exists()
    assert "Playlists/Sunday.m3u8" in stick.tree


def test_a_stick_that_fails_midway_is_told_with_what_it_holds(
    stick: Stick, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, named = OpenStick.publish, list[str]()

    def publish(self: OpenStick, part: Any, path: str, *, replaces: bool) -> None:
        if named:
            raise DiskStoppedError(f"{path}: no space left", code="disk_full")
        named.append(path)
        real(self, part, path, replaces=replaces)

    monkeypatch.setattr(OpenStick, "publish", publish)
    said = stick.export(code=4)
    assert stick.tree == named
    assert (said["playlists"], said["tracks"]) == (0, 1)
    assert said["files"] == [str(stick.folder / named[0])]
    past = stick.t("history", "--json").json["runs"][0]
    assert past["notes"] == [f"1 copied in {stick.folder}"]
    told = " ".join(stick.t("history").out.split())
    assert f"1 copied in {stick.folder}; stopped (exit code 4)" in told


def test_a_person_reads_how_much_room_is_needed(stick: Stick) -> None:
    said = stick.t("export", "usb", "--to", str(stick.folder), "--player", "old")
    assert "2 tracks to convert, 2 playlists to write: up to " in said.err
    assert " needed, " in said.err
    assert "2 tracks converted, 2 playlists written." in said.out
    assert f"{stick.folder} for old: 2 playlists, 2 tracks." in said.out
