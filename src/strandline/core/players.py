"""What DJ players play from a stick, and in which form a track's audio goes there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from strandline.core.quality import STEREO, is_lossless

LARGEST = (4 << 30) - 1
"""Bytes of a file on FAT32, and of an AIFF."""
_CD, _HIGH = (44_100, 48_000), (88_200, 96_000)  # Hz
_PCM = frozenset({("wav", "pcm_s16le"), ("wav", "pcm_s24le"),
                  ("aiff", "pcm_s16be"), ("aiff", "pcm_s24be")})  # fmt: skip
_FLAC, _ALAC = frozenset({("flac", "flac")}), frozenset({("m4a", "alac")})
_LOSSY = frozenset({("mp3", "mp3"), ("m4a", "aac")})


class PlayerFormat(NamedTuple):
    """What the headers of a file say of its audio."""

    container: str
    """``flac``, ``m4a``, ``mp3``, ``wav``, ``aiff``, or anything else."""
    codec: str
    rate: int
    """Hz."""
    bits: int | None
    """Bits a sample; None for a lossy codec."""
    channels: int
    profile: str
    """Of AAC, ``LC`` or another; empty where the codec has none."""
    seconds: float | None


class Recipe(NamedTuple):
    """What is done with a file's audio on its way to the stick."""

    form: str
    """``copy``: the file as it is; else ``aiff`` or ``mp3``."""
    rate: int = 0
    """Hz, of an AIFF."""
    bits: int = 0
    """Bits a sample, of an AIFF."""
    bitrate: int = 0
    """kbit/s, of an MP3."""

    def ending(self, heard: PlayerFormat) -> str:
        """What the name of the file that comes of it ends in."""
        return f".{heard.container if self.form == 'copy' else self.form}"

    def makes(self, made: PlayerFormat) -> bool:
        """Whether a converted file may have come of it, by what its headers say."""
        if self.form == "aiff":
            return (made.container, made.rate, made.bits) == ("aiff", self.rate, self.bits)
        return made.container == self.form == "mp3"

    def size(self, source: int, heard: PlayerFormat) -> int:
        """About how many bytes come of a file of ``source`` bytes; a bit more than less."""
        if self.form == "copy":
            return source
        seconds, tags = heard.seconds or 600, 1 << 20
        if self.form == "aiff":
            return int(seconds * self.rate * min(heard.channels, STEREO) * self.bits / 8) + tags
        return int(seconds * self.bitrate * 125) + tags


COPY = Recipe("copy")


@dataclass(frozen=True, slots=True)
class Player:
    """A kind of player, by its word on the command line."""

    word: str
    models: str
    lossless: frozenset[tuple[str, str]]
    """Container and codec of what it plays besides MP3 and AAC."""
    rates: tuple[int, ...] = _CD
    """Hz, of lossless audio; MP3 and AAC play at 44.1 and 48 kHz everywhere."""
    bits: int = 24
    """Bits a sample at most."""
    exfat: bool = False
    """It reads sticks in exFAT; all read FAT32."""


PLAYERS = {
    player.word: player
    for player in (
        Player("cdj3000", "CDJ-3000, CDJ-3000X", _PCM | _FLAC | _ALAC, _CD + _HIGH, exfat=True),
        Player("nxs2", "CDJ-2000NXS2, CDJ-TOUR1", _PCM | _FLAC | _ALAC, _CD + _HIGH),
        Player("nxs", "CDJ-2000NXS, CDJ-900NXS and others that play no FLAC", _PCM),
        Player("xdj1000mk2", "XDJ-1000MK2", _PCM | _FLAC | _ALAC),
        Player("xdjxz", "XDJ-XZ", _PCM | _FLAC, exfat=True),
        Player("rx3", "XDJ-RX3", _PCM | _FLAC, exfat=True),
        Player("old", "anything older: 44.1 kHz, 16 bit", _PCM, (44_100,), 16),
    )
}
"""As AlphaTheta tells it (rekordbox's FAQ on hardware)."""


def plays(player: Player, heard: PlayerFormat) -> bool:
    """Whether a player plays a file as it is."""
    kind = (heard.container, heard.codec)
    if heard.channels > STEREO:
        return False
    if kind in _LOSSY:
        return heard.rate in _CD and heard.profile in ("", "LC")
    fits = heard.rate in player.rates and (heard.bits or 0) <= player.bits
    return kind in player.lossless and fits


def recipe_for(
    heard: PlayerFormat, size: int, player: Player, *, lossless_as: str, bitrate: int
) -> Recipe:
    """A file of ``size`` bytes as it is where it plays; else an AIFF of lossless audio, or an MP3.

    ``lossless_as``: ``aiff`` or ``mp3``. ``bitrate``: kbit/s of an MP3.
    """
    if plays(player, heard) and size <= LARGEST:
        return COPY
    if is_lossless(heard.codec) and lossless_as == "aiff":
        bits = 16 if min(heard.bits or 24, player.bits) <= 16 else 24
        aiff = Recipe("aiff", rate_for(heard.rate, player.rates), bits)
        if aiff.size(size, heard) <= LARGEST:
            return aiff
    return Recipe("mp3", bitrate=bitrate)


def rate_for(rate: int, rates: tuple[int, ...]) -> int:
    """Its own rate, else the highest that goes into it (192 kHz: 96, 88.2: 44.1), else the next."""
    if rate in rates:
        return rate
    if parts := [it for it in rates if rate % it == 0]:
        return max(parts)
    return next((it for it in sorted(rates) if it >= rate), max(rates))
