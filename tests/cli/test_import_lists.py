"""import LIST: a playlist of a person's own, or of a DJ program, names the files to look at."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cli.own_music import flac
from tests.cli.terminal import Said, Terminal, two_playlists


@pytest.fixture
def mine(t: Terminal) -> Path:
    two_playlists(t)
    assert t("sync-check").code == 0
    flac(t.folder / "mine" / "Ä & ö" / "x 100%.flac", title="x", artist="Ana")
    flac(t.folder / "mine" / "y.flac", 78, title="y", artist="Ana")
    return t.folder / "mine"


def looked(t: Terminal, file: Path, content: str | bytes) -> Said:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return t("import", str(file), "--dry-run", "--json")


X = "Ä & ö/x 100%.flac"


@pytest.mark.parametrize(
    "content",
    [
        f"#EXTM3U\n#EXTINF:1,Ana - x\n{X}\n",
        f"\ufeff{X}\r\n{X}\r\n",
        X.replace("/", "\\"),
        f"./nowhere/../{X}",
        quote(X),
        X.encode("cp1252"),
        X.encode("utf-16"),
        "A\u0308 & o\u0308/x 100%.flac",
    ],
    ids=["m3u8", "mark and CRLF", "windows", "dots", "percent", "latin-1", "utf-16", "NFD"],
)
def test_a_file_is_found_however_its_path_is_written(
    t: Terminal, mine: Path, content: str | bytes
) -> None:
    said = looked(t, mine / "list.m3u", content)
    assert said.code == 3, said.err
    assert [it["file"] for it in said.json["accepted"]] == [str(mine / X)]
    assert said.json["files"] == 1


def test_addresses_and_full_paths_are_understood(t: Terminal, mine: Path) -> None:
    entries = f"file://{quote(str(mine / X))}\n{mine}/y.flac\n{mine}/gone.flac\nC:\\Music\\z.mp3\n"
    said = looked(t, t.folder / "list.m3u8", entries).json
    assert len(said["accepted"]) == 2
    assert [it["because"] for it in said["unreadable"]] == [
        "there is no such file",
        "it is a path of Windows, and leads nowhere here",
    ]


def test_a_rekordbox_xml_names_files_and_streams(t: Terminal, mine: Path) -> None:
    y = next(track for track in t.account.tracks.values() if track.title == "y")
    said = looked(
        t,
        t.folder / "rekordbox.xml",
        '<?xml version="1.0" encoding="UTF-8"?><DJ_PLAYLISTS Version="1.0.0"><COLLECTION>'
        f'<TRACK TrackID="1" Location="file://localhost{quote(str(mine / X))}"/>'
        f'<TRACK TrackID="2" Location="file://localhosttidal:tracks:{y.id}"/>'
        '<TRACK TrackID="3" Location="file://localhosttidal:tracks:999"/>'
        "</COLLECTION></DJ_PLAYLISTS>",
    ).json
    assert [it["file"] for it in said["accepted"]] == [str(mine / X)]
    assert [(it["track"], it["because"]) for it in said["streams"]] == [
        (str(y.id), "a stream: the next sync fetches it"),
        ("999", "a stream of no playlist of yours"),
    ]
    assert (
        "Streams of TIDAL, without a file: 2"
        in t("import", str(t.folder / "rekordbox.xml"), "-n").out
    )


def test_a_traktor_collection_names_files(t: Terminal, mine: Path) -> None:
    folder = "/:".join(str(mine / "Ä & ö").replace("&", "&amp;").split("/"))
    said = looked(
        t,
        t.folder / "collection.nml",
        f'<NML VERSION="19"><COLLECTION><ENTRY><LOCATION DIR="{folder}/:" '
        'FILE="x 100%.flac" VOLUME="Macintosh HD"/></ENTRY></COLLECTION></NML>',
    ).json
    assert [it["file"] for it in said["accepted"]] == [str(mine / X)]


@pytest.mark.parametrize(
    "content",
    ["<DJ_PLAYLISTS><TRACK", "<plist/>", '<!DOCTYPE a [<!ENTITY b "c">]><DJ_PLAYLISTS/>', ""],
)
def test_what_is_no_such_list_is_told(t: Terminal, mine: Path, content: str) -> None:
    said = looked(t, mine / "odd.xml", content)
    assert said.code == 2
    assert "cannot be read as a list of files" in said.json["message"]


def test_a_list_is_no_music_of_a_folder(t: Terminal, mine: Path) -> None:
    (mine / "list.m3u").write_text(f"{t.folder}/elsewhere.flac\n")
    said = t("import", str(mine), "--dry-run", "--json").json
    assert (said["files"], said["unreadable"]) == (2, [])
