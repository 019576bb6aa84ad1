"""Whether there is disk space for one more download."""

from __future__ import annotations

from strandline.core.encoding import pcm_bytes
from strandline.core.sizes import size
from strandline.errors import LibraryError
from strandline.execute.ports import DownloadRequest, RunSettings

BYTES_A_SECOND = {"low": 12_000, "high": 40_000, "lossless": 130_000, "hires": 420_000}
UNKNOWN_LENGTH = 600  # seconds


def require_space(request: DownloadRequest, settings: RunSettings, free: int | None) -> None:
    """``free`` in bytes; None where nothing tells, so that it shows with the writing.

    LibraryError: a disk that is full for one track is full for all.
    """
    if free is None:
        return
    a_second = BYTES_A_SECOND[settings.quality]
    if settings.audio_format == "mp3":
        a_second += settings.bitrate * 125
    elif settings.audio_format == "aiff":
        a_second += pcm_bytes(settings.quality, settings.form)
    needed = (request.duration or UNKNOWN_LENGTH) * a_second + settings.reserve
    if free < needed:
        raise LibraryError(
            f"The library's disk is nearly full: {size(free)} free, and the next download"
            f" may need {size(needed)}.",
            hint="Free some space and run again: it goes on where it was.",
            code="disk_full",
        )
