"""reapply --audio: another format, another quality; links, cues and undo follow."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.id3 import ID3

from strandline.demo.entitlements import DeviceLink
from strandline.demo.things import Availability, Quality, Track
from strandline.execute.exchanges import Exchanges
from strandline.library.audio import probe
from strandline.library.check import check_audio
from strandline.library.sound_keys import samples_md5
from tests.cli.terminal import Terminal

SECONDS = 4
INFO = "/v1/tracks/*/playbackinfopostpaywall"
AUDIO = "/mediatracks/**"


def song(t: Terminal, title: str = "x", quality: Quality = Quality.LOSSLESS) -> Track:
    return t.account.track(title, "Ana", duration=SECONDS, quality=quality)


def two_lists(t: Terminal, *tracks: Track) -> None:
    """``Deep`` holds the audio, ``Sunday`` links to it."""
    t.account.playlist("Deep", tracks)
    t.account.playlist("Sunday", tracks)


def wants(t: Terminal, form: str, quality: str = "lossless", more: str = "") -> None:
    t.settings.write_text(f'[audio]\nformat = "{form}"\n{more}[tidal]\nquality = "{quality}"\n')


def synced(t: Terminal, form: str, *tracks: Track, quality: str = "lossless") -> None:
    two_lists(t, *(tracks or (song(t),)))
    wants(t, form, quality)
    said = t("sync-execute", "--yes")
    assert said.code == 0, said.err


def names(t: Terminal) -> list[str]:
    return sorted(str(path.relative_to(t.playlists)) for path in t.playlists.glob("*/*"))


def follow(t: Terminal, *more: str, code: int = 0) -> Any:
    t.tidal.requests.clear()
    said = t("reapply", "--audio", "--yes", "--json", *more)
    assert said.code == code, said.err or said.out
    return said.json


def settled(t: Terminal) -> None:
    """Nothing more to do, and no sync has anything against it."""
    assert t("reapply", "--audio", "--dry-run").code == 0
    tree = t.tree()
    assert follow(t)["result"] is None
    assert t.tree() == tree
    checked = t("sync-check", "--exit-code")
    assert checked.code == 0, checked.out
    assert t("verify").code == 0
    for link in t.playlists.glob("Sunday/*"):
        assert link.exists(), f"{link} leads nowhere"


def undone(t: Terminal) -> None:
    said = t("undo", "last", "--yes")
    assert said.code == 0, said.err + said.out


def contents(t: Terminal) -> dict[str, bytes | str]:
    return {
        str(path.relative_to(t.playlists)): os.readlink(path)
        if path.is_symlink()
        else path.read_bytes()
        for path in t.playlists.glob("*/*")
    }


@pytest.mark.parametrize(
    ("old", "new"), [("flac", "mp3"), ("flac", "aiff"), ("aiff", "flac"), ("aiff", "mp3")]
)
def test_another_format_is_made_of_lossless_files_and_nothing_is_fetched(
    t: Terminal, old: str, new: str
) -> None:
    synced(t, old)
    before = contents(t)
    wants(t, new)
    told = follow(t)
    assert told["counts"]["reapply"] == 1
    assert told["result"]["failed"] == [], told
    assert not t.tidal.requests
    assert names(t) == [f"Deep/Ana - x.{new}", f"Sunday/Ana - x.{new}"]
    assert os.readlink(t.playlists / f"Sunday/Ana - x.{new}") == f"../Deep/Ana - x.{new}"
    made = t.playlists / f"Deep/Ana - x.{new}"
    assert check_audio(made, expected_duration=SECONDS)
    settled(t)
    undone(t)
    assert contents(t) == before
    assert t("sync-check", "--exit-code").code == 0


def test_the_samples_of_another_lossless_form_are_the_same(t: Terminal) -> None:
    synced(t, "flac")
    before = samples_md5(t.playlists / "Deep/Ana - x.flac")
    wants(t, "aiff")
    follow(t)
    assert samples_md5(t.playlists / "Deep/Ana - x.aiff") == before


def test_an_mp3_is_fetched_again_as_flac_and_not_made_of_the_mp3(t: Terminal) -> None:
    synced(t, "mp3")
    before = contents(t)
    wants(t, "flac")
    assert "write 1 file anew (1 from TIDAL). It takes" in t("reapply", "--audio", "--dry-run").out
    told = follow(t)
    assert told["actions"][0]["from"] == "tidal"
    assert len(t.tidal.asked(AUDIO)) == 1
    (item,) = told["result"]["items"]
    assert (item["path"], item["quality"]["got"]) == ("Playlists/Deep/Ana - x.flac", "lossless")
    assert names(t) == ["Deep/Ana - x.flac", "Sunday/Ana - x.flac"]
    settled(t)
    undone(t)
    assert contents(t) == before


def test_another_bitrate_takes_the_place_of_the_old_one_in_the_same_name(t: Terminal) -> None:
    synced(t, "mp3")
    before = contents(t)
    wants(t, "mp3", more="bitrate = 128\n")
    follow(t)
    assert names(t) == ["Deep/Ana - x.mp3", "Sunday/Ana - x.mp3"]
    assert probe(t.playlists / "Deep/Ana - x.mp3").bitrate == 128_000
    settled(t)
    undone(t)
    assert contents(t) == before


def test_what_came_lower_is_raised_once_tidal_has_it(t: Terminal) -> None:
    track = song(t, quality=Quality.HIGH)
    synced(t, "flac", track)
    assert names(t) == ["Deep/Ana - x.m4a", "Sunday/Ana - x.m4a"]
    told = follow(t)
    assert told["counts"]["reapply"] == 0
    assert [it["because"] for it in told["left"]] == [
        "it came in high quality, and TIDAL says that it has no better"
    ]
    assert not t.tidal.requests
    t.account.offers(track, Quality.LOSSLESS)
    assert t("sync-check", "--full").code == 0
    told = follow(t)
    (item,) = told["result"]["items"]
    assert (item["quality"]["got"], item["quality"]["codec"]) == ("lossless", "flac")
    assert names(t) == ["Deep/Ana - x.flac", "Sunday/Ana - x.flac"]
    settled(t)


def test_what_tidal_gives_lower_again_is_left_and_told_and_its_audio_is_not_fetched(
    t: Terminal,
) -> None:
    t.account.device_link = DeviceLink.AAC
    synced(t, "flac")
    before = t.tree()
    told = follow(t)
    assert told["counts"]["reapply"] == 1
    assert not t.tidal.asked(AUDIO), "one question is enough"
    (skipped,) = told["result"]["skipped"]
    assert skipped["code"] == "not_better"
    assert "still gives it in high quality" in skipped["error"]
    changed = {path for path, state in t.tree().items() if before.get(path) != state}
    assert not any("Playlists/" in path for path in changed)
    assert t("sync-check", "--exit-code").code == 0
    t.account.device_link = DeviceLink.FULL
    follow(t)
    assert names(t) == ["Deep/Ana - x.flac", "Sunday/Ana - x.flac"]
    settled(t)


def test_hires_that_was_brought_down_follows_a_cap_that_changed(t: Terminal) -> None:
    track = song(t, quality=Quality.HI_RES_LOSSLESS)
    track.hires_rate = 96_000
    synced(t, "flac", track, quality="hires")
    path = t.playlists / "Deep/Ana - x.flac"
    rate = probe(path).sample_rate
    assert rate > 48_000
    wants(t, "flac", "hires", "max_sample_rate = 48000\nbit_depth = 16\n")
    told = follow(t)
    assert told["actions"][0]["changes"] == ["sample_rate", "bit_depth"]
    assert not t.tidal.requests
    assert (probe(path).sample_rate, probe(path).bits) == (48_000, 16)
    settled(t)
    wants(t, "flac", "hires")
    follow(t)
    assert (probe(path).sample_rate, probe(path).bits) == (rate, 24)
    settled(t)


# ---------------------------------------------------------------- cues


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


# ---------------------------------------------------------------- what others wrote


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


# ---------------------------------------------------------------- scope, links, room


def test_only_the_playlists_that_are_named_follow(t: Terminal) -> None:
    t.account.playlist("Deep", [song(t, "x")])
    t.account.playlist("Other", [song(t, "y")])
    wants(t, "flac")
    assert t("sync-execute", "--yes").code == 0
    wants(t, "mp3")
    follow(t, "--playlist", "Deep")
    assert names(t) == ["Deep/Ana - x.mp3", "Other/Ana - y.flac"]


@pytest.mark.parametrize("mode", ["copy", "hardlink"])
def test_copies_and_hard_links_follow(t: Terminal, mode: str) -> None:
    two_lists(t, song(t))
    more = f'[sync]\nlink_mode = "{mode}"\n'
    t.settings.write_text(f'[audio]\nformat = "flac"\n{more}')
    assert t("sync-execute", "--yes").code == 0
    before = contents(t)
    t.settings.write_text(f'[audio]\nformat = "mp3"\n{more}')
    follow(t)
    assert names(t) == ["Deep/Ana - x.mp3", "Sunday/Ana - x.mp3"]
    one, other = (t.playlists / name / "Ana - x.mp3" for name in ("Deep", "Sunday"))
    assert one.read_bytes() == other.read_bytes()
    assert (one.stat().st_ino == other.stat().st_ino) is (mode == "hardlink")
    settled(t)
    undone(t)
    assert contents(t) == before
    assert t("sync-check", "--exit-code").code == 0


def test_a_file_of_the_persons_at_the_new_place_stays_and_so_does_the_old_audio(
    t: Terminal,
) -> None:
    synced(t, "flac")
    mine = t.playlists / "Deep" / "Ana - x.mp3"
    mine.write_text("mine")
    wants(t, "mp3")
    before = contents(t)
    told = t("reapply", "--audio", "--yes", "--json")
    assert told.code == 4, told.out
    assert contents(t) == before


def test_the_room_that_it_takes_is_said_before_the_question(t: Terminal) -> None:
    synced(t, "flac")
    wants(t, "aiff")
    said = t("reapply", "--audio", "--dry-run")
    assert said.code == 3
    assert re.search(r"It takes 1\.\d MB of \S+ \S+ free", said.out), said.out


def test_an_imported_file_is_left_unless_its_playlist_is_named(t: Terminal) -> None:
    track = song(t)
    t.account.playlist("Deep", [track])
    wants(t, "flac")
    assert t("sync-execute", "--yes").code == 0
    own = t.folder / "own"
    own.mkdir()
    (t.playlists / "Deep" / "Ana - x.flac").rename(own / "mine.flac")
    assert t("import", str(own), "--yes").code == 0
    wants(t, "mp3")
    told = follow(t)
    assert told["counts"]["reapply"] == 0
    assert "you imported it" in told["left"][0]["because"]
    follow(t, "--playlist", "Deep")
    assert names(t) == ["Deep/Ana - x.mp3"]
    assert (own / "mine.flac").exists()


def test_what_needs_tidal_ends_with_its_code_and_nothing_is_changed(t: Terminal) -> None:
    synced(t, "mp3")
    before = contents(t)
    wants(t, "flac")
    assert t("auth", "logout").code == 0
    said = t("reapply", "--audio", "--yes")
    assert said.code == 6, said.err
    assert contents(t) == before
    assert t("sync-status", "--json").json["tracks"]["error"] == 0


def test_a_track_that_tidal_does_not_give_is_named_and_its_audio_stays_downloaded(
    t: Terminal,
) -> None:
    x, y = song(t, "x"), song(t, "y")
    synced(t, "mp3", x, y)
    wants(t, "flac")
    x.availability = Availability.GONE
    told = follow(t)
    assert names(t) == [
        "Deep/Ana - x.mp3", "Deep/Ana - y.flac", "Sunday/Ana - x.mp3", "Sunday/Ana - y.flac",
    ]  # fmt: skip
    assert [it["code"] for it in told["result"]["skipped"]] == ["unavailable"]
    status = t("sync-status", "--json").json["tracks"]
    assert (status["downloaded"], status["error"]) == (2, 0)


def test_damaged_audio_is_not_made_into_anything(t: Terminal) -> None:
    synced(t, "flac")
    path = t.playlists / "Deep/Ana - x.flac"
    stamp = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    with path.open("r+b") as file:
        file.write(data)
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    wants(t, "mp3")
    told = follow(t, code=4)
    assert "its audio is damaged" in told["result"]["failed"][0]["error"]
    assert path.read_bytes() == bytes(data)
    assert names(t) == ["Deep/Ana - x.flac", "Sunday/Ana - x.flac"]


def test_audio_and_tags_follow_in_one_run(t: Terminal) -> None:
    track = song(t)
    track.bpm = 124
    two_lists(t, track)
    t.settings.write_text('[audio]\nformat = "flac"\n[tags]\nbpm_and_key = false\n')
    assert t("sync-execute", "--yes").code == 0
    before = contents(t)
    t.settings.write_text('[audio]\nformat = "mp3"\n')
    said = t("reapply", "--audio", "--tags", "--yes", "--json")
    assert said.code == 0, said.err
    assert str(ID3(t.playlists / "Deep/Ana - x.mp3")["TBPM"]) == "124"
    assert t("reapply", "--audio", "--tags", "--dry-run").code == 0
    assert t("sync-check", "--exit-code").code == 0
    undone(t)
    assert contents(t) == before


def test_a_track_that_is_to_be_ignored_is_not_fetched(t: Terminal) -> None:
    track = song(t)
    synced(t, "mp3", track)
    wants(t, "flac")
    with t.settings.open("a") as file:
        file.write(f'[sync]\nignore = ["{track.id}"]\n')
    told = follow(t)
    assert "sync.ignore" in told["left"][0]["because"]
    assert told["counts"]["reapply"] == 0


def test_a_run_that_is_interrupted_goes_on_where_it_was(
    t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(t, "flac", *(song(t, title) for title in "rstuvwxy"))
    before = contents(t)
    wants(t, "aiff", more="[download]\nworkers = 1\n")
    rest = Exchanges.carry_out

    def once(self: Exchanges, came: Any) -> None:
        rest(self, came)
        self._batch._stop.set()

    with monkeypatch.context() as patch:
        patch.setattr(Exchanges, "carry_out", once)
        assert t("reapply", "--audio", "--yes").code == 130
    done = {name for name in names(t) if name.endswith(".aiff")}
    assert 0 < len(done) < len(before)
    assert {Path(name).stem for name in done} == {Path(n).stem for n in done if "Sunday" in n}
    follow(t)
    assert {Path(name).suffix for name in names(t)} == {".aiff"}
    settled(t)


def test_tags_that_are_written_anew_move_no_cue(t: Terminal) -> None:
    track = song(t)
    track.bpm = 124
    two_lists(t, track)
    t.settings.write_text('[audio]\nformat = "flac"\n[tags]\nbpm_and_key = false\n')
    assert t("sync-execute", "--yes").code == 0
    t.settings.write_text('[audio]\nformat = "flac"\n')
    assert t("reapply", "--tags", "--yes", "--json").json["counts"]["reapply"] == 1
    assert not (t.library / ".strandline" / "moves.json").exists()
