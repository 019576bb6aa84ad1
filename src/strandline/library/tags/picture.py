"""Cover pictures made smaller: as a baseline JPEG, which every player shows."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import av

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

JPEG: Final = "image/jpeg"
_DECODERS: Final = {JPEG: "mjpeg", "image/png": "png"}
_MOST_PIXELS: Final = 32_000_000
"""Of a picture that is unpacked at all; TIDAL's largest have 9 million."""
_QUALITY: Final = "2"
"""libav's second best of 31, as it recommends."""


def shrunk(data: bytes, mime: str, pixels: int) -> tuple[bytes, str]:
    """The picture with no side longer than ``pixels``, and its type; smaller ones as they are.

    So is what cannot be read: a cover is never worth an error.
    """
    try:
        picture = _decoded(data, mime)
        longest = max(picture.width, picture.height) if picture else 0
        if picture is None or longest <= pixels:
            return data, mime
        return _encoded(_scaled(picture, pixels / longest)), JPEG
    except (av.FFmpegError, ValueError, MemoryError):
        return data, mime


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG or PNG by its own header; zeros where it does not say."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    at = 2
    while data[:2] == b"\xff\xd8" and at + 9 <= len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # a frame's header
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 1 if marker == 0xFF else 2 + size
    return 0, 0


def side_of(picture: bytes) -> int:
    """The longer side in pixels; -1 where it cannot be read."""
    width, height = size_of(picture)
    return max(width, height) or -1


def _decoded(data: bytes, mime: str) -> VideoFrame | None:
    name = _DECODERS.get(mime)
    if name is None:
        return None
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.options = {"max_pixels": str(_MOST_PIXELS)}
    frames = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
    return frames[0] if frames else None


def _scaled(picture: VideoFrame, factor: float) -> VideoFrame:
    width, height = (max(1, round(side * factor)) for side in (picture.width, picture.height))
    return picture.reformat(width, height, "yuvj420p", interpolation="LANCZOS")


def _encoded(picture: VideoFrame) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = picture.width, picture.height, "yuvj420p"
    encoder.framerate = Fraction(1)
    encoder.options = {"qmin": _QUALITY, "qmax": _QUALITY}
    picture.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(picture), *encoder.encode(None)])
