"""An outage: tracks in a row for which TIDAL, or the server that has its audio, was not there."""

from __future__ import annotations

from typing import Generic, TypeGuard, TypeVar

from strandline.errors import DownloadError, UnreachableError
from strandline.execute.circuit_breaker import IN_A_ROW, is_audio_refused

J = TypeVar("J")

GIVE_UP_AFTER = 5
"""In a row."""


def is_away(error: Exception) -> TypeGuard[UnreachableError | DownloadError]:
    """It may be everybody's: nothing but a track that comes tells."""
    return isinstance(error, UnreachableError) or is_audio_refused(error)


class Outage(Generic[J]):
    """For the main thread alone. Whose errors they are is open until something comes."""

    def __init__(self) -> None:
        self._row: list[tuple[J, UnreachableError | DownloadError]] = []

    def add(self, job: J, error: UnreachableError | DownloadError) -> UnreachableError | None:
        """One more; the error to end the run with once there are GIVE_UP_AFTER."""
        self._row.append((job, error))
        return _nothing_comes(error) if len(self._row) >= GIVE_UP_AFTER else None

    def at_end(self, *, answered: bool, came: bool) -> UnreachableError | None:
        """The error to end the run with when no track is left that would tell.

        ``answered``: TIDAL said something in this run. ``came``: so did some track's audio.
        """
        if not self._row:
            return None
        error = self._row[-1][1]
        if is_audio_refused(error):
            return _nothing_comes(error) if len(self._row) >= IN_A_ROW and not came else None
        return None if answered else _nothing_comes(error)

    def clear(self) -> list[tuple[J, UnreachableError | DownloadError]]:
        """Those so far: something else came, so each failed by itself."""
        row, self._row = self._row, []
        return row


def _nothing_comes(error: UnreachableError | DownloadError) -> UnreachableError:
    if isinstance(error, UnreachableError):
        return error
    return UnreachableError(
        f"{error.message} So it is with every track that is asked for: it is not about the tracks.",
        hint="Try again later. Does anything play in TIDAL's own app, from this place?",
        code="audio_refused",
    )
