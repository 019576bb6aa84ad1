"""MP3s: the right length to the sample, the right shape, by either build of LAME."""

from __future__ import annotations

import os
from array import array
from typing import TYPE_CHECKING, Any

import av
import pytest
import sound

from strandline.errors import DownloadError
from strandline.library.audio import encode
from strandline.library.audio.check import check_audio
from strandline.library.audio.encode import encode_mp3
from strandline.library.audio.headers import read_identity
from strandline.library.audio.probe import probe
from strandline.library.audio.xing import InfoFrame, crc16

if TYPE_CHECKING:
    from pathlib import Path

LAMES = pytest.mark.parametrize(
    "lame",
    [
        False,
        pytest.param(
            True, marks=pytest.mark.skipif(encode.lameenc is None, reason="lameenc is not here")
        ),
    ],
    ids=["pyav", "lameenc"],
)


@LAMES
@pytest.mark.parametrize(
    ("shape", "rate"),
    [
        ({}, 44_100),
        ({"rate": 48_000}, 48_000),
        ({"rate": 32_000}, 32_000),
        ({"bits": 24, "rate": 96_000}, 48_000),
        ({"bits": 24, "rate": 88_200}, 44_100),
        ({"bits": 24, "rate": 192_000, "seconds": 1.0}, 48_000),
        ({"rate": 22_050}, 44_100),
        ({"rate": 16_000}, 48_000),
        ({"channels": 1}, 44_100),
        ({"seconds": 0.01}, 44_100),
        ({"seconds": 1.2345}, 44_100),
    ],
)
def test_flac_becomes_an_mp3_as_long_to_the_sample(
    tmp_path: Path, shape: dict[str, Any], rate: int, lame: bool
) -> None:
    source = sound.flac(tmp_path / "song.flac", **shape)
    target = tmp_path / "song.mp3"

    encode_mp3(source, target, 320, lame=lame)

    heard, made = check_audio(target, expected_duration=None), probe(target)
    seconds = int(shape.get("seconds", 2.0) * shape.get("rate", 44_100)) / shape.get("rate", 44_100)
    assert heard.samples == pytest.approx(seconds * rate, abs=0 if seconds > 1.9 else 1)
    assert (made.codec, made.sample_rate, made.bitrate) == ("mp3", rate, 320_000)
    assert made.channels == shape.get("channels", 2)
    assert read_identity(target).duration == pytest.approx(seconds, abs=0.06)


@LAMES
def test_the_sound_of_the_mp3_is_that_of_the_source_at_the_same_sample(
    tmp_path: Path, lame: bool
) -> None:
    source = sound.flac(tmp_path / "song.flac")
    encode_mp3(source, target := tmp_path / "song.mp3", lame=lame)

    original, copy = (array("h", sound.pcm(path)) for path in (source, target))
    assert len(original) == len(copy)

    def error(shift: int) -> int:
        pairs = zip(original[2000:40_000], copy[2000 + shift :], strict=False)
        return sum((a - b) ** 2 for a, b in pairs)

    assert min((-4, -2, 0, 2, 4), key=error) == 0
    assert error(0) < sum(a * a for a in original[2000:40_000]) / 4


@LAMES
@pytest.mark.parametrize(("asked", "made"), [(128, 128_000), (300, 320_000), (32, 32_000)])
def test_a_bitrate_mp3_does_not_have_becomes_the_next_one(
    tmp_path: Path, asked: int, made: int, lame: bool
) -> None:
    source = sound.flac(tmp_path / "song.flac")
    encode_mp3(source, target := tmp_path / "song.mp3", asked, lame=lame)

    assert probe(target).bitrate == made
    assert check_audio(target, expected_duration=2).samples == 88_200


@LAMES
@pytest.mark.parametrize("kind", ["m4a", "segments"])
def test_what_tidal_streams_becomes_an_mp3(tmp_path: Path, kind: str, lame: bool) -> None:
    source = getattr(sound, kind)(tmp_path / "song.mp4")
    encode_mp3(source, target := tmp_path / "song.mp3", lame=lame)

    assert check_audio(target, expected_duration=2).duration == pytest.approx(2.0, abs=0.05)


@LAMES
def test_an_mp3_cut_off_in_the_middle_is_noticed(tmp_path: Path, lame: bool) -> None:
    encode_mp3(sound.flac(tmp_path / "song.flac"), target := tmp_path / "song.mp3", lame=lame)
    data = target.read_bytes()
    target.write_bytes(data[: len(data) // 2])

    with pytest.raises(DownloadError) as refusal:
        check_audio(target, expected_duration=None)
    assert refusal.value.code == "truncated"


@LAMES
def test_a_damaged_source_is_not_encoded(tmp_path: Path, lame: bool) -> None:
    source = sound.segments(tmp_path / "song.mp4")
    data = source.read_bytes()
    source.write_bytes(sound.flipped(data, len(data) * 4))

    with pytest.raises(DownloadError) as refusal:
        encode_mp3(source, tmp_path / "song.mp3", lame=lame)
    assert refusal.value.code == "undecodable"


@LAMES
def test_an_open_descriptor_is_written_to_and_stays_open(tmp_path: Path, lame: bool) -> None:
    source, target = sound.flac(tmp_path / "song.flac"), tmp_path / "song.mp3"
    fd = os.open(target, os.O_RDWR | os.O_CREAT)
    try:
        encode_mp3(source, fd, lame=lame)
        os.fsync(fd)
    finally:
        os.close(fd)

    assert check_audio(target, expected_duration=2).codec == "mp3"


@LAMES
def test_nothing_is_printed_while_encoding(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], lame: bool
) -> None:
    encode_mp3(sound.flac(tmp_path / "song.flac"), tmp_path / "song.mp3", lame=lame)

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_info_frame_is_one_whole_mp3_frame(rate: int, channels: int) -> None:
    frame = InfoFrame(rate, channels, 320)
    block = frame.block(samples=rate, audio_bytes=40_000)
    packets = av.CodecContext.create("mp3", "r").parse(block + block)
    signed = block.index(b"LAME") + 34

    assert len(block) == frame.size == packets[0].size
    assert int.from_bytes(block[signed : signed + 2], "big") == crc16(block[:signed])


def test_the_checksum_is_the_known_one() -> None:
    assert crc16(b"123456789") == 0xBB3D
