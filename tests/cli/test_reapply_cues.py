"""reapply --audio: cues are where the sound is, and what others wrote into a file stays in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.id3 import ID3

from tests.cli.converting import (
    follow,
    names,
    song,
    synced,
    two_lists,
    undone,
    wants,
)
from tests.cli.terminal import Terminal


def moves(t: Terminal) -> list[dict[str, Any]]:
    text = (t.library / ".strandline" / "moves.json").read_text()
    return [dict(it) for it in json.loads(text)["moves"]]


def test_the_offset_of_the_sound_is_kept_for_the_cues_of_dj_programs(t: Terminal) -> None:
    synced(t, "mp3")
    wants(t, "flac")
    follow(t)
    (move,) = moves(t)
    assert (move["from"], move["to"]) == (
        "Playlists/Deep/Ana - x.mp3", "Playlists/Deep/Ana - x.flac",
    )  # fmt: skip
    assert move["offset"] == pytest.approx(-1105 / 44_100, abs=1 / 44_100)
    undone(t)
    last = moves(t)[-1]
    assert (last["to"], last["offset"]) == ("Playlists/Deep/Ana - x.mp3", -move["offset"])


def test_an_exported_cue_is_where_the_sound_is_in_the_new_file(t: Terminal) -> None:
    synced(t, "mp3")
    path = t.playlists.resolve() / "Deep" / "Ana%20-%20x.mp3"
    mine, out = t.folder / "mine.xml", t.folder / "out.xml"
    mine.write_text(
        '<DJ_PLAYLISTS Version="1.0.0"><COLLECTION><TRACK TrackID="1" Location="file://localhost'
        f'{path}"><POSITION_MARK Name="" Type="0" Start="1.000" Num="0"/></TRACK>'
        "</COLLECTION></DJ_PLAYLISTS>"
    )
    wants(t, "flac")
    follow(t)
    said = t("export", "relocate", "--from", str(mine), "--to", str(out), "--shift-cues")
    assert said.code == 0, said.err
    assert 'Start="0.975"' in out.read_text()
    assert "Ana%20-%20x.flac" in out.read_text()


def test_between_lossless_forms_cues_stay(t: Terminal) -> None:
    synced(t, "flac")
    wants(t, "aiff")
    follow(t)
    assert moves(t)[-1]["offset"] == 0


def test_tags_that_are_written_anew_move_no_cue(t: Terminal) -> None:
    track = song(t)
    track.bpm = 124
    two_lists(t, track)
    t.settings.write_text('[audio]\nformat = "flac"\n[tags]\nbpm_and_key = false\n')
    assert t("sync-execute", "--yes").code == 0
    t.settings.write_text('[audio]\nformat = "flac"\n')
    assert t("reapply", "--tags", "--yes", "--json").json["counts"]["reapply"] == 1
    assert not (t.library / ".strandline" / "moves.json").exists()


def test_seratos_frames_go_over_and_a_file_whose_frames_cannot_is_left_and_named(
    t: Terminal,
) -> None:
    x, y = song(t, "x"), song(t, "y")
    synced(t, "aiff", x, y)
    cues = id3.GEOB(encoding=0, mime="a/b", desc="Serato Markers2", data=b"\1\1abc")
    for name, frame in (("x", cues), ("y", id3.PRIV(owner="TRAKTOR4", data=b"tree"))):
        tagged: Any = AIFF(t.playlists / f"Deep/Ana - {name}.aiff")
        tagged.tags.add(frame)
        tagged.save()
    assert t("sync-execute", "--yes").code == 0
    wants(t, "flac")
    told = follow(t)
    (left,) = told["left"]
    assert left["path"] == "Playlists/Deep/Ana - y.aiff"
    assert "PRIV TRAKTOR4" in left["because"]
    assert names(t)[:2] == ["Deep/Ana - x.flac", "Deep/Ana - y.aiff"]
    wants(t, "mp3")
    assert follow(t)["left"] == []
    assert ID3(t.playlists / "Deep/Ana - y.mp3")["PRIV:TRAKTOR4:tree"].data == b"tree"
    assert ID3(t.playlists / "Deep/Ana - x.mp3")["GEOB:Serato Markers2"].data == b"\1\1abc"


def test_what_a_person_wrote_into_the_tags_stays(t: Terminal) -> None:
    synced(t, "aiff")
    tagged: Any = AIFF(t.playlists / "Deep/Ana - x.aiff")
    tagged.tags.setall("TCON", [id3.TCON(encoding=1, text=["Dub"])])
    tagged.tags.delall("TALB")
    tagged.save()
    assert t("sync-execute", "--yes").code == 0
    wants(t, "mp3")
    follow(t)
    made = ID3(t.playlists / "Deep/Ana - x.mp3")
    assert made["TCON"].genres == ["Dub"]
    assert "TALB" not in made
