"""Sound at another rate, with other bits or channels, by libav's resampler.

Its own filter is short and falls from 19 kHz on. This one, at 44.1 kHz, is flat to 20 kHz (less
than 0.01 dB), and what would fold back from above 23 kHz is more than 120 dB down; it computes in
double precision and does not shift the sound. Dither is triangular.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

import av

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.codeccontext import AudioCodecContext
    from av.audio.frame import AudioFrame

_FILTER: Final = {
    "filter_type": "kaiser", "kaiser_beta": "12", "filter_size": "128", "cutoff": "0.97",
    "internal_sample_fmt": "dblp",
}  # fmt: skip


def converted(
    frames: Iterator[AudioFrame],
    source: AudioCodecContext,
    *,
    form: str,
    layout: str,
    rate: int,
    bits: int,
    size: int = 0,
) -> Iterator[AudioFrame]:
    """The frames in libav's ``form``, with ``bits`` a sample that count, ``size`` samples each.

    The very samples where nothing of it changes; dither where bits are lost. ``size`` 0: any.
    """
    options: dict[str, str] = {}
    other_rate = source.sample_rate != rate
    if other_rate:
        options |= _FILTER
    if other_rate or source.format.bits > bits == 16:
        options["dither_method"] = "triangular"
        if bits == 24:
            options["output_sample_bits"] = "24"
    resampler = av.AudioResampler(
        format=form, layout=layout, rate=rate, options=options, frame_size=size or None
    )
    for frame in chain(frames, (None,)):
        yield from filter(None, resampler.resample(frame))  # nothing to flush: [None]
