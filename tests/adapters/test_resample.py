"""Other rates and fewer bits: what can be heard stays, what cannot be held does not fold back."""

from __future__ import annotations

import math
from array import array
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import pytest
import sound

from strandline.library.audio.check import check_audio
from strandline.library.audio.lossless import encode_aiff, encode_flac
from strandline.library.audio.probe import probe

if TYPE_CHECKING:
    from pathlib import Path

PEAK = 1 << 22  # of 24 bits: half of full scale


def tone(path: Path, hertz: int, rate: int, *, bits: int = 24, seconds: float = 0.5) -> Path:
    """A sine, the same on both sides, as FLAC."""
    samples = int(rate * seconds)
    form, code, shift = ("s16", "h", 8) if bits == 16 else ("s32", "i", -8)
    with av.open(str(path), "w", format="flac") as out:
        stream: Any = out.add_stream("flac", rate=rate, layout="stereo", format=form)
        for at in range(0, samples, 4096):
            turns = (math.tau * hertz * n / rate for n in range(at, min(at + 4096, samples)))
            values = [int(PEAK * math.sin(turn)) for turn in turns]
            values = [v >> shift if shift > 0 else v << -shift for v in values for _ in "lr"]
            frame = av.AudioFrame(form, "stereo", len(values) // 2)
            frame.planes[0].update(array(code, values).tobytes())
            frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def level(path: Path, rate: int) -> float:
    """Of the left side's middle, in dB below the tone's."""
    heard = array("i", sound.pcm(path, "s32", rate=rate))[::2]
    middle = heard[len(heard) // 4 : -len(heard) // 4]
    power = sum(float(v) * v for v in middle) / len(middle)
    return 10 * math.log10(max(power, 1e-9) * 2 / (PEAK << 8) ** 2)


@pytest.mark.parametrize(("hertz", "least", "most"), [
    (1_000, -0.02, 0.02), (20_000, -0.05, 0.05), (24_000, -999, -110), (30_000, -999, -110),
])  # fmt: skip
def test_from_96_to_44_khz_all_that_is_heard_stays_and_nothing_folds_back(
    tmp_path: Path, hertz: int, least: float, most: float
) -> None:
    source, made = tone(tmp_path / "x.flac", hertz, 96_000), tmp_path / "y.flac"
    encode_flac(source, made, rate=44_100, bits=24)
    heard = probe(made)
    assert (heard.sample_rate, heard.bits) == (44_100, 24)
    assert least <= level(made, 44_100) <= most


@pytest.mark.parametrize("kind", ["aiff", "flac"])
def test_where_nothing_changes_the_samples_are_the_same(tmp_path: Path, kind: str) -> None:
    encode = encode_aiff if kind == "aiff" else encode_flac
    for bits, form in ((16, "s16"), (24, "s32")):
        source = sound.flac(tmp_path / f"{bits}.flac", seconds=0.5, bits=bits)
        made = tmp_path / f"{bits}.{kind}"
        encode(source, made, rate=44_100, bits=bits)
        assert probe(made).bits == bits
        assert sound.pcm(made, form) == sound.pcm(source, form)
        assert check_audio(made, expected_duration=None).samples == 22_050


def test_a_tone_too_soft_for_16_bits_is_heard_through_the_dither(tmp_path: Path) -> None:
    source = sound.flac(tmp_path / "24.flac", seconds=0.5, bits=24)
    encode_flac(source, tmp_path / "16.flac", rate=44_100, bits=16)
    cut = array("h", (v >> 16 for v in array("i", sound.pcm(source, "s32"))))
    made = array("h", sound.pcm(tmp_path / "16.flac", "s16"))
    apart = [abs(a - b) for a, b in zip(cut, made, strict=True)]
    assert max(apart) <= 2
    assert any(apart), "cut off, not dithered"


def test_the_sound_begins_where_it_began(tmp_path: Path) -> None:
    source = tone(tmp_path / "x.flac", 441, 88_200, bits=16)
    encode_aiff(source, made := tmp_path / "x.aiff", rate=44_100, bits=16)
    before = array("h", sound.pcm(source, "s16", rate=88_200))[::4]
    after = array("h", sound.pcm(made, "s16"))[::2]
    assert len(before) == len(after)
    assert max(abs(a - b) for a, b in zip(before[2000:6000], after[2000:6000], strict=True)) <= 3
