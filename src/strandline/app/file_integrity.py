"""Is a file still what it was? One file at a time, for any thread; nothing is changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import NamedTuple

from strandline.core.ids import LibPath, TrackId
from strandline.core.states import CachedEvidence, Evidence, Stamp
from strandline.library.hashing.file_reader import FileFacts
from strandline.library.stamps import mtime_of


class FileState(Enum):
    """What became of a file."""

    OK = "ok"
    CHANGED = "changed"
    """Somebody wrote to it, and its sound is whole: it is kept as it is now."""
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

    def is_as_left(self, facts: FileFacts | None) -> bool:
        """The very file, and the very content: nothing to judge and nothing to note."""
        return facts is not None and facts[:3] == self.stamp and facts[4] == self.sha256


class Finding(NamedTuple):
    """A judgement, with what was read on the way to it."""

    known: Known
    state: FileState
    stamp: Stamp | None = None
    ctime_ns: int = 0
    sha256: str | None = None
    packets: str | None = None
    """The hash of its packets, if they were read."""
    told: str = ""
    """What its header says that is not so, though it is whole."""

    @property
    def news(self) -> bool:
        """The ledger should hear of it: another stamp, or a hash it did not have."""
        fit = self.state in (FileState.OK, FileState.CHANGED)
        same = (self.stamp, self.sha256) == (self.known.stamp, self.known.sha256)
        return fit and self.sha256 is not None and not same

    def as_damaged(self) -> CachedEvidence:
        """What makes the next scan take the file for damaged, as long as nobody touches it."""
        assert self.stamp is not None
        ino, size, mtime_ns = self.stamp
        evidence = Evidence(sha256=self.sha256, playable=False)
        return CachedEvidence(self.known.path, ino, size, mtime_ns, self.ctime_ns, evidence)


class FileChecker:
    """Judges files below ``mp3_dir``.

    ``packets``: hashes of packets, by the sha256 of a file. ``left``: when a track's file was last
    known to be as it should, naive UTC.
    """

    def __init__(
        self, mp3_dir: str, packets: Mapping[str, str], left: Mapping[TrackId, datetime]
    ) -> None:
        self._mp3, self._packets, self._left = mp3_dir, packets, left

    def judge(self, known: Known, facts: FileFacts | None) -> Finding:
        """By what reading the whole file told; None: it could not be read."""
        if facts is None:
            return Finding(known, self._why_not(known))
        *stamp, ctime_ns, sha256 = facts
        finding = Finding(known, FileState.OK, Stamp(*stamp), ctime_ns, sha256)
        if sha256 == known.sha256:
            return finding
        try:
            return self._proven(finding)
        except OSError:
            return Finding(known, FileState.UNREADABLE)

    def _proven(self, finding: Finding) -> Finding:
        """Other content than was stored, or none was: what its sound says. Raises OSError."""
        from strandline.library.audio.proof import prove

        known = finding.known
        before = self._packets.get(known.sha256 or "")
        proof = prove(f"{self._mp3}/{known.path}", before)
        if not proof.whole or self._decayed(finding, before, proof.packets_hash):
            return finding._replace(state=FileState.CORRUPT)
        sound = FileState.CHANGED if known.sha256 else FileState.OK
        return finding._replace(state=sound, packets=proof.packets_hash, told=proof.told)

    def _decayed(self, finding: Finding, before: str | None, now: str | None) -> bool:
        """Other sound, though nobody wrote to the file since it was right: not even its time of
        change has moved, which nobody can put back."""
        known, left = finding.known, self._left.get(finding.known.track)
        if not before or not now or before == now or left is None or finding.stamp != known.stamp:
            return False
        return finding.ctime_ns <= int(left.replace(tzinfo=UTC).timestamp() * 1e9)

    def _why_not(self, known: Known) -> FileState:
        try:
            found = os.lstat(f"{self._mp3}/{known.path}")
        except (FileNotFoundError, NotADirectoryError):
            return FileState.MISSING
        except OSError:
            return FileState.UNREADABLE
        return FileState.UNREADABLE if stat.S_ISREG(found.st_mode) else FileState.MISSING


def is_fit(mp3_dir: str, known: Known) -> bool:
    """By size and time alone; False where only the content can tell."""
    try:
        found = os.lstat(f"{mp3_dir}/{known.path}")
    except OSError:
        return False
    same = known.stamp and (found.st_size, mtime_of(found)) == known.stamp[1:]
    return bool(same) and stat.S_ISREG(found.st_mode)
