"""The quality of what an earlier version fetched: not known until the file's own codec is read."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from strandline.core.quality import Quality, Sound, tier_of
from strandline.errors import DownloadError

if TYPE_CHECKING:
    from pathlib import Path

    from strandline.app.session import Session
    from strandline.core.ids import LibPath

LEARNED_AT_ONCE = 1000
"""Files of which one run reads the codec, so that none takes much longer than another."""


def learn_qualities(session: Session, but: Collection[LibPath]) -> None:
    """Of files that are as they were left; ``but`` are those that are not.

    What was asked for at the time is not known; what is asked for today stands in for it.
    """
    store, config = session.store, session.config
    read = (
        (file.track, file.sha256, f".{file.path.rpartition('.')[2].lower()}", quality)
        for file in store.qualities.unknown(LEARNED_AT_ONCE)
        if file.path not in but
        and (quality := _quality(config.mp3_dir / file.path, config.tidal_quality))
    )
    if came := list(read):
        store.qualities.save(came, session.now())


def _quality(path: Path, asked: str) -> Quality | None:
    """By the file's headers; None when they cannot be read just now."""
    from strandline.library.audio.probe import probe

    try:
        heard = probe(path)
    except (OSError, DownloadError):
        return None
    sound = Sound(heard.codec, heard.sample_rate, heard.bits, heard.channels, heard.bitrate)
    return Quality(asked, tier_of(sound, None).word, sound.codec, sound.rate, sound.bits)
