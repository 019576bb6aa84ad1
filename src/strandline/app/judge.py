"""Is a file still what it was? One file at a time, for any thread; nothing is changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from strandline.core.ids import LibPath, TrackId
from strandline.core.states import CachedEvidence, Evidence, Stamp
from strandline.errors import DownloadError
from strandline.library.hasher import Facts


class State(Enum):
    """What became of a file."""

    OK = "ok"
    CHANGED = "changed"
    """Not by decay: somebody wrote to it, and it plays."""
    CORRUPT = "corrupt"
    MISSING = "missing"
    UNREADABLE = "unreadable"


class Known(NamedTuple):
    """What the ledger has of a file: a primary, or (``of_copy``) a copy of one."""

    track: TrackId
    path: LibPath
    stamp: Stamp | None
    size: int | None  # bytes
    sha256: str | None

    def is_as_left(self, facts: Facts | None) -> bool:
        """The very file, and the very content: nothing to judge and nothing to note."""
        return facts is not None and facts[:3] == self.stamp and facts[4] == self.sha256


class Finding(NamedTuple):
    """A judgement, with what was read on the way to it."""

    known: Known
    state: State
    stamp: Stamp | None = None
    ctime_ns: int = 0
    sha256: str | None = None

    @property
    def news(self) -> bool:
        """The ledger should hear of it: another stamp, or a hash it did not have."""
        fit = self.state in (State.OK, State.CHANGED)
        same = (self.stamp, self.sha256) == (self.known.stamp, self.known.sha256)
        return fit and self.sha256 is not None and not same

    def as_damaged(self) -> CachedEvidence:
        """What makes the next scan take the file for damaged, as long as nobody touches it."""
        assert self.stamp is not None
        ino, size, mtime_ns = self.stamp
        evidence = Evidence(sha256=self.sha256, playable=False)
        return CachedEvidence(self.known.path, ino, size, mtime_ns, self.ctime_ns, evidence)


class Judge:
    """Judges files below ``mp3_dir``; ``seen`` is what scans have found so far."""

    def __init__(self, mp3_dir: str, seen: Mapping[LibPath, CachedEvidence]) -> None:
        self._mp3, self._seen = mp3_dir, seen

    def is_fit(self, known: Known) -> bool:
        """By size and time alone; False where only the content can tell."""
        try:
            found = os.lstat(f"{self._mp3}/{known.path}")
        except OSError:
            return False
        same = known.stamp and (found.st_size, found.st_mtime_ns) == known.stamp[1:]
        return bool(same) and stat.S_ISREG(found.st_mode)

    def judge(self, known: Known, facts: Facts | None) -> Finding:
        """By what reading the whole file told; None: it could not be read."""
        if facts is None:
            return Finding(known, self._why_not(known))
        *stamp, ctime_ns, sha256 = facts
        finding = Finding(known, State.OK, Stamp(*stamp), ctime_ns, sha256)
        if sha256 == known.sha256:
            return finding
        try:
            corrupt = self._decayed(finding) or not _plays(f"{self._mp3}/{known.path}")
        except OSError:
            return Finding(known, State.UNREADABLE)
        sound = State.CHANGED if known.sha256 else State.OK
        return finding._replace(state=State.CORRUPT if corrupt else sound)

    def _why_not(self, known: Known) -> State:
        try:
            found = os.lstat(f"{self._mp3}/{known.path}")
        except (FileNotFoundError, NotADirectoryError):
            return State.MISSING
        except OSError:
            return State.UNREADABLE
        return State.UNREADABLE if stat.S_ISREG(found.st_mode) else State.MISSING

    def _decayed(self, finding: Finding) -> bool:
        """Other content although nobody wrote to it; or found to be damaged before."""
        known, stamp = finding.known, finding.stamp
        assert stamp is not None
        if known.sha256 and known.stamp and stamp[1:] == known.stamp[1:]:
            return True
        before = self._seen.get(known.path)
        same = before is not None and before[1:5] == (*stamp, finding.ctime_ns)
        return same and before is not None and not before.evidence.playable


def _plays(path: str) -> bool:
    from strandline.library.check import check_audio

    try:
        check_audio(path, expected_duration=None)
    except DownloadError:
        return False
    return True
