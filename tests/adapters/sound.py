"""Small real audio files for the tests of the audio adapters."""

from __future__ import annotations

import random
from array import array
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import av

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRAGMENTED = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "frag_duration": "1000000",  # µs
    "strict": "-2",
}


@cache
def _noise(samples: int, bits: int) -> bytes:
    """Noise that swells and fades: no two stretches of it are alike, and it packs badly."""
    numbers = random.Random(7)
    top = 1 << (bits - 3)
    shift = 0 if bits == 16 else 8
    values = (int(numbers.uniform(-top, top) * (0.2 + i % 5000 / 6000)) << shift
              for i in range(samples))  # fmt: skip
    return array("h" if bits == 16 else "i", values).tobytes()


def _frames(seconds: float, rate: int, bits: int, channels: int) -> Iterator[av.AudioFrame]:
    count, width = int(seconds * rate), channels * (2 if bits == 16 else 4)
    sound = _noise(min(count, rate) * channels, bits)
    layout, form = ("mono" if channels == 1 else "stereo"), ("s16" if bits == 16 else "s32")
    for start in range(0, count, 4096):
        size = min(4096, count - start)
        frame = av.AudioFrame(format=form, layout=layout, samples=size)
        at = start * width % len(sound)
        piece = (sound + sound)[at : at + size * width]
        frame.planes[0].update(piece)
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        yield frame


def make(
    path: Path, codec: str, *, seconds: float = 2.0, rate: int = 44_100, bits: int = 16,
    channels: int = 2, bit_rate: int | None = None, **muxer: Any,
) -> Path:  # fmt: skip
    """Sound of so many seconds at ``path``, by ``codec`` (an encoder's name)."""
    layout = "mono" if channels == 1 else "stereo"
    form = {
        "flac": "s16" if bits == 16 else "s32",
        "pcm_s16le": "s16",
        "pcm_s16be": "s16",
        "libopus": "s16",
        "alac": "s16p",
        "wavpack": "s16p",
        "tta": "s16",
    }.get(codec, "fltp")
    with av.open(str(path), "w", **muxer) as out:
        stream: Any = out.add_stream(codec, rate=rate, layout=layout, format=form)
        if bit_rate:
            stream.bit_rate = bit_rate
        for frame in _frames(seconds, rate, bits, channels):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def flac(path: Path, **shape: Any) -> Path:
    """A FLAC file."""
    return make(path, "flac", **shape)


def mp3(path: Path, **shape: Any) -> Path:
    """An MP3 with an Info header."""
    return make(path, "libmp3lame", **shape)


def m4a(path: Path, **shape: Any) -> Path:
    """AAC in an MP4 with one index."""
    return make(path, "aac", format="ipod", **shape)


def segments(path: Path, codec: str = "flac", **shape: Any) -> Path:
    """A fragmented MP4: an init segment and media segments, one after the other."""
    return make(path, codec, format="mp4", options=FRAGMENTED, **shape)


def pcm(path: Path, form: str = "s16", layout: str = "stereo", rate: int = 44_100) -> bytes:
    """What a file sounds like, as interleaved samples."""
    resampler = av.AudioResampler(format=form, layout=layout, rate=rate)
    sound = bytearray()
    width = (2 if form == "s16" else 4) * (1 if layout == "mono" else 2)
    with av.open(str(path)) as file:
        for frame in (*file.decode(audio=0), None):
            for part in resampler.resample(frame):
                sound += bytes(part.planes[0])[: part.samples * width]
    return bytes(sound)


def flipped(data: bytes, bit: int) -> bytes:
    """The same bytes with one bit turned over."""
    turned = bytearray(data)
    turned[bit // 8] ^= 1 << bit % 8
    return bytes(turned)
