"""Audio in the pool follows the settings as elsewhere: recordings, formats, names, lyrics."""

from __future__ import annotations

import os

import pytest

from strandline.demo.model import Track
from tests.cli.pool import POOL, SYNCED, X, Y, pool, settle, tree
from tests.cli.terminal import Terminal
from tests.cli.test_new_tags import TIMES

CODE = "GBAYE0601498"
RECORDING = f'{POOL}[sync]\ndedupe = "recording"\n'
DEFAULT = '[audio]\nformat = "original"\n'
PLAYLISTS = '[audio]\nformat = "original"\n[sync]\ndedupe = "recording"\n'
MP3 = {
    name.replace(".flac", ".mp3"): to and to.replace(".flac", ".mp3") for name, to in SYNCED.items()
}
SUNG = '[tags]\nlyrics = "file"\n'


def twins(t: Terminal) -> tuple[Track, Track]:
    """One recording on two albums, in two playlists."""
    one, other = (t.account.track("x", "Ana", isrc=CODE, album=name) for name in "AB")
    t.account.playlist("Deep House", [one])
    t.account.playlist("Sunday", [other])
    return one, other


ONE_FILE = {
    "Playlists/Deep House/Ana - x.flac": "../../Tracks/Ana - x.flac",
    "Playlists/Sunday/Ana - x.flac": "../../Tracks/Ana - x.flac",
    X: None,
}


def follow(t: Terminal, *parts: str) -> None:
    """The settings are followed, and then there is nothing more to do."""
    said = t("reapply", *parts, "--yes", "--json")
    assert said.code == 0, said.err or said.out
    assert said.json["result"]["failed"] == []
    assert t("reapply", *parts, "--dry-run").code == 0
    settle(t)
    assert t("verify").code == 0


def undone(t: Terminal) -> None:
    said = t("undo", "last", "--yes")
    assert said.code == 0, said.err + said.out
    assert t("sync-check", "--exit-code").code == 0


# ---------------------------------------------------------------- one file for one recording


def test_one_recording_under_two_ids_is_one_file_of_the_pool(t: Terminal) -> None:
    t.settings.write_text(RECORDING)
    twins(t)
    settle(t)
    assert tree(t) == ONE_FILE
    assert len(t.tidal.asked("**/playbackinfo*")) == 1
    tracks = t("tracks", "--json").json["tracks"]
    assert {it["path"] for it in tracks} == {X}
    assert {it["status"] for it in tracks} == {"downloaded"}
    assert {p["kind"] for it in tracks for p in it["playlists"]} == {"symlink"}
    assert t("verify").code == 0
    assert t("sync-status", "--json").json["dedupe"]["links"] == 2


def test_two_files_of_a_recording_become_one_and_two_again(t: Terminal) -> None:
    t.settings.write_text(POOL)
    _, other = twins(t)
    settle(t)
    second = f"Tracks/Ana - x [{other.id}].flac"
    apart = ONE_FILE | {"Playlists/Sunday/Ana - x.flac": f"../../{second}", second: None}
    assert tree(t) == apart
    t.settings.write_text(RECORDING)
    settle(t)
    assert tree(t) == ONE_FILE
    undone_by = t("undo", "last", "--yes")
    assert undone_by.code == 0, undone_by.err
    assert tree(t) == apart
    settle(t)
    t.settings.write_text(POOL)
    t.tidal.requests.clear()
    settle(t)
    assert tree(t) == apart
    assert not t.tidal.asked("**/playbackinfo*"), "it lay in the trash"


def test_the_file_stays_for_the_other_id_when_its_own_leaves_every_playlist(t: Terminal) -> None:
    t.settings.write_text(RECORDING)
    twins(t)
    settle(t)
    inode = (pool(t) / "Ana - x.flac").stat().st_ino
    t.account.clear(next(p for p in t.account.playlists.values() if p.title == "Deep House"))
    settle(t)
    assert tree(t) == {"Playlists/Sunday/Ana - x.flac": f"../../{X}", X: None}
    assert (pool(t) / "Ana - x.flac").stat().st_ino == inode


def test_a_shared_file_goes_out_of_the_pool_and_back(t: Terminal) -> None:
    t.settings.write_text(RECORDING)
    twins(t)
    settle(t)
    t.tidal.requests.clear()
    t.settings.write_text(PLAYLISTS)
    follow(t, "--layout")
    assert tree(t) == {
        "Playlists/Deep House/Ana - x.flac": None,
        "Playlists/Sunday/Ana - x.flac": "../Deep House/Ana - x.flac",
    }
    t.settings.write_text(RECORDING)
    follow(t, "--layout")
    assert tree(t) == ONE_FILE
    assert not t.tidal.asked("**/playbackinfo*")


# ---------------------------------------------------------------- formats and names


def test_another_format_keeps_its_place_in_the_pool_and_links_follow(pooled: Terminal) -> None:
    t = pooled
    pooled.tidal.requests.clear()
    t.settings.write_text(POOL.replace("original", "mp3"))
    follow(t, "--audio")
    assert tree(t) == MP3
    assert not t.tidal.asked("**/playbackinfo*")
    undone(t)
    assert tree(t) == SYNCED


@pytest.mark.parametrize("mode", ["copy", "hardlink"])
def test_copies_and_hard_links_of_the_pool_follow_another_format(t: Terminal, mode: str) -> None:
    sync = f'[sync]\nlink_mode = "{mode}"\n'
    t.settings.write_text(POOL + sync)
    t.account.playlist("Deep House", [t.track("x")])
    settle(t)
    t.settings.write_text(POOL.replace("original", "mp3") + sync)
    said = t("reapply", "--audio", "--yes", "--json")
    assert said.code == 0, said.err or said.out
    settle(t)
    assert set(tree(t)) == {"Playlists/Deep House/Ana - x.mp3", "Tracks/Ana - x.mp3"}
    audio, second = pool(t) / "Ana - x.mp3", t.playlists / "Deep House" / "Ana - x.mp3"
    assert second.read_bytes() == audio.read_bytes()
    assert (second.stat().st_ino == audio.stat().st_ino) is (mode == "hardlink")
    assert t("verify").code == 0


def test_only_what_the_named_playlist_lists_follows(pooled: Terminal) -> None:
    t = pooled
    t.settings.write_text(POOL.replace("original", "mp3"))
    said = t("reapply", "--audio", "--playlist", "Sunday", "--yes")
    assert said.code == 0, said.err
    assert "Tracks/Ana - x.mp3" in tree(t)
    assert "Tracks/Ana - y.flac" in tree(t)
    assert tree(t)["Playlists/Deep House/Ana - x.mp3"] == "../../Tracks/Ana - x.mp3"
    settle(t)


def test_a_recording_under_two_ids_follows_another_format_once(t: Terminal) -> None:
    t.settings.write_text(RECORDING)
    twins(t)
    settle(t)
    t.settings.write_text(RECORDING.replace("original", "mp3"))
    follow(t, "--audio")
    assert tree(t) == {
        "Playlists/Deep House/Ana - x.mp3": "../../Tracks/Ana - x.mp3",
        "Playlists/Sunday/Ana - x.mp3": "../../Tracks/Ana - x.mp3",
        "Tracks/Ana - x.mp3": None,
    }
    undone(t)
    assert tree(t) == ONE_FILE


def test_the_template_of_names_renames_links_and_what_lies_in_the_pool_keeps_its_name(
    pooled: Terminal,
) -> None:
    t = pooled
    t.settings.write_text(POOL + '[names]\ntrack = "{title}"\n')
    told = t("reapply", "--names", "--dry-run", "--json").json
    assert {it["because"] for it in told["left"]} == {"what lies in mp3/Tracks keeps its name"}
    follow(t, "--names")
    assert tree(t) == {
        "Playlists/Deep House/x.flac": f"../../{X}",
        "Playlists/Deep House/y.flac": f"../../{Y}",
        "Playlists/Sunday/x.flac": f"../../{X}",
        X: None,
        Y: None,
    }
    undone(t)
    assert tree(t) == SYNCED


# ---------------------------------------------------------------- lyrics


@pytest.fixture
def sung(t: Terminal) -> Terminal:
    """A synced pool whose one track has its lyrics beside it."""
    track = t.track("x")
    track.lyrics, track.subtitles = "words", TIMES
    t.account.playlist("Deep House", [track])
    t.account.playlist("Sunday", [track])
    t.settings.write_text(POOL + SUNG)
    settle(t)
    return t


WORDS = "Tracks/Ana - x.lrc"


def test_lyrics_lie_beside_the_audio_in_the_pool_and_not_beside_links(sung: Terminal) -> None:
    assert tree(sung) == ONE_FILE | {WORDS: None}
    assert (pool(sung) / "Ana - x.lrc").read_text() == TIMES + "\n"
    assert sung("sync-check", "--json").json["library"]["foreign_files"] == 0
    assert sung("verify").code == 0


def test_lyrics_go_out_of_the_pool_and_back_with_their_audio(sung: Terminal) -> None:
    sung.settings.write_text(DEFAULT + SUNG)
    follow(sung, "--layout")
    assert tree(sung) == {
        "Playlists/Deep House/Ana - x.flac": None,
        "Playlists/Deep House/Ana - x.lrc": None,
        "Playlists/Sunday/Ana - x.flac": "../Deep House/Ana - x.flac",
    }
    assert not pool(sung).exists()
    undone(sung)
    assert tree(sung) == ONE_FILE | {WORDS: None}
    follow(sung, "--layout")
    sung.settings.write_text(POOL + SUNG)
    follow(sung, "--layout")
    assert tree(sung) == ONE_FILE | {WORDS: None}


def test_lyrics_in_the_pool_follow_formats_and_go_with_their_track(sung: Terminal) -> None:
    t = sung
    t.settings.write_text(POOL.replace("original", "mp3") + SUNG)
    follow(t, "--audio")
    assert {"Tracks/Ana - x.mp3", WORDS} <= tree(t).keys()
    for playlist in list(t.account.playlists.values()):
        t.account.clear(playlist)
    settle(t)
    assert tree(t) == {}
    said = t("undo", "last", "--yes")
    assert said.code == 0, said.err
    assert {"Tracks/Ana - x.mp3", WORDS} <= tree(t).keys()


def test_a_persons_lyrics_in_the_pool_are_never_touched(sung: Terminal) -> None:
    t, mine = sung, pool(sung) / "Ana - x.lrc"
    mine.write_text("my own words")
    t.settings.write_text(DEFAULT + SUNG)
    said = t("reapply", "--layout", "--yes")
    assert said.code == 0, said.err
    assert mine.read_text() == "my own words"
    assert tree(t)["Playlists/Sunday/Ana - x.flac"] == "../Deep House/Ana - x.flac"
    settle(t)
    assert mine.read_text() == "my own words"
    assert os.listdir(pool(t)) == ["Ana - x.lrc"]
