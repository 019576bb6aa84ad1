"""Tags and formats of new files: found again by programs that are not ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from mutagen.aiff import AIFF
from mutagen.flac import FLAC
from mutagen.id3 import ID3
from mutagen.mp4 import MP4

from strandline.demo import effects
from strandline.demo.model import Quality, Track
from tests.cli.terminal import Terminal

WORDS = "Low water\nhigh water"
TIMES = "[00:00.20]Low water\n[00:00.70]high water"
ENDINGS = {"mp3": "mp3", "flac": "flac", "aiff": "aiff", "aac": "m4a"}

needs_ffprobe = pytest.mark.skipif(not shutil.which("ffprobe"), reason="ffprobe is not installed")
needs_mpv = pytest.mark.skipif(not shutil.which("mpv"), reason="mpv is not installed")


def song(t: Terminal, quality: Quality = Quality.LOSSLESS) -> Track:
    """A track of which TIDAL tells everything."""
    track = t.track("x")
    track.quality, track.bpm, track.key = quality, 124, ("FSharp", "MINOR")
    track.gain, track.peak = -9.62, 0.988312
    track.lyrics, track.subtitles = WORDS, TIMES
    t.account.playlist("Deep", [track])
    return track


def stored(t: Terminal, kind: str, more: str = "") -> Path:
    """The one file of a first sync."""
    form = "flac" if kind == "aac" else kind
    t.settings.write_text(f'[audio]\nformat = "{form}"\n[tags]\nlyrics = "embed"\n{more}')
    said = t("sync-execute", "--yes")
    assert said.code == 0, said.err
    (path,) = (t.playlists / "Deep").iterdir()
    assert path.suffix == f".{ENDINGS[kind]}"
    return path


def made(t: Terminal, kind: str, more: str = "") -> Path:
    song(t, Quality.HIGH if kind == "aac" else Quality.LOSSLESS)
    return stored(t, kind, more)


def ffprobe(path: Path) -> dict[str, str]:
    """Every tag by its name in small letters."""
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-of", "json", path],
        check=True, capture_output=True,
    )  # fmt: skip
    return {k.casefold(): v for k, v in json.loads(told.stdout)["format"]["tags"].items()}


BY_KIND: dict[str, tuple[str | None, str, str]] = {
    "mp3": ("tbpm", "tkey", "lyrics-xxx"),
    "aiff": ("tbpm", "tkey", "lyrics-xxx"),
    "flac": ("bpm", "initialkey", "unsyncedlyrics"),
    "aac": (None, "initialkey", "lyrics"),
}


@needs_ffprobe
@pytest.mark.parametrize("kind", ENDINGS)
@pytest.mark.parametrize("version", [3, 4])
def test_ffprobe_reads_tempo_key_loudness_and_lyrics(t: Terminal, kind: str, version: int) -> None:
    tags = ffprobe(made(t, kind, f"id3 = {version}\n"))
    bpm, key, lyrics = BY_KIND[kind]
    assert (tags[key], tags[lyrics]) == ("F#m", WORDS), tags
    assert bpm is None or tags[bpm] == "124", tags
    assert tags["replaygain_track_gain"] == tags["replaygain_album_gain"] == "-9.62 dB"
    assert tags["replaygain_track_peak"] == "0.988312"


@needs_mpv
@pytest.mark.parametrize("kind", ENDINGS)
def test_mpv_plays_as_loud_as_the_tags_say(t: Terminal, kind: str) -> None:
    path = made(t, kind)
    told = subprocess.run(
        ["mpv", "--no-config", "--ao=null", "--replaygain=track", "--untimed", "-v",
         "--end=0.1", path],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "Applying replay-gain: " in told.stdout
    assert "-9.62" in told.stdout


@pytest.mark.parametrize("kind", ENDINGS)
def test_dj_programs_find_their_fields(t: Terminal, kind: str) -> None:
    path = made(t, kind)
    if kind in ("mp3", "aiff"):
        id3: Any = ID3(path, translate=False) if kind == "mp3" else AIFF(path).tags
        assert id3.version == (2, 3, 0)
        assert (id3["TBPM"].text, id3["TKEY"].text) == (["124"], ["F#m"])
        assert id3.getall("SYLT")[0].text == [("Low water", 200), ("high water", 700)]
        return
    tags: Any = FLAC(path) if kind == "flac" else MP4(path)
    found = ("bpm", "initialkey", "lyrics") if kind == "flac" else (
        "tmpo", "----:com.apple.iTunes:initialkey", "\xa9lyr")  # fmt: skip
    values = [tags[name][0] for name in found]
    assert values == (["124", "F#m", TIMES] if kind == "flac" else [124, b"F#m", WORDS])


def test_what_is_switched_off_is_no_tag(t: Terminal) -> None:
    flac = FLAC(made(t, "flac", "bpm_and_key = false\nreplaygain = false\ncover = 0\n"))
    assert not {"bpm", "initialkey", "replaygain_track_gain"} & set(flac.keys())
    assert flac.pictures == []


def test_a_mode_that_is_no_key_is_no_tag(t: Terminal) -> None:
    song(t).key = ("E", "DORIAN")
    flac = FLAC(stored(t, "flac"))
    assert "bpm" in flac
    assert "initialkey" not in flac


def test_a_track_without_loudness_gets_none_and_no_lyrics_are_no_failure(t: Terminal) -> None:
    track = song(t)
    track.gain = track.lyrics = track.subtitles = track.bpm = None
    flac = FLAC(stored(t, "flac", "bpm_and_key = true\n"))
    names = set(flac.keys())
    assert not {"bpm", "lyrics", "unsyncedlyrics", "replaygain_track_gain"} & names
    assert "initialkey" in names


def test_lyrics_are_asked_for_only_where_they_are_wanted(t: Terminal) -> None:
    song(t)
    assert t("sync-execute", "--yes").code == 0
    assert not [r for r in t.tidal.requests if r.path.endswith("/lyrics")]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_lyrics_that_do_not_come_leave_the_audio_and_are_told(t: Terminal, status: int) -> None:
    track = song(t)
    t.tidal.faults.on(f"/v1/tracks/{track.id}/lyrics", effects.status(status), times=None)
    t.settings.write_text('[audio]\nformat = "flac"\n[tags]\nlyrics = "embed"\n')
    said = t("sync-execute", "--yes")
    assert said.code == 0, said.err
    assert "1 track has no lyrics in the tags" in said.out
    assert not [r for r in t.tidal.requests if r.path.endswith("/oauth2/token")], "no new login"


def test_a_player_s_stick_carries_them_on(t: Terminal) -> None:
    made(t, "flac")
    stick = t.folder / "stick"
    stick.mkdir()
    said = t("export", "usb", "--to", str(stick), "--player", "nxs")
    assert said.code == 0, said.err
    (path,) = stick.rglob("*.aiff")
    id3: Any = AIFF(path).tags
    assert (id3["TBPM"].text, id3["TKEY"].text) == (["124"], ["F#m"])
    assert [frame.text for frame in id3.getall("USLT")] == [WORDS]
    assert id3["TXXX:REPLAYGAIN_TRACK_GAIN"].text == ["-9.62 dB"]


def test_hi_res_is_brought_to_the_limits_and_verified_as_it_is(t: Terminal) -> None:
    track = song(t, Quality.HI_RES_LOSSLESS)
    track.hires_rate = 96_000
    t.settings.write_text(
        '[tidal]\nquality = "hires"\n'
        '[audio]\nformat = "aiff"\nmax_sample_rate = 48000\nbit_depth = 16\n'
    )
    assert t("sync-execute", "--yes").code == 0
    (path,) = (t.playlists / "Deep").iterdir()
    info = AIFF(path).info
    assert (info.sample_rate, info.bits_per_sample, info.length) == (48_000, 16, 1.0)
    assert t("verify").code == 0
    again = t("sync-check", "--exit-code", "--json")
    assert again.code == 0, again.out


def test_a_file_that_a_tagger_changed_is_told_by_its_sound_as_aiff_too(t: Terminal) -> None:
    path = made(t, "aiff")
    aiff: Any = AIFF(path)
    aiff.tags.delall("TKEY")
    aiff.save()
    said = t("verify", "--json")
    assert said.json["corrupt"] == []
    assert t("sync-check", "--exit-code").code == 0


@pytest.mark.parametrize("change", [
    "[audio]\nformat = 'aiff'\n", "[audio]\nformat = 'flac'\nmax_sample_rate = 44100\n",
    "[audio]\nformat = 'flac'\nbit_depth = 16\n", "[tags]\nid3 = 4\n", "[tags]\nlyrics = 'embed'\n",
    "[tags]\ncover = 300\nreplaygain = false\nbpm_and_key = false\n",
])  # fmt: skip
def test_a_changed_setting_plans_nothing(t: Terminal, change: str) -> None:
    made(t, "flac")
    t.settings.write_text(change)
    said = t("sync-check", "--exit-code", "--json")
    assert (said.code, said.json["actions"]) == (0, [])
    assert t("verify").code == 0


def test_a_plan_says_which_files_are_in_another_format(t: Terminal) -> None:
    made(t, "flac")
    t.settings.write_text("[audio]\nformat = 'aiff'\n")
    said = t("sync-check")
    assert "format = aiff applies to new files; 1 file in another format stays" in said.out
    t.settings.write_text("[audio]\nformat = 'original'\n")
    assert "applies to new files" not in t("sync-check").out


@pytest.mark.parametrize("wrong", [
    "id3 = 2", "id3 = true", "lyrics = 'lrc'", "cover = 40", "cover = true", "replaygain = 1",
])  # fmt: skip
def test_a_wrong_value_names_its_key_and_line(t: Terminal, wrong: str) -> None:
    t.settings.write_text(f"[tags]\n{wrong}\n")
    said = t("sync-check")
    assert said.code == 2
    assert f"line 2: tags.{wrong.partition(' ')[0]} = " in said.err


@pytest.mark.parametrize("wrong", ["max_sample_rate = 8000", "bit_depth = 20"])
def test_a_limit_that_no_file_could_keep_is_refused(t: Terminal, wrong: str) -> None:
    t.settings.write_text(f"[audio]\n{wrong}\n")
    assert t("sync-check").code == 2
