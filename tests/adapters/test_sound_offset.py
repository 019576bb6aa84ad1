"""By how much later the sound begins in another file of the same track."""

from __future__ import annotations

from array import array
from pathlib import Path

import av
import pytest

from strandline.demo import music
from strandline.library.audio.encode import encode_mp3
from strandline.library.audio.lossless import encode_aiff, encode_flac
from strandline.library.audio.sound_offset import RATE, offset_between

DELAY = 1105
"""Samples that LAME and a decoder put before the first one, where nobody takes them away."""
SAMPLE = 1.1 / RATE


@pytest.fixture
def flac(tmp_path: Path) -> Path:
    return made(tmp_path / "old.flac", music.flac(42, 8))


def made(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def mp3_of(source: Path, bitrate: int = 320) -> Path:
    target = source.with_suffix(f".{bitrate}.mp3")
    encode_mp3(source, target, bitrate)
    return target


def later_by(path: Path, samples: int) -> Path:
    """The same tune with silence before it, or without its beginning."""
    target = path.with_name(f"{samples}.flac")
    with av.open(path) as source, av.open(target, "w", format="flac") as out:
        stream = out.add_stream("flac", rate=RATE, layout="stereo", format="s16")
        resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
        sound = array("h")
        for frame in source.decode(audio=0):
            for plain in resampler.resample(frame):
                sound.frombytes(bytes(plain.planes[0])[: 4 * plain.samples])
        sound = array("h", bytes(4 * samples)) + sound if samples > 0 else sound[-2 * samples :]
        for at in range(0, len(sound), 2 * 4096):
            part = sound[at : at + 2 * 4096]
            frame = av.AudioFrame("s16", "stereo", len(part) // 2)
            frame.sample_rate = RATE
            frame.planes[0].update(part.tobytes())
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return target


@pytest.mark.parametrize("bitrate", [128, 320])
def test_the_sound_of_an_mp3_begins_later_than_that_of_the_flac_it_was_made_of(
    flac: Path, bitrate: int
) -> None:
    mp3 = mp3_of(flac, bitrate)
    assert offset_between(mp3, flac) == pytest.approx(-DELAY / RATE, abs=SAMPLE)
    assert offset_between(flac, mp3) == pytest.approx(DELAY / RATE, abs=SAMPLE)


def test_lossless_forms_of_one_sound_begin_alike(flac: Path, tmp_path: Path) -> None:
    encode_aiff(flac, tmp_path / "new.aiff", rate=RATE, bits=16)
    encode_flac(flac, tmp_path / "new.flac", rate=48_000, bits=24)
    assert offset_between(flac, tmp_path / "new.aiff") == 0
    assert offset_between(tmp_path / "new.aiff", tmp_path / "new.flac") == 0


def test_aac_begins_where_its_container_says(flac: Path, tmp_path: Path) -> None:
    aac = made(tmp_path / "old.m4a", music.m4a(42, 8, 160))
    assert offset_between(aac, flac) == pytest.approx(0, abs=SAMPLE)


def test_an_mp3_in_another_bitrate_begins_where_the_first_one_did(flac: Path) -> None:
    assert offset_between(mp3_of(flac, 128), mp3_of(flac, 320)) == pytest.approx(0, abs=SAMPLE)


@pytest.mark.parametrize("samples", [1, 777, -777, 2_345, -10_000])
def test_silence_before_it_and_a_beginning_that_is_cut_off_are_heard_to_the_sample(
    flac: Path, samples: int
) -> None:
    found = offset_between(flac, later_by(flac, samples))
    assert found == pytest.approx(samples / RATE, abs=1e-6)


def test_what_begins_much_later_is_another_cut(flac: Path) -> None:
    assert offset_between(flac, later_by(flac, RATE)) is None


def test_a_second_of_sound_is_enough(tmp_path: Path) -> None:
    flac = made(tmp_path / "old.flac", music.flac(7, 1))
    assert offset_between(mp3_of(flac), flac) == pytest.approx(-DELAY / RATE, abs=SAMPLE)


def test_of_another_track_nothing_is_said(flac: Path, tmp_path: Path) -> None:
    assert offset_between(flac, made(tmp_path / "other.flac", music.flac(43, 8))) is None


def test_of_silence_and_of_what_is_no_sound_nothing_is_said(flac: Path, tmp_path: Path) -> None:
    text = made(tmp_path / "text.flac", b"no sound at all")
    assert offset_between(flac, text) is None
    assert offset_between(text, flac) is None
