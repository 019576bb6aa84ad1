"""export usb: real files on a stick, copied once, and nothing of anybody else's touched."""

from __future__ import annotations

import os
import re

import pytest

from strandline.demo import music
from strandline.library.audio.probe import probe
from strandline.library.stick import Stick as OpenStick
from tests.adapters.sound import flac
from tests.cli.fat import Fat, alike
from tests.cli.stick import MANIFEST, Stick, done
from tests.cli.terminal import Terminal


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


def test_what_was_deleted_on_the_stick_comes_back(stick: Stick) -> None:
    stick.export()
    (stick.folder / "Music/Ana/Ana - x.flac").rename(stick.t.folder / "away")
    (stick.folder / "Playlists/Sunday.m3u8").rename(stick.t.folder / "away too")
    assert done(stick.export()) == {"copy": 1, "write_playlist": 1}
    assert stick.export()["result"] is None


@pytest.mark.parametrize("how", [("nxs2",), ("nxs",), ("nxs", "--convert-to", "mp3")])
def test_what_stands_on_a_stick_is_known_again_without_its_manifest(
    stick: Stick, how: tuple[str, ...]
) -> None:
    stick.export(*how)
    before, manifest = stick.looks, stick.folder / MANIFEST
    before.pop(str(manifest))
    manifest.rename(stick.t.folder / "away")
    assert stick.export(*how, "--dry-run", code=3)["planned"] == []
    assert done(stick.export(*how)) == {}
    manifest.write_text("{")
    said = stick.export(*how)
    assert (done(said), [it["code"] for it in said["warnings"]]) == ({}, ["manifest_damaged"])
    assert {path: at for path, at in stick.looks.items() if path != str(manifest)} == before
    assert stick.export(*how)["result"] is None
    stick.t.account.delete(list(stick.t.account.playlists.values())[1])
    stick.t.account.remove(next(iter(stick.t.account.playlists.values())), 0)
    stick.t("sync-execute", "--yes", "--max-removals", "100%")
    assert done(stick.export(*how))["remove"] == 2  # it is strandline's as before


def test_without_a_manifest_what_holds_cues_of_yours_stays_beside_a_copy(stick: Stick) -> None:
    from mutagen.aiff import AIFF
    from mutagen.id3 import GEOB

    stick.export("nxs")
    x = stick.folder / "Music/Ana/Ana - x.aiff"
    tagged = AIFF(x)
    tagged.tags.add(GEOB(desc="Serato Markers2", data=b"cues"))
    tagged.save(v2_version=3)
    mine = x.read_bytes()
    (stick.folder / "Music/Ana/Ana - y.aiff").write_text("no music")
    (stick.folder / MANIFEST).rename(stick.t.folder / "away")
    assert done(stick.export("nxs")) == {"convert": 2, "write_playlist": 2}
    assert x.read_bytes() == mine
    assert [re.sub(r"\d+", "N", line) for line in stick.lines("Deep House")] == [
        "../Music/Ana/Ana - x [N].aiff", "../Music/Ana/Ana - y [N].aiff"
    ]  # fmt: skip


def test_without_a_manifest_names_that_two_tracks_share_find_their_own(t: Terminal) -> None:
    first, second = t.track("x"), t.track("x")
    t.account.playlist("Mix", [second])
    t("sync-execute", "--yes")
    stick = Stick(t)
    stick.export()
    t.account.add(next(iter(t.account.playlists.values())), first)
    t("sync-execute", "--yes")
    stick.export()
    before = stick.tree
    (stick.folder / MANIFEST).rename(t.folder / "away")
    assert done(stick.export()) == {}
    assert stick.tree == before


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


def test_another_player_for_which_all_is_right_costs_no_copy_and_is_told(stick: Stick) -> None:
    stick.export("nxs2")
    to = ("export", "usb", "--to", str(stick.folder), "--player", "cdj3000")
    said = stick.t(*to)
    assert (
        "nothing had to be copied, for what is there is right for cdj3000 as for nxs2." in said.out
    )
    assert f"{stick.folder} for cdj3000: 2 playlists, 2 tracks." in said.out
    past = stick.t("history", "--json").json["runs"][0]["notes"]
    assert past == [f"nothing had to be copied in {stick.folder}"]
    assert "Nothing has changed since the last export." in stick.t(*to).out
    os.utime(stick.folder / "Music/Ana/Ana - x.flac", (77, 77))
    assert "what is noted of the stick is up to date now." in stick.t(*to).out


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
