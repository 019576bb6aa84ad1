"""export relocate: every form of a place that a program may write, and nothing beside them."""

from __future__ import annotations

import os
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote

import pytest

from tests.cli.terminal import Said, Terminal

BEGIN, END = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<DJ_PLAYLISTS Version="1.0.0">',
    "</DJ_PLAYLISTS>",
)


def place(t: Terminal, name: str = "Ana - x", playlist: str = "Deep House") -> str:
    return str(t.playlists.resolve() / playlist / f"{name}.flac")


def coded(path: str) -> str:
    return quote(os.fsencode(path), safe="/")


def rename(t: Terminal, name: str = "Deeper") -> None:
    t.account.rename(next(iter(t.account.playlists.values())), name)
    assert t("sync-execute", "--yes").code == 0


def relocate(t: Terminal, text: str | bytes, *words: str, to: str | None = None) -> Said:
    mine = t.folder / "mine"
    mine.write_bytes(text if isinstance(text, bytes) else text.encode())
    out = str(t.folder / "out") if to is None else to
    return t("export", "relocate", "--from", str(mine), "--to", out, *words, "--json")


def written(t: Terminal) -> str:
    return (t.folder / "out").read_text()


def collection(*inside: str) -> str:
    return f"{BEGIN}<COLLECTION>{''.join(inside)}</COLLECTION>{END}"


@pytest.mark.parametrize(
    "told",
    [
        'Location="file://localhost{}"',
        "Location='file://localhost{}'",
        'Location = "file://localhost{}"',
        'Location\n=\n"file://localhost{}"',
        "Name='a \" Location=\"no\"' Location='file://localhost{}' Size='1'",
        'Location="file://{}"',
        'Location="file://localhost/{}"',
    ],
)
def test_a_place_is_found_however_it_is_written(synced: Terminal, told: str) -> None:
    text = collection("<TRACK TrackID='1' " + told + "/>")
    rename(synced)
    said = relocate(synced, text.format(coded(place(synced)))).json
    assert (len(said["moved"]), said["in_file"], said["in_library"]) == (1, 1, 1)
    assert written(synced) == text.format(coded(place(synced, playlist="Deeper")))


def test_an_apostrophe_in_the_new_place_does_not_end_an_attribute(synced: Terminal) -> None:
    text = collection(f"<TRACK Location='file://localhost{coded(place(synced))}'/>")
    rename(synced, "It's")
    assert len(relocate(synced, text).json["moved"]) == 1
    assert "It&apos;s" in written(synced)
    assert relocate(synced, written(synced)).code == 0


def test_a_playlist_that_names_tracks_by_their_places_follows(synced: Terminal) -> None:
    node = (
        '<NODE Name="Z" Type="1" KeyType="1" Entries="1"><TRACK Key="file://localhost{}"/></NODE>'
    )
    lists = f'<PLAYLISTS><NODE Type="0" Name="ROOT">{node}</NODE></PLAYLISTS>'
    text = f'{BEGIN}<COLLECTION><TRACK Location="file://localhost{{0}}"/></COLLECTION>{lists}{END}'
    text = text.replace("localhost{}", "localhost{0}")
    rename(synced)
    relocate(synced, text.format(coded(place(synced))))
    assert written(synced) == text.format(coded(place(synced, playlist="Deeper")))


def test_what_only_looks_like_a_place_stays_byte_for_byte(synced: Terminal) -> None:
    track = f'<TRACK Location="file://localhost{coded(place(synced))}"/>'
    kept = f"<!-- {track} -->", f"<![CDATA[{track}]]>", f"<FUTURE>{track}</FUTURE>"
    text = collection(*kept[:2]).replace("<COLLECTION>", kept[2] + "<COLLECTION>")
    rename(synced)
    assert relocate(synced, text).json["moved"] == []
    assert written(synced) == text


def test_cues_in_comments_and_in_single_quotes_are_told_apart(synced: Terminal) -> None:
    from strandline.library.exports.cues import shifted

    head = f"<TRACK Location='file://localhost{coded(place(synced))}'>"
    mark = "<POSITION_MARK Name='a' Start='{}'/>"
    at = mark.format("1.000")
    text = f"<!-- {head}{at}</TRACK> -->{head}{mark}<!-- {at} --></TRACK>"
    after = shifted(collection(text.format("1.000")).encode(), lambda _: 0.5).decode()
    assert after == collection(text.format("1.500"))


def test_a_name_that_a_disk_spells_with_other_accents_is_found(t: Terminal) -> None:
    t.account.playlist("Café", [t.track("é")])
    t("sync-execute", "--yes")
    old = normalize("NFD", place(t, "Ana - é", "Café"))
    folder, _, name = old.rpartition("/")
    entry = (
        f'<NML VERSION="19"><COLLECTION><ENTRY><LOCATION DIR="{folder.replace("/", "/:")}/:" '
        f'FILE="{name}" VOLUME="x"></LOCATION></ENTRY></COLLECTION></NML>'
    )
    rename(t, "Bar")
    assert len(relocate(t, entry).json["moved"]) == 1
    text = collection(f'<TRACK Location="file://localhost{coded(old)}"/>')
    assert len(relocate(t, text, to=str(t.folder / "out.xml")).json["moved"]) == 1


def test_a_place_that_held_several_tracks_over_time_is_named_and_stays(t: Terminal) -> None:
    first, second = t.track("x"), t.track("x")
    a, b = t.account.playlist("A", [first]), t.account.playlist("B", [first])
    t("sync-execute", "--yes")
    old = place(t, playlist="A")
    t.account.remove(a, 0)
    t("sync-execute", "--yes", "--max-removals", "100%")
    assert Path(place(t, playlist="B")).is_file()
    t.account.add(a, second)
    t("sync-execute", "--yes")
    assert Path(old).is_file(), list(t.playlists.rglob("*"))
    text = collection(f'<TRACK Location="file://localhost{coded(old)}"/>')
    said = relocate(t, text)
    assert said.json["moved"] == []
    told = {"path": old, "tracks": sorted([str(first.id), str(second.id)])}
    assert said.json["unclear"] == [told]
    assert old in said.err
    assert "1 place held several tracks over time" in said.err
    assert written(t) == text
    assert b.entries


def test_a_file_of_other_music_is_told(synced: Terminal) -> None:
    said = relocate(synced, collection('<TRACK Location="file://localhost/other/a.mp3"/>'))
    assert (said.code, said.json["in_file"], said.json["in_library"]) == (0, 1, 0)
    assert f"It names 1 file, none of them in {synced.library.resolve()}/mp3." in said.err


def test_a_relocated_file_goes_to_a_sensible_place_alone(synced: Terminal) -> None:
    text = collection('<TRACK Location="file://localhost/other/a.mp3"/>')
    places = {
        str(synced.playlists / "q.xml"): "to_in_library",
        str(synced.library / "mp3" / "q.xml"): "to_in_library",
        str(synced.library / ".strandline" / "q.xml"): "to_in_library",
        str(synced.folder / "no" / "q.xml"): "no_folder",
        str(synced.folder): "no_file",
        str(synced.folder / "q.nml"): "wrong_ending",
        "": "no_place",
        "-": "no_place",
        "/dev/null": "no_place",
    }
    for to, error in places.items():
        said = relocate(synced, text, to=to)
        assert (said.code, said.json["error"]) == (2, error), to
    assert not (synced.folder / "no").exists()
    (synced.library / "exports").mkdir()
    inside = str(synced.library / "exports" / "q.xml")
    assert [relocate(synced, text, to=inside).code for _ in range(2)] == [0, 0]
    assert synced("export", "relocate", "--from", "", "--to", inside).code == 2


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_is_named_with_what_to_do(synced: Terminal, encoding: str) -> None:
    text = collection().replace("UTF-8", encoding).encode(encoding)
    said = relocate(synced, text)
    assert said.code == 2
    assert f"it is written in {encoding}".casefold() in said.json["message"].casefold()
    assert "UTF-8" in said.json["message"]


def test_a_track_that_is_gone_is_named(synced: Terminal) -> None:
    old = place(synced, "Ana - y")
    text = collection(f'<TRACK Location="file://localhost{coded(old)}"/>')
    synced.account.remove(next(iter(synced.account.playlists.values())), 1)
    synced("sync-execute", "--yes", "--max-removals", "100%")
    said = relocate(synced, text)
    assert (said.code, said.json["missing"], said.json["moved"]) == (0, [old], [])
    assert f"1 file is no longer in the library, and stays as the file has it:\n  {old}" in said.err
    assert written(synced) == text


def test_history_says_what_was_relocated_and_where(synced: Terminal) -> None:
    relocate(synced, collection(f'<TRACK Location="file://localhost{coded(place(synced))}"/>'))
    assert synced("history", "--json").json["runs"][0]["command"] == "export relocate"
    assert f"\n{synced.folder.resolve()}\n" in synced("history", "last").out
    synced("export", "itunes")
    assert synced("history", "--json").json["runs"][0]["command"] == "export itunes"
