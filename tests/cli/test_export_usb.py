"""export usb: real files on a stick, copied once, and nothing of anybody else's touched."""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import Any

import pytest

from strandline.demo import music
from strandline.library.audio import probe
from strandline.library.files.errors import DiskStoppedError
from strandline.library.files.syscalls import Syscalls
from strandline.library.stick import Stick as OpenStick
from tests.adapters.sound import flac
from tests.cli.fat import Fat, alike
from tests.cli.terminal import Terminal

MANIFEST = ".strandline-export.json"


class Stick:
    """A folder where a stick would be."""

    def __init__(self, t: Terminal) -> None:
        self.t, self.folder = t, t.folder / "STICK"
        self.folder.mkdir()

    def export(self, player: str = "nxs2", *words: str, code: int = 0) -> Any:
        """The command, and its document."""
        to = ("--to", str(self.folder), "--player", player)
        said = self.t("export", "usb", *to, *words, "--json")
        assert said.code == code, said.out + said.err
        return said.json

    @property
    def tree(self) -> list[str]:
        return sorted(
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file() and path.name != MANIFEST
        )

    @property
    def looks(self) -> dict[str, tuple[int, int, int]]:
        """Every file with what would change if it were written again."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            at = path.lstat()
            if not path.is_dir():
                found[str(path)] = (at.st_ino, at.st_mtime_ns, at.st_size)
        return found

    def lines(self, playlist: str) -> list[str]:
        text = (self.folder / "Playlists" / f"{playlist}.m3u8").read_text()
        return [line for line in text.splitlines() if not line.startswith("#")]


@pytest.fixture
def stick(synced: Terminal) -> Stick:
    """An empty one, beside a library of two playlists that share a track."""
    return Stick(synced)


def done(document: Any) -> dict[str, int]:
    counts: dict[str, int] = document["result"]["done"]
    return counts


def test_music_goes_to_the_stick_once_and_playlists_list_it_in_tidals_order(t: Terminal) -> None:
    x, y = t.track("x"), t.track("y", "Ben")
    t.account.playlist("Deep House", [y, x])
    t.account.playlist("Sunday", [x, y, x])
    t("sync-execute", "--yes")
    stick = Stick(t)
    said = stick.export()
    assert stick.tree == [
        "Music/Ana/Ana - x.flac", "Music/Ben/Ben - y.flac",
        "Playlists/Deep House.m3u8", "Playlists/Sunday.m3u8",
    ]  # fmt: skip
    mine, other = "../Music/Ana/Ana - x.flac", "../Music/Ben/Ben - y.flac"
    assert stick.lines("Sunday") == [mine, other, mine]
    assert stick.lines("Deep House") == [other, mine]
    for path in stick.folder.rglob("*"):
        assert not path.is_symlink()
        assert path.is_dir() or path.stat().st_nlink == 1
    copied = stick.folder / "Music/Ana/Ana - x.flac"
    assert copied.read_bytes() == (t.playlists / "Deep House" / "Ana - x.flac").read_bytes()
    assert (said["format"], said["playlists"], said["tracks"]) == ("usb", 2, 2)
    assert said["files"] == [str(stick.folder / name) for name in stick.tree]
    assert done(said) == {"copy": 2, "write_playlist": 2}


def test_a_second_run_copies_nothing(stick: Stick) -> None:
    stick.export()
    before, runs = stick.looks, len(stick.t("history", "--json").json["runs"])
    again = stick.export()
    assert again["result"] is None
    assert again["room"]["needed"] == 0
    assert stick.looks == before
    assert len(stick.t("history", "--json").json["runs"]) == runs
    quiet = stick.t("export", "usb", "--to", str(stick.folder), "--player", "nxs2", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_a_changed_track_is_copied_alone(stick: Stick) -> None:
    stick.export()
    before = stick.looks
    source = stick.t.playlists / "Deep House" / "Ana - y.flac"
    source.write_bytes(music.flac(77, 1))
    assert done(stick.export()) == {"copy": 1}
    changed = {path for path, at in stick.looks.items() if before[path] != at}
    y = stick.folder / "Music/Ana/Ana - y.flac"
    assert changed == {str(y), str(stick.folder / MANIFEST)}
    assert y.read_bytes() == source.read_bytes()


def test_a_track_that_was_only_touched_is_not_copied_again(stick: Stick) -> None:
    stick.export()
    os.utime(stick.t.playlists / "Deep House" / "Ana - y.flac", (1, 1))
    os.utime(stick.folder / "Music/Ana/Ana - x.flac", (77, 77))  # another computer's clock
    before = stick.looks
    assert done(stick.export()) == {}
    before.pop(str(stick.folder / MANIFEST))
    assert {path: at for path, at in stick.looks.items() if path in before} == before
    assert stick.export()["result"] is None


def test_what_left_the_playlists_leaves_the_stick(stick: Stick) -> None:
    stick.export()
    deep, sunday = stick.t.account.playlists.values()
    stick.t.account.remove(deep, 1)
    stick.t.account.delete(sunday)
    stick.t("sync-execute", "--yes", "--max-removals", "100%")
    assert done(stick.export()) == {"remove": 2, "write_playlist": 1}
    assert stick.tree == ["Music/Ana/Ana - x.flac", "Playlists/Deep House.m3u8"]


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


def test_what_was_deleted_on_the_stick_comes_back(stick: Stick) -> None:
    stick.export()
    (stick.folder / "Music/Ana/Ana - x.flac").rename(stick.t.folder / "away")
    (stick.folder / "Playlists/Sunday.m3u8").rename(stick.t.folder / "away too")
    assert done(stick.export()) == {"copy": 1, "write_playlist": 1}
    assert stick.export()["result"] is None


def test_a_lost_manifest_costs_no_second_copy(stick: Stick) -> None:
    stick.export("nxs")
    before = stick.tree
    (stick.folder / MANIFEST).rename(stick.t.folder / "away")
    stick.export("nxs")
    assert stick.tree == before
    (stick.folder / MANIFEST).write_text("{")
    said = stick.export("nxs")
    assert [it["code"] for it in said["warnings"]] == ["manifest_damaged"]
    assert stick.tree == before
    assert stick.export("nxs")["result"] is None


# ---------------------------------------------------------------- formats


def test_each_player_gets_what_it_plays(stick: Stick) -> None:
    deep = stick.t.playlists / "Deep House"
    flac(deep / "Ana - x.flac", rate=96_000, bits=24)
    for player, ending, rate, bits in (
        ("cdj3000", "flac", 96_000, 24),
        ("nxs2", "flac", 96_000, 24),
        ("xdj1000mk2", "aiff", 48_000, 24),
        ("nxs", "aiff", 48_000, 24),
        ("old", "aiff", 44_100, 16),
        ("rx3", "aiff", 48_000, 24),
        ("xdjxz", "aiff", 48_000, 24),
    ):
        stick.export(player)
        (file,) = (stick.folder / "Music/Ana").glob("Ana - x.*")
        found = probe(file)
        assert (file.suffix, found.sample_rate, found.bits) == (f".{ending}", rate, bits)
        assert stick.lines("Sunday") == [f"../Music/Ana/{file.name}"]
    stick.export("nxs", "--convert-to", "mp3")
    (file,) = (stick.folder / "Music/Ana").glob("Ana - x.*")
    assert (probe(file).codec, probe(file).sample_rate) == ("mp3", 48_000)


def test_a_converted_track_keeps_its_tags(stick: Stick) -> None:
    import mutagen

    for player, words in (("old", ()), ("old", ("--convert-to", "mp3"))):
        stick.export(player, *words)
        (file,) = (stick.folder / "Music/Ana").glob("Ana - x.*")
        tags = mutagen.File(file).tags
        assert tags.version == (2, 3, 0)
        assert (str(tags["TIT2"]), str(tags["TPE1"])) == ("x", "Ana")
        assert "TXXX:STRANDLINE_TRACK_ID" in tags
        before = mutagen.File(stick.t.playlists / "Deep House" / "Ana - x.flac")
        assert bool(before.pictures) == bool(tags.getall("APIC"))


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


# ---------------------------------------------------------------- what is chosen


def test_named_playlists_join_those_that_are_there_and_prune_takes_the_others_away(
    stick: Stick,
) -> None:
    assert stick.export("nxs2", "--playlist", "Sunday")["playlists"] == 1
    assert stick.tree == ["Music/Ana/Ana - x.flac", "Playlists/Sunday.m3u8"]
    assert stick.export("nxs2", "--playlist", "Deep House")["playlists"] == 2
    assert "Playlists/Sunday.m3u8" in stick.tree
    stick.export("nxs2", "--playlist", "Sunday", "--prune")
    assert stick.tree == ["Music/Ana/Ana - x.flac", "Playlists/Sunday.m3u8"]
    stick.export("nxs2", "--playlist", "Sundy", code=2)


def test_music_that_is_missing_from_the_library_stays_on_the_stick(stick: Stick) -> None:
    stick.export()
    y = stick.t.playlists / "Deep House" / "Ana - y.flac"
    y.rename(stick.t.folder / "away.flac")
    said = stick.export()
    assert (said["result"], said["tracks"], said["warnings"]) == (None, 2, [])
    assert "Music/Ana/Ana - y.flac" in stick.tree
    (warning,) = stick.export("nxs")["warnings"]  # which plays no FLAC
    assert warning["code"] == "missing_on_disk"
    assert warning["message"].startswith("Music/Ana/Ana - y.flac stays as it is")
    assert "Music/Ana/Ana - y.flac" in stick.tree


def test_a_dry_run_writes_nothing_and_says_whether_there_is_work(stick: Stick) -> None:
    before = {path: at for path, at in stick.t.tree().items() if ".strandline" not in path}
    said = stick.export("nxs", "--dry-run", code=3)
    assert [it["action"] for it in said["planned"]] == ["convert", "convert"]
    assert said["room"]["needed"] > 0
    assert list(stick.folder.iterdir()) == []
    stick.export("nxs")
    assert stick.export("nxs", "-n")["planned"] == []
    after = {path: at for path, at in stick.t.tree().items() if ".strandline" not in path}
    assert after == before


def test_names_that_hurt_are_safe_on_every_stick(t: Terminal) -> None:
    names = [
        "con",
        "a:b",
        "x?",
        "Über Ångström",
        "ÜBER ÅNGSTRÖM",
        "🌒 moon",
        "שלום",
        "...",
        "e" * 300,
    ]
    tracks = [t.track(name, name) for name in names]
    t.account.playlist("AC/DC: <live>", tracks)
    t.account.playlist("aux", tracks[:1])
    t("sync-execute", "--yes")
    stick = Stick(t)
    assert stick.export("nxs")["tracks"] == len(names)
    assert len({path.casefold() for path in stick.tree}) == len(stick.tree)
    for path in stick.tree:
        assert len(path.encode("utf-16-le")) // 2 <= 240
        for part in path.split("/"):
            assert not set(part) & set('<>:"\\|?*')
            assert part.partition(".")[0].casefold() not in ("con", "aux")
            assert part == part.strip(" .")
    for line in stick.lines("AC-DC- (live)"):
        assert (stick.folder / "Playlists" / line).is_file()


def test_fat_takes_it_and_a_second_run_copies_nothing(
    t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [("Ana", "x"), ("ANA", "X"), ("ana", "x"), ("Öä", "nul"), ("a/b:", "c?*"), ("..", "d.")]
    tracks = [t.track(title, artist) for artist, title in names]
    t.account.playlist("Mix", tracks)
    t.account.playlist("MIX", [tracks[1], tracks[0]])
    t("sync-execute", "--yes")
    stick, real = Stick(t), OpenStick.__init__
    (stick.folder / "Music" / "ANA").mkdir(parents=True)
    (stick.folder / "Music" / "ANA" / "ana - X.FLAC").write_text("mine")
    monkeypatch.setattr(OpenStick, "__init__", lambda self, to: real(self, to, Fat()))
    said = stick.export()
    assert done(said) == {"copy": len(names), "write_playlist": 2}
    assert (stick.folder / "Music" / "ANA" / "ana - X.FLAC").read_text() == "mine"
    assert len(stick.tree) == len({alike(name) for name in stick.tree}) == len(names) + 3
    copies = sorted(path.read_bytes() for path in stick.folder.rglob("*.flac"))
    originals = {path.resolve() for path in t.playlists.rglob("*.flac")}
    assert copies == sorted(path.read_bytes() for path in originals)
    assert stick.export()["result"] is None
    assert done(stick.export("nxs")) == {"convert": len(names), "remove": len(names),
                                         "write_playlist": 2}  # fmt: skip
    assert stick.export("nxs")["result"] is None


# ---------------------------------------------------------------- where to


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


def test_it_is_in_history_and_says_why_it_cannot_be_undone(stick: Stick) -> None:
    said = stick.export("nxs")
    past = stick.t("history", "--json").json["runs"][0]
    assert (past["command"], past["run"]) == ("export usb", said["result"]["run"])
    assert past["notes"] == [f"2 converted, 2 playlist files written in {stick.folder}"]
    undo = stick.t("undo", past["run"], "--yes", "--json")
    assert (undo.code, undo.json["error"]) == (2, "not_undoable")
    older = stick.t("history", "--json").json["runs"][1]
    last = stick.t("undo", "last", "--yes", "--json")
    assert last.json["undoes"] == older["run"]
    assert f"an `export usb` ({past['short']}), which cannot be undone" in last.err
    assert f"This takes back run {older['short']} ({older['command']}, " in last.err


# ---------------------------------------------------------------- room and failing sticks


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
