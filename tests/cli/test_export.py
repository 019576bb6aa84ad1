"""export: files for DJ programs, and nothing that is not strandline's is replaced."""

from __future__ import annotations

import plistlib
import re
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from strandline.demo.effects import status
from strandline.demo.model import Availability
from tests.cli.exported import FORMATS, ONE_FILE, exports, lines, tree, where
from tests.cli.terminal import Terminal


@pytest.mark.parametrize("form", FORMATS)
def test_a_second_export_of_an_unchanged_library_writes_nothing(
    synced: Terminal, form: str
) -> None:
    first = synced("export", form, *where(synced, form), "--json")
    assert first.code == 0, first.err
    assert first.json["result"]["failed"] == []
    before, runs = tree(synced.folder), synced("history", "--json").json["runs"]
    again = synced("export", form, *where(synced, form), "--json").json
    assert again["result"] is None
    assert again | {"result": 0} == first.json | {"result": 0}
    quiet = synced("export", form, *where(synced, form), "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    after = tree(synced.folder)
    ours = [name for name in before if name.startswith(("library/", "_Serato_/"))]
    assert {name: after[name] for name in ours} == {name: before[name] for name in ours}
    assert synced("history", "--json").json["runs"] == runs


def test_an_export_lists_the_music_itself_in_tidals_order_repeats_included(t: Terminal) -> None:
    x, y = t.track("x"), t.track("y")
    t.account.playlist("Deep House", [y, x])
    t.account.playlist("Sunday", [x, y, x])
    t("sync-execute", "--yes")
    said = t("export", "m3u8", "--json").json
    assert said["files"] == ["exports/m3u8/Deep House.m3u8", "exports/m3u8/Sunday.m3u8"]
    assert (said["format"], said["playlists"], said["tracks"]) == ("m3u8", 2, 2)
    home = "../../mp3/Playlists/Deep House/"
    sunday = exports(t) / "m3u8" / "Sunday.m3u8"
    assert lines(sunday) == [f"{home}Ana - x.flac", f"{home}Ana - y.flac", f"{home}Ana - x.flac"]
    for line in lines(sunday):
        file = sunday.parent / line
        assert file.is_file()
        assert not file.is_symlink()


def test_full_paths_where_the_settings_say_so(synced: Terminal) -> None:
    synced.settings.write_text(synced.settings.read_text() + '[export]\nm3u8_paths = "absolute"\n')
    synced("export", "m3u8")
    listed = lines(exports(synced) / "m3u8" / "Sunday.m3u8")
    assert listed == [str(synced.playlists.resolve() / "Deep House" / "Ana - x.flac")]


def test_playlists_are_chosen_by_name_and_by_the_settings(synced: Terminal) -> None:
    assert synced("export", "itunes", "--playlist", "sunday", "--json").json["playlists"] == 1
    assert synced("export", "itunes", "--playlist", "Sundy").code == 2
    synced.settings.write_text(synced.settings.read_text() + '[sync]\nexclude = ["Sun*"]\n')
    assert synced("export", "itunes", "--json").json["playlists"] == 1
    said = synced("export", "itunes", "--playlist", "Sunday", "--json").json
    assert (said["playlists"], said["tracks"]) == (0, 0)
    assert said["warnings"][0]["code"] == "excluded"


def test_what_is_not_there_is_left_out_and_told(synced: Terminal) -> None:
    sunday = list(synced.account.playlists.values())[1]
    gone, withheld = synced.track("later"), synced.track("withheld")
    for track in (gone, withheld):
        synced.account.add(sunday, track)
    synced.account.withhold(withheld, Availability.GREYED_OUT)
    synced("sync-check")
    y = synced.playlists / "Deep House" / "Ana - y.flac"
    y.rename(synced.folder / "away.flac")
    said = synced("export", "rekordbox", "--json")
    assert said.code == 0
    told = {it["because"] for it in said.json["left_out"]}
    assert told == {"not_downloaded", "unavailable", "missing_on_disk"}
    assert (
        "3 tracks are left out: 1 not downloaded yet, 1 unavailable in TIDAL, 1 whose" in said.err
    )
    for line in ("later: not downloaded yet", "withheld: unavailable in TIDAL", "y: whose file is"):
        assert f"\n  Ana - {line}" in said.err
    assert "Ana%20-%20y" not in (exports(synced) / "rekordbox.xml").read_text()


def test_a_playlist_that_is_gone_takes_its_file_along(synced: Terminal) -> None:
    folder = exports(synced) / "m3u8"
    synced("export", "m3u8")
    (folder / "mine.m3u8").write_text("mine")
    sunday = list(synced.account.playlists.values())[1]
    synced.account.delete(sunday)
    synced("sync-execute", "--yes", "--max-removals", "100%")
    synced("export", "m3u8", "--playlist", "Deep House")
    assert (folder / "Sunday.m3u8").exists()  # others than those named stay as they are
    synced("export", "m3u8")
    assert {path.name for path in folder.glob("*.m3u8")} == {"Deep House.m3u8", "mine.m3u8"}


def test_a_file_of_a_playlist_that_is_gone_stays_if_somebody_wrote_to_it(
    synced: Terminal,
) -> None:
    synced("export", "m3u8")
    sunday = exports(synced) / "m3u8" / "Sunday.m3u8"
    sunday.write_text("mine now")
    synced.account.delete(list(synced.account.playlists.values())[1])
    synced("sync-execute", "--yes", "--max-removals", "100%")
    said = synced("export", "m3u8", "--json")
    assert (said.code, [it["code"] for it in said.json["warnings"]]) == (0, ["not_ours"])
    assert sunday.read_text() == "mine now"


def renamed_and_moved(t: Terminal) -> dict[str, str]:
    """x lay in Deep House, which is called Deeper now; y has moved to Sunday."""
    deep, sunday = t.account.playlists.values()
    t.account.rename(deep, "Deeper")
    t.account.add(sunday, t.track("y2"))
    t.account.add(sunday, deep.entries[1].item)
    t("sync-execute", "--yes")
    t.account.remove(deep, 1)
    t("sync-execute", "--yes")
    return {
        "Playlists/Deep House/Ana - x.flac": "Playlists/Deeper/Ana - x.flac",
        "Playlists/Deep House/Ana - y.flac": "Playlists/Sunday/Ana - y.flac",
    }


@pytest.mark.parametrize("form", FORMATS)
def test_what_moved_since_the_last_export_is_told(synced: Terminal, form: str) -> None:
    synced("export", form, *where(synced, form))
    places = renamed_and_moved(synced)
    said = synced("export", form, *where(synced, form), "--json").json
    assert {it["from"]: it["to"] for it in said["moved"]} == places
    synced.account.rename(next(iter(synced.account.playlists.values())), "Deepest")
    synced("sync-execute", "--yes")
    said = synced("export", form, *where(synced, form), "--json").json
    assert {it["from"]: it["to"] for it in said["moved"]} == {
        "Playlists/Deeper/Ana - x.flac": "Playlists/Deepest/Ana - x.flac"
    }


def with_cues(export: bytes) -> bytes:
    """As the person's own program would have it: with cues, and tracks of another origin."""
    if export.startswith(b"vrsn"):
        return export.replace(b"otrk", b"otrk", 1)
    cue = b'<POSITION_MARK Name="Drop &amp; go" Type="0" Start="12.345" Num="0"/>'
    if b"<DJ_PLAYLISTS" in export:
        other = b'<TRACK TrackID="9" Name="Mine" Location="file://localhosttidal:tracks:1"/>'
        text = re.sub(rb"(<TRACK TrackID[^>]*?)/>", rb"\1>" + cue + rb"</TRACK>", export)
        return text.replace(b"  </COLLECTION>", other + b"</COLLECTION>")
    return export.replace(b"</ENTRY>", b'<CUE_V2 NAME="a &gt; b" START="1.5"></CUE_V2></ENTRY>')


@pytest.mark.parametrize("form", ["rekordbox", "traktor", "serato"])
def test_relocate_changes_the_places_of_moved_tracks_alone(synced: Terminal, form: str) -> None:
    synced("export", form, *where(synced, form))
    file = exports(synced) / ONE_FILE.get(form, "")
    if form == "serato":
        file = synced.folder / "_Serato_" / "Subcrates" / "strandline%%Deep House.crate"
    mine, out = synced.folder / "mine", synced.folder / "relocated"
    mine.write_bytes(with_cues(file.read_bytes()))
    before = mine.read_bytes()
    places = renamed_and_moved(synced)
    said = synced("export", "relocate", "--from", str(mine), "--to", str(out), "--json")
    assert said.code == 0, said.err
    root = f"{synced.library.resolve()}/mp3/"
    assert {
        it["from"].removeprefix(root): it["to"].removeprefix(root) for it in said.json["moved"]
    } == places
    assert mine.read_bytes() == before
    text, expected = out.read_bytes(), before
    if form == "serato":
        decoded = [
            it.decode("utf-16-be") for it in re.findall(rb"ptrk....((?:\x00.)+)", text, re.DOTALL)
        ]
        assert [f"/{it}" for it in decoded] == [root + it for it in places.values()]
        return
    for old, new in places.items():
        for form_of in (str.__str__, lambda path: path.replace(" ", "%20")):
            a, b = (form_of(path).encode() for path in (old, new))
            expected = expected.replace(a, b)
            for cut in (b"/:",):
                a2, b2 = (part.replace(b"/", cut) for part in (a, b))
                expected = expected.replace(a2, b2)
                folder, name = a2.rsplit(cut, 1)
                to, _ = b2.rsplit(cut, 1)
                expected = expected.replace(
                    folder + cut + b'" FILE="' + name, to + cut + b'" FILE="' + name
                )
    assert text == expected
    assert b"Deep%20House" not in text
    assert b"Deep House/:" not in text


def test_relocate_refuses_what_it_does_not_understand(synced: Terminal) -> None:
    mine, out = synced.folder / "mine", synced.folder / "out"
    odd = {
        "no such thing": b"hello",
        "utf-16": b'<?xml version="1.0" encoding="UTF-16"?><DJ_PLAYLISTS/>',
        "cut off": b"vrsn\0\0\0\x05ab",
    }
    for data in odd.values():
        mine.write_bytes(data)
        said = synced("export", "relocate", "--from", str(mine), "--to", str(out), "--json")
        assert said.code == 2
        assert said.json["error"] == "not_understood"
    assert not out.exists()
    assert synced("export", "relocate", "--from", "/nowhere", "--to", str(out)).code == 2
    synced("export", "itunes")
    synced("export", "rekordbox")
    mine.write_bytes((exports(synced) / "rekordbox.xml").read_bytes())
    said = synced("export", "relocate", "--from", str(mine), "--to", str(mine), "--json")
    assert said.code == 0  # nothing has moved: it is as it should be
    out.write_text("mine")
    assert synced("export", "relocate", "--from", str(mine), "--to", str(out)).code == 2
    assert out.read_text() == "mine"


def test_itunes_tells_each_file_where_it_is(synced: Terminal) -> None:
    synced("export", "itunes")
    read = plistlib.loads((exports(synced) / "itunes.xml").read_bytes())
    for track in read["Tracks"].values():
        assert Path(unquote(track["Location"].removeprefix("file://"))).is_file()


def test_a_version_of_the_persons_own_stands_for_a_track_without_a_file(synced: Terminal) -> None:
    y = synced.playlists / "Deep House" / "Ana - y.flac"
    elsewhere = synced.folder / "y.flac"
    y.rename(elsewhere)
    y.symlink_to(elsewhere)
    synced("sync-execute", "--yes", "--max-removals", "100%")
    synced("export", "m3u8")
    listed = lines(exports(synced) / "m3u8" / "Deep House.m3u8")
    assert str((exports(synced) / "m3u8" / listed[1]).resolve()) == str(elsewhere.resolve())
    assert "Playlists" not in listed[1]


def nodes(t: Terminal) -> dict[str, list[str]]:
    """Each node of rekordbox's tree with what is in it."""
    t("export", "rekordbox")
    tree = ET.parse(exports(t) / "rekordbox.xml")
    return {
        node.attrib["Name"]: [child.attrib["Name"] for child in node.findall("NODE")]
        for node in tree.iterfind("PLAYLISTS//NODE[@Type='0']")
    }


def test_tidals_folders_are_the_programs_folders(synced: Terminal) -> None:
    deep, sunday = synced.account.playlists.values()
    gigs = synced.account.folder("Gigs")
    synced.account.put_into(synced.account.folder("2026", gigs), deep)
    synced.account.folder("Empty")
    synced("sync-check")
    assert nodes(synced) == {"ROOT": ["Gigs", "Sunday"], "Gigs": ["2026"], "2026": ["Deep House"]}
    synced.account.put_into(gigs, sunday)
    path = "/v2/my-collection/playlists/folders"
    synced.tidal.faults.on(path, status(500), times=None)
    synced("sync-check")  # the folders could not be read: they are as they were
    assert nodes(synced)["ROOT"] == ["Gigs", "Sunday"]
    synced.tidal.faults.clear()
    synced("sync-check")
    assert nodes(synced) == {"ROOT": ["Gigs"], "Gigs": ["2026", "Sunday"], "2026": ["Deep House"]}


def test_tempo_and_key_are_those_of_tidal_where_it_says_them(t: Terminal) -> None:
    x, y, z = t.track("x"), t.track("y"), t.track("z")
    x.bpm, x.key = 124.5, ("FSharp", "MINOR")
    y.bpm, y.key = 0, ("E", "DORIAN")
    z.key = ("CSharp", "MAJOR")
    t.account.playlist("Deep House", [x, y, z])
    t("sync-execute", "--yes")
    t("export", "rekordbox")
    tracks = list(ET.parse(exports(t) / "rekordbox.xml").iter("TRACK"))[:3]
    told = [(it.get("AverageBpm"), it.get("Tonality")) for it in tracks]
    assert told == [("124.50", "F#m"), (None, None), (None, "Db")]
    t("export", "traktor")
    entries = ET.parse(exports(t) / "traktor.nml").findall("COLLECTION/ENTRY")
    keys = [it.find("MUSICAL_KEY") for it in entries]
    assert [None if key is None else key.get("VALUE") for key in keys] == ["18", None, "1"]
    assert [it.find("TEMPO") is not None for it in entries] == [True, False, False]
    t("export", "itunes")
    read = plistlib.loads((exports(t) / "itunes.xml").read_bytes())["Tracks"].values()
    assert [it.get("BPM") for it in read] == [124, None, None]
    x.bpm = None  # what TIDAL does not say any more stays as it was
    t.account.add(next(iter(t.account.playlists.values())), t.track("more"))
    t("sync-execute", "--yes")
    t("export", "rekordbox")
    assert 'AverageBpm="124.50"' in (exports(t) / "rekordbox.xml").read_text()


def test_a_track_with_too_long_a_path_is_told_in_a_sentence(synced: Terminal) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("strandline.library.exports.rekordbox.LONGEST_PATH", 10)
        said = synced("export", "rekordbox")
    assert "with a path longer than the 255 characters that rekordbox reads" in said.err
    assert "1 track is left out: 1 " not in said.err


def test_the_folder_of_crates_itself_stands_for_the_one_above(synced: Terminal) -> None:
    folder = synced.folder / "_Serato_"
    assert synced("export", "serato", "--to", str(folder / "Subcrates")).code == 0
    assert (folder / "Subcrates" / "strandline.crate").is_file()
    assert not (folder / "Subcrates" / "Subcrates").exists()


def test_music_on_another_disk_than_the_crates_is_left_out(synced: Terminal) -> None:
    music = str(synced.playlists.resolve())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("strandline.app.export._device", lambda folder: folder.startswith(music))
        said = synced("export", "serato", *where(synced, "serato"), "--json")
    assert (said.code, said.json["tracks"]) == (0, 0)
    assert {it["because"] for it in said.json["left_out"]} == {"on_another_disk"}
