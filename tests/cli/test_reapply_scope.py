"""reapply --audio: what follows and what is left alone, also when things go wrong."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from mutagen.id3 import ID3

from strandline.demo.model import Availability
from strandline.execute.exchanges import Exchanges
from tests.cli.converting import (
    contents,
    follow,
    names,
    settled,
    song,
    synced,
    two_lists,
    undone,
    wants,
)
from tests.cli.terminal import Terminal


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
