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

    def __init__(
        self, mp3_dir: str, seen: Mapping[LibPath, CachedEvidence], *, quick: bool
    ) -> None:
        self._mp3, self._seen, self._quick = mp3_dir, seen, quick

    def judge(self, known: Known) -> Finding:
        """Size and time only when ``quick`` and they are as they were; else the content."""
        try:
            return self._judge(known)
        except FileNotFoundError:
            return Finding(known, State.MISSING)
        except OSError:
            return Finding(known, State.UNREADABLE)

    def _judge(self, known: Known) -> Finding:
        found = os.lstat(f"{self._mp3}/{known.path}")
        if not stat.S_ISREG(found.st_mode):
            return Finding(known, State.MISSING)
        stamp = Stamp(found.st_ino, found.st_size, found.st_mtime_ns)
        finding = Finding(known, State.OK, stamp, found.st_ctime_ns)
        if self._quick and known.stamp and stamp[1:] == known.stamp[1:]:
            return finding
        return self._by_content(finding)

    def _by_content(self, finding: Finding) -> Finding:
        from strandline.library.hashing import sha256_file

        known, path = finding.known, f"{self._mp3}/{finding.known.path}"
        finding = finding._replace(sha256=sha256_file(path))
        if finding.sha256 == known.sha256:
            return finding
        if self._decayed(finding) or not _plays(path):
            return finding._replace(state=State.CORRUPT)
        return finding._replace(state=State.CHANGED if known.sha256 else State.OK)

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
    from strandline.library.audio import check_audio

    try:
        check_audio(path, expected_duration=None)
    except DownloadError:
        return False
    return True
