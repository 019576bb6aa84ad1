"""AIFF and FLAC from any audio, at another rate or with fewer bits where that is wanted.

AIFF is PCM, which every DJ player plays, with tags in ID3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import av

from strandline.library.audio.encode import frames_of
from strandline.library.audio.probe import opened
from strandline.library.audio.resample import converted
from strandline.library.audio.writer import writing

if TYPE_CHECKING:
    from pathlib import Path

_SAMPLES: Final = {16: "s16", 24: "s32"}
"""libav's form of samples, by the bits that are written of each."""
_FLAC_OPTIONS: Final = {"compression_level": "8"}


def encode_aiff(source: str | Path, target: str | Path | int, *, rate: int, bits: int) -> None:
    """The audio of ``source`` as PCM at ``rate`` Hz with ``bits`` (16 or 24) a sample.

    Mono stays mono, anything else becomes stereo; dither where bits are lost. ``target``: a path,
    or an empty file open for writing; not synced to disk. Errors as ``encode_mp3``.
    """
    _encode(source, target, "aiff", f"pcm_s{bits}be", {}, rate, bits)


def encode_flac(source: str | Path, target: str | Path | int, *, rate: int, bits: int) -> None:
    """The same as FLAC, with the MD5 of its sound."""
    _encode(source, target, "flac", "flac", _FLAC_OPTIONS, rate, bits)


def _encode(
    source: str | Path,
    target: str | Path | int,
    form: str,
    codec: str,
    options: dict[str, str],
    rate: int,
    bits: int,
) -> None:
    with opened(source) as (container, stream), writing(target) as file:
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        frames = converted(
            frames_of(source, container, stream), stream.codec_context,
            form=_SAMPLES[bits], layout=layout, rate=rate, bits=bits,
        )  # fmt: skip
        with av.open(file, "w", format=form) as out:
            made: Any = out.add_stream(
                codec, rate=rate, layout=layout, format=_SAMPLES[bits], options=options
            )
            for frame in frames:
                out.mux(made.encode(frame))
            out.mux(made.encode(None))
