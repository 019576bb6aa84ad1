"""Good files in all formats, with the oddities of other tools, are whole; damaged ones are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from odd import WHOLE, mp3
from test_audio import fault_of

from strandline.library.audio.check import check_audio, quick_check
from strandline.library.audio.packets import packets_hash

ANYTHING = {"adts", "mp3 without a header frame"}
"""Their frames are all there is: without TIDAL's length, nothing tells that some are missing."""
SILENCE = {
    "aiff", "aifc", "wav", "rf64", "broadcast wave", "wave64", "caf", "dsf", "dff",
} | {kind for kind in WHOLE if kind.startswith("wave")}  # fmt: skip
"""Zeros in these are silence."""
TAIL = {
    "mp3 that promises fewer", "wave whose sizes were never filled in",
    "wave with a wrong size of its sound", "wave with a wrong size of the file",
    "mp3 with a tag that claims too much", "mp3 with a tag in the middle",
}  # fmt: skip
"""What their headers say is worth nothing already."""
UNREAD = {"wave with an odd chunk without its padding"}
"""libav finds no sound here, though it is there by the rules: no verdict."""


@pytest.fixture(params=WHOLE)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def song(kind: str, tmp_path: Path) -> Path:
    return WHOLE[kind](tmp_path)


def test_a_good_file_is_whole_whatever_its_format(kind: str, song: Path) -> None:
    if kind in UNREAD:
        assert (fault_of(song), quick_check(song).playable) == ("unsupported", True)
        return
    checked = check_audio(song, expected_duration=None)

    assert checked.samples > 5_000
    quick = quick_check(song)
    assert quick.playable
    assert quick.packets_hash == checked.packets_hash == packets_hash(song)


def test_half_a_file_is_damaged_where_the_format_can_tell(kind: str, song: Path) -> None:
    if kind in ANYTHING | TAIL:
        pytest.skip("this format cannot tell")
    data = song.read_bytes()
    song.write_bytes(data[: len(data) // 2 - 7])

    assert fault_of(song) in ("truncated", "undecodable")
    assert not quick_check(song).playable


def test_a_file_that_ends_in_zeros_is_damaged_where_they_are_no_silence(
    kind: str, song: Path
) -> None:
    if kind in SILENCE:
        pytest.skip("zeros are silence here")
    data = song.read_bytes()
    song.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))

    assert fault_of(song) in ("truncated", "undecodable")


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html><html>" * 500, bytes(50_000)])
def test_what_is_no_audio_is_damaged_under_any_name(kind: str, song: Path, content: bytes) -> None:
    song.write_bytes(content)

    assert fault_of(song) in ("empty", "not_audio")
    assert not quick_check(song).playable


@pytest.mark.parametrize("size", [100, 1_044, 30_000])
def test_a_hole_between_the_frames_of_an_mp3_is_noticed(tmp_path: Path, size: int) -> None:
    data = bytearray(mp3(tmp_path, bit_rate=320_000))
    at = data.find(data[:2], len(data) // 2)
    data[at : at + size] = bytes(size)
    (song := tmp_path / "song.mp3").write_bytes(data)

    assert fault_of(song) == "undecodable"


def test_the_length_tells_that_an_mp3_without_a_header_is_cut_off(tmp_path: Path) -> None:
    song = WHOLE["mp3 without a header frame"](tmp_path)
    data = song.read_bytes()
    song.write_bytes(data[: len(data) // 2 + 1])

    assert fault_of(song, expected=2) == ""  # within what lengths may differ
    assert fault_of(song, expected=9) == "truncated"
