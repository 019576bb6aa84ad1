"""In which form audio is stored: as it came, or encoded, by the settings."""

from __future__ import annotations

from typing import NamedTuple

from strandline.core.players import LARGEST, rate_for
from strandline.core.quality import STEREO, Sound, is_lossless

RATES = (44_100, 48_000, 88_200, 96_000, 176_400, 192_000, 352_800, 384_000)
"""Hz; those of recordings."""
MP3_RATES = (32_000, 44_100, 48_000)
_TAGS = 1 << 20


class Form(NamedTuple):
    """What the settings want of audio."""

    audio_format: str = "mp3"
    """mp3, aiff, flac or original."""
    max_sample_rate: int = 0
    """Hz; 0: as it comes."""
    bit_depth: int = 0
    """At most so many bits a sample, 16 or 24; 0: as it comes."""

    @property
    def mp3_rates(self) -> tuple[int, ...]:
        """Hz, that an MP3 may have."""
        most = self.max_sample_rate or MP3_RATES[-1]
        return tuple(rate for rate in MP3_RATES if rate <= most)


class Encoding(NamedTuple):
    """How audio is stored; without a form it stays as it came."""

    form: str = ""
    """``mp3``, ``aiff`` or ``flac``."""
    rate: int = 0
    """Hz, of an AIFF or FLAC."""
    bits: int = 0
    """Bits a sample, of an AIFF or FLAC."""


AS_IT_CAME = Encoding()


def encoding_for(container: str, sound: Sound, seconds: float, wanted: Form) -> Encoding:
    """For audio that came in ``container`` (``flac``, ``m4a``, ``mp3`` …), lasting so long.

    Lossy audio is encoded for nothing but MP3: in another form it would only be larger. An AIFF
    cannot have 4 GiB, so what would is stored as FLAC.
    """
    if wanted.audio_format == "mp3":
        return AS_IT_CAME if container == "mp3" else Encoding("mp3")
    if not is_lossless(sound.codec):
        return AS_IT_CAME
    came = sound.rate or RATES[0]
    rate, bits = _rate(came, wanted), _bits(sound.bits, wanted)
    capped = rate < came or bits < min(sound.bits or 24, 24)
    aiff = wanted.audio_format == "aiff" or container == "aiff"
    if aiff and seconds * rate * bits / 8 * (sound.channels or STEREO) + _TAGS > LARGEST:
        return Encoding("flac", rate, bits) if capped or container != "flac" else AS_IT_CAME
    if capped or (aiff and container != "aiff"):
        return Encoding("aiff" if aiff else "flac", rate, bits)
    return AS_IT_CAME


_CD, _HIRES = (44_100, 16), (96_000, 24)
"""Hz and bits of what TIDAL usually has."""


def pcm_bytes(quality: str, wanted: Form) -> int:
    """Of a second of stereo as AIFF, about."""
    rate, bits = _HIRES if quality == "hires" else _CD
    return _rate(rate, wanted) * _bits(bits, wanted) // 8 * STEREO


def _rate(rate: int, wanted: Form) -> int:
    most = wanted.max_sample_rate
    if not most or rate <= most:
        return rate
    return rate_for(rate, tuple(it for it in RATES if it <= most))


def _bits(bits: int | None, wanted: Form) -> int:
    """16 or 24, which is what encoders here write."""
    depth = 16 if bits and bits <= 16 else 24
    return min(depth, wanted.bit_depth or depth)
