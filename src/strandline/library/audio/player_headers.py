"""What a file's headers say of its audio, as far as a DJ player cares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.core.players import PlayerFormat
from strandline.library.audio.probe import container_at, opened, probe

if TYPE_CHECKING:
    from pathlib import Path


def read_player_format(path: str | Path) -> PlayerFormat:
    """Raises OSError, or DownloadError as ``check_audio`` does."""
    found, kind = probe(path), container_at(path)
    with opened(path) as (_, stream):
        profile = stream.codec_context.profile if found.codec == "aac" else None
    return PlayerFormat(
        kind.value if kind else "",
        found.codec,
        found.sample_rate,
        found.bits,
        found.channels,
        profile or "",
        found.duration,
    )
