"""Which audio is not as today's settings want it, and from what it is made anew.

From the file at hand wherever that loses nothing the wish needs; from TIDAL only where the file is
less than what is asked for. Lossy audio is never encoded a second time, and never passes for
lossless: where TIDAL has nothing better either, the file stays as it is.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from strandline.core.actions import Because
from strandline.core.encoding import MP3_RATES, Form, encoding_for
from strandline.core.quality import (
    HIRES_BITS,
    HIRES_RATE,
    Quality,
    Sound,
    Tier,
    is_lossless,
    tier_of,
)

_BITS = 24
"""More than these (32 in some FLAC and PCM) no encoder here writes."""


class Source(str, Enum):
    """From what a file is made anew."""

    FILE = "file"
    """The one at hand."""
    TIDAL = "tidal"


class AudioFile(NamedTuple):
    """The audio of a track as it lies in the library."""

    container: str
    """``flac``, ``m4a``, ``mp3``, ``aiff`` …"""
    sound: Sound
    seconds: float
    came: Quality | None = None
    """As it came from TIDAL; None where that is not known, or it is a person's own."""


class WantedAudio(NamedTuple):
    """What the settings ask for."""

    form: Form
    quality: Tier
    bitrate: int
    """kbit/s of an MP3, one of those that there are."""


class Remake(NamedTuple):
    """How a file is made anew."""

    source: Source
    because: Because
    container: str
    """What comes of it; of audio that is fetched a forecast."""
    changes: tuple[str, ...]
    """What becomes another: ``quality``, ``format``, ``bitrate``, ``sample_rate``,
    ``bit_depth``.
    """
    least: Tier | None = None
    """Of TIDAL: what is below this is not worth having."""
    rate: int = 0
    """Hz, of a lossless form that is made of the file at hand."""
    bits: int = 0
    """Bits a sample, likewise."""


class Stays(NamedTuple):
    """The file is not what is asked for, and nothing better is to be had; ``because`` in words."""

    because: str


def remake(file: AudioFile, wanted: WantedAudio, offered: Tier) -> Remake | Stays | None:
    """What is to be done with a file; None where it is as it should be.

    ``offered``: the best that TIDAL says it has of the track.
    """
    got, best = _got(file), min(_worth(wanted), offered, key=lambda tier: tier.rank)
    if got is not None and got.rank < best.rank:
        changes = (
            ("quality",) if file.container == _forecast(best, wanted) else ("quality", "format")
        )
        least = _tier(got.rank + 1)
        return Remake(Source.TIDAL, Because.BETTER_QUALITY, _forecast(best, wanted), changes, least)
    found = _by_settings(file, wanted, offered)
    if found is None and got is not None and got.rank < _worth(wanted).rank and file.came:
        return Stays(f"it came in {got.word} quality, and TIDAL says that it has no better")
    return found


def _by_settings(file: AudioFile, wanted: WantedAudio, offered: Tier) -> Remake | Stays | None:
    if is_lossless(file.sound.codec):
        return _from_lossless(file, wanted, offered)
    if wanted.form.audio_format == "mp3":
        return _to_mp3(file, wanted, offered)
    return _to_what_comes(file, wanted, offered)


def _got(file: AudioFile) -> Tier | None:
    """In which quality it came; of what nobody told, lossless audio and AAC tell themselves."""
    if file.came and file.came.got:
        return Tier.of_word(file.came.got)
    told = is_lossless(file.sound.codec) or file.container == "m4a"
    return tier_of(file.sound, None) if told else None


def _worth(wanted: WantedAudio) -> Tier:
    """The best quality that makes a difference: an MP3, or what is made as a CD, has no hi-res."""
    form = wanted.form
    no_rate = 0 < form.max_sample_rate <= HIRES_RATE
    no_bits = 0 < form.bit_depth <= HIRES_BITS
    as_a_cd = form.audio_format == "mp3" or (no_rate and no_bits)
    return (
        min(wanted.quality, Tier.LOSSLESS, key=lambda tier: tier.rank)
        if as_a_cd
        else wanted.quality
    )


def _tier(rank: int) -> Tier:
    return next(tier for tier in Tier if tier.rank == rank)


def _forecast(tier: Tier, wanted: WantedAudio) -> str:
    """The container of what TIDAL gives in that quality, once it is stored."""
    if wanted.form.audio_format == "mp3":
        return "mp3"
    if tier.rank < Tier.LOSSLESS.rank:
        return "m4a"
    return "aiff" if wanted.form.audio_format == "aiff" else "flac"


# ---------------------------------------------------------------- lossless audio at hand


def _from_lossless(file: AudioFile, wanted: WantedAudio, offered: Tier) -> Remake | Stays | None:
    if wanted.form.audio_format == "mp3":
        return Remake(Source.FILE, Because.SETTINGS_CHANGED, "mp3", ("format",))
    came = _as_it_came(file)
    goal = encoding_for("flac", came, file.seconds, wanted.form)
    rate, bits = goal.rate or came.rate or 0, goal.bits or _width(came)
    here, got = file.sound, _got(file)
    if rate > (here.rate or 0) or bits > _width(here):  # it was made with less than is allowed now
        if got is not None and got.rank <= _worth(wanted).rank:
            return _again(wanted, offered, got, _differences(here, rate, bits))
        rate, bits = here.rate or 0, _width(here)
    changes = _differences(here, rate, bits)
    container = goal.form or ("flac" if _follows_tidal(file, wanted) else file.container)
    if file.container != container:
        changes = ("format", *changes)
    if not changes:
        return None
    why = Because.SETTINGS_CHANGED
    return Remake(Source.FILE, why, container, changes, rate=rate, bits=bits)


def _follows_tidal(file: AudioFile, wanted: WantedAudio) -> bool:
    """Whether another lossless container is to give way: ``original`` is whatever a person has."""
    return file.came is not None or wanted.form.audio_format != "original"


def _as_it_came(file: AudioFile) -> Sound:
    came = file.came
    if came is None or not came.codec or not is_lossless(came.codec) or not came.rate:
        return file.sound
    return Sound(came.codec, came.rate, came.bits, file.sound.channels)


def _width(sound: Sound) -> int:
    """16 or 24 bits, which is what encoders here write."""
    return HIRES_BITS if sound.bits and sound.bits <= HIRES_BITS else _BITS


def _differences(here: Sound, rate: int, bits: int) -> tuple[str, ...]:
    other_rate = ("sample_rate",) if rate != (here.rate or 0) else ()
    return (*other_rate, "bit_depth") if bits != _width(here) else other_rate


# ---------------------------------------------------------------- lossy audio at hand


def _to_mp3(file: AudioFile, wanted: WantedAudio, offered: Tier) -> Remake | Stays | None:
    """An MP3 that was made here follows bitrate and rate; what is one of its own is left."""
    if file.container != "mp3":
        if min(offered, wanted.quality, key=lambda tier: tier.rank).rank < Tier.LOSSLESS.rank:
            return Stays(f"it is lossy ({file.sound.codec}), and encoding it again would lose more")
        least = Tier.LOSSLESS
        return Remake(Source.TIDAL, Because.SETTINGS_CHANGED, "mp3", ("format",), least)
    if file.came is None or file.came.codec in (None, "mp3"):
        return None
    changes = ("bitrate",) if (file.sound.bitrate or 0) != wanted.bitrate * 1000 else ()
    allowed = wanted.form.mp3_rates
    if file.sound.rate in MP3_RATES and file.sound.rate not in allowed:
        changes = (*changes, "sample_rate")
    return _again(wanted, offered, _heard(file), changes) if changes else None


def _to_what_comes(file: AudioFile, wanted: WantedAudio, offered: Tier) -> Remake | Stays | None:
    """AAC is stored as it comes; an MP3 was made of something that can be had again."""
    if file.container == "m4a":
        return None
    return _again(wanted, offered, _heard(file), ("format",))


def _heard(file: AudioFile) -> Tier:
    """What lossy audio was made of, as far as it matters: any lossless audio is better."""
    return min(_got(file) or Tier.HIGH, Tier.LOSSLESS, key=lambda tier: tier.rank)


def _again(
    wanted: WantedAudio, offered: Tier, least: Tier, changes: tuple[str, ...]
) -> Remake | Stays:
    """From TIDAL once more, in a quality that is no less than ``least``."""
    best = min(wanted.quality, offered, key=lambda tier: tier.rank)
    if best.rank < least.rank:
        return Stays(f"it came in {least.word} quality, and would come in {best.word} now")
    return Remake(Source.TIDAL, Because.SETTINGS_CHANGED, _forecast(best, wanted), changes, least)
