"""export match: which tracks and playlists rekordbox has, read from what it exported itself."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

import pytest

from tests.cli.terminal import Terminal

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<DJ_PLAYLISTS Version="1.0.0">\n'


def location(path: str | Path) -> str:
    return "file://localhost" + quote(os.fsencode(path), safe="/:!()',")


def xml(
    tracks: dict[str, str],
    playlists: str = "",
    product: str = '<PRODUCT Name="rekordbox" Version="7.2.10" Company="AlphaTheta"/>',
) -> str:
    listed = "".join(
        f'<TRACK TrackID="{id}" Name="n" Location="{place}">'
        f'<TEMPO Inizio="0.1" Bpm="120"/></TRACK>\n'
        for id, place in tracks.items()
    )
    return (
        f'{HEAD}{product}<COLLECTION Entries="{len(tracks)}">{listed}</COLLECTION>'
        f'<PLAYLISTS><NODE Type="0" Name="ROOT" Count="1">{playlists}</NODE></PLAYLISTS>'
        f"</DJ_PLAYLISTS>"
    )


def node(name: str, *keys: str, kind: str = "0") -> str:
    inside = "".join(f'<TRACK Key="{key}"/>' for key in keys)
    entries = f'KeyType="{kind}" Entries="{len(keys)}"'
    return f'<NODE Name="{name}" Type="1" {entries}>{inside}</NODE>'


def folder(name: str, *inside: str) -> str:
    return f'<NODE Name="{name}" Type="0" Count="{len(inside)}">{"".join(inside)}</NODE>'


def at(t: Terminal, name: str, playlist: str = "Deep House") -> str:
    return location(t.playlists.resolve() / playlist / f"Ana - {name}.flac")


def mine(t: Terminal, text: str) -> str:
    file = t.folder / "mine.xml"
    file.write_text(text)
    return str(file)


def match(t: Terminal, text: str) -> dict[str, Any]:
    said = t("export", "match", "--from", mine(t, text), "--json")
    assert said.code == 0, said.err
    return said.json


def ids(t: Terminal) -> dict[str, str | None]:
    tracks = t("tracks", "--json").json["tracks"]
    return {it["title"]: it["rekordbox_content_id"] for it in tracks}


def test_tracks_show_the_ids_that_rekordbox_gave(synced: Terminal) -> None:
    streaming = {"7": "file://localhosttidal:tracks:1"}
    said = match(
        synced,
        xml(
            {"11": at(synced, "x"), "12": at(synced, "y"), "13": "file://localhost/mine.mp3"}
            | streaming,
            folder("Gigs", node("Deep House", "12", "11", "11"), node("Mine", "13", "7")),
        ),
    )
    assert (said["in_file"], said["tracks"]) == (3, 2)
    assert said["by"] == {"place": 2, "moved": 0, "link": 0}
    (playlist,) = said["playlists"]
    assert (playlist["rekordbox_playlist_id"], playlist["entries"]) == ("Gigs/Deep House", 3)
    assert ids(synced) == {"x": "11", "y": "12"}
    x = next(it for it in synced("tracks", "--json").json["tracks"] if it["title"] == "x")
    assert {it["name"]: it["in_rekordbox"] for it in x["playlists"]} == {
        "Deep House": True,
        "Sunday": False,
    }


def test_a_second_match_changes_nothing_and_what_left_rekordbox_is_forgotten(
    synced: Terminal,
) -> None:
    whole = xml({"11": at(synced, "x"), "12": at(synced, "y")}, node("Deep House", "11", "12"))
    assert match(synced, whole)["changed"] == {"tracks": 2, "playlists": 1, "entries": 2}
    assert match(synced, whole)["changed"] == {"tracks": 0, "playlists": 0, "entries": 0}
    said = match(synced, xml({"11": at(synced, "x")}, node("Deep House", "11")))
    assert said["changed"] == {"tracks": 1, "playlists": 1, "entries": 1}
    assert [it["title"] for it in said["absent"]] == ["y"]
    assert ids(synced) == {"x": "11", "y": None}


def test_a_track_that_moved_is_known_by_its_old_place(synced: Terminal) -> None:
    before = at(synced, "x")
    synced.account.rename(next(iter(synced.account.playlists.values())), "Deeper")
    synced("sync-execute", "--yes")
    said = match(synced, xml({"11": before}, node("Deeper", "11")))
    assert said["by"]["moved"] == 1
    assert said["moved"][0]["to"].endswith("Deeper/Ana - x.flac")
    shown = synced("export", "match", "--from", str(synced.folder / "mine.xml"))
    assert "export relocate" in shown.err
    said = match(synced, xml({"11": before, "15": at(synced, "x", "Deeper")}))
    assert [it["id"] for it in said["twice"]] == ["11"]
    assert ids(synced)["x"] == "15"


def test_playlists_whose_names_differ_in_capitals_alone_are_told_apart(synced: Terminal) -> None:
    """Their exports number the second one; rekordbox takes no two of one name in a folder."""
    tracks = [entry.item for entry in next(iter(synced.account.playlists.values())).entries]
    synced.account.playlist("deep house", tracks)
    synced.account.playlist("Sunday (2)", tracks[:1])
    synced("sync-execute", "--yes")
    synced("export", "rekordbox")
    text = (synced.library / "exports" / "rekordbox.xml").read_text()
    said = match(synced, re.sub('PRODUCT Name="strandline"', 'PRODUCT Name="rekordbox"', text))
    found = {it["name"]: it["rekordbox_playlist_id"] for it in said["playlists"]}
    numbered = (found.pop("Sunday"), found.pop("Sunday (2)"))
    assert numbered == ("Sunday", "Sunday (2)")
    assert sorted(it.removesuffix(" (2)") for it in found.values()) == sorted(found)
    assert all(it.removesuffix(" (2)") == name for name, it in found.items())
    assert sum(it.endswith(" (2)") for it in found.values()) == 1
    assert said["ambiguous"] == []


def test_a_track_is_known_by_a_link_to_it(synced: Terminal) -> None:
    said = match(synced, xml({"11": at(synced, "x", "Sunday")}, node("Sunday", "11")))
    assert said["by"]["link"] == 1
    assert ids(synced)["x"] == "11"


def test_a_playlist_whose_keys_are_places_is_read_too(synced: Terminal) -> None:
    said = match(synced, xml({"11": at(synced, "x")}, node("sunday", at(synced, "x"), kind="1")))
    assert [it["name"] for it in said["playlists"]] == ["Sunday"]


def test_names_are_compared_in_one_spelling_and_read_with_every_sign(t: Terminal) -> None:
    odd = t.track("Überfahrt & 100% #1? 🌒")
    t.account.playlist("Café & Co", [odd])
    t("sync-execute", "--yes")
    (file,) = (t.playlists / "Café & Co").iterdir()
    place = normalize("NFD", str(file.resolve()))
    said = match(t, xml({"11": location(place)}, node(normalize("NFD", "Café &amp; Co"), "11")))
    assert (said["tracks"], len(said["playlists"])) == (1, 1)


def test_of_several_namesakes_the_one_that_shares_most_is_meant(synced: Terminal) -> None:
    tracks = {"11": at(synced, "x"), "12": at(synced, "y"), "13": "file://localhost/mine.mp3"}
    several = (
        node("Deep House", "13"),
        folder("A", node("Deep House", "11")),
        folder("B", node("Deep House", "11", "12")),
    )
    said = match(synced, xml(tracks, "".join(several)))
    assert [it["rekordbox_playlist_id"] for it in said["playlists"]] == ["B/Deep House"]
    twins = (folder("A", node("Deep House", "11")), folder("B", node("Deep House", "11")))
    said = match(synced, xml(tracks, "".join(twins)))
    assert said["playlists"] == []
    assert [it["name"] for it in said["ambiguous"]] == ["Deep House"]


def test_ids_of_an_old_database_stay_while_rekordbox_has_them(synced: Terminal) -> None:
    with closing(sqlite3.connect(synced.state / "strandline.db")) as db, db:
        db.execute("UPDATE tracks SET rekordbox_content_id = '99' WHERE title = 'y'")
        db.execute("UPDATE playlists SET rekordbox_playlist_id = '4711'")
    other = {"11": at(synced, "x"), "99": "file://localhost/elsewhere/y.flac"}
    match(synced, xml(other, node("Deep House", "11")))
    assert ids(synced) == {"x": "11", "y": "99"}
    match(synced, xml({"11": at(synced, "x")}, node("Deep House", "11")))
    assert ids(synced) == {"x": "11", "y": None}
    tracks = synced("tracks", "--json").json["tracks"]
    assert {e["rekordbox_playlist_id"] for it in tracks for e in it["playlists"]} == {"4711"}


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    '<DJ_PLAYLISTS Version="1.0.0"><PRODUCT Name="&b;"/></DJ_PLAYLISTS>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    '<DJ_PLAYLISTS Version="1.0.0"><PRODUCT Name="&a;"/></DJ_PLAYLISTS>'
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hello", "not_understood"), ("", "not_understood"), ("<plist/>", "not_understood"),
        (xml({"1": "file://localhost/x"})[:-40], "not_understood"),
        (BOMB, "not_understood"), (OUTSIDE, "not_understood"),
        ("<DJ_PLAYLISTS>" + "<NODE>" * 90 + "</NODE>" * 90 + "</DJ_PLAYLISTS>", "not_understood"),
        (xml({"1": "file://localhost/x"}), "nothing_matched"),
        (xml({}, product='<PRODUCT Name="Lexicon" Version="1"/>'), "not_rekordbox"),
        (xml({}, product=""), "not_rekordbox"),
    ],
)  # fmt: skip
def test_what_is_no_collection_of_rekordbox_changes_nothing(
    synced: Terminal, text: str, code: str
) -> None:
    match(synced, xml({"11": at(synced, "x")}))
    said = synced("export", "match", "--from", mine(synced, text), "--json")
    assert (said.code, said.json["error"]) == (2, code)
    assert "Traceback" not in said.err
    assert ids(synced)["x"] == "11"


def test_strandlines_own_export_is_no_collection_of_rekordbox(synced: Terminal) -> None:
    synced("export", "rekordbox")
    file = synced.library / "exports" / "rekordbox.xml"
    said = synced("export", "match", "--from", str(file), "--json")
    assert (said.code, said.json["error"]) == (2, "not_rekordbox")
    assert "strandline itself" in said.json["message"]


def test_a_file_that_cannot_be_read_is_named(synced: Terminal) -> None:
    huge = synced.folder / "huge.xml"
    with huge.open("wb") as file:
        file.truncate((1 << 30) + 1)
    pipe = synced.folder / "pipe"
    os.mkfifo(pipe)
    odd = {"no.xml": "cannot_be_read", "huge.xml": "too_large", "pipe": "cannot_be_read"}
    for name, code in (odd | {".": "cannot_be_read"}).items():
        said = synced("export", "match", "--from", str(synced.folder / name), "--json")
        assert (said.code, said.json["error"]) == (2, code)
