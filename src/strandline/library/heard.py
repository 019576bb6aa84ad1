"""What a file's headers say of its audio, as far as a DJ player cares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.core.players import Heard
from strandline.library.audio import container_at, opened, probe

if TYPE_CHECKING:
    from pathlib import Path


def hear(path: str | Path) -> Heard:
    """Raises OSError, or DownloadError as ``check_audio`` does."""
    found, kind = probe(path), container_at(path)
    with opened(path) as (_, stream):
        profile = stream.codec_context.profile if found.codec == "aac" else None
    return Heard(
        kind.value if kind else "",
        found.codec,
        found.sample_rate,
        found.bits,
        found.channels,
        profile or "",
        found.duration,
    )
