"""Audio that a player does not play as it is, converted on its way to a stick."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from strandline.errors import ItemError, StrandlineError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

    from strandline.app.usb_plan import Job
    from strandline.execute.ports import StopFlag
    from strandline.library.files import LibraryFiles, Temp

INTERRUPTED = ItemError("Not begun before the end was asked for.", code="interrupted")
_CUT_OFF = 0.5  # seconds
_MP3_RATES = (44_100, 48_000)  # Hz


def converted(files: LibraryFiles, job: Job, stop: StopFlag) -> Temp:
    """The audio as the player wants it, with its tags, on the library's disk.

    Raises StrandlineError, INTERRUPTED where ``stop`` is set.
    """
    from strandline.library.audio.encode import encode_mp3
    from strandline.library.audio.lossless import encode_aiff
    from strandline.library.tags.carried_tags import carry_tags

    temp, source, recipe = files.new_temp(), job.track.path, job.recipe
    try:
        if stop.is_set():
            raise INTERRUPTED
        if recipe.form == "aiff":
            encode_aiff(source, temp.fd, rate=recipe.rate, bits=recipe.bits)
        else:
            encode_mp3(source, temp.fd, recipe.bitrate, rates=_MP3_RATES)
        _require_whole(job, temp)
        carry_tags(source, temp.fd, recipe.form)
    except BaseException as error:
        temp.discard()
        if isinstance(error, OSError):
            raise _on_the_way(source, error) from error
        raise
    return temp


def _require_whole(job: Job, temp: Temp) -> None:
    """As long as its source says it is: one that is cut off may decode without a word."""
    from strandline.library.audio.player_headers import read_player_format

    came, wanted = read_player_format(temp.path).seconds, job.heard.seconds
    if came is not None and wanted is not None and came < wanted - _CUT_OFF:
        raise ItemError(
            f"{job.track.path}: is cut off: {came:.1f} of {wanted:.1f} seconds are there.",
            hint="`strandline verify` marks it, and the next sync fetches it again.",
            code="truncated",
        )


def _on_the_way(path: str, error: OSError) -> StrandlineError:
    """Of the disk that the library is on, where a converted file waits for its turn."""
    from strandline.library.files.errors import error_from_oserror

    return error_from_oserror(error, path)


def discard(made: Iterable[Future[Temp]]) -> None:
    """What was converted, or still waits to be, is needed no more."""
    for one in made:
        one.cancel()
        with suppress(BaseException):
            one.result().discard()
