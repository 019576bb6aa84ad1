"""What tells one sound from another without its tags: headers, packets, samples."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from strandline.errors import DownloadError
from strandline.library.audio.probe import STRICT, Probe, opened, probe

if TYPE_CHECKING:
    from pathlib import Path

    from av.audio.frame import AudioFrame

LOSSLESS: Final = ("flac", "alac")
_NO_SUM: Final = bytes(16)


class SoundFacts(NamedTuple):
    """What the headers of a file say of its sound."""

    codec: str
    rate: int
    channels: int
    bits: int | None
    seconds: float | None
    flac_md5: str | None
    """FLAC's sum of all samples, in hex; None where it was not written."""

    @property
    def is_lossless(self) -> bool:
        """Whether its samples are what was put in."""
        return self.codec in LOSSLESS or self.codec.startswith("pcm_")


def sound_facts(path: str | Path) -> SoundFacts | None:
    """By the headers alone; None for what is no sound, or cannot be read."""
    try:
        told = probe(path)
        md5 = _flac_md5(path) if told.codec == "flac" else None
    except (OSError, DownloadError):
        return None
    bits, seconds = _bits_of(told), told.duration
    return SoundFacts(told.codec, told.sample_rate, told.channels, bits, seconds, md5)


def _bits_of(told: Probe) -> int | None:
    """Of PCM its name says it, for libav holds 24 bits in 32; sound in floats has none."""
    if not told.codec.startswith("pcm_"):
        return told.bits
    number = re.match(r"pcm_[su](8|16|24|32)(?:le|be)?$", told.codec)
    return int(number[1]) if number else None


def _flac_md5(path: str | Path) -> str | None:
    with opened(path) as (_, stream):
        extra = stream.codec_context.extradata
        md5 = bytes(extra[18:34]) if extra and len(extra) >= 34 else _NO_SUM
    return md5.hex() if md5 != _NO_SUM else None


def samples_md5(path: str | Path) -> str | None:
    """MD5 of all samples, interleaved and as wide as the file says: what FLAC's own sum is of.

    None for lossy sound, and for what does not decode to its end.
    """
    import av

    facts = sound_facts(path)
    if facts is None or not facts.is_lossless or not facts.bits:
        return None
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with opened(path) as (container, stream):
            stream.codec_context.options = STRICT
            resampler = av.AudioResampler(format=stream.codec_context.format.packed)
            for frame in container.decode(stream):
                for packed in resampler.resample(frame):
                    digest.update(_samples(packed, facts.bits))
    except (OSError, DownloadError, av.FFmpegError):
        return None
    return digest.hexdigest()


def _samples(frame: AudioFrame, bits: int) -> bytes:
    """The samples of an interleaved frame, in as few whole bytes each as ``bits`` need."""
    width, need = frame.format.bytes, (bits + 7) // 8
    data = bytes(frame.planes[0])[: frame.samples * len(frame.layout.channels) * width]
    if need >= width:
        return data
    packed = bytearray(len(data) // width * need)
    for at in range(need):  # libav keeps the high bits: what is left out is zero
        packed[at::need] = data[width - need + at :: width]
    return bytes(packed)
