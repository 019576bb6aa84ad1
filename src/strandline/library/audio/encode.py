"""MP3 from any audio, at a constant bitrate, with the header that makes lengths and seams exact.

LAME does the work. The ``lameenc`` package brings an optimised build and is taken where it is
installed (the ``fast`` extra); PyAV's own is the same LAME compiled without optimisation,
about three times slower. Both leave the interpreter free, so two threads use two cores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import av

from strandline.library.audio.probe import STRICT, opened, wrong
from strandline.library.audio.resample import converted
from strandline.library.audio.writer import writing
from strandline.library.audio.xing import InfoFrame

try:
    import lameenc
except ImportError:  # no wheel for this platform, or the extra was not asked for
    lameenc = None

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.audio.codeccontext import AudioCodecContext
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

    from strandline.library.audio.writer import Sink

BITRATES: Final = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # kbit/s
RATES: Final = (32_000, 44_100, 48_000)  # Hz; MPEG-1's
QUALITY: Final = 3  # LAME's own default for a constant bitrate
CHUNK: Final = 1 << 16  # samples handed to the encoder at once


def encode_mp3(
    source: str | Path,
    target: str | Path | int,
    bitrate: int = 320,
    *,
    lame: bool | None = None,
    rates: tuple[int, ...] = RATES,
) -> None:
    """Encode the audio of ``source`` as MP3 at ``bitrate`` kbit/s, or the next one MP3 has.

    Mono stays mono, anything else becomes (joint) stereo; the sample rate changes only if it is
    none of ``rates``. ``target``: a path, or an empty file open for writing; not synced to disk.
    ``lame``: True for lameenc, False for PyAV, None for the faster one there is. Raises OSError,
    and DownloadError as ``check_audio``; a source with damaged packets is ``undecodable``.
    """
    use_lame = lameenc is not None if lame is None else lame
    with opened(source) as (container, stream), writing(target) as file:
        shape = _Shape.of(stream, bitrate, rates)
        frames = frames_of(source, container, stream)
        (_with_lameenc if use_lame else _with_pyav)(file, frames, stream.codec_context, shape)


class _Shape(NamedTuple):
    """What the MP3 will be."""

    rate: int  # Hz
    layout: str  # "mono" or "stereo"
    bitrate: int  # kbit/s

    @classmethod
    def of(cls, stream: AudioStream, bitrate: int, rates: tuple[int, ...]) -> _Shape:
        """The shape nearest to the source's: 88.2 and 176.4 kHz to 44.1, 96 and 192 to 48."""
        context = stream.codec_context
        rate = context.sample_rate
        if rate not in rates:
            rate = 44_100 if rate % 11_025 == 0 or 48_000 not in rates else 48_000
        layout = "mono" if context.channels == 1 else "stereo"
        return cls(rate, layout, next((b for b in BITRATES if b >= bitrate), BITRATES[-1]))

    @property
    def channels(self) -> int:
        return 1 if self.layout == "mono" else 2


def frames_of(
    source: str | Path, container: InputContainer, stream: AudioStream
) -> Iterator[AudioFrame]:
    """The decoded sound. Raises DownloadError (``undecodable``) for damaged packets."""
    stream.codec_context.options = STRICT
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.FFmpegError as error:
            raise wrong("undecodable", source, "is damaged: it does not decode") from error


def _with_pyav(
    file: Sink, frames: Iterator[AudioFrame], source: AudioCodecContext, shape: _Shape
) -> None:
    """Full precision in (LAME computes in floating point), the header by libav's muxer."""
    samples = converted(frames, source, form="fltp", layout=shape.layout, rate=shape.rate, bits=32)
    with av.open(file, "w", format="mp3", options={"id3v2_version": "0"}) as out:
        stream = out.add_stream(
            "libmp3lame", rate=shape.rate, layout=shape.layout, format="fltp",
            bit_rate=shape.bitrate * 1000,
        )  # fmt: skip
        for frame in samples:
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _with_lameenc(
    file: Sink, frames: Iterator[AudioFrame], source: AudioCodecContext, shape: _Shape
) -> None:
    """16 bits in, with dither where the source has more; the header is ours."""
    encoder = _lame(shape)
    info = InfoFrame(shape.rate, shape.channels, shape.bitrate)
    file.write(bytes(info.size))
    samples = size = 0
    for pcm in _pcm(frames, source, shape):
        samples += len(pcm) // (2 * shape.channels)
        size += file.write(encoder.encode(pcm))
    size += file.write(encoder.flush())
    file.seek(0)
    file.write(info.block(samples=samples, audio_bytes=size))


def _lame(shape: _Shape) -> lameenc.Encoder:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(shape.bitrate)
    encoder.set_in_sample_rate(shape.rate)
    encoder.set_out_sample_rate(shape.rate)
    encoder.set_channels(shape.channels)
    encoder.set_quality(QUALITY)
    return encoder


def _pcm(frames: Iterator[AudioFrame], source: AudioCodecContext, shape: _Shape) -> Iterator[bytes]:
    """The sound as 16-bit interleaved samples, in chunks large enough to be worth a call."""
    for chunk in converted(
        frames, source, form="s16", layout=shape.layout, rate=shape.rate, bits=16, size=CHUNK
    ):
        yield bytes(memoryview(chunk.planes[0])[: chunk.samples * 2 * shape.channels])
