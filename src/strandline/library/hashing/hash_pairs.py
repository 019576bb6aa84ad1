"""Pairs of hashes: large files are read with BLAKE3, twice as fast as sha256, where that will do.

Bytes whose sha256 is stored have one BLAKE3. Where it is known and what was read has it, these are
the bytes. Where it is unknown or another, sha256 decides, and the pair is learned on the way. So
damage is found as sha256 would find it, unless a wrong pair holds the BLAKE3 of the very damage.
Without the ``blake3`` package (the ``fast`` extra) everything is read with sha256.
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from blake3 import blake3

    from strandline.core.ids import LibPath
    from strandline.library.hashing.file_reader import FileFacts, FileReader

LARGE = 128 << 10
"""Bytes of a file for which a pair is kept; the row of a smaller one costs more than it saves."""


def _blake3() -> type[blake3] | None:
    try:
        from blake3 import blake3
    except ImportError:  # no wheel for this platform, or the extra was not asked for
        return None
    return blake3


BLAKE3 = _blake3()


class HashedFile(Protocol):
    """A file with the sha256 it should have."""

    @property
    def path(self) -> LibPath: ...
    @property
    def sha256(self) -> str | None: ...


class HashPairs:
    """BLAKE3 by sha256, both in hex: what is known, and what reading adds. For any thread."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self.learned: dict[str, str] = {}

    def read(self, reader: FileReader, file: HashedFile) -> FileFacts | None:
        """The facts, as ``reader`` tells them by itself."""
        return reader.facts(file.path, tell=lambda fd, size: self._tell(reader, file, fd, size))

    def _tell(self, reader: FileReader, file: HashedFile, fd: int, size: int) -> str:
        if BLAKE3 is None or size < LARGE:
            return reader.sha256(fd, size)
        known = file.sha256 and self._known.get(file.sha256)
        if file.sha256 and known:
            fast = BLAKE3()
            reader.feed(fd, size, fast)
            if fast.hexdigest() == known:
                return file.sha256
            os.lseek(fd, 0, os.SEEK_SET)
        exact, fast = sha256(), BLAKE3()
        reader.feed(fd, size, exact, fast)
        self.learned[exact.hexdigest()] = fast.hexdigest()
        return exact.hexdigest()
