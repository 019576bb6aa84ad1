"""import --listen: how a doubtful file sounds, against how the tracks that it may be begin.

Of each track about a minute is fetched, once ever: its print is kept, its sound is not, and the
library is not touched. What is the same beyond doubt is taken, what is another sound is not; the
rest stays to be reviewed, with what was heard.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from strandline.core.ids import TrackId
from strandline.core.matching.judge import OwnTrack, sound_settles
from strandline.core.matching.listening import SECONDS, Heard, Hearing, listen
from strandline.core.matching.matching import same_sound
from strandline.core.matching.sound import SoundPrint
from strandline.db.reviews import ACCEPT, REJECT, AnswerRow
from strandline.errors import (
    DownloadError,
    LoginError,
    StrandlineError,
    UnreachableError,
    UsageError,
)
from strandline.execute.throttle import Throttle
from strandline.tidal.beginning import fetch_beginning
from strandline.tidal.refusals import RefusedError, Scope

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.core.matching.files import OwnFile
    from strandline.core.matching.matching import Matches
    from strandline.core.states import WantedTrack
    from strandline.db.store import Store
    from strandline.tidal.client import TidalClient
    from strandline.tidal.stream import AudioStreams

AT_ONCE: Final = 2
BYTES: Final = 900_000
"""Of a track, about: a minute of the lowest quality."""
_ONE_TRACK: Final = (Scope.TRACK, Scope.TIER, Scope.PLACE)
NO_EXTRA: Final = "Listening needs numpy, which is not installed."
HOW: Final = "`pipx inject strandline numpy`, or `pip install 'strandline[fingerprint]'`"


def require_ears() -> None:
    """UsageError where the extra is not installed."""
    from strandline.library.audio.sound_print import can_print

    if not can_print():
        raise UsageError(NO_EXTRA, hint=f"Install it: {HOW}.", code="no_fingerprint")


class Pair(NamedTuple):
    """A file and a track that it may be."""

    file: OwnFile
    track: WantedTrack
    settles: bool
    """Its sound can decide; it cannot where the doubt is about words that are sung later."""


class HeardPair(NamedTuple):
    """What listening told of a file and a track."""

    file: str
    track: TrackId
    heard: Heard


@dataclass(frozen=True, slots=True)
class ToHear:
    """What is to be listened to, and what that takes."""

    pairs: tuple[Pair, ...]
    sounds: Mapping[str, str]
    """Hashes of packets, by file."""
    fetch: tuple[TrackId, ...]
    """Tracks that were not heard before."""

    @property
    def files(self) -> int:
        """How many files."""
        return len({it.file.path for it in self.pairs})

    @property
    def bytes(self) -> int:
        """About so many are fetched."""
        return len(self.fetch) * BYTES


@dataclass(frozen=True, slots=True)
class Listened:
    """What was heard."""

    pairs: tuple[HeardPair, ...] = ()
    fetched: int = 0
    """Tracks."""
    bytes: int = 0
    declined: bool = False


def to_hear(
    matches: Matches, tracks: Mapping[TrackId, WantedTrack], sounds: Mapping[str, str], store: Store
) -> ToHear:
    """Every doubtful file whose sound can be read, with each of its tracks."""
    own = {id: OwnTrack(tracks[id]) for it in matches.doubtful for id, _ in it.candidates}
    pairs = tuple(
        Pair(it.file, own[one.track].track, sound_settles(it.file, own[one.track]))
        for it in matches.doubtful
        if it.file.path in sounds
        for one in it.candidates
    )
    wanted = dict.fromkeys(it.track.id for it in pairs if it.track.available)
    return ToHear(pairs, sounds, tuple(id for id in wanted if not store.sound_prints.of_track(id)))


def hear(session: Session, asked: ToHear, client: TidalClient) -> Listened:
    """Fetch, decode, compare. LoginError, DatabaseError."""
    ears = _Ears(session, asked, client)
    ears.gather()
    return Listened(tuple(ears.compared()), ears.fetched, ears.bytes)


@dataclass(slots=True)
class _Ears:
    """One listening."""

    session: Session
    asked: ToHear
    client: TidalClient
    fetched: int = 0
    bytes: int = 0
    _files: dict[str, SoundPrint | str] = field(default_factory=dict)
    """By path: how it goes, or why it could not be heard."""
    _tracks: dict[TrackId, tuple[SoundPrint, ...] | str] = field(default_factory=dict)
    _ended: str = ""
    """Why nothing more is asked of TIDAL."""

    def gather(self) -> None:
        """Everything that is not known yet; what was had is kept, come what may."""
        from strandline.tidal.stream import AudioStreams

        streams = AudioStreams(self.client)
        self.session.closing.callback(streams.close)
        self._recall()
        paths = {it.file.path for it in self.asked.pairs} - self._files.keys()
        self.session.progress.phase("listen", total=len(paths) + len(self.asked.fetch))
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            jobs = dict(self._jobs(pool, streams, sorted(paths)))
            for done in as_completed(jobs):
                jobs[done](done)
                self.session.progress.advance(1)
        except BaseException:
            self.client.close()  # wakes those that wait
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _recall(self) -> None:
        rows = self.session.store.sound_prints
        for pair in self.asked.pairs:
            if known := rows.of_sound(self.asked.sounds[pair.file.path]):
                self._files[pair.file.path] = known
            if begins := rows.of_track(pair.track.id):
                self._tracks[pair.track.id] = begins
            elif not pair.track.available:
                self._tracks[pair.track.id] = "TIDAL does not offer it now"

    def _jobs(
        self, pool: ThreadPoolExecutor, streams: AudioStreams, paths: Sequence[str]
    ) -> Iterator[tuple[Future[Any], Callable[[Future[Any]], None]]]:
        """What is to be done, and what then happens with it in this thread."""
        throttle = Throttle(self.session.config.download_limit)
        pace = self.client.http.limiter

        def count(size: int) -> None:
            if (seconds := throttle.wait_for(size)) > 0:
                pace.sleep(seconds)

        for track in self.asked.fetch:
            future: Future[Any] = pool.submit(self._begins, streams, track, count)
            yield future, partial(self._keep_track, track)
        for path in paths:
            future = pool.submit(_goes, path)
            yield future, partial(self._keep_file, path)

    def _begins(
        self, streams: AudioStreams, track: TrackId, count: Callable[[int], None]
    ) -> tuple[tuple[SoundPrint, ...], int] | str:
        """In a thread of its own."""
        if self._ended:
            return self._ended
        try:
            with NamedTemporaryFile(prefix="strandline-") as file:
                size = fetch_beginning(streams, track, file.fileno(), SECONDS, count)
                return _decoded(file.name), size
        except RefusedError as refused:
            if refused.scope not in _ONE_TRACK:
                return self._end(streams.ending(refused))
            return "TIDAL does not give it out now"
        except UnreachableError as error:
            return self._end(error)
        except (DownloadError, OSError) as error:
            return _why(error)

    def _end(self, error: StrandlineError) -> str:
        if isinstance(error, LoginError):
            raise error
        self._ended = _why(error)
        return self._ended

    def _keep_track(self, track: TrackId, done: Future[Any]) -> None:
        found = done.result()
        if isinstance(found, str):
            self._tracks[track] = found
            return
        prints, size = found
        self._tracks[track] = prints
        self.fetched, self.bytes = self.fetched + 1, self.bytes + size
        self.session.store.sound_prints.learn_track(track, prints, self.session.now())

    def _keep_file(self, path: str, done: Future[Any]) -> None:
        found = done.result()
        self._files[path] = found
        if isinstance(found, SoundPrint):
            self.session.store.sound_prints.learn_sound(self.asked.sounds[path], found)

    def compared(self) -> Iterator[HeardPair]:
        """Each pair; of a track that could not be heard, why."""
        for pair in self.asked.pairs:
            file, begins = self._files[pair.file.path], self._tracks[pair.track.id]
            if isinstance(file, str) or isinstance(begins, str):
                why = file if isinstance(file, str) else begins
                heard = Heard(Hearing.NOT_HEARD, f"not listened to: {why}")
            else:
                heard = listen(file, begins, pair.track.duration)
            if heard.hearing is Hearing.SAME and not pair.settles:
                heard = heard._replace(hearing=Hearing.UNSURE, because=_LATER)
            yield HeardPair(pair.file.path, pair.track.id, heard)


def by_file(listened: Listened) -> dict[str, dict[TrackId, Heard]]:
    """What was heard, by file and track."""
    found: dict[str, dict[TrackId, Heard]] = {}
    for it in listened.pairs:
        found.setdefault(it.file, {})[it.track] = it.heard
    return found


def keep(session: Session, asked: ToHear, listened: Listened) -> None:
    """What listening decides of each sound: the one track that it is, and those that it is not."""
    lengths = {it.file.path: it.file.tags.duration for it in asked.pairs}
    answers = [
        AnswerRow(asked.sounds[path], track, answer, lengths[path], path, heard.because)
        for path, sounds in by_file(listened).items()
        for track, answer, heard in _answers(sounds)
    ]
    session.store.reviews.answer(answers, session.now())


def _answers(heard: Mapping[TrackId, Heard]) -> Iterator[tuple[TrackId, str, Heard]]:
    same = same_sound(heard)
    if same is not None:
        yield same, ACCEPT, heard[same]
    for track, it in heard.items():
        if it.hearing is Hearing.DIFFERENT:
            yield track, REJECT, it


_LATER: Final = "its first minute sounds the same, but the words that differ may come later"


def _decoded(path: str) -> tuple[SoundPrint, ...]:
    from strandline.library.audio.sound_print import beginning_prints

    try:
        return beginning_prints(path, SECONDS)
    except DownloadError as error:
        raise DownloadError("what TIDAL sent of it does not decode", code=error.code) from error


def _goes(path: str) -> SoundPrint | str:
    from strandline.library.audio.sound_print import sound_print

    try:
        return sound_print(path)
    except (DownloadError, OSError) as error:
        return _why(error)


def _why(error: StrandlineError | OSError) -> str:
    text = error.message if isinstance(error, StrandlineError) else os.strerror(error.errno or 0)
    return text.rstrip(".")
