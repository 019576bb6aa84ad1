"""Where the audio of a track is, and what can be wrong with TIDAL's description of it."""

from __future__ import annotations

from dataclasses import dataclass

from strandline.core.loudness import ReplayGain
from strandline.core.quality import Sound, Tier, is_lossless, tier_of
from strandline.errors import DownloadError

HE_AAC = ("mp4a.40.5", "mp4a.40.29")
"""AAC for the lowest tier, which may call itself a better one."""


@dataclass(frozen=True, slots=True)
class AudioSource:
    """Where the audio of a track is. The addresses are signed: do not log them."""

    kind: str
    """``bts``: one file. ``dash``: an initialization and segments, to be put in a row."""
    urls: tuple[str, ...]
    codec: str
    """As RFC 6381 has it: ``flac``, ``mp4a.40.2`` …"""
    mime: str
    extension: str
    """``.flac`` or ``.m4a``, by the type alone: nothing of the address gets into a file name."""
    quality: str
    """What TIDAL delivers, which may be less than was asked for: ``LOSSLESS`` …"""
    asked: Tier | None = None
    """What was asked for when this came."""
    mode: str | None = None
    """TIDAL's word for it: ``STEREO`` …"""
    inits: int = 0
    """So many of the first addresses are initializations, without sound of their own."""
    replay_gain: ReplayGain | None = None
    segmented: bool = False
    """Each of the other addresses is a segment with samples of its own."""

    @property
    def tier(self) -> Tier:
        """What TIDAL says it delivers, as far as the codec bears that out."""
        said = self.said
        if is_lossless(self.codec):
            return said if said and said.rank > Tier.LOSSLESS.rank else Tier.LOSSLESS
        if self.codec.lower() in HE_AAC:
            return Tier.LOW
        return tier_of(Sound(self.codec), said)

    @property
    def said(self) -> Tier | None:
        """What TIDAL says it delivers; None for a word that is not known."""
        return Tier(self.quality) if self.quality in Tier.__members__ else None

    def __repr__(self) -> str:
        return f"AudioSource({self.kind}, {self.codec}, {self.quality}, {len(self.urls)} pieces)"


def bad_manifest(why: str) -> DownloadError:
    """TIDAL's description of the audio makes no sense."""
    return DownloadError(f"TIDAL's description of the audio {why}.", code="bad_manifest")


def encrypted() -> DownloadError:
    """Audio that needs a key is not for this program."""
    return DownloadError(
        "TIDAL delivers this track encrypted; strandline takes only what TIDAL sends unencrypted.",
        hint="Try another `quality` in the [tidal] table of the configuration.",
        code="encrypted",
    )


def extension_of(mime: str) -> str:
    """By the type: ``.flac`` or ``.m4a``. DownloadError for anything else."""
    extension = {"audio/flac": ".flac", "audio/mp4": ".m4a", "audio/x-m4a": ".m4a"}.get(mime)
    if extension is None:
        raise bad_manifest("names a type of audio that is not known")
    return extension
