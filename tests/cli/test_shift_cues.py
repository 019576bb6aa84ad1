"""export relocate --shift-cues: cues stay on the sound where a track got another file."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest

from strandline.core.ids import LibPath, TrackId
from strandline.db.store import Store, utc_now
from strandline.library.exports.cues import shifted
from tests.cli.terminal import Said, Terminal

GRID = (
    '<TEMPO Inizio="0.010" Bpm="120.00" Metro="4/4" Battito="1"/>'
    '<TEMPO Inizio="30.5" Bpm="121.00" Metro="4/4" Battito="3"/>'
)
CUES = (
    '<POSITION_MARK Name="a &gt; b" Type="0" Start="12.345" Num="-1"/>'
    '<POSITION_MARK Name="Start=&quot;1&quot;" Type="4" Start="0.01" End="2.000" Num="0"/>'
)
NML_CUE = '<CUE_V2 NAME="a > b" TYPE="{}" START="{}" LEN="500.000000" HOTCUE="0"></CUE_V2>'


def place(t: Terminal, name: str = "x") -> Path:
    return t.playlists.resolve() / "Deep House" / f"Ana - {name}.flac"


def track(path: Path, inside: str = GRID + CUES) -> str:
    at = quote(os.fsencode(path), safe="/")
    return f'<TRACK TrackID="1" Name="1 > 0" Location="file://localhost{at}">{inside}</TRACK>'


def rekordbox(*tracks: str) -> str:
    listed = "\n".join(tracks)
    return f'<DJ_PLAYLISTS Version="1.0.0"><COLLECTION>{listed}</COLLECTION></DJ_PLAYLISTS>'


def nml(path: Path, *cues: str) -> str:
    folder = str(path.parent).replace("/", "/:") + "/:"
    at = f'<LOCATION DIR="{folder}" FILE="{path.name}" VOLUME="Macintosh HD"></LOCATION>'
    return (
        f'<NML VERSION="19"><COLLECTION><ENTRY TITLE="1 > 0">{at}'
        f'<TEMPO BPM="120.000000"></TEMPO>{"".join(cues)}</ENTRY></COLLECTION></NML>'
    )


def renamed(t: Terminal, offset: float | None) -> None:
    """x lies in another folder, as a new file whose sound begins ``offset`` seconds later."""
    t.account.rename(next(iter(t.account.playlists.values())), "Deeper")
    t("sync-execute", "--yes")
    run = t("history", "--json").json["runs"][0]["run"]
    x = next(str(it.id) for it in t.account.tracks.values() if it.title == "x")
    path = LibPath("Playlists/Deeper/Ana - x.flac")
    with Store.open(t.state / "strandline.db", t.library) as store:
        if offset is None:
            store._connection.execute("UPDATE moves SET offset = NULL WHERE track = ?", (x,))
        else:
            store.moves.measured(TrackId(x), path, offset, run, utc_now())


def relocate(t: Terminal, text: str, *words: str) -> Said:
    (t.folder / "mine").write_text(text)
    out = t.folder / "out"
    paths = ("--from", str(t.folder / "mine"), "--to", str(out))
    return t("export", "relocate", *paths, *words, "--json")


def written(t: Terminal) -> str:
    return (t.folder / "out").read_text()


def test_cues_and_grids_of_a_new_file_are_where_its_sound_is(synced: Terminal) -> None:
    old = rekordbox(track(place(synced)), track(place(synced, "y")))
    renamed(synced, 0.0251)
    said = relocate(synced, old, "--shift-cues")
    assert said.code == 0, said.err
    assert [it["offset"] for it in said.json["shifted"]] == [0.0251]
    expected = old.replace("Deep%20House", "Deeper")
    x, rest = expected.split("</TRACK>", 1)  # y is the very file it was: its cues stay
    for a, b in {
        'Inizio="0.010"': 'Inizio="0.035"', 'Inizio="30.5"': 'Inizio="30.525"',
        'Start="12.345"': 'Start="12.370"', 'Start="0.01"': 'Start="0.035"',
        'End="2.000"': 'End="2.025"',
    }.items():  # fmt: skip
        assert a in x
        x = x.replace(a, b)
    assert written(synced) == f"{x}</TRACK>{rest}"


def test_without_the_option_cues_stay_byte_for_byte(synced: Terminal) -> None:
    old = rekordbox(track(place(synced)))
    renamed(synced, 0.0251)
    assert relocate(synced, old).json["shifted"] == []
    assert written(synced) == old.replace("Deep%20House", "Deeper")


def test_what_would_be_before_the_beginning_is_at_the_beginning_and_grids_keep_the_beat(
    synced: Terminal,
) -> None:
    old = rekordbox(track(place(synced)))
    renamed(synced, -0.02)
    relocate(synced, old, "--shift-cues")
    assert 'Inizio="0.490" Bpm="120.00" Metro="4/4" Battito="2"' in written(synced)
    assert 'Start="0.000"' in written(synced)


def test_traktors_cues_are_shifted_in_milliseconds(synced: Terminal) -> None:
    cues = NML_CUE.format(0, "1000.500000"), NML_CUE.format(4, "10.000000")
    old = nml(place(synced), *cues)
    renamed(synced, -0.02)
    said = relocate(synced, old, "--shift-cues")
    assert said.code == 0, said.err
    text = written(synced)
    assert 'TYPE="0" START="980.500000" LEN="500.000000"' in text
    assert 'TYPE="4" START="1990.000000"' in text  # one bar later, on the same beat
    assert 'NAME="a > b"' in text


def test_nothing_is_written_where_an_offset_is_unknown(synced: Terminal) -> None:
    old = rekordbox(track(place(synced)))
    renamed(synced, None)
    said = relocate(synced, old, "--shift-cues")
    assert (said.code, said.json["error"]) == (2, "offset_unknown")
    assert "Ana - x.flac" in said.json["message"]
    assert not (synced.folder / "out").exists()
    assert relocate(synced, rekordbox(track(place(synced), "")), "--shift-cues").code == 0


def test_a_place_at_which_the_file_changed_may_mean_either_file(synced: Terminal) -> None:
    x = next(str(it.id) for it in synced.account.tracks.values() if it.title == "x")
    path = LibPath("Playlists/Deep House/Ana - x.flac")
    with Store.open(synced.state / "strandline.db", synced.library) as store:
        store.moves.measured(TrackId(x), path, 0.0251, "some run", utc_now())
    said = relocate(synced, rekordbox(track(place(synced))), "--shift-cues")
    assert (said.code, said.json["error"]) == (2, "offset_unknown")
    assert relocate(synced, rekordbox(track(place(synced)))).code == 0


def test_offsets_of_a_chain_of_moves_add_up(synced: Terminal) -> None:
    old = rekordbox(track(place(synced)))
    renamed(synced, 0.02)
    synced.account.rename(next(iter(synced.account.playlists.values())), "Deepest")
    synced("sync-execute", "--yes")
    said = relocate(synced, old, "--shift-cues").json
    assert [it["offset"] for it in said["shifted"]] == [0.02]
    assert 'Start="12.365"' in written(synced)


def test_a_crate_holds_no_cues(synced: Terminal) -> None:
    synced("export", "serato", "--to", str(synced.folder / "_Serato_"))
    crate = synced.folder / "_Serato_" / "Subcrates" / "strandline%%Sunday.crate"
    out = synced.folder / "out"
    words = ("--from", str(crate), "--to", str(out), "--shift-cues", "--json")
    said = synced("export", "relocate", *words)
    assert said.code == 2
    assert "Serato keeps them in the music itself" in said.json["message"]


@pytest.mark.parametrize("cut", [30, 200])
def test_a_file_that_is_cut_off_is_not_passed_on(synced: Terminal, cut: int) -> None:
    for text in (rekordbox(track(place(synced))), nml(place(synced))):
        assert relocate(synced, text[:-cut]).json["error"] == "not_understood"


@pytest.mark.parametrize("odd", ["x", "nan", "inf", ""])
def test_a_cue_that_stands_nowhere_is_not_guessed(odd: str) -> None:
    text = rekordbox(track(Path("/a/b.mp3"), f'<POSITION_MARK Start="{odd}" Num="0"/>'))
    with pytest.raises(ValueError, match="a cue stands at"):
        shifted(text.encode(), lambda _: 0.5)
