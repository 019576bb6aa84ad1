"""Audio files, read: what their headers say.

Nothing is believed of a file: the demuxers that may open it are named, so that a playlist dressed
up as an MP3 opens no other file, and libav stays silent on stderr.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import av
import av.logging

from strandline.errors import DownloadError
from strandline.library.audio.containers import (
    HEAD,
    Container,
    container_of,
    has_length_header,
    id3_end,
    kind_of,
    looks_like_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.audio.stream import AudioStream
    from av.container import InputContainer

av.logging.set_level(None)

DEMUXERS: Final = (
    "mp3,flac,mov,aac,ogg,wav,aiff,w64,asf,wv,ape,dsf,iff,tta,mpc,mpc8,tak,caf,matroska,ac3,eac3"
)
_OPEN: Final = {"protocol_whitelist": "file", "format_whitelist": DEMUXERS}
_ANY_TEXT: Final[dict[str, Any]] = (
    {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
)
"""Tags may hold bytes of any encoding: PyAV 19 replaces what is no UTF-8, older ones on request."""
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


def local_url(path: str | Path) -> str:
    """A path as libav takes it: never read as ``http:``, ``concat:`` or another protocol."""
    return "file:" + os.path.abspath(path)


@contextmanager
def opened(path: str | Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    """The file and its first audio stream. Raises OSError, or DownloadError as check_audio does."""
    head = _head(path)
    if not head:
        raise wrong("empty", path, "is empty")
    kind = kind_of(path, head)
    if kind is None:
        text = "is a text or web page" if looks_like_text(head) else "is no audio, or encrypted"
        raise wrong("not_audio", path, text)
    if kind is Container.OFR:
        raise wrong("unsupported", path, "is in a format that cannot be read here")
    try:
        with av.open(local_url(path), options=_OPEN, **_ANY_TEXT) as container:
            yield container, _audio_stream(path, container)
    except av.FFmpegError as error:
        if kind is Container.MPC or head[:4] == b"ADIF":
            raise wrong("unsupported", path, "cannot be read here") from error
        if container_of(head):
            raise wrong("truncated", path, "is cut off or damaged") from error
        raise wrong("not_audio", path, "is no audio, or encrypted") from error


def _audio_stream(path: str | Path, container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        raise wrong("not_audio", path, "holds no audio")
    stream = container.streams.audio[0]
    if getattr(stream, "codec_context", None) is None:  # AC-4, say, or damaged headers
        raise wrong("unsupported", path, "is in a format that cannot be decoded here")
    return stream


def _head(path: str | Path) -> bytes:
    """The first bytes, behind a tag that would hide them."""
    with open(path, "rb") as file:
        head = file.read(HEAD)
        if (end := id3_end(head)) > HEAD - 16:
            file.seek(end)
            return after if container_of(after := file.read(HEAD)) else head
        return head


def container_at(path: str | Path) -> Container | None:
    """What kind of file it is, by its bytes. Raises OSError."""
    head = _head(path)
    return kind_of(path, head) if head else None


def wrong(code: str, path: str | Path, what: str) -> DownloadError:
    return DownloadError(f"{os.path.basename(path)} {what}.", hint=_HINTS[code], code=code)


_AGAIN: Final = "The next sync downloads it again."
_HINTS: Final = {
    "empty": _AGAIN,
    "truncated": _AGAIN,
    "undecodable": _AGAIN,
    "unsupported": "strandline leaves such a file as it is.",
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
    """What FLAC and ALAC say of themselves, and a PCM codec's name; None for a lossy codec."""
    context = stream.codec_context
    name, extra = codec_of(stream), context.extradata or b""
    if name == "flac" and len(extra) >= 34:
        return ((extra[12] & 1) << 4 | extra[13] >> 4) + 1
    if name == "alac":
        return extra[17] if len(extra) >= 36 else context.format.bits
    if name.startswith("pcm_"):
        digits = "".join(filter(str.isdigit, name))
        return int(digits) if digits else context.format.bits
    return None


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
