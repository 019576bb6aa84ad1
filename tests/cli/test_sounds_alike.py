"""dedupe-report --content --fingerprint: pairs that sound alike are reported, and left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strandline.library.audio import sound_print
from tests.cli.own_music import flac, m4a, mp3
from tests.cli.terminal import Terminal

pytest.importorskip("numpy")
SECONDS = 40


@pytest.fixture
def folder(synced: Terminal) -> Path:
    """One sound as FLAC, AAC and MP3, and two others; outside the library."""
    mine = synced.folder / "mine"
    flac(mine / "a.flac", 75, SECONDS)
    m4a(mine / "a.m4a", {}, 75, SECONDS)
    mp3(mine / "a.mp3", [], 75, SECONDS)
    flac(mine / "b.flac", 72, SECONDS)
    flac(mine / "c.flac", 71, SECONDS)
    return mine


def report(t: Terminal, *words: str) -> Any:
    said = t("dedupe-report", "--content", *words, "--json")
    assert said.code == 0, said.err
    return said.json


def names(found: Any) -> list[set[str]]:
    return [{Path(path).name for path in pair["paths"]} for pair in found["sounds_alike"]]


def test_one_sound_in_three_codecs_is_found_and_nothing_else(
    synced: Terminal, folder: Path
) -> None:
    found = report(synced, str(folder), "--fingerprint")
    pairs = [{"a.flac", "a.m4a"}, {"a.flac", "a.mp3"}, {"a.m4a", "a.mp3"}]
    assert sorted(map(sorted, names(found))) == sorted(map(sorted, pairs))
    assert {pair["because"] for pair in found["sounds_alike"]} == {"the same sound"}
    assert found["same_sound"] == []


def test_it_is_asked_for_and_then_decoded_once(
    synced: Terminal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert names(report(synced, str(folder))) == []
    assert len(names(report(synced, str(folder), "--fingerprint"))) == 3
    monkeypatch.setattr(sound_print, "sound_print", None)  # whoever calls it fails
    assert len(names(report(synced, str(folder), "--fingerprint"))) == 3


def test_apply_leaves_what_only_sounds_alike(synced: Terminal) -> None:
    sunday = synced.playlists / "Sunday"
    flac(sunday / "mine.flac", 75, SECONDS)
    m4a(sunday / "mine.m4a", {}, 75, SECONDS)
    before = synced.tree()
    found = report(synced, "--fingerprint", "--apply", str(sunday), "--yes")
    assert (names(found), found["result"]) == ([{"mine.flac", "mine.m4a"}], None)
    assert synced.tree() == before


def test_a_person_reads_how_much_they_differ(synced: Terminal, folder: Path) -> None:
    said = synced("dedupe-report", "--content", str(folder), "--fingerprint")
    assert "the same sound (0." in said.out
    assert "3 pairs of files sound alike; nothing is done." in said.out


def test_what_does_not_decode_is_passed_over(synced: Terminal, folder: Path) -> None:
    data = (folder / "a.flac").read_bytes()
    (folder / "cut.flac").write_bytes(data[: len(data) // 3])
    (folder / "empty.mp3").write_bytes(b"")
    assert len(names(report(synced, str(folder), "--fingerprint"))) >= 3


def test_it_needs_content_and_numpy(
    synced: Terminal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = synced("dedupe-report", "--fingerprint")
    assert (said.code, "--fingerprint goes with --content" in said.err) == (2, True)
    monkeypatch.setattr(sound_print, "can_print", lambda: False)
    said = synced("dedupe-report", "--content", "--fingerprint", str(folder))
    assert (said.code, "strandline[fingerprint]" in said.err) == (2, True)
