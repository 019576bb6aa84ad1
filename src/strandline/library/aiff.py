"""AIFF from any audio: PCM, which every DJ player plays, with tags in ID3."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import av

from strandline.library.audio import opened
from strandline.library.encode import frames_of
from strandline.library.sink import writing

if TYPE_CHECKING:
    from pathlib import Path

_SAMPLES: Final = {16: "s16", 24: "s32"}
"""libav's form of samples, by the bits that are written of each."""


def encode_aiff(source: str | Path, target: str | Path | int, *, rate: int, bits: int) -> None:
    """The audio of ``source`` as PCM at ``rate`` Hz with ``bits`` (16 or 24) a sample.

    Mono stays mono, anything else becomes stereo; dither where bits are lost. ``target``: a path,
    or an empty file open for writing; not synced to disk. Errors as ``encode_mp3``.
    """
    with opened(source) as (container, stream), writing(target) as file:
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        resampler = av.AudioResampler(
            format=_SAMPLES[bits], layout=layout, rate=rate,
            options={"dither_method": "triangular"} if _loses(stream.codec_context, bits) else {},
        )  # fmt: skip
        with av.open(file, "w", format="aiff") as out:
            made: Any = out.add_stream(f"pcm_s{bits}be", rate=rate, layout=layout)
            for frame in chain(frames_of(source, container, stream), (None,)):
                for piece in resampler.resample(frame):
                    out.mux(made.encode(piece))
            out.mux(made.encode(None))


def _loses(context: av.AudioCodecContext, bits: int) -> bool:
    return bits == 16 and context.format.bits > 16
