"""What a plan's downloads need: room on the disk, and time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from strandline.app.library_folder import free_bytes
from strandline.core.actions import Download
from strandline.core.encoding import Form, pcm_bytes

if TYPE_CHECKING:
    from strandline.app.observe import Observed
    from strandline.app.session import Session
    from strandline.config import Config

BYTES_A_SECOND = {"low": 12_000, "high": 40_000, "lossless": 100_000, "hires": 300_000}
"""Of what TIDAL usually sends, by the quality asked for."""
USUAL_RATE = 5_000_000
"""Bytes a second over the network, where no run tells of another rate."""


class Needs(NamedTuple):
    """A guess from TIDAL's lengths; ``bytes`` are those of the files, as they will be stored."""

    downloads: int = 0
    bytes: int = 0
    free_bytes: int | None = None
    """On the library's disk; None where nothing tells."""
    seconds: int = 0
    measured: bool = False
    """``seconds`` are by the rate of earlier runs, and not by ``USUAL_RATE``."""


NOTHING = Needs()


def needs_of(session: Session, observed: Observed) -> Needs:
    """What the plan needs, by the settings and by how fast earlier runs were."""
    config = session.config
    downloads = sum(isinstance(action, Download) for action in observed.plan.actions)
    free = free_bytes(config.library)
    if not downloads:
        return Needs(free_bytes=free)
    sent, stored = _bytes_of(observed, config)
    rate = session.store.journal.download_rate()
    least = sent / config.download_limit if config.download_limit else 0
    seconds = stored / rate if rate else sent / USUAL_RATE
    return Needs(downloads, stored, free, round(max(seconds, least)), measured=rate is not None)


def _bytes_of(observed: Observed, config: Config) -> tuple[int, int]:
    """As TIDAL sends them, and as they will be stored."""
    seconds = {True: 0, False: 0}
    for action in observed.plan.actions:
        if isinstance(action, Download) and action.track in observed.snapshot.tracks:
            track = observed.snapshot.tracks[action.track]
            seconds[track.lossless] += track.duration
    best = BYTES_A_SECOND[config.tidal_quality]
    sent = seconds[True] * best + seconds[False] * min(best, BYTES_A_SECOND["high"])
    if config.audio_format == "mp3":
        return sent, (seconds[True] + seconds[False]) * config.audio_bitrate * 1000 // 8
    if config.audio_format == "aiff":
        form = Form(config.audio_format, config.audio_max_sample_rate, config.audio_bit_depth)
        lossy = seconds[False] * min(best, BYTES_A_SECOND["high"])
        return sent, seconds[True] * pcm_bytes(config.tidal_quality, form) + lossy
    return sent, sent
