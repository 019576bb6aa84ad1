"""Is a file of ours that changed still whole? Proven before its new content is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from strandline.errors import DownloadError
from strandline.library.audio.check import UNSUPPORTED, check_audio, quick_check

if TYPE_CHECKING:
    from pathlib import Path

_NO_DAMAGE: Final = (UNSUPPORTED, "wrong_duration")
"""Nothing can be said here; or a whole file that is shorter or longer, as its owner wants it."""


class Proof(NamedTuple):
    """What reading a changed file showed."""

    whole: bool
    packets_hash: str | None = None
    duration: float | None = None  # seconds, counted
    told: str = ""
    """As ``Checked.told``."""


def prove(path: str | Path, before: str | None = None, duration: int | None = None) -> Proof:
    """Whether the file at ``path`` is whole.

    ``before``: the hash of its packets when it was whole; the same ones, under whatever tags, are
    whole still. Without it, or with others, all of the sound is checked or decoded. ``duration``:
    seconds that the track lasts, None or 0 if unknown; it only counts against a file that shows
    other signs of being cut off. Raises OSError.
    """
    quick = quick_check(path)
    if before and quick.packets_hash == before:
        return Proof(True, before, quick.duration)
    try:
        checked = check_audio(path, expected_duration=duration)
    except DownloadError as error:
        whole = error.code in _NO_DAMAGE
        return Proof(whole, quick.packets_hash if whole else None, quick.duration)
    return Proof(True, checked.packets_hash, checked.duration, checked.told)
