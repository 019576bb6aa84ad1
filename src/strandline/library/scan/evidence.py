"""Reading files that the ledger does not explain: whose are they, and are they whole?

Only what can matter is read: headers first, the whole file where its packets or its content
decide. What was read once is cached until the file changes.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

from strandline.core.changed_tracks import is_fresh_copy
from strandline.core.ids import LibPath, TrackId
from strandline.core.states import (
    CachedEvidence,
    Evidence,
    FoundFile,
    Kind,
    Ledger,
    LedgerFile,
    Snapshot,
    Stamp,
)
from strandline.events import Progress
from strandline.library.audio.containers import AUDIO_SUFFIXES
from strandline.library.scan.evidence_cache import EvidenceCache
from strandline.library.stamps import ctime_of, mtime_of

_AUDIO = tuple(AUDIO_SUFFIXES)
_THREADS = 2
_BATCH = 256  # files between two saves: what an interrupted first scan has read is kept

Read: TypeAlias = Callable[[FoundFile], "Evidence | None"]
"""None: it cannot be read just now."""

Enough: TypeAlias = Callable[[FoundFile, Evidence], bool]
T = TypeVar("T")


# ---------------------------------------------------------------- deciding what to read


def is_audio(path: LibPath) -> bool:
    """By its extension."""
    return path.lower().endswith(_AUDIO)


def unexplained(files: Mapping[LibPath, FoundFile], ledger: Ledger) -> list[LibPath]:
    """The audio files that are not exactly as the ledger has them, in the order of ``files``."""
    stamps, sizes = _expected(ledger)
    return [
        path
        for path, file in files.items()
        if stamps.get(path) != file[2:5]
        and (not file.size or sizes.get(path) != file.size)
        and is_audio(path)
    ]


def _expected(ledger: Ledger) -> tuple[dict[LibPath, Stamp], dict[LibPath, int]]:
    """Stamps by path; and sizes where an old database knows no stamp.

    None for a copy with another time than its primary, or whose primary is not known by a stamp:
    only its content tells if it is out of date.
    """
    stamps = {file.path: file.stamp for file in ledger.files.values() if file.stamp}
    sizes = {file.path: file.size for file in ledger.files.values() if file.size and not file.stamp}
    for entry in ledger.entries.values():
        known = ledger.audio_of(entry.track)
        primary = known.stamp if known else None
        if entry.kind is Kind.COPY and entry.stamp:
            if primary is not None and is_fresh_copy(entry.stamp, primary):
                stamps[entry.path] = entry.stamp
        elif entry.kind is Kind.HARDLINK and known and (stamp := entry.stamp or primary):
            stamps[entry.path] = stamp
    return stamps, sizes


def our_files(ledger: Ledger) -> dict[LibPath, LedgerFile]:
    """Where the ledger has audio (primaries, copies and hard links), and the primary of each."""
    second = {
        entry.path: known
        for entry in ledger.entries.values()
        if entry.kind in (Kind.COPY, Kind.HARDLINK) and (known := ledger.audio_of(entry.track))
    }
    return second | {file.path: file for file in ledger.files.values()}


def worth_hashing(
    files: Mapping[LibPath, FoundFile],
    evidence: Mapping[LibPath, Evidence],
    ledger: Ledger,
    snapshot: Snapshot,
) -> list[LibPath]:
    """Files whose content can tell what nothing cheaper told: some byte-equal copy of a track's.

    That takes another file of the same size, one of them known to be a track's, and one not
    known or known to be the same track's. ``evidence`` is on the unexplained files; primaries of
    which no hash is stored are among the answer.
    """
    groups: dict[int, set[LibPath]] = defaultdict(set)
    for path, found in evidence.items():
        if found.playable:
            groups[files[path].size].add(path)
    ours = {file.path: file.track for file in ledger.files.values()}
    for file in ledger.files.values():
        size = file.stamp.size if file.stamp else file.size
        if size in groups:
            groups[size].add(file.path)
    hashed = {file.path for file in ledger.files.values() if file.sha256}
    named = _Named(ledger, snapshot)
    return [
        path
        for group in groups.values()
        if _tells_more(group, evidence, ours, named)
        for path in sorted(group)
        if path in files and (path in evidence or path not in hashed)
    ]


class _Named:
    """Which evidence names a track that matters."""

    def __init__(self, ledger: Ledger, snapshot: Snapshot) -> None:
        self._tracks = snapshot.tracks.keys() | ledger.files.keys()
        self._replaced = ledger.replaced

    def surely(self, found: Evidence) -> bool:
        return self.track(found) in self._tracks

    def track(self, found: Evidence) -> TrackId | None:
        """By the id in its tags, which may be one that TIDAL replaced."""
        return self._replaced.get(found.embedded or TrackId(""), found.embedded)


def _tells_more(
    group: Collection[LibPath],
    evidence: Mapping[LibPath, Evidence],
    ours: Mapping[LibPath, TrackId],
    named: _Named,
) -> bool:
    if len(group) < 2:
        return False
    seen = {path: evidence.get(path, _NOTHING) for path in group}
    tracks = [named.track(found) or ours.get(path) for path, found in seen.items()]
    known = any(path in ours or named.surely(found) for path, found in seen.items())
    unknown = any(path not in ours and not named.surely(found) for path, found in seen.items())
    twice = len(set(tracks)) < len(tracks)
    return known and (unknown or twice)


_NOTHING = Evidence()


# ---------------------------------------------------------------- reading


def gather(
    mp3_dir: Path,
    files: Mapping[LibPath, FoundFile],
    ledger: Ledger,
    snapshot: Snapshot,
    cache: EvidenceCache,
    progress: Progress,
    led: Collection[LibPath] = (),
) -> tuple[dict[LibPath, Evidence], list[LibPath], dict[LibPath, str]]:
    """Evidence on what the ledger does not explain, and the files that vanished meanwhile.

    And those that could not be read, each with why: whose they are is unknown. What is kept of
    ``led``, links that lead elsewhere, is not forgotten.
    """
    todo = unexplained(files, ledger)
    if not todo:
        return {}, [], {}
    reading = _Reading(mp3_dir, files, cache, progress, _expected_of(todo, ledger, snapshot, cache))
    reading.read(todo, reading.identify, reading.suffices)
    to_hash = worth_hashing(files, reading.evidence, ledger, snapshot)
    reading.read(to_hash, reading.hash, reading.suffices_hashed)
    reading.finish(led)
    told = reading.evidence.keys() | set(reading.gone)
    unread = {path: reading.why.get(path, "it is being written to") for path in todo}
    return reading.evidence, reading.gone, {p: w for p, w in unread.items() if p not in told}


class _Expected(NamedTuple):
    """What a file of ours was when it was left."""

    sha256: str | None
    packets: str | None
    duration: int
    """Seconds, as TIDAL has the track; 0 if unknown."""


def _expected_of(
    paths: Iterable[LibPath], ledger: Ledger, snapshot: Snapshot, cache: EvidenceCache
) -> dict[LibPath, _Expected]:
    ours = our_files(ledger)
    changed = {path: ours[path] for path in paths if path in ours}
    packets = cache.packets({file.sha256 for file in changed.values() if file.sha256})
    tracks = snapshot.leaving | snapshot.tracks
    return {
        path: _Expected(
            file.sha256,
            packets.get(file.sha256 or ""),
            tracks[file.track].duration if file.track in tracks else 0,
        )
        for path, file in changed.items()
    }


class _Reading:
    """One scan's reading: what is known so far, from the cache or from the files."""

    def __init__(
        self,
        mp3_dir: Path,
        files: Mapping[LibPath, FoundFile],
        cache: EvidenceCache,
        progress: Progress,
        ours: Mapping[LibPath, _Expected],
    ) -> None:
        self._mp3 = str(mp3_dir)
        self._files = files
        self._cache = cache
        self._progress = progress
        self._ours = ours
        self._kept = dict(cache.load())
        self._damaged = {
            row[1:4]: row.evidence.sha256
            for row in self._kept.values()
            if row.evidence.sha256 and not row.evidence.playable
        }
        """By inode, size and time: a damaged file stays so wherever it is moved."""
        self.evidence: dict[LibPath, Evidence] = {}
        self.gone: list[LibPath] = []
        self.why: dict[LibPath, str] = {}
        """What the system said of files that it would not let be read."""
        self._learned: dict[str, str] = {}

    def read(self, paths: Iterable[LibPath], how: Read, enough: Enough) -> None:
        """Evidence on each path, from the cache where that is ``enough``, else by reading."""
        missing = [file for path in paths if not self._known(file := self._files[path], enough)]
        if missing:
            self._progress.phase("read", total=len(missing))
        with ThreadPoolExecutor(_THREADS) as pool:
            for batch in _batches(missing):
                self._keep(zip(batch, pool.map(how, batch), strict=True))
                self._progress.advance(len(batch), of_bytes=sum(file.size for file in batch))

    def suffices(self, file: FoundFile, found: Evidence) -> bool:
        """One of ours that changed must have been read whole."""
        return file.path not in self._ours or self.suffices_hashed(file, found)

    def suffices_hashed(self, _: FoundFile, found: Evidence) -> bool:
        """Nobody asks for the content of what cannot be played."""
        return found.sha256 is not None or not found.playable

    def _known(self, file: FoundFile, enough: Enough) -> bool:
        kept = self._kept.get(file.path)
        if kept is None or kept[1:5] != _key(file) or not enough(file, kept.evidence):
            return False
        self.evidence[file.path] = kept.evidence
        return True

    def _keep(self, read: Iterable[tuple[FoundFile, Evidence | None]]) -> None:
        rows: list[CachedEvidence] = []
        for file, found in read:
            if self._still(file) and found is not None:
                self.evidence[file.path] = found
                rows.append(CachedEvidence(file.path, *_key(file), found))
        self._cache.save(rows)
        self._kept.update((row.path, row) for row in rows)

    def _still(self, file: FoundFile) -> bool:
        """Whether what was read is what was listed; notes what vanished."""
        try:
            now = os.lstat(self._at(file))
        except (FileNotFoundError, NotADirectoryError):
            self.gone.append(file.path)
            self.evidence.pop(file.path, None)
            return False
        except OSError as error:
            self.why[file.path] = error.strerror or str(error)
            return False
        return (now.st_ino, now.st_size, mtime_of(now), ctime_of(now)) == _key(file)

    def _at(self, file: FoundFile) -> str:
        return f"{self._mp3}/{file.path}"

    def identify(self, file: FoundFile) -> Evidence | None:
        """From the headers; those that name a track, and changed ones of ours, to the end."""
        from strandline.library.audio.headers import read_identity

        if not file.size:
            return Evidence(playable=False)
        try:
            told = read_identity(self._at(file))
            found = Evidence(told.embedded, None, told.isrc, told.duration, told.readable)
            if file.path in self._ours:
                return self._proven(file, found, self._ours[file.path])
            if self._is_known_as_damaged(file):
                return found._replace(sha256=self._damaged[_key(file)[:3]], playable=False)
            return self._checked(file, found) if told.embedded else found
        except OSError as error:
            self.why[file.path] = error.strerror or str(error)
            return None

    def hash(self, file: FoundFile) -> Evidence | None:
        """The same with its sha256."""
        try:
            found = self.evidence.get(file.path) or self.identify(file)
            if found is None or self.suffices_hashed(file, found):
                return found
            return self._whole(file, found)
        except OSError as error:
            self.why[file.path] = error.strerror or str(error)
            return None

    def _is_known_as_damaged(self, file: FoundFile) -> bool:
        """By its content, to the last byte. Raises OSError."""
        from strandline.library.hashing.sha256 import sha256_file

        known = self._damaged.get(_key(file)[:3])
        return known is not None and known == sha256_file(self._at(file))

    def _checked(self, file: FoundFile, found: Evidence) -> Evidence:
        """Raises OSError."""
        from strandline.library.audio.check import quick_check

        if not found.playable:
            return found
        quick = quick_check(self._at(file))
        return found._replace(playable=quick.playable, duration=found.duration or quick.duration)

    def _proven(self, file: FoundFile, found: Evidence, was: _Expected) -> Evidence:
        """One of ours: believed as it is only once its sound is proven. Raises OSError.

        What cannot be told apart by its headers is not damaged for that. One whose content was
        never known is looked at, not decoded: ``verify`` does that.
        """
        from strandline.library.audio.proof import Proof, prove
        from strandline.library.hashing.sha256 import sha256_file

        at = self._at(file)
        sha256 = sha256_file(at)
        if sha256 == was.sha256:
            return found._replace(sha256=sha256, playable=True)
        if was.sha256 is None:
            found = self._checked(file, found._replace(playable=True))
            return found._replace(sha256=sha256)
        proof: Proof = prove(at, was.packets, was.duration)
        if proof.packets_hash:
            self._learned[sha256] = proof.packets_hash
        duration = found.duration if proof.duration is None else proof.duration
        return found._replace(sha256=sha256, playable=proof.whole, duration=duration)

    def _whole(self, file: FoundFile, found: Evidence) -> Evidence:
        """Raises OSError."""
        from strandline.library.hashing.sha256 import sha256_file

        return self._checked(file, found)._replace(sha256=sha256_file(self._at(file)))

    def finish(self, but: Collection[LibPath]) -> None:
        """Keep what was learned; files that are no longer there need not be kept."""
        self._cache.learn_packets(self._learned)
        gone = self._kept.keys() - self._files.keys() - set(but)
        if gone or self.gone:
            self._cache.forget(gone.union(self.gone))


def _key(file: FoundFile) -> tuple[int, int, int, int]:
    """While this is the same, so is the evidence (the middle of a CachedEvidence)."""
    return file.ino, file.size, file.mtime_ns, file.ctime_ns


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
