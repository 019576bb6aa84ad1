"""How a sound goes, in 32 bits for each eighth of a second: Chromaprint's recipe, its algorithm 2.

The recipe is published (acoustid.org/chromaprint), and fpcalc of the same sound gives the same bits
but for a few in ten thousand, as its resampler rounds otherwise. numpy does the arithmetic; it
comes with the extra ``fingerprint``. However long the sound is, a few megabytes are held at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import av

from strandline.core.matching.sound import FRAME, HOP, PHASES, RATE, SoundPrint
from strandline.errors import DownloadError
from strandline.library.audio.probe import opened

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_LOWEST, _HIGHEST = 28, 3520
"""Hz that are looked at."""
_NOTES: Final = 12
_SMOOTH: Final = (0.25, 0.75, 1.0, 0.75, 0.25)
_FAINT: Final = 0.01
"""What is weaker than this is silence."""
_WIDTH: Final = 16
"""Frames that one item looks at."""
_BATCH: Final = 256
"""Frames that are transformed at once."""
_GRAY: Final = (0, 1, 3, 2)


class _Filter(NamedTuple):
    """Compares two areas of frames and notes; the levels cut its answer into two bits."""

    kind: int
    note: int
    notes: int
    frames: int
    levels: tuple[float, float, float]


_FILTERS: Final = (
    _Filter(0, 4, 3, 15, (1.98215, 2.35817, 2.63523)),
    _Filter(4, 4, 6, 15, (-1.03809, -0.651211, -0.282167)),
    _Filter(1, 0, 4, 16, (-0.298702, 0.119262, 0.558497)),
    _Filter(3, 8, 2, 12, (-0.105439, 0.0153946, 0.135898)),
    _Filter(3, 4, 4, 8, (-0.142891, 0.0258736, 0.200632)),
    _Filter(4, 0, 3, 5, (-0.826319, -0.590612, -0.368214)),
    _Filter(1, 2, 2, 9, (-0.557409, -0.233035, 0.0534525)),
    _Filter(2, 7, 3, 4, (-0.0646826, 0.00620476, 0.0784847)),
    _Filter(2, 6, 2, 16, (-0.192387, -0.029699, 0.215855)),
    _Filter(2, 1, 3, 2, (-0.0397818, -0.00568076, 0.0292026)),
    _Filter(5, 10, 1, 15, (-0.53823, -0.369934, -0.190235)),
    _Filter(3, 6, 2, 10, (-0.124877, 0.0296483, 0.139239)),
    _Filter(2, 1, 1, 14, (-0.101475, 0.0225617, 0.231971)),
    _Filter(3, 5, 6, 4, (-0.0799915, -0.00729616, 0.063262)),
    _Filter(1, 9, 2, 12, (-0.272556, 0.019424, 0.302559)),
    _Filter(3, 4, 2, 14, (-0.164292, -0.0321188, 0.0846339)),
)
"""The recipe's numbers; the first gives the highest two bits."""


def can_print() -> bool:
    """Whether numpy is there."""
    return find_spec("numpy") is not None


def sound_print(path: str | Path) -> SoundPrint:
    """The print of a whole file. One that breaks off or holds damaged packets is heard as far as
    it decodes. Raises OSError, DownloadError.
    """
    heard = _Heard(None)
    items = _printed(heard.samples(path))
    if not heard.count:
        raise DownloadError("It does not decode.", code="undecodable")
    return SoundPrint(items, heard.count / RATE)


def beginning_prints(path: str | Path, seconds: float) -> tuple[SoundPrint, ...]:
    """Prints of the first ``seconds``, each a fraction of an item later than the one before.

    Encoders put a few hundredths of a second in front; one of these lies right on the same sound.
    Raises OSError, DownloadError.
    """
    import numpy as np

    heard = _Heard(seconds)
    pieces = list(heard.samples(path))
    if not heard.count:
        raise DownloadError("It does not decode.", code="undecodable")
    whole = np.concatenate(pieces)
    made = [_printed(iter([whole[phase * HOP // PHASES :]])) for phase in range(PHASES)]
    size = min(map(len, made))
    return tuple(SoundPrint(items[:size], heard.count / RATE) for items in made)


class _Heard:
    """Decodes, and counts the samples; at most so many seconds."""

    def __init__(self, most: float | None) -> None:
        self.count, self._most = 0, None if most is None else round(most * RATE)

    def samples(self, path: str | Path) -> Iterator[NDArray[np.int16]]:
        """Mono at 11,025 Hz, piece by piece."""
        import numpy as np

        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        with opened(path) as (container, stream):
            for frame in chain(_decoded(container, stream), (None,)):
                if frame is not None:
                    frame.pts = None  # gaps are not filled with silence
                for part in filter(None, resampler.resample(frame)):  # nothing to flush: [None]
                    data = memoryview(part.planes[0])[: part.samples * 2]
                    left = None if self._most is None else self._most - self.count
                    piece = np.frombuffer(bytes(data), np.int16)[:left]
                    self.count += len(piece)
                    yield piece
                    if left is not None and left <= len(piece):
                        return


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):  # the end, or a file cut off
            return
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        yield from frames


def _frames(pieces: Iterator[NDArray[np.int16]]) -> Iterator[NDArray[np.int16]]:
    """Overlapping frames, many at a time."""
    import numpy as np

    whole = (_BATCH - 1) * HOP + FRAME
    held: list[NDArray[np.int16]] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        while size >= whole:
            joined = np.concatenate(held)
            yield _windows(joined[:whole])
            held = [joined[_BATCH * HOP :]]
            size = len(held[0])
    if size >= FRAME:
        yield _windows(np.concatenate(held))


def _windows(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    import numpy as np

    return np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]


def _printed(pieces: Iterator[NDArray[np.int16]]) -> bytes:
    import numpy as np

    rows = [_chroma(batch) for batch in _frames(pieces)]
    return _items(_smoothed(np.concatenate(rows) if rows else np.zeros((0, _NOTES))))


@cache
def _hamming() -> Floats:
    import numpy as np

    return (0.54 - 0.46 * np.cos(2 * np.pi * np.arange(FRAME) / (FRAME - 1))) / 32767


@cache
def _bands() -> tuple[slice, Floats]:
    """The part of the spectrum that is looked at, and which note each of its bins belongs to."""
    import numpy as np

    first, last = (round(hertz * FRAME / RATE) for hertz in (_LOWEST, _HIGHEST))
    octaves = np.log2(np.arange(first, last) * RATE / FRAME / 27.5)
    notes = (_NOTES * (octaves - np.floor(octaves))).astype(int)
    return slice(first, last), np.eye(_NOTES)[notes]


def _chroma(frames: NDArray[np.int16]) -> Floats:
    """The energy of each of the twelve notes, whatever the octave."""
    import numpy as np

    part, notes = _bands()
    spectrum = np.fft.rfft(frames * _hamming(), axis=1)[:, part]
    energy: Floats = (spectrum.real**2 + spectrum.imag**2) @ notes
    return energy


def _smoothed(notes: Floats) -> Floats:
    """Over five frames, each row then of length 1."""
    import numpy as np

    rows = len(notes) - len(_SMOOTH) + 1
    if rows <= 0:
        return np.zeros((0, _NOTES))
    mixed = np.zeros((rows, _NOTES))
    for at, weight in enumerate(_SMOOTH):
        mixed += weight * notes[at : at + rows]
    length = np.sqrt((mixed**2).sum(axis=1, keepdims=True))
    return np.where(length < _FAINT, 0.0, mixed / np.maximum(length, _FAINT))


def _items(notes: Floats) -> bytes:
    import numpy as np

    count = len(notes) - _WIDTH + 1
    if count <= 0:
        return b""
    sums = np.zeros((len(notes) + 1, _NOTES + 1))
    sums[1:, 1:] = notes.cumsum(axis=0).cumsum(axis=1)
    items = np.zeros(count, np.uint32)
    gray = np.array(_GRAY, np.uint32)
    for one in _FILTERS:
        more, less = _areas(one, sums, count)
        level = np.searchsorted(one.levels, np.log1p(more) - np.log1p(less), side="right")
        items = items << np.uint32(2) | gray[level]
    return items.astype(">u4").tobytes()


def _areas(one: _Filter, sums: Floats, count: int) -> tuple[Floats, Floats]:
    """What a filter weighs against each other: halves, quarters crosswise, or a middle third."""
    low, high, width = one.note, one.note + one.notes, one.frames

    def area(start: int, end: int, bottom: int, top: int) -> Floats:
        found: Floats = (
            sums[end : end + count, top]
            - sums[start : start + count, top]
            - sums[end : end + count, bottom]
            + sums[start : start + count, bottom]
        )
        return found

    half, third = low + one.notes // 2, one.notes // 3
    match one.kind:
        case 0:
            return area(0, width, low, high), area(0, 0, low, high)
        case 1:
            return area(0, width, half, high), area(0, width, low, half)
        case 2:
            return area(width // 2, width, low, high), area(0, width // 2, low, high)
        case 3:
            middle = width // 2
            crossed = area(0, middle, half, high) + area(middle, width, low, half)
            return crossed, area(0, middle, low, half) + area(middle, width, half, high)
        case 4:
            inner = area(0, width, low + third, low + 2 * third)
            return inner, area(0, width, low, low + third) + area(0, width, low + 2 * third, high)
        case _:
            part = width // 3
            inner = area(part, 2 * part, low, high)
            return inner, area(0, part, low, high) + area(2 * part, width, low, high)
