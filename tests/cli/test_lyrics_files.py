"""tags.lyrics = "file": an .lrc beside each track's audio, which goes where that goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mutagen.flac import FLAC

from strandline.demo.model import Playlist, Track
from tests.cli.terminal import Terminal
from tests.cli.test_new_tags import TIMES, song

WANTED = '[audio]\nformat = "flac"\n[tags]\nlyrics = "file"\n'


def tree(t: Terminal) -> set[str]:
    return {str(path.relative_to(t.playlists)) for path in t.playlists.rglob("*")}


def settled(t: Terminal) -> None:
    before = t.tree()
    assert t("sync-check", "--exit-code").code == 0
    assert t("sync-execute", "--yes").code == 0
    assert t.tree() == before


@pytest.fixture
def sung(t: Terminal) -> tuple[Terminal, Track, Playlist]:
    """A synced library whose one track has its lyrics beside it."""
    track = song(t)
    also = t.account.playlist("Sunday", [track])
    t.settings.write_text(WANTED)
    assert t("sync-execute", "--yes").code == 0
    return t, track, also


def test_lyrics_lie_beside_the_audio_and_not_in_it(sung: tuple[Terminal, Track, Playlist]) -> None:
    t, *_ = sung
    assert tree(t) == {
        "Deep", "Deep/Ana - x.flac", "Deep/Ana - x.lrc", "Sunday", "Sunday/Ana - x.flac",
    }  # fmt: skip
    assert (t.playlists / "Deep/Ana - x.lrc").read_text() == TIMES + "\n"
    assert "lyrics" not in FLAC(t.playlists / "Deep/Ana - x.flac")
    assert t("sync-check", "--json").json["library"]["foreign_files"] == 0
    settled(t)


def test_they_move_with_the_audio(sung: tuple[Terminal, Track, Playlist]) -> None:
    t, *_ = sung
    deep = next(iter(t.account.playlists.values()))
    t.account.clear(deep)
    assert t("sync-execute", "--yes").code == 0
    assert tree(t) == {"Deep", "Sunday", "Sunday/Ana - x.flac", "Sunday/Ana - x.lrc"}
    settled(t)
    assert t("undo", "last", "--yes").code == 0
    assert {"Deep/Ana - x.flac", "Deep/Ana - x.lrc", "Sunday/Ana - x.flac"} <= tree(t)
    assert "Sunday/Ana - x.lrc" not in tree(t)


def test_they_go_with_the_audio_and_come_back_with_it(
    sung: tuple[Terminal, Track, Playlist],
) -> None:
    t, *_ = sung
    for playlist in list(t.account.playlists.values()):
        t.account.delete(playlist)
    t.account.playlist("Other", [t.track("other")])
    said = t("sync-execute", "--yes", "--max-removals", "100%")
    assert said.code == 0, said.err
    assert tree(t) == {"Other", "Other/Ana - other.flac"}
    assert t("undo", "last", "--yes").code == 0
    assert {"Deep/Ana - x.flac", "Deep/Ana - x.lrc"} <= tree(t)


def test_they_follow_another_name_of_track_and_playlist(
    sung: tuple[Terminal, Track, Playlist],
) -> None:
    t, *_ = sung
    deep = next(iter(t.account.playlists.values()))
    t.account.rename(deep, "Deeper")
    assert t("sync-execute", "--yes").code == 0
    assert {"Deeper/Ana - x.flac", "Deeper/Ana - x.lrc"} <= tree(t)
    settled(t)
    t.settings.write_text(WANTED + '[names]\ntrack = "{title}"\n')
    assert t("reapply", "--names", "--yes").code == 0
    assert {"Deeper/x.flac", "Deeper/x.lrc"} <= tree(t)
    assert "Deeper/Ana - x.lrc" not in tree(t)
    settled(t)
    assert t("undo", "last", "--yes").code == 0
    assert {"Deeper/Ana - x.flac", "Deeper/Ana - x.lrc"} <= tree(t)


def test_lyrics_of_yours_are_never_overwritten_nor_moved(t: Terminal) -> None:
    song(t)
    t.settings.write_text(WANTED)
    mine = t.playlists / "Deep" / "Ana - x.lrc"
    mine.parent.mkdir(parents=True)
    mine.write_text("my own words")
    assert t("sync-execute", "--yes").code == 0
    assert mine.read_text() == "my own words"
    settled(t)


def test_lyrics_that_you_corrected_are_yours(sung: tuple[Terminal, Track, Playlist]) -> None:
    t, *_ = sung
    mine = t.playlists / "Deep" / "Ana - x.lrc"
    mine.write_text("my own words")
    deep = next(iter(t.account.playlists.values()))
    t.account.clear(deep)
    assert t("sync-execute", "--yes").code == 0
    assert mine.read_text() == "my own words"


def test_existing_files_follow_with_reapply(t: Terminal) -> None:
    song(t)
    t.settings.write_text(WANTED.replace('"file"', '"embed"'))
    assert t("sync-execute", "--yes").code == 0
    audio = t.playlists / "Deep/Ana - x.flac"
    assert "lyrics" in FLAC(audio)
    t.settings.write_text(WANTED)
    said: Any = t("reapply", "--tags", "--yes", "--json")
    assert said.code == 0, said.err
    assert said.json["result"]["done"] == {"reapply": 1, "lyrics": 1}
    assert "lyrics" not in FLAC(audio)
    words = t.playlists / "Deep/Ana - x.lrc"
    assert words.read_text() == TIMES + "\n"
    assert t("reapply", "--tags", "--dry-run").code == 0
    settled(t)
    assert t("undo", "last", "--yes").code == 0
    assert not words.exists()
    assert "lyrics" in FLAC(audio)


def test_off_takes_files_of_lyrics_away(sung: tuple[Terminal, Track, Playlist]) -> None:
    t, *_ = sung
    t.settings.write_text(WANTED.replace('"file"', '"off"'))
    settled(t)
    assert t("reapply", "--tags", "--yes").code == 0
    assert not list(t.playlists.rglob("*.lrc"))
    assert list(Path(t.library).glob(".strandline/trash/*/Playlists/Deep/Ana - x.lrc"))
