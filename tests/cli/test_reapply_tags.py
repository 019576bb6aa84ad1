"""reapply --tags: files that are there follow the settings, and what others wrote stays in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mutagen.aiff import AIFF
from mutagen.flac import FLAC, Picture
from mutagen.id3 import ID3, TBPM, TIT2, TXXX

from strandline.demo.effects import status
from strandline.demo.model import Quality
from strandline.library.audio.packets import packets_hash
from strandline.library.tags.picture import size_of
from tests.cli import dj_frames
from tests.cli.own_music import flac
from tests.cli.terminal import Terminal
from tests.cli.test_new_tags import TIMES, WORDS, ffprobe, needs_ffprobe, song

KINDS = ("mp3", "flac", "aiff", "aac")


NONE = {"bpm_and_key": "false", "replaygain": "false", "cover": "0"}
ALL = {"lyrics": '"embed"'}


def wants(t: Terminal, kind: str, **tags: str) -> None:
    """The settings of [tags] from now on."""
    form = "flac" if kind == "aac" else kind
    lines = "".join(f"{key} = {value}\n" for key, value in tags.items())
    t.settings.write_text(f'[audio]\nformat = "{form}"\n[tags]\n{lines}')


def fetched(t: Terminal, kind: str, **tags: str) -> Path:
    """The one file of a first sync with these settings."""
    song(t, Quality.HIGH if kind == "aac" else Quality.LOSSLESS)
    wants(t, kind, **tags)
    said = t("sync-execute", "--yes")
    assert said.code == 0, said.err
    (path,) = (t.playlists / "Deep").iterdir()
    return path


def follow(t: Terminal, *more: str) -> Any:
    said = t("reapply", "--tags", "--yes", "--json", *more)
    assert said.code == 0, said.err or said.out
    return said.json


def settled(t: Terminal) -> None:
    """Nothing more to do, and the sync has nothing against it."""
    assert t("reapply", "--tags", "--dry-run").code == 0
    tree = t.tree()
    assert follow(t)["result"] is None
    assert t.tree() == tree
    assert t("sync-check", "--exit-code").code == 0
    assert t("verify").code == 0


@needs_ffprobe
@pytest.mark.parametrize("kind", KINDS)
def test_files_get_the_tags_that_are_wanted_today(t: Terminal, kind: str) -> None:
    path = fetched(t, kind, **NONE)
    wants(t, kind, **ALL)
    sound, ino = packets_hash(path), path.stat().st_ino
    before = path.read_bytes()
    looked = t("reapply", "--tags", "--dry-run", "--json")
    assert looked.code == 3
    (action,) = looked.json["actions"]
    assert set(action["changes"]) == {"bpm", "key", "replaygain", "lyrics", "cover"}
    document = follow(t)
    assert document["result"]["done"] == {"reapply": 1}
    assert packets_hash(path) == sound
    assert path.stat().st_ino != ino
    tags = ffprobe(path)
    assert tags["replaygain_track_gain"] == "-9.62 dB"
    assert "F#m" in tags.values()
    assert WORDS in tags.values()
    settled(t)
    assert t("undo", "last", "--yes").code == 0
    assert path.read_bytes() == before
    assert path.stat().st_ino == ino
    assert t("sync-check", "--exit-code").code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_wanted_any_more_goes(t: Terminal, kind: str) -> None:
    path = fetched(t, kind, **ALL)
    wants(t, kind, **NONE)
    (action,) = t("reapply", "--tags", "--dry-run", "--json").json["actions"]
    assert set(action["changes"]) == {"bpm", "key", "replaygain", "lyrics", "cover"}
    follow(t)
    with pytest.raises((KeyError, AssertionError)):
        assert "F#m" in ffprobe(path).values()
    assert "replaygain_track_gain" not in ffprobe(path)
    settled(t)


# ---------------------------------------------------------------- what others wrote


@pytest.mark.parametrize("kind", KINDS)
def test_cues_grids_ratings_and_comments_of_dj_programs_stay(t: Terminal, kind: str) -> None:
    path = fetched(t, kind, **NONE)
    dj_frames.write_into(path)
    before = dj_frames.others(path)
    assert len(before) == dj_frames.expected(path)
    wants(t, kind, **ALL)
    (action,) = follow(t)["actions"]
    assert set(action["changes"]) == {"bpm", "key", "replaygain", "lyrics", "cover"}
    assert dj_frames.others(path) == before
    assert "F#m" in ffprobe(path).values()
    settled(t)


@pytest.mark.parametrize("kind", ["mp3", "aiff"])
@pytest.mark.parametrize(("old", "new"), [(3, 4), (4, 3)])
def test_another_version_of_id3_keeps_what_dj_programs_wrote(
    t: Terminal, kind: str, old: int, new: int
) -> None:
    path = fetched(t, kind, **ALL, id3=str(old))
    dj_frames.write_into(path)
    before = dj_frames.others(path)
    raw = dj_frames.raw_frames(path) if kind == "mp3" else {}
    wants(t, kind, **ALL, id3=str(new))
    (action,) = follow(t)["actions"]
    assert action["changes"] == ["id3"]
    assert dj_frames.others(path) == before
    tags: Any = ID3(path, translate=False) if kind == "mp3" else AIFF(path).tags
    assert kind == "aiff" or tags.version == (2, new, 0)
    after = dj_frames.raw_frames(path) if kind == "mp3" else {}
    for name in ("GEOB", "PRIV", "POPM", "UFID") if kind == "mp3" else ():
        assert after[name] == raw[name]
    assert [it.text for it in tags.getall("TBPM")] == [["124"]]
    settled(t)


def test_serato_tools_reads_the_cue_that_was_there(t: Terminal) -> None:
    path = fetched(t, "mp3", **NONE)
    dj_frames.write_into(path)
    before = cues_of(path)
    assert before
    wants(t, "mp3", **ALL)
    follow(t)
    assert cues_of(path) == before


def cues_of(path: Path) -> list[str]:
    from serato_tools.track_cues_v2 import TrackCuesV2

    return [repr(entry) for entry in TrackCuesV2(str(path)).entries]


def test_tags_that_you_changed_are_yours(t: Terminal) -> None:
    path = fetched(t, "mp3", **NONE)
    id3 = ID3(path)
    id3.add(TIT2(encoding=3, text=["My own title"]))
    id3.add(TXXX(encoding=3, desc="replaygain_track_gain", text=["-3.00 dB"]))
    id3.add(TBPM(encoding=3, text=["62"]))
    id3.save(path)
    wants(t, "mp3")
    follow(t)
    id3 = ID3(path)
    assert (id3["TIT2"].text, id3["TBPM"].text) == (["My own title"], ["62"])
    assert id3["TKEY"].text == ["F#m"]
    assert [it.text for it in id3.getall("TXXX:REPLAYGAIN_TRACK_GAIN")] == []
    wants(t, "mp3", **NONE)
    follow(t)
    id3 = ID3(path)
    assert id3["TBPM"].text == ["62"]
    assert "TKEY" not in id3
    settled(t)


def test_the_cover_of_a_file_that_you_edited_stays(t: Terminal) -> None:
    path = fetched(t, "flac", cover="0")
    flac = FLAC(path)
    mine = Picture()
    mine.type, mine.mime, mine.data = 3, "image/png", b"\x89PNG\r\n\x1a\n" + bytes(30)
    flac.add_picture(mine)
    flac.save()
    wants(t, "flac")
    assert t("reapply", "--tags", "--dry-run").code == 0
    assert [it.data for it in FLAC(path).pictures] == [mine.data]


def test_covers_are_made_smaller_without_asking(t: Terminal) -> None:
    path = fetched(t, "mp3", cover="600")
    wants(t, "mp3", cover="300")
    t.tidal.faults.on("/**/*.jpg", status(500), times=None)
    (action,) = follow(t)["actions"]
    assert action["changes"] == ["cover"]
    (picture,) = ID3(path).getall("APIC")
    assert max(size_of(picture.data)) == 300
    settled(t)


def test_what_tidal_does_not_have_is_asked_for_once(t: Terminal) -> None:
    track = song(t)
    track.lyrics = track.subtitles = track.gain = None
    wants(t, "flac", **NONE)
    assert t("sync-execute", "--yes").code == 0
    wants(t, "flac", lyrics='"embed"', bpm_and_key="false", cover="0")
    (path,) = (t.playlists / "Deep").iterdir()
    before = path.read_bytes()
    assert follow(t)["result"]["done"] == {"reapply": 1}
    assert path.read_bytes() == before
    settled(t)


def test_what_tidal_did_not_answer_is_asked_for_again(t: Terminal) -> None:
    path = fetched(t, "flac", **NONE)
    wants(t, "flac", lyrics='"embed"')
    t.tidal.faults.on("/v1/tracks/*/lyrics", status(403), times=None)
    said = t("reapply", "--tags", "--yes")
    assert said.code == 0
    assert "1 file has no lyrics yet" in said.out
    assert "lyrics" not in FLAC(path)
    t.tidal.faults.clear()
    (action,) = follow(t)["actions"]
    assert action["changes"] == ["lyrics"]
    assert FLAC(path)["lyrics"] == [TIMES]
    settled(t)


# ---------------------------------------------------------------- which files


@pytest.mark.parametrize("mode", ["copy", "hardlink"])
def test_copies_and_hard_links_follow(t: Terminal, mode: str) -> None:
    track = song(t)
    t.account.playlist("Also", [track])
    wants(t, "flac", **NONE)
    modes = f'[sync]\nlink_mode = "{mode}"\n'
    t.settings.write_text(t.settings.read_text() + modes)
    assert t("sync-execute", "--yes").code == 0
    files = list(t.playlists.rglob("*.flac"))
    before = {path: path.read_bytes() for path in files}
    wants(t, "flac", **ALL)
    t.settings.write_text(t.settings.read_text() + modes)
    assert follow(t)["result"]["done"] == {"reapply": 1, "relink": 1}
    one, other = files
    assert one.read_bytes() == other.read_bytes() != before[one]
    assert (one.stat().st_ino == other.stat().st_ino) is (mode == "hardlink")
    settled(t)
    assert t("undo", "last", "--yes").code == 0
    assert {path: path.read_bytes() for path in files} == before
    assert t("sync-check", "--exit-code").code == 0


def test_imported_files_are_left_unless_their_playlist_is_named(t: Terminal) -> None:
    song(t)
    wants(t, "flac", **ALL)
    flac(t.folder / "mine" / "own.flac", 77, title="x", artist="Ana")
    t("sync-check")
    assert t("import", str(t.folder / "mine"), "--yes").code == 0
    looked = t("reapply", "--tags", "--dry-run", "--json")
    assert looked.code == 0
    assert "imported" in looked.json["left"][0]["because"]
    (action,) = follow(t, "--playlist", "deep")["actions"]
    assert {"bpm", "key", "replaygain"} <= set(action["changes"])
    (path,) = (t.playlists / "Deep").iterdir()
    assert FLAC(path)["title"] == ["x"]


def test_a_damaged_tag_is_left_and_named(t: Terminal) -> None:
    path = fetched(t, "mp3", **NONE)
    data = path.read_bytes()
    path.write_bytes(data[:3] + b"\x02" + data[4:])
    wants(t, "mp3")
    looked = t("reapply", "--tags", "--dry-run", "--json")
    assert looked.json["actions"] == []
    assert len(looked.json["left"]) == 1


def test_without_a_part_without_a_library_and_without_a_terminal(t: Terminal) -> None:
    assert t("reapply", "--yes").code == 2
    assert t("reapply", "--tags").code == 2
    assert t("reapply", "--tags", "--yes").code == 2
    fetched(t, "mp3", **NONE)
    assert t("reapply", "--tags", "--yes", "--playlist", "nobody").code == 2


def test_trash_restore_puts_the_old_files_back(t: Terminal) -> None:
    path = fetched(t, "flac", **NONE)
    before = path.read_bytes()
    wants(t, "flac", **ALL)
    follow(t)
    new = path.read_bytes()
    assert t("trash", "restore", "last").code == 0
    assert path.read_bytes() == before
    assert t("sync-check", "--exit-code").code == 0
    assert t("undo", "last", "--yes").code == 0
    assert path.read_bytes() == new
    settled(t)


def test_an_undo_leaves_a_file_that_was_written_to_since(t: Terminal) -> None:
    path = fetched(t, "flac", **NONE)
    wants(t, "flac", **ALL)
    follow(t)
    flac_file = FLAC(path)
    flac_file["comment"] = "mine"
    flac_file.save()
    said = t("undo", "last", "--yes")
    assert said.code == 4
    assert "written to since" in said.err
    assert FLAC(path)["comment"] == ["mine"]


def test_history_and_why_tell_of_it(t: Terminal) -> None:
    path = fetched(t, "flac", **NONE)
    wants(t, "flac", **ALL)
    follow(t)
    assert "x: made anew" in t("history", "last").out
    assert t("history", "last", "--json").json["runs"][0]["command"] == "reapply"
    assert t("why", f"Playlists/Deep/{path.name}").code == 0
    assert "made anew" in t("why", "Ana - x").out


def test_a_plan_is_shown_and_asked_about(t: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched(t, "flac", **NONE)
    wants(t, "flac", **ALL)
    looked = t("reapply", "--tags", "--dry-run")
    assert looked.code == 3
    assert "Deep/Ana - x.flac: bpm, key, cover, lyrics, replaygain" in looked.out
    assert "To do: write 1 file anew. It takes" in looked.out


def test_a_second_run_waits_for_no_one(t: Terminal) -> None:
    from strandline.library.lock import lock_library

    fetched(t, "flac", **NONE)
    wants(t, "flac", **ALL)
    with lock_library(t.library):
        assert t("reapply", "--tags", "--yes").code == 7
