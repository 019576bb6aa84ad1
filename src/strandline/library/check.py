"""Whether an audio file is whole: demuxed to its end, counted, and proved or decoded.

FLAC proves itself: each frame ends with a CRC of all its bytes, the one that a decoder goes by too.
Reading those takes a tenth of the time that decoding takes. Whatever does not add up, and every
other codec, is decoded, and the decoder has the last word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import av
from fastcrc import crc16

from strandline.errors import DownloadError
from strandline.library.audio import STRICT, codec_of, opened, promised_duration, wrong

if TYPE_CHECKING:
    from pathlib import Path

    from av.audio.stream import AudioStream
    from av.container import InputContainer


class Checked(NamedTuple):
    """A file that is whole from its first to its last sample."""

    duration: float  # seconds, counted
    codec: str
    packets: int
    samples: int


class Quick(NamedTuple):
    """What demuxing alone tells."""

    playable: bool
    duration: float | None = None  # seconds


def check_audio(
    path: str | Path, *, expected_duration: int | None, tolerance: float = 2.0
) -> Checked:
    """Read all of the sound, and compare its length with the headers' and with TIDAL's.

    ``expected_duration`` in seconds; None or 0: TIDAL does not say. Raises OSError, or
    DownloadError with one of the codes ``empty``, ``not_audio``, ``truncated``, ``undecodable``
    and ``wrong_duration``.
    """
    checked = _proved(path) or _decoded(path)
    _require_length(path, checked.duration, expected_duration, tolerance)
    return checked


# ---------------------------------------------------------------- FLAC's own checksums

_SYNC: Final = (b"\xff\xf8", b"\xff\xf9")
"""What a frame begins with (RFC 9639, 9.1), so that a hole of zeros, whose CRC is 0, is none."""


def _proved(path: str | Path) -> Checked | None:
    """FLAC whose frames are all sound and as long as the headers say; None: not proved."""
    ticks = packets = 0
    with opened(path) as (container, stream):
        promised = promised_duration(path, container, stream)
        if codec_of(stream) != "flac" or not promised or not stream.time_base:
            return None
        try:
            for packet in container.demux(stream):
                if packet.size:
                    frame = bytes(packet)
                    if frame[:2] not in _SYNC or crc16.umts(frame):
                        return None
                    packets += 1
                    ticks += packet.duration or 0
        except av.FFmpegError:
            return None
        seconds, rate = float(ticks * stream.time_base), stream.codec_context.sample_rate
        samples = round(seconds * rate)
        whole = packets >= stream.frames and samples == round(promised * rate)
    return Checked(seconds, "flac", packets, samples) if whole else None


# ---------------------------------------------------------------- decoding


def _decoded(path: str | Path) -> Checked:
    """Raises DownloadError when the sound is not whole."""
    with opened(path) as (container, stream):
        promised, frames = promised_duration(path, container, stream), stream.frames
        sound = _decode(stream, container)
        codec = codec_of(stream)
    _require_whole(path, sound, promised, frames)
    return Checked(sound.seconds, codec, sound.packets, sound.samples)


@dataclass(slots=True)
class _Sound:
    packets: int = 0
    samples: int = 0
    rate: int = 0  # Hz
    failed: int = 0  # packets that do not decode
    end: float = 0.0  # seconds: where the last sample ends by its time stamp

    @property
    def seconds(self) -> float:
        return self.samples / self.rate if self.rate else 0.0


def _decode(stream: AudioStream, container: InputContainer) -> _Sound:
    stream.codec_context.options = STRICT
    seen = _Sound()
    for packet in container.demux(stream):
        seen.packets += bool(packet.size)
        try:
            for frame in packet.decode():
                seen.samples += frame.samples
                seen.rate = frame.sample_rate
                seen.end = (frame.time or 0.0) + frame.samples / frame.sample_rate
        except av.FFmpegError:
            seen.failed += 1
    return seen


def _require_whole(path: str | Path, seen: _Sound, promised: float | None, frames: int) -> None:
    if not seen.samples:
        raise wrong("undecodable", path, "holds no sound that can be decoded")
    if promised and seen.seconds < promised - _SLACK:
        _raise_short(path, seen, promised)
    if frames and seen.packets < frames:
        raise wrong("truncated", path, f"holds {seen.packets} of {frames} packets")
    if seen.failed:
        raise wrong("undecodable", path, f"is damaged: {seen.failed} packets do not decode")


_SLACK: Final = 0.06  # seconds; two MP3 frames, which encoders count differently


def _raise_short(path: str | Path, seen: _Sound, promised: float) -> None:
    if seen.end < promised - _SLACK:
        text = f"ends after {seen.seconds:.0f} of {promised:.0f} s"
        raise wrong("truncated", path, text)
    missing = promised - seen.seconds
    raise wrong("undecodable", path, f"is damaged: {missing:.1f} s of its sound are missing")


def _require_length(
    path: str | Path, seconds: float, expected: int | None, tolerance: float
) -> None:
    if expected and abs(seconds - expected) > tolerance:
        preview = " (a preview)" if seconds < expected and 28 <= seconds <= 32 else ""
        text = f"lasts {seconds:.0f} s{preview}; TIDAL says {expected} s"
        raise wrong("wrong_duration", path, text)


# ---------------------------------------------------------------- at a glance


def quick_check(path: str | Path) -> Quick:
    """Whether a file demuxes to its end with the length it announces; decodes nothing.

    Notices what is empty, cut off or no audio, ten times faster than check_audio. Raises OSError.
    """
    try:
        with opened(path) as (container, stream):
            return _demux(container, stream, promised_duration(path, container, stream))
    except DownloadError:
        return Quick(playable=False)


def _demux(container: InputContainer, stream: AudioStream, promised: float | None) -> Quick:
    ticks = packets = 0
    for packet in container.demux(stream):
        ticks += packet.duration or 0
        packets += bool(packet.size) and not packet.is_corrupt
    seconds = float(ticks * stream.time_base) if stream.time_base else 0.0
    whole = packets >= max(stream.frames, 1) and seconds >= (promised or 0.0) - 0.2
    return Quick(whole, promised or seconds or None)
