"""Whether the codecs work: a second of sound is encoded and decoded with each of them."""

from __future__ import annotations

import math
import tempfile
from array import array
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import av

from strandline.errors import DownloadError
from strandline.library.audio.check import check_audio
from strandline.library.audio.encode import encode_mp3
from strandline.library.audio.lossless import encode_aiff

RATE: Final = 44_100
PIECE: Final = 4_410  # samples
ENCODERS: Final = {"flac": ("flac", "s16"), "aac": ("mp4", "fltp"), "alac": ("mp4", "s16p")}
"""Codec to libav's container, and the form of its samples."""


def codecs_tried() -> dict[str, str]:
    """Each codec strandline may need, as ``decode flac`` or ``encode mp3``, and what is wrong.

    An empty text: it works. Raises OSError where there is no room for a temporary file.
    """
    with tempfile.TemporaryDirectory(prefix="strandline-") as folder:
        tone, mp3 = Path(folder, "flac"), Path(folder, "mp3")
        tried = {
            f"decode {codec}": _fault(partial(_read_back, codec, Path(folder, codec)))
            for codec in ENCODERS
        }
        tried["encode mp3"] = _fault(lambda: encode_mp3(tone, mp3))
        tried["decode mp3"] = _fault(lambda: _check(mp3))
        tried["encode aiff"] = _fault(partial(_read_back_pcm, tone, Path(folder, "aiff")))
    return tried


def _fault(trial: Callable[[], object]) -> str:
    """What went wrong, in libav's words or ours."""
    try:
        trial()
    except DownloadError as error:
        return error.message
    except FileNotFoundError:
        return "nothing was encoded that could be decoded"
    except (av.FFmpegError, ValueError) as error:  # ValueError: av.codec.codec.UnknownCodecError
        return f"{type(error).__name__}: {error}"
    return ""


def _read_back(codec: str, path: Path) -> None:
    container, form = ENCODERS[codec]
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=RATE, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.codec_context.format = av.AudioFormat(form)
        resampler = av.AudioResampler(form, "mono", RATE)
        for frame in _tone():
            for piece in resampler.resample(frame):
                file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    _check(path)


def _read_back_pcm(tone: Path, path: Path) -> None:
    encode_aiff(tone, path, rate=48_000, bits=16)
    _check(path)


def _check(path: Path) -> None:
    check_audio(path, expected_duration=1, tolerance=0.1)


def _tone() -> Iterator[av.AudioFrame]:
    """A second of 440 Hz."""
    for start in range(0, RATE, PIECE):
        turns = (math.tau * 440 * at / RATE for at in range(start, start + PIECE))
        frame = av.AudioFrame("s16", "mono", PIECE)
        frame.planes[0].update(array("h", (int(9_000 * math.sin(it)) for it in turns)).tobytes())
        frame.sample_rate, frame.pts = RATE, start
        yield frame
