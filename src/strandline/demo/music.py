"""Music made here: every track id has its own little tune, always the same, in TIDAL's formats.

A tune is put together from whole periods of sines, so a second of it costs about a millisecond.
"""

from __future__ import annotations

import hashlib
import io
import math
from array import array
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import av

from strandline.demo.bounded_cache import keep
from strandline.demo.model import RATE

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEAT = RATE // 4
_FADE = 6
_SCALE = (0, 3, 5, 7, 10)  # minor pentatonic: any two notes go together
_KEPT = 64 << 20  # bytes, of each format


class Segments(NamedTuple):
    """FLAC in fragmented MP4, cut as DASH wants it."""

    init: bytes
    media: tuple[bytes, ...]
    samples: tuple[int, ...]
    """Per media segment; all but the last are equal."""

    def size(self) -> int:
        """Bytes in all."""
        return len(self.init) + sum(map(len, self.media))


@keep(_KEPT, size=bytes.__len__)
def flac(track_id: int, seconds: int) -> bytes:
    """A FLAC file, 16 bit stereo, with the right length and MD5 in its header."""
    made, _ = _encode(_tune(track_id, seconds * RATE, bits=16), bits=16, container="flac")
    return made


@keep(_KEPT, size=bytes.__len__)
def m4a(track_id: int, seconds: int, kbps: int) -> bytes:
    """An AAC file in MP4, at about ``kbps`` kbit/s; its index comes first, as for streaming."""
    with TemporaryDirectory(prefix="strandline-demo-") as folder:  # libav writes that by name only
        made = Path(folder) / "made.mp4"
        with av.open(str(made), "w", options={"movflags": "faststart"}) as file:
            stream = file.add_stream(
                "aac", rate=RATE, layout="stereo", options={"aac_coder": "fast"}
            )
            stream.bit_rate = kbps * 1000
            tune = _tune(track_id, seconds * RATE, bits=16)
            for frame in _frames(tune, bits=16, size=RATE // 10):
                file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
        return made.read_bytes()


@keep(_KEPT, size=bytes.__len__)
def surround(seconds: int) -> bytes:
    """An E-AC-3 file in MP4, 5.1, with nothing to be heard."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("eac3", rate=48_000, layout="5.1")
        size = stream.codec_context.frame_size or 1536
        for at in range(0, seconds * 48_000, size):
            frame = av.AudioFrame("fltp", "5.1", min(size, seconds * 48_000 - at))
            frame.sample_rate, frame.pts = 48_000, at
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


@keep(_KEPT, size=Segments.size)
def segments(track_id: int, seconds: int, bits: int = 24, rate: int = RATE) -> Segments:
    """FLAC in fragmented MP4: an initialisation and three or more media segments."""
    tune = _tune(track_id, seconds * rate, bits=bits)
    made, frame = _encode(tune, bits=bits, container="mp4", rate=rate)
    init, fragments = _split(made)
    group = max(1, len(fragments) // 4)
    media = [b"".join(fragments[at : at + group]) for at in range(0, len(fragments), group)]
    whole = [group * frame] * (len(media) - 1)
    return Segments(init, tuple(media), (*whole, seconds * rate - sum(whole)))


# ---------------------------------------------------------------- encoding


def _encode(pcm: bytes, *, bits: int, container: str, rate: int = RATE) -> tuple[bytes, int]:
    """FLAC in ``container`` (``flac``, or ``mp4`` with a fragment a frame), and samples a frame."""
    out = io.BytesIO()
    options = {"movflags": "empty_moov+default_base_moof+frag_every_frame"}
    with av.open(out, "w", container, options=options if container == "mp4" else {}) as file:
        stream = file.add_stream(
            "flac", rate=rate, layout="stereo", options={"compression_level": "0"}
        )
        stream.codec_context.format = av.AudioFormat(_format(bits))
        stream.codec_context.open()
        size = stream.codec_context.frame_size
        for frame in _frames(pcm, bits=bits, size=size, rate=rate):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue(), size


def _format(bits: int) -> str:
    return "s16" if bits == 16 else "s32"


def _frames(pcm: bytes, *, bits: int, size: int, rate: int = RATE) -> Iterator[av.AudioFrame]:
    width = 4 if bits == 16 else 8  # bytes of a left and a right sample together
    for at in range(0, len(pcm), size * width):
        part = pcm[at : at + size * width]
        frame = av.AudioFrame(_format(bits), "stereo", len(part) // width)
        frame.sample_rate = rate
        frame.pts = at // width
        plane = frame.planes[0]
        plane.update(part.ljust(plane.buffer_size, b"\0"))
        yield frame


def _split(mp4: bytes) -> tuple[bytes, list[bytes]]:
    """The boxes up to the first ``moof``, and each ``moof`` with its ``mdat``; no index."""
    init, fragments, at = b"", [], 0
    while at < len(mp4):
        end = at + int.from_bytes(mp4[at : at + 4], "big")
        kind, box, at = mp4[at + 4 : at + 8], mp4[at:end], end
        if kind == b"moof":
            fragments.append(box)
        elif kind == b"mdat":
            fragments[-1] += box
        elif not fragments:
            init += box
    return init, fragments


# ---------------------------------------------------------------- composing


def _tune(track_id: int, samples: int, *, bits: int) -> bytes:
    """Interleaved stereo samples; 24 bit ones stand in the upper bytes of 32.

    At another rate than RATE it is faster and higher.
    """
    seed = hashlib.sha256(f"tune {track_id}".encode()).digest()
    start = _signature(seed, bits)
    width = 4 if bits == 16 else 8
    beats = -(-samples // _BEAT)
    tune = start + b"".join(_note(seed, beat, bits) for beat in range(beats))
    return tune[: samples * width]


def _signature(seed: bytes, bits: int) -> bytes:
    """256 samples too soft to hear that make every track's audio differ from every other's."""
    one = 1 if bits == 16 else 1 << 8
    softest = [one * (byte >> bit & 1) for byte in seed for bit in range(8)]
    return array("h" if bits == 16 else "i", [s for s in softest for _ in "lr"]).tobytes()


def _note(seed: bytes, beat: int, bits: int) -> bytes:
    """One fading note; the tune comes round again after eight."""
    pick = seed[beat % 8] + 3 * seed[8 + beat // 8 % 8]
    octave, step = divmod(pick % 15, len(_SCALE))
    pitch = 110 * 2 ** (octave + _SCALE[step] / 12 + seed[16] % 12 / 12)
    period = round(RATE / pitch)
    loud = [_BEAT // _FADE // period * period] * (_FADE - 1)
    ends = [*accumulate(loud), _BEAT]
    lengths = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    return b"".join(_hum(period, fade, bits, length) for fade, length in enumerate(lengths))


def _hum(period: int, fade: int, bits: int, samples: int) -> bytes:
    one = _period(period, fade, bits)
    width = 4 if bits == 16 else 8
    return (one * (samples // period + 1))[: samples * width]


@lru_cache(maxsize=2048)
def _period(period: int, fade: int, bits: int) -> bytes:
    """One period of a soft tone, the octave above it on the right, the softer the later."""
    peak = (1 << (14 if bits == 16 else 30)) * 0.6**fade
    turn = [2 * math.pi * at / period for at in range(period)]
    left = [int(peak * math.sin(x)) for x in turn]
    right = [int(peak * (0.7 * math.sin(x) + 0.3 * math.sin(2 * x))) for x in turn]
    clean = 0 if bits == 16 else 0xFF
    both = [value & ~clean for pair in zip(left, right, strict=True) for value in pair]
    return array("h" if bits == 16 else "i", both).tobytes()
