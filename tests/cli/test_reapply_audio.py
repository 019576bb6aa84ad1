"""reapply --audio: another format is made of the file at hand, better quality is fetched."""

from __future__ import annotations

import os

import pytest

from strandline.demo.entitlements import DeviceLink
from strandline.demo.model import Quality
from strandline.library.audio.check import check_audio
from strandline.library.audio.probe import probe
from strandline.library.audio.sound_keys import samples_md5
from tests.cli.converting import (
    AUDIO,
    SECONDS,
    contents,
    follow,
    names,
    settled,
    song,
    synced,
    undone,
    wants,
)
from tests.cli.terminal import Terminal


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
