"""Cover pictures made here: a two-coloured JPEG that is always the same for the same cover."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from hashlib import sha256

import av

_COARSE = 16


@lru_cache(maxsize=64)
def jpeg(cover: str, width: int, height: int) -> bytes:
    """A JPEG of ``width`` × ``height`` pixels."""
    coarse = av.VideoFrame(_COARSE, _COARSE, "rgb24")
    coarse.planes[0].update(_blend(cover, coarse.planes[0].line_size))
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.framerate = Fraction(1)
    picture = coarse.reformat(width, height, "yuvj420p")
    return b"".join(bytes(packet) for packet in [*encoder.encode(picture), *encoder.encode(None)])


def _blend(cover: str, line: int) -> bytes:
    """Rows of ``line`` bytes that go from one colour to another along a diagonal."""
    seed = sha256(cover.encode()).digest()
    one, other = seed[:3], seed[3:6]
    rows = []
    for y in range(_COARSE):
        shares = [(x + y) / (2 * _COARSE - 2) for x in range(_COARSE)]
        row = bytes(
            round(a + (b - a) * share) for share in shares for a, b in zip(one, other, strict=True)
        )
        rows.append(row.ljust(line, b"\0"))
    return b"".join(rows)
