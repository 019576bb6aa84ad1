"""What TIDAL delivers is compared with what was asked, stored as it came, and told."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from strandline.demo import effects, music
from strandline.demo.entitlements import DeviceLink
from strandline.demo.model import Blemish, Quality, Track
from strandline.library.audio.check import check_audio
from strandline.library.audio.probe import probe
from tests.cli.browser import pastes, with_person
from tests.cli.terminal import Said, Terminal

SECONDS = 6
INFO = "/v1/tracks/*/playbackinfopostpaywall"
PKCE = "auth login --pkce"


@pytest.fixture
def live(fresh: Terminal) -> Terminal:
    """A TIDAL as users report it: device links get AAC, and strangers nothing at all."""
    fresh.account.device_link = DeviceLink.AAC
    fresh.account.gated = True
    return fresh


def plain(t: Terminal, title: str = "plain", **more: Any) -> Track:
    """A release without a hi-res master."""
    return t.account.track(title, "Ana", duration=SECONDS, **more)


def fine(t: Terminal, title: str = "fine", **more: Any) -> Track:
    """A release with one."""
    return plain(t, title, quality=Quality.HI_RES_LOSSLESS, **more)


def settings(t: Terminal, *, form: str = "original", **tidal: str) -> None:
    lines = [f'{name} = "{value}"' for name, value in tidal.items()]
    t.settings.write_text("\n".join([f'[audio]\nformat = "{form}"', "[tidal]", *lines]))


def synced(t: Terminal, code: int = 0) -> Said:
    said = t("sync-execute", "--yes", "--json")
    assert said.code == code, said.err + said.out
    return said


def came(said: Said) -> dict[str, dict[str, Any]]:
    """Path to quality, of everything that was fetched."""
    return {item["path"]: item["quality"] for item in said.json["result"]["items"]}


def whole(path: Path, codec: str) -> None:
    checked = check_audio(path, expected_duration=SECONDS)
    assert (checked.codec, checked.duration) == (codec, pytest.approx(SECONDS, abs=0.1))
    assert probe(path).channels == 2


# ---------------------------------------------------------------- the login and what it is worth


def test_by_device_link_it_is_aac_and_said_and_after_pkce_it_is_lossless(live: Terminal) -> None:
    old, new = plain(live, "old"), plain(live, "new")
    live.account.playlist("A", [old])
    assert live("auth", "login", "--device").code == 0
    said = synced(live)
    got = came(said)["Playlists/A/Ana - old.m4a"]
    assert (got["asked"], got["got"], got["codec"]) == ("lossless", "high", "aac")
    assert said.json["result"]["quality"] == {"asked": "lossless", "lower": 1}
    assert said.json["in_sync"] is False
    assert "1 track came in lower quality than lossless: 1 high (aac)" in said.err
    assert PKCE in said.err
    whole(live.playlists / "A/Ana - old.m4a", "aac")

    assert live("sync-check", "--exit-code").code == 0, "lower quality alone is in sync"
    assert PKCE in live("doctor").out
    assert live("doctor").code == 0

    with_person(live, "auth", "login", "--pkce", person=pastes())
    live.account.playlist("B", [new, old])
    said = synced(live)
    got = came(said)
    assert list(got) == ["Playlists/B/Ana - new.flac"]
    new_got = got["Playlists/B/Ana - new.flac"]
    assert (new_got["got"], new_got["codec"], new_got["bits"]) == ("lossless", "flac", 16)
    assert said.json["result"]["quality"]["lower"] == 0
    whole(live.playlists / "B/Ana - new.flac", "flac")
    assert (live.playlists / "A/Ana - old.m4a").exists(), "better on offer replaces nothing"
    advice = live("doctor").out
    assert "1 of 2 tracks came in lower quality" in advice
    assert PKCE not in advice, "that was done"
    assert "`strandline reapply --audio` does" in advice
    (live.playlists / "A/Ana - old.m4a").unlink()
    (live.playlists / "B/Ana - old.m4a").unlink()
    assert [it["got"] for it in came(synced(live)).values()] == ["lossless"], "as it says"


def test_with_pkce_from_the_start_all_is_lossless(live: Terminal) -> None:
    with_person(live, "auth", "login", "--pkce", person=pastes())
    live.account.playlist("A", [plain(live), fine(live)])
    said = synced(live)
    assert {path: it["got"] for path, it in came(said).items()} == {
        "Playlists/A/Ana - plain.flac": "lossless",
        "Playlists/A/Ana - fine.flac": "lossless",
    }
    whole(live.playlists / "A/Ana - plain.flac", "flac")
    assert "lower quality" not in said.err


def test_a_device_link_that_gets_nothing_is_exit_6_with_the_remedy(live: Terminal) -> None:
    live.account.device_link = DeviceLink.NOTHING
    live.account.playlist("A", [plain(live, f"t{number}") for number in range(12)])
    assert live("auth", "login", "--device").code == 0
    said = live("sync-execute", "--yes")
    assert said.code == 6, said.err
    assert PKCE in said.err
    assert live("sync-status", "--json").json["tracks"]["unavailable"] == 0
    with_person(live, "auth", "login", "--pkce", person=pastes())
    assert len(came(synced(live))) == 12


def test_where_the_tags_promise_it_hires_is_asked_for_lossless(live: Terminal) -> None:
    tracks = [fine(live, f"f{number}") for number in range(6)] + [plain(live)]
    live.account.playlist("A", tracks)
    assert live("auth", "login", "--device").code == 0
    live.settings.write_text(live.settings.read_text() + "[download]\nworkers = 1\n")
    said = synced(live)
    got = came(said)
    assert {it["got"] for path, it in got.items() if "/Ana - f" in path} == {"hires"}
    assert got["Playlists/A/Ana - plain.m4a"]["got"] == "high"
    asked = [request.query["audioquality"] for request in live.tidal.asked(INFO)]
    assert asked.count("HI_RES_LOSSLESS") == 6
    assert asked.count("LOSSLESS") == 2, "once it had helped, the others were asked so first"


def test_every_question_for_audio_says_who_asks_and_that_it_wants_stereo(live: Terminal) -> None:
    live.logged_in().account.playlist("A", [plain(live)])
    synced(live)
    for request in live.tidal.asked(INFO):
        assert request.headers["x-tidal-client-version"]
        assert request.headers["user-agent"].startswith("Mozilla/")
        assert request.query["immersiveaudio"] == "false"


# ---------------------------------------------------------------- what is stored, and as what


def test_aac_kept_as_flac_is_wanted_stays_aac_and_says_so(live: Terminal) -> None:
    settings(live, form="flac")
    live.logged_in().account.playlist("A", [plain(live)])
    said = synced(live)
    assert came(said)["Playlists/A/Ana - plain.m4a"]["codec"] == "aac"
    assert "1 track is not FLAC" in said.err
    assert "lower quality" in said.err
    whole(live.playlists / "A/Ana - plain.m4a", "aac")


def test_an_mp3_made_of_aac_is_no_mp3_of_lossless_audio(live: Terminal) -> None:
    settings(live, form="mp3")
    live.logged_in().account.playlist("A", [plain(live)])
    got = came(synced(live))["Playlists/A/Ana - plain.mp3"]
    assert (got["got"], got["codec"]) == ("high", "aac")


def test_what_is_said_to_be_lossless_and_is_aac_is_stored_as_aac(t: Terminal) -> None:
    t.account.playlist("A", [plain(t, blemishes={Quality.LOSSLESS: Blemish.LOSSY})])
    said = synced(t)
    assert [it["got"] for it in came(said).values()] == ["high"]
    assert said.json["result"]["quality"]["lower"] == 1


def test_below_the_floor_nothing_is_stored_and_the_track_has_failed(live: Terminal) -> None:
    settings(live, quality_floor="lossless")
    live.logged_in().account.playlist("A", [plain(live), fine(live)])
    said = synced(live, code=4)
    failed = said.json["result"]["failed"]
    assert [item["track"] for item in failed] == [
        str(live.account.playlists.popitem()[1].tracks[0].id)
    ]
    assert "quality_floor" in failed[0]["error"]
    assert [path.name for path in live.playlists.rglob("*.*")] == ["Ana - fine.flac"]


def test_files_of_0_1_0_are_unknown_not_lower(t: Terminal) -> None:
    t.account.playlist("A", [plain(t)])
    synced(t)
    with closing(sqlite3.connect(t.state / "strandline.db")) as db, db:
        db.execute("DELETE FROM audio_qualities")
        db.execute("UPDATE tracks SET audio_quality = 'HIGH'")
    said = t("doctor")
    assert "0 of 0 tracks came in lower quality than asked; of 1 it is not known" in said.out
    assert t("sync-check", "--exit-code").code == 0
    assert t("verify").code == 0
    said = t("doctor")
    assert "0 of 1 tracks came in lower quality than asked" in said.out
    assert "not known" not in said.out


def test_an_mp3_of_0_1_0_does_not_tell_what_it_was_made_of(t: Terminal) -> None:
    settings(t, form="mp3")
    t.account.playlist("A", [plain(t)])
    synced(t)
    with closing(sqlite3.connect(t.state / "strandline.db")) as db, db:
        db.execute("DELETE FROM audio_qualities")
    assert t("verify").code == 0
    assert "of 1 it is not known" in t("doctor").out


def test_a_floor_above_what_is_asked_for_is_a_wrong_setting(t: Terminal) -> None:
    settings(t, quality="high", quality_floor="lossless")
    said = t("sync-check")
    assert said.code == 2
    assert "tidal.quality_floor" in said.err


def test_a_wrong_floor_is_named(t: Terminal) -> None:
    settings(t, quality_floor="best")
    said = t("sync-check")
    assert said.code == 2
    assert "tidal.quality_floor" in said.err


# ---------------------------------------------------------------- one tier only


@pytest.mark.parametrize(
    "blemish",
    [
        Blemish.PREVIEW,
        Blemish.ENCRYPTED,
        Blemish.UNKNOWN_MANIFEST,
        Blemish.NOT_READY,
        Blemish.NOT_FOUND,
        Blemish.ATMOS,
        Blemish.SURROUND,
        Blemish.OTHER_TRACK,
        Blemish.SHORT,
    ],
)
def test_where_hires_is_nothing_the_next_tier_comes_and_is_remembered_as_lower(
    t: Terminal, blemish: Blemish
) -> None:
    settings(t, quality="hires")
    t.account.playlist("A", [fine(t, blemishes={Quality.HI_RES_LOSSLESS: blemish})])
    said = synced(t)
    (got,) = came(said).values()
    assert (got["asked"], got["got"]) == ("hires", "lossless")
    assert said.json["result"]["quality"] == {"asked": "hires", "lower": 1}
    whole(t.playlists / "A/Ana - fine.flac", "flac")
    assert t("sync-check", "--exit-code").code == 0


EVERY_TIER = list(Quality)


@pytest.mark.parametrize(
    ("blemish", "told"),
    [
        (Blemish.PREVIEW, "preview"),
        (Blemish.ENCRYPTED, "encrypted"),
        (Blemish.ATMOS, "not in stereo"),
        (Blemish.SURROUND, "not in stereo"),
        (Blemish.OTHER_TRACK, "track 1 when asked for track"),
        (Blemish.SHORT, "TIDAL says 6 s"),
        (Blemish.CUT_OFF, ""),
    ],
)
def test_what_is_nothing_at_every_tier_is_named_and_nothing_of_it_is_stored(
    t: Terminal, blemish: Blemish, told: str
) -> None:
    bad = fine(t, "bad", blemishes=dict.fromkeys(EVERY_TIER, blemish))
    t.account.playlist("A", [bad, plain(t)])
    said = synced(t, code=4)
    (failed,) = said.json["result"]["failed"]
    assert failed["track"] == str(bad.id)
    assert told in failed["error"]
    assert [path.name for path in t.playlists.rglob("*.*")] == ["Ana - plain.flac"]
    assert list((t.library / ".strandline" / "tmp").iterdir()) == []


def test_an_atmos_version_is_left_for_the_stereo_one(t: Terminal) -> None:
    t.account.playlist("A", [plain(t, atmos=True)])
    said = synced(t)
    assert came(said)["Playlists/A/Ana - plain.flac"]["mode"] == "STEREO"
    whole(t.playlists / "A/Ana - plain.flac", "flac")


@pytest.mark.parametrize(
    "blemish", [Blemish.EMPTY_SEGMENT, Blemish.SHELL_SEGMENT, Blemish.INIT_ONLY]
)
def test_a_segment_without_sound_is_refused_though_it_comes_with_200(
    live: Terminal, blemish: Blemish
) -> None:
    """Nor is a lower tier taken for it: tomorrow this one may come whole."""
    with_person(live, "auth", "login", "--pkce", person=pastes())
    bad = plain(live, "bad", blemishes={Quality.LOSSLESS: blemish})
    live.account.playlist("A", [bad])
    (failed,) = synced(live, code=4).json["result"]["failed"]
    assert "without any sound" in failed["error"]
    assert list(live.playlists.rglob("*.*")) == []
    bad.blemishes.clear()
    assert [it["got"] for it in came(synced(live)).values()] == ["lossless"]


def test_what_an_own_downloader_brings_is_judged_by_its_file(t: Terminal) -> None:
    script = t.folder / "fetch.py"
    song = t.folder / "song.m4a"
    song.write_bytes(music.m4a(7, SECONDS, 160))
    script.write_text(f"import shutil, sys; shutil.copy({str(song)!r}, sys.argv[1] + '/x.m4a')")
    command = [sys.executable, str(script), "{directory}", "{track_id}"]
    t.settings.write_text(
        f'[audio]\nformat = "original"\n[download]\nsource = "command"\ncommand = {command}\n'
    )
    t.account.playlist("A", [plain(t)])
    said = synced(t)
    (got,) = came(said).values()
    assert (got["codec"], got["mode"]) == ("aac", None)
    assert got["got"] in ("low", "high")
    assert "lower quality" in said.err
    assert PKCE not in said.err, "TIDAL's login has no part in it"


def test_an_answer_about_another_track_in_text_is_another_track(t: Terminal) -> None:
    track = plain(t)
    t.account.playlist("A", [track])
    t.tidal.faults.on(INFO, effects.edit(lambda i: i.update(trackId=str(track.id))), times=None)
    assert came(synced(t)), "the same id, written as text"


def test_runs_without_work_say_so_in_the_same_words(t: Terminal) -> None:
    t.account.playlist("A", [plain(t)])
    synced(t)
    result = synced(t).json["result"]
    assert (result["items"], result["quality"]) == ([], {"asked": "lossless", "lower": 0})
