"""How good audio is: TIDAL's tiers, what a person asks for, what came.

What came is judged by the file itself; what TIDAL says of it decides only between two lossy tiers,
which no header tells apart.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

LOSSLESS_CODECS = frozenset({"flac", "alac", "wavpack", "ape", "tta"})
HIRES_BITS, HIRES_RATE = 16, 48_000
"""More than either of these (bits a sample, Hz) is more than a CD's, or a DAT's."""
LOW_BITRATE = 128_000
"""bit/s; lossy audio of an unknown tier below this counts as ``low``."""
STEREO = 2
"""Channels; TIDAL's 5.1 and Atmos versions are other recordings than the stereo track."""
SURROUND_CODECS = ("ec-3", "ec3", "eac3", "e-ac-3", "ac-3", "ac3", "ac-4", "ac4", "mha1", "mhm1")
"""As manifests spell them; the last two are 360 Reality Audio."""


class Tier(str, Enum):
    """TIDAL's words for audio, from the least to the best; ``word`` is the configuration's."""

    LOW = "LOW"
    HIGH = "HIGH"
    LOSSLESS = "LOSSLESS"
    HI_RES_LOSSLESS = "HI_RES_LOSSLESS"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return _ORDER.index(self)

    @property
    def word(self) -> str:
        """``low``, ``high``, ``lossless`` or ``hires``."""
        return _WORDS[self.rank]

    @classmethod
    def of_word(cls, word: str) -> Tier:
        """The reverse of ``word``. KeyError."""
        return _BY_WORD[word]


_ORDER = (Tier.LOW, Tier.HIGH, Tier.LOSSLESS, Tier.HI_RES_LOSSLESS)
_WORDS = ("low", "high", "lossless", "hires")
_BY_WORD = dict(zip(_WORDS, _ORDER, strict=True))


class Sound(NamedTuple):
    """What the headers of a file say of its audio."""

    codec: str
    rate: int | None = None
    """Hz."""
    bits: int | None = None
    """Bits a sample; None for a lossy codec."""
    channels: int | None = None
    bitrate: int | None = None
    """bit/s."""


class Quality(NamedTuple):
    """What was asked for a track, and what came. Words are the configuration's."""

    asked: str
    got: str | None
    """None: not known, as of files that 0.1.0 fetched."""
    codec: str | None = None
    rate: int | None = None
    """Hz."""
    bits: int | None = None
    mode: str | None = None
    """TIDAL's: ``STEREO`` …"""

    @property
    def lower(self) -> bool:
        """Less came than was asked for; what is not known is not lower."""
        return self.got is not None and is_below(self.got, self.asked)


def is_below(got: str, least: str) -> bool:
    """Whether one of the configuration's words is less than another."""
    return Tier.of_word(got).rank < Tier.of_word(least).rank


def tier_of(sound: Sound, said: Tier | None) -> Tier:
    """What came, whatever was said; ``said`` decides between the lossy tiers alone."""
    if is_lossless(sound.codec):
        fine = (sound.bits or 0) > HIRES_BITS or (sound.rate or 0) > HIRES_RATE
        return Tier.HI_RES_LOSSLESS if fine else Tier.LOSSLESS
    if said is not None:
        return min(said, Tier.HIGH, key=lambda tier: tier.rank)
    return Tier.LOW if sound.bitrate and sound.bitrate < LOW_BITRATE else Tier.HIGH


def is_lossless(codec: str) -> bool:
    """By libav's name for it, or RFC 6381's."""
    return codec.lower() in LOSSLESS_CODECS or codec.startswith("pcm_")


def is_surround(codec: str, mode: str | None, channels: int | None = None) -> bool:
    """Another version than the stereo track, by any of the three signs."""
    return (
        codec.lower().startswith(SURROUND_CODECS)
        or mode not in (None, "", "STEREO", "MONO")
        or (channels or 0) > STEREO
    )
