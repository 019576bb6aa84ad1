"""Streams become files: the same packets, with headers that can be verified."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
from typing import TYPE_CHECKING, Any

import pytest
import sound

from strandline.errors import DownloadError
from strandline.library.audio.check import check_audio
from strandline.library.audio.headers import read_identity
from strandline.library.audio.packets import packets_hash
from strandline.library.audio.probe import probe
from strandline.library.audio.remux import remux_segments, remux_to_flac, remux_to_m4a

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHAPES: list[dict[str, Any]] = [
    {},
    {"bits": 24, "rate": 96_000},
    {"bits": 24, "rate": 44_100, "channels": 1},
    {"seconds": 0.05},
]


def streaminfo(path: Path) -> bytes:
    data = path.read_bytes()
    assert data[:4] == b"fLaC"
    return data[8:42]


@pytest.mark.parametrize("shape", SHAPES)
def test_flac_segments_become_a_flac_that_verifies(tmp_path: Path, shape: dict[str, Any]) -> None:
    stream = sound.segments(tmp_path / "stream.mp4", **shape)
    target = tmp_path / "song.flac"

    assert remux_segments(stream, target) == "flac"

    info, rate = streaminfo(target), shape.get("rate", 44_100)
    count = int(shape.get("seconds", 2.0) * rate)
    layout = "mono" if shape.get("channels") == 1 else "stereo"
    bits = shape.get("bits", 16)
    heard = sound.pcm(target, "s16" if bits == 16 else "s32", layout, rate)
    if bits == 24:
        heard = bytes(byte for at, byte in enumerate(heard) if at % 4)
    assert int.from_bytes(info[10:18], "big") & (1 << 36) - 1 == count
    assert info[18:] == hashlib.md5(heard).digest()
    assert probe(target).bits == bits
    assert check_audio(target, expected_duration=None).samples == count
    assert packets_hash(target) == packets_hash(stream)


def test_a_streaminfo_that_says_nothing_is_filled_in(tmp_path: Path) -> None:
    stream = sound.segments(tmp_path / "stream.mp4")
    whole = tmp_path / "whole.flac"
    remux_to_flac(stream, whole)
    data, info = stream.read_bytes(), streaminfo(whole)
    shape = (int.from_bytes(info[10:18], "big") >> 36 << 36).to_bytes(8, "big")
    at = data.index(b"dfLa") + 12
    stream.write_bytes(data[: at + 4] + bytes(6) + shape + bytes(16) + data[at + 34 :])

    remux_to_flac(stream, again := tmp_path / "again.flac")

    assert again.read_bytes() == whole.read_bytes()


def test_aac_segments_become_an_m4a_with_one_index(tmp_path: Path) -> None:
    stream = sound.segments(tmp_path / "stream.mp4", "aac")
    target = tmp_path / "song.m4a"

    assert remux_segments(stream, target) == "m4a"

    assert b"moof" not in target.read_bytes()
    assert packets_hash(target) == packets_hash(stream)
    assert read_identity(target).duration == pytest.approx(2.0, abs=0.06)
    assert check_audio(target, expected_duration=2).codec == "aac"


def test_an_open_descriptor_is_written_to_and_stays_open(tmp_path: Path) -> None:
    stream = sound.segments(tmp_path / "stream.mp4")
    target = tmp_path / "song.flac"
    target.write_bytes(b"left over" * 100_000)
    fd = os.open(target, os.O_RDWR)
    try:
        remux_to_flac(stream, fd)
        os.fsync(fd)
    finally:
        os.close(fd)

    assert check_audio(target, expected_duration=2).codec == "flac"


def test_segments_with_a_damaged_packet_are_not_made_into_a_file(tmp_path: Path) -> None:
    stream = sound.segments(tmp_path / "stream.mp4")
    data = stream.read_bytes()
    stream.write_bytes(sound.flipped(data, len(data) * 4))

    with pytest.raises(DownloadError) as refusal:
        remux_to_flac(stream, tmp_path / "song.flac")

    assert refusal.value.code == "undecodable"


def test_aac_does_not_become_a_flac(tmp_path: Path) -> None:
    stream = sound.segments(tmp_path / "stream.mp4", "aac")

    with pytest.raises(DownloadError, match="holds no FLAC"):
        remux_to_flac(stream, tmp_path / "song.flac")


@pytest.fixture
def full_disk() -> Iterator[int]:
    """No file can grow beyond so many bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limit = 20_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize(("codec", "remux"), [("flac", remux_to_flac), ("aac", remux_to_m4a)])
def test_a_full_disk_is_an_os_error(
    tmp_path: Path, request: pytest.FixtureRequest, codec: str, remux: Any
) -> None:
    stream = sound.segments(tmp_path / "stream.mp4", codec)
    request.getfixturevalue("full_disk")

    with pytest.raises(OSError, match="too large"):
        remux(stream, tmp_path / "song")
