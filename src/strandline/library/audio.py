"""Audio files, read: what they hold, whether they are whole, and a hash that is blind to tags.

Nothing is believed of a file: the demuxers that may open it are named, so that a playlist dressed
up as an MP3 opens no other file, and libav stays silent on stderr.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import av
import av.logging

from strandline.errors import DownloadError
from strandline.library.sniff import HEAD, container_of, has_length_header, kind_of, looks_like_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.audio.stream import AudioStream
    from av.container import InputContainer

av.logging.set_level(None)

DEMUXERS: Final = "mp3,flac,mov,aac,ogg,wav,aiff"
_OPEN: Final = {"protocol_whitelist": "file", "format_whitelist": DEMUXERS}
STRICT: Final = {"err_detect": "crccheck+bitstream+buffer+explode"}


@dataclass(frozen=True, slots=True)
class Probe:
    """What the headers say of a file's audio."""

    codec: str  # "mp3", "flac", "aac", "alac", …
    container: str  # libav's name: "mp3", "flac", "mov,mp4,m4a,3gp,3g2,mj2"
    duration: float | None  # seconds
    bitrate: int | None  # bit/s
    sample_rate: int  # Hz
    channels: int
    bits: int | None
    """Bits a sample of a lossless codec; None for a lossy one."""


class Checked(NamedTuple):
    """A file that was decoded from the first to the last sample."""

    duration: float  # seconds, counted
    codec: str
    packets: int
    samples: int


class Quick(NamedTuple):
    """What demuxing alone tells."""

    playable: bool
    duration: float | None = None  # seconds


def local_url(path: str | Path) -> str:
    """A path as libav takes it: never read as ``http:``, ``concat:`` or another protocol."""
    return "file:" + os.path.abspath(path)


@contextmanager
def opened(path: str | Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    """The file and its first audio stream. Raises OSError, or DownloadError as check_audio does."""
    head = _head(path)
    if not head:
        raise wrong("empty", path, "is empty")
    if kind_of(path, head) is None:
        text = "is a text or web page" if looks_like_text(head) else "is no audio, or encrypted"
        raise wrong("not_audio", path, text)
    try:
        with av.open(local_url(path), options=_OPEN, metadata_errors="replace") as container:
            yield container, _audio_stream(path, container)
    except av.FFmpegError as error:
        if container_of(head):
            raise wrong("truncated", path, "is cut off or damaged") from error
        raise wrong("not_audio", path, "is no audio, or encrypted") from error


def _audio_stream(path: str | Path, container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        raise wrong("not_audio", path, "holds no audio")
    stream = container.streams.audio[0]
    if getattr(stream, "codec_context", None) is None:  # AC-4, say, or damaged headers
        raise wrong("undecodable", path, "is in a format that cannot be decoded here")
    return stream


def _head(path: str | Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(HEAD)


def wrong(code: str, path: str | Path, what: str) -> DownloadError:
    return DownloadError(f"{os.path.basename(path)} {what}.", hint=_HINTS[code], code=code)


_AGAIN: Final = "The next sync downloads it again."
_HINTS: Final = {
    "empty": _AGAIN,
    "truncated": _AGAIN,
    "undecodable": _AGAIN,
    "not_audio": f"{_AGAIN} If it stays so, see whether the track plays in TIDAL's own player.",
    "wrong_duration": "See whether the track plays to its end in TIDAL's own player.",
}


# ---------------------------------------------------------------- reading headers


def probe(path: str | Path) -> Probe:
    """The audio format of a file. Raises OSError, or DownloadError as check_audio does."""
    with opened(path) as (container, stream):
        context = stream.codec_context
        return Probe(
            codec=codec_of(stream),
            container=container.format.name,
            duration=declared_duration(container, stream),
            bitrate=context.bit_rate or container.bit_rate or None,
            sample_rate=context.sample_rate,
            channels=context.channels,
            bits=_bits(stream),
        )


def codec_of(stream: AudioStream) -> str:
    """The codec by the format's name, not the decoder's (``mp3``, not ``mp3float``)."""
    return stream.codec_context.codec.canonical_name


def _bits(stream: AudioStream) -> int | None:
    """STREAMINFO's word for FLAC, the sample format for the other lossless codecs."""
    context = stream.codec_context
    name = codec_of(stream)
    extra = context.extradata
    if name == "flac" and extra and len(extra) >= 34:
        return ((extra[12] & 1) << 4 | extra[13] >> 4) + 1
    return context.format.bits if name == "alac" or name.startswith("pcm_") else None


def declared_duration(container: InputContainer, stream: AudioStream) -> float | None:
    """Seconds by the headers, or libav's guess; None where neither is to be had."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def promised_duration(
    path: str | Path, container: InputContainer, stream: AudioStream
) -> float | None:
    """Seconds by the headers; None where libav guesses from the bitrate, which may vary."""
    guessed = container.format.name == "aac" or (
        container.format.name == "mp3" and not has_length_header(path)
    )
    return None if guessed else declared_duration(container, stream)


# ---------------------------------------------------------------- checking


def check_audio(
    path: str | Path, *, expected_duration: int | None, tolerance: float = 2.0
) -> Checked:
    """Decode the whole file and compare its length with the headers' and with TIDAL's.

    ``expected_duration`` in seconds; None or 0: TIDAL does not say. Raises OSError, or
    DownloadError with one of the codes ``empty``, ``not_audio``, ``truncated``, ``undecodable``
    and ``wrong_duration``.
    """
    with opened(path) as (container, stream):
        promised, frames = promised_duration(path, container, stream), stream.frames
        decoded = _decode(stream, container)
        codec = codec_of(stream)
    _require_whole(path, decoded, promised, frames)
    checked = Checked(decoded.seconds, codec, decoded.packets, decoded.samples)
    _require_length(path, checked.duration, expected_duration, tolerance)
    return checked


@dataclass(slots=True)
class _Decoded:
    packets: int = 0
    samples: int = 0
    rate: int = 0  # Hz
    failed: int = 0  # packets that do not decode
    end: float = 0.0  # seconds: where the last sample ends by its time stamp

    @property
    def seconds(self) -> float:
        return self.samples / self.rate if self.rate else 0.0


def _decode(stream: AudioStream, container: InputContainer) -> _Decoded:
    stream.codec_context.options = STRICT
    seen = _Decoded()
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


def _require_whole(path: str | Path, seen: _Decoded, promised: float | None, frames: int) -> None:
    if not seen.samples:
        raise wrong("undecodable", path, "holds no sound that can be decoded")
    if promised and seen.seconds < promised - _SLACK:
        _raise_short(path, seen, promised)
    if frames and seen.packets < frames:
        raise wrong("truncated", path, f"holds {seen.packets} of {frames} packets")
    if seen.failed:
        raise wrong("undecodable", path, f"is damaged: {seen.failed} packets do not decode")


_SLACK: Final = 0.06  # seconds; two MP3 frames, which encoders count differently


def _raise_short(path: str | Path, seen: _Decoded, promised: float) -> None:
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


def packets_hash(path: str | Path) -> str:
    """The sha256 of the encoded audio, in hex, blind to tags, covers and padding.

    Equal for two copies of which one was retagged. Raises OSError, or DownloadError as check_audio.
    """
    digest = hashlib.sha256()
    with opened(path) as (container, stream):
        for packet in container.demux(stream):
            if packet.size:
                digest.update(packet)
    return digest.hexdigest()


# ---------------------------------------------------------------- for doctor

_NEEDED: Final = (("flac", "r"), ("aac", "r"), ("mp3", "r"), ("alac", "r"), ("libmp3lame", "w"))


def codecs_available() -> dict[str, bool]:
    """Each codec strandline may need, as ``decode flac`` or ``encode mp3``, and if it is here."""
    words = {"r": "decode", "w": "encode"}
    return {
        f"{words[mode]} {name.removeprefix('lib').removesuffix('lame')}": _has(name, mode)
        for name, mode in _NEEDED
    }


def _has(name: str, mode: str) -> bool:
    try:
        av.Codec(name, "r" if mode == "r" else "w")
    except ValueError:  # av.codec.codec.UnknownCodecError
        return False
    return True
