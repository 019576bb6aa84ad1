"""What TIDAL is asked for files that are there already: covers, lyrics, loudness."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from strandline.errors import (
    InterruptedRunError,
    LoginError,
    StrandlineError,
    TidalAnswerError,
    UnavailableError,
    UnreachableError,
)
from strandline.execute.ports import LoudnessSource

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from strandline.core.loudness import ReplayGain
    from strandline.core.lyrics import Lyrics
    from strandline.execute.ports import AudioSourcePort, Cover, DownloadRequest

A = TypeVar("A")
log = logging.getLogger(__name__)

ENOUGH = 20
"""Refusals of one kind of question without an answer; then it is asked no more in this run."""
_ENDS = (LoginError, InterruptedRunError, UnreachableError)
_MISSED = "no {} yet: TIDAL did not answer when asked."


class Answers(NamedTuple):
    """What TIDAL has for one track, and what it did not answer just now."""

    cover: Cover | None = None
    lyrics: Lyrics | None = None
    replay_gain: ReplayGain | None = None
    missed: frozenset[str] = frozenset()


class Asking:
    """Asks, in any thread; what is refused again and again is not asked for any more."""

    def __init__(self, source: Callable[[], AudioSourcePort]) -> None:
        self._source, self._lock = source, threading.Lock()
        self._refused: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()

    def of(self, request: DownloadRequest, wanted: Collection[str]) -> Answers:
        """LoginError, InterruptedRunError and UnreachableError end the run."""
        if not wanted:
            return Answers()
        source, missed = self._source(), set[str]()
        cover = source.cover(request) if "cover" in wanted else None
        if "cover" in wanted and cover is None:
            missed.add("cover")
        lyrics, gain = None, None
        if "lyrics" in wanted and not self._asked("lyrics", missed):
            lyrics = self._answer("lyrics", lambda: source.lyrics(request), missed)
        if "replaygain" in wanted and not self._asked("replaygain", missed):
            gain = self._answer("replaygain", lambda: _loudness(source, request), missed)
        with self._lock:
            self._missed.update(missed)
        return Answers(cover, lyrics, gain, frozenset(missed))

    def _asked(self, what: str, missed: set[str]) -> bool:
        """Whether it was asked for often enough in vain."""
        if self._refused[what] < ENOUGH:
            return False
        missed.add(what)
        return True

    def _answer(self, what: str, ask: Callable[[], A | None], missed: set[str]) -> A | None:
        try:
            found = ask()
        except _ENDS as error:
            if not isinstance(error, TidalAnswerError):
                raise
            self._refusal(what, error, missed)
            return None
        except UnavailableError:  # it is not on offer, so it says nothing of it either
            return None
        except StrandlineError as error:
            self._refusal(what, error, missed)
            return None
        with self._lock:
            self._refused[what] = 0
        return found

    def _refusal(self, what: str, error: StrandlineError, missed: set[str]) -> None:
        """The file does without for now."""
        log.warning("%s: %s", what, error)
        missed.add(what)
        with self._lock:
            self._refused[what] += 1

    def notes(self) -> Iterator[str]:
        """What did not come, in words for the end of the run."""
        names = {"replaygain": "ReplayGain"}
        for what, number in sorted(self._missed.items()):
            have = "1 file has" if number == 1 else f"{number:,} files have"
            yield f"{have} {_MISSED.format(names.get(what, what))}"


def _loudness(source: AudioSourcePort, request: DownloadRequest) -> ReplayGain | None:
    return source.loudness(request) if isinstance(source, LoudnessSource) else None
