"""Songs made here, other versions of them, and files of every kind that hold them."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import av
import pytest

np = pytest.importorskip("numpy")

Sound: TypeAlias = Any
"""Samples between -1 and 1, mono."""
RATE = 44_100


@lru_cache(8)
def song(seed: int, seconds: float, *, voice: int | None = None) -> Sound:
    """Chords, a bass, a hiss on every beat, and (``voice``: whose) somebody who sings over it."""
    random = np.random.default_rng(seed)
    beat = int(RATE * random.uniform(0.35, 0.6))
    beats = [_beat(random, beat) for _ in range(int(seconds * RATE) // beat + 1)]
    sound = np.concatenate(beats)[: int(seconds * RATE)]
    return sound if voice is None else sound + 0.8 * sung(voice, seconds)


def _beat(random: Any, samples: int) -> Sound:
    time = np.arange(samples) / RATE
    sound = np.zeros(samples)
    for note in random.choice(36, 4, replace=False):
        pitch = 82.4 * 2 ** (note / 12)
        loud = random.uniform(0.3, 1.0)
        for partial in range(1, 5):
            sound += loud / partial**1.5 * np.sin(2 * np.pi * pitch * partial * time)
    hiss = random.normal(0, 0.5, samples) * np.exp(-time * 40)
    return 0.08 * (sound * np.exp(-time * 1.5) + hiss)


@lru_cache(8)
def sung(seed: int, seconds: float) -> Sound:
    """A voice alone, with pauses."""
    random = np.random.default_rng(1000 + seed)
    words = []
    while sum(map(len, words)) < seconds * RATE:
        time = np.arange(int(RATE * random.uniform(0.15, 0.5))) / RATE
        pitch = random.uniform(180, 420) * (1 + 0.02 * np.sin(2 * np.pi * 5 * time))
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        word = sum(np.sin(phase * partial) / partial for partial in range(1, 9))
        words.append(0.12 * word * np.hanning(len(time)) * (random.random() > 0.3))
    return np.concatenate(words)[: int(seconds * RATE)]


def silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * RATE))


def without(sound: Sound, at: float, seconds: float, *, backwards: bool = False) -> Sound:
    """Some of it muted, or played backwards, as clean versions have it."""
    start, end = int(at * RATE), int((at + seconds) * RATE)
    changed = sound.copy()
    changed[start:end] = sound[start:end][::-1] if backwards else 0
    return changed


def faster(sound: Sound, times: float) -> Sound:
    """And higher, like a record that turns too fast."""
    at = np.arange(int(len(sound) / times)) * times
    return np.interp(at, np.arange(len(sound)), sound)


def stretched(sound: Sound, times: float) -> Sound:
    """Faster, and no higher."""
    return filtered(sound, ("atempo", str(times)))


def filtered(sound: Sound, *filters: tuple[str, str]) -> Sound:
    """Through libav's filters."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=RATE, format="s16", layout="mono", time_base=Fraction(1, RATE)
    )
    nodes = [source, *(graph.add(*one) for one in filters)]
    nodes += [
        graph.add("aformat", "sample_fmts=s16:channel_layouts=mono"),
        graph.add("abuffersink"),
    ]
    for one, other in pairwise(nodes):
        one.link_to(other)
    graph.configure()
    source.push(_frame(sound))
    source.push(None)
    parts = []
    while True:
        try:
            parts.append(nodes[-1].pull().to_ndarray()[0] / 32767)
        except (av.BlockingIOError, av.EOFError):
            return np.concatenate(parts)


def _frame(sound: Sound) -> av.AudioFrame:
    samples = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", "mono")
    frame.sample_rate, frame.pts = RATE, 0
    return frame


def written(
    path: Path,
    sound: Sound,
    codec: str = "flac",
    *,
    kbps: int = 0,
    rate: int = RATE,
    stereo: bool = True,
) -> Path:
    """A file that holds it."""
    layout = "stereo" if stereo else "mono"
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream(codec, rate=rate, layout=layout)
        if kbps:
            stream.bit_rate = kbps * 1000
        form = stream.codec_context.format.name if codec != "flac" else "s16"
        resampler = av.AudioResampler(
            form, layout, rate, frame_size=1024 if codec != "libopus" else 960
        )
        if codec == "libmp3lame":
            resampler = av.AudioResampler(form, layout, rate, frame_size=1152)
        for frame in (_frame(sound), None):
            for part in filter(None, resampler.resample(frame)):
                file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return path
