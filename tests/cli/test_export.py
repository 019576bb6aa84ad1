"""export: files for DJ programs, and nothing that is not strandline's is replaced."""

from __future__ import annotations

import hashlib
import json
import os
import plistlib
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from strandline.demo.effects import status
from strandline.demo.things import Availability
from strandline.library.files.syscalls import Syscalls
from tests.cli.terminal import Terminal

ONE_FILE = {"rekordbox": "rekordbox.xml", "traktor": "traktor.nml", "itunes": "itunes.xml"}
FORMATS = [*ONE_FILE, "m3u8", "serato"]


def exports(t: Terminal) -> Path:
    return t.library / "exports"


def where(t: Terminal, form: str) -> tuple[str, ...]:
    return ("--to", str(t.folder / "_Serato_")) if form == "serato" else ()


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if not line.startswith("#")]


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
    assert "3 tracks are left out" in said.err
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


def last_run(t: Terminal) -> str:
    run = t("history", "--json").json["runs"][0]["run"]
    assert isinstance(run, str)
    return run


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_is_in_history_and_can_be_undone(synced: Terminal, form: str) -> None:
    place = where(synced, form)
    folder = synced.folder / "_Serato_" if place else exports(synced)
    synced("export", form, *place)
    first = last_run(synced)
    before = tree(folder)
    synced.account.add(list(synced.account.playlists.values())[1], synced.track("z"))
    synced("sync-execute", "--yes")
    assert synced("export", form, *place).code == 0
    assert tree(folder) != before
    said = synced("undo", last_run(synced), "--yes", "--json")
    assert said.code == 0, said.err
    assert tree(folder) == before
    assert synced("undo", first, "--yes").code == 0
    assert tree(folder) == {}


def test_what_was_edited_since_is_not_undone(synced: Terminal) -> None:
    synced("export", "itunes")
    file = exports(synced) / "itunes.xml"
    file.write_text("edited")
    said = synced("undo", last_run(synced), "--yes")
    assert said.code == 4
    assert "The next export to the same place" in said.out
    assert "The next sync" not in said.out
    assert file.read_text() == "edited"


def test_the_old_export_comes_back_from_the_trash(synced: Terminal) -> None:
    synced("export", "itunes")
    file = exports(synced) / "itunes.xml"
    old = file.read_bytes()
    synced("export", "itunes", "--playlist", "Sunday")
    run = last_run(synced)
    (listed,) = synced("trash", "list", "--json").json["runs"]
    assert [it["path"] for it in listed["files"]] == ["exports/itunes.xml"]
    assert synced("trash", "restore", run).code == 4  # the new one stands there
    file.rename(synced.folder / "aside")
    assert synced("trash", "restore", run).code == 0
    assert file.read_bytes() == old


def test_exports_are_written_after_a_sync_that_changed_something(t: Terminal) -> None:
    t.settings.write_text(t.settings.read_text() + '[export]\nafter_sync = ["rekordbox", "m3u8"]\n')
    deep = t.account.playlist("Deep House", [t.track("x")])
    said = t("sync-execute", "--yes", "--json").json
    assert said["result"]["done"]["export"] == 3  # and the list of what lies there
    file = exports(t) / "rekordbox.xml"
    before = file.read_bytes()
    assert b'Entries="1"' in before
    t.account.add(deep, t.track("y"))
    t("sync-execute", "--yes")
    assert b"Ana%20-%20y" in file.read_bytes()
    assert t("undo", last_run(t), "--yes").code == 0  # one run, the exports with it
    assert file.read_bytes() == before
    said = t("sync-execute", "--yes", "--json").json
    assert t("sync-execute", "--yes", "--json").json["result"]["run"] is None
    t.settings.write_text(t.settings.read_text().replace("rekordbox", "serato"))
    assert t("sync-check").code == 2


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


def test_a_full_disk_leaves_the_old_export(synced: Terminal) -> None:
    synced("export", "itunes")
    before = tree(exports(synced))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Syscalls, "write", full)
        assert synced("export", "itunes", "--playlist", "Sunday").code == 4
    assert tree(exports(synced)) == before


KILLED = """
import os, signal
from strandline.cli.main import main
from strandline.library.files import crash
def hook(name):
    if name == os.environ["KILLED_AT"]:
        os.kill(os.getpid(), signal.SIGKILL)
crash.hook = hook
main()
"""


@pytest.mark.parametrize("point", ["export.before_rename", "export.after_rename"])
def test_an_export_that_was_cut_off_is_settled_by_the_next_run(
    synced: Terminal, point: str
) -> None:
    synced("export", "itunes")
    before = (exports(synced) / "itunes.xml").read_bytes()
    synced("export", "itunes", "--playlist", "Sunday")
    after = (exports(synced) / "itunes.xml").read_bytes()
    synced("export", "itunes")
    command = [sys.executable, "-c", KILLED, "export", "itunes", "--playlist", "Sunday"]
    env = {**os.environ, **synced.environment, "KILLED_AT": point}
    assert subprocess.run(command, env=env, timeout=60).returncode == -signal.SIGKILL
    assert (exports(synced) / "itunes.xml").read_bytes() in (before, after)
    assert synced("export", "itunes", "--playlist", "Sunday").code == 0
    assert set(tree(exports(synced))) == {"itunes.xml"}
    assert (exports(synced) / "itunes.xml").read_bytes() == after
    with closing(sqlite3.connect(synced.state / "strandline.db")) as db:
        assert (
            db.execute("SELECT count(*) FROM run_steps WHERE state = 'intent'").fetchone()[0] == 0
        )


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


def test_a_file_that_stays_is_not_told_as_written_and_stands_in_history(synced: Terminal) -> None:
    folder = exports(synced) / "m3u8"
    folder.mkdir(parents=True)
    (folder / "Sunday.m3u8").write_text("mine")
    said = synced("export", "m3u8", "--json")
    assert said.json["files"] == ["exports/m3u8/Deep House.m3u8"]
    failed = synced("history", "last", "--json").json["steps"]
    assert [it["state"] for it in failed].count("failed") == 1
    text = synced("export", "m3u8")
    assert text.code == 4
    assert "1 of 2 files: 2 playlists" in text.out
    assert text.err.count("Sunday.m3u8") == 1
    assert "1 failed" in synced("history").out


def test_an_export_that_a_full_disk_stopped_leaves_nothing_open(synced: Terminal) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Syscalls, "write", full)
        said = synced("export", "itunes", "--to", str(synced.folder / "x.xml"))
    assert said.code == 4
    assert "x.xml was not written" in said.out
    assert synced("verify").code == 0


def test_a_track_with_too_long_a_path_is_told_in_a_sentence(synced: Terminal) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("strandline.library.exports.rekordbox.LONGEST_PATH", 10)
        said = synced("export", "rekordbox")
    assert "with a path longer than the 255 characters that rekordbox reads" in said.err
    assert "1 track is left out: 1 " not in said.err


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
