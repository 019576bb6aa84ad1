"""By how much later the sound begins in one file than in another, heard in the sound itself.

DJ programs know a cue by its time. They play an MP3 with the samples that its encoder put in front,
whatever its header says of them (rekordbox since 1.5.4, so do Traktor and Serato), so that is how
it is measured here; the other formats begin where they say.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING, Final, NamedTuple

import av

from strandline.errors import DownloadError
from strandline.library.audio.probe import codec_of, opened

if TYPE_CHECKING:
    from pathlib import Path

Samples = array  # of floats

RATE: Final = 44_100  # Hz; a sample is 23 µs
_HEARD: Final = 45  # seconds of each file, from its beginning
_WINDOW: Final = 2 * RATE  # samples that are compared
_NEAR: Final = 0.06  # seconds; encoders put in less
_FAR: Final = 0.25
_STEPS: Final = (8, 2, 1)
"""Samples that count as one at the first look, the second …"""
_SURE: Final = 0.95
_ALIKE: Final = 0.7
"""Of 1, for the very same samples: below this it is another recording, or another cut of it."""
_KEPT: Final = 8
"""Lags that are looked at more closely: in a loop, several are nearly as good."""
_SILENT: Final = 1e-7
"""Of the square of a sample, on average."""


class Found(NamedTuple):
    """How many samples later, and how much alike the two are then."""

    lag: int
    alike: float


def offset_between(old: str | Path, new: str | Path) -> float | None:
    """Seconds by which the sound begins later in ``new``; None where the two cannot be compared.

    Raises OSError.
    """
    try:
        before, after = _heard(old), _heard(new)
    except (DownloadError, av.FFmpegError):
        return None
    margin = min(RATE, len(before) // 4)
    size = min(_WINDOW, len(before) - 2 * margin)
    places = _loud_places(before, margin, size)
    found = [_lag(before[at : at + size], at, after) for at in places]
    lags = [lag for lag in found if lag is not None]
    if not lags or len(lags) < len(places) or max(lags) - min(lags) > 2:
        return None  # cut elsewhere, or at another speed
    return round(lags[0] / RATE, 6)


def _heard(path: str | Path) -> Samples[float]:
    """The beginning of a file in mono, as a DJ program plays it."""
    heard: Samples[float] = array("f")
    with opened(path) as (container, stream):
        if codec_of(stream) == "mp3":
            stream.codec_context.options = {"flags2": "+skip_manual"}
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        for frame in container.decode(stream):
            for mono in resampler.resample(frame):
                heard.frombytes(bytes(mono.planes[0])[: 4 * mono.samples])
            if len(heard) >= _HEARD * RATE:
                break
    return heard


def _loud_places(heard: Samples[float], margin: int, size: int) -> list[int]:
    """Where the two loudest windows begin, away from both ends; fewer of what is silent."""
    starts = range(margin, len(heard) - margin - size + 1, size) if size else range(0)
    loud = sorted(((_energy(heard[at : at + size : 8]), at) for at in starts), reverse=True)
    return [at for energy, at in loud[:2] if energy > _SILENT * size / 8]


def _lag(window: Samples[float], at: int, after: Samples[float]) -> int | None:
    """Where in ``after`` the window is that began ``at``: that many samples later."""
    skipped = max(at - round(_FAR * RATE), 0)
    after = after[skipped : at + len(window) + round(_FAR * RATE)]
    at -= skipped
    for seconds, least in ((_NEAR, _SURE), (_FAR, _ALIKE)):
        found, reach = [Found(0, 0.0)], round(seconds * RATE)
        for step in _STEPS:
            compared = _Compared(window, at, after, step)
            near = {lag for it in found for lag in compared.lags(it.lag, reach)}
            found, reach = compared.best(sorted(near), _KEPT if step > 1 else 1), 2 * step
        if found and found[0].alike >= least:
            return found[0].lag
    return None


class _Compared:
    """A window and another sound, with as many samples as one as ``step`` says."""

    def __init__(self, window: Samples[float], at: int, after: Samples[float], step: int) -> None:
        self._at, self._step = at, step
        self._first = at % step
        self._mine = _thinned(window, step)
        self._there = _thinned(after[self._first :], step)
        self._own = _energy(self._mine)
        squares = map(mul, self._there, self._there)
        self._sums = array("d", accumulate(squares, initial=0.0))

    def lags(self, about: int, reach: int) -> range:
        """Those to be looked at around one; none leads to before the beginning."""
        first = max(about - reach, -self._at)
        first -= first % self._step
        return range(max(first, self._first - self._at), about + reach + 1, self._step)

    def best(self, lags: Iterable[int], kept: int) -> list[Found]:
        """The most alike first; of neighbours, which are all alike, the best one alone."""
        tried = [Found(lag, self._likeness((self._at + lag) // self._step)) for lag in lags]
        tops: list[Found] = []
        for found in sorted(tried, key=lambda it: -it.alike):
            if all(abs(found.lag - top.lag) > self._step for top in tops):
                tops.append(found)
            if len(tops) == kept:
                break
        return tops

    def _likeness(self, place: int) -> float:
        """1 for the same; 0 where too little of the window is there."""
        size = min(len(self._mine), len(self._there) - place)
        if size < len(self._mine) // 2:
            return 0.0
        own = self._own if size == len(self._mine) else _energy(self._mine[:size])
        energy = own * (self._sums[place + size] - self._sums[place])
        product = sum(map(mul, self._mine, self._there[place : place + size]))
        return float(product / math.sqrt(energy)) if energy > 0 else 0.0


def _energy(samples: Samples[float]) -> float:
    return float(sum(map(mul, samples, samples)))


def _thinned(samples: Samples[float], step: int) -> Samples[float]:
    """Each sum of as many samples as become one."""
    if step == 1:
        return samples
    size = len(samples) - len(samples) % step
    parts = (samples[at:size:step] for at in range(step))
    return array("f", map(sum, zip(*parts, strict=True)))
