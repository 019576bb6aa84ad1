"""sha256 of files and of bytes on their way to disk (the format of ``Track.file_hash``)."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 1 << 20  # bytes; large enough that hashlib computes without holding the interpreter


def sha256_file(source: str | Path | int) -> str:
    """The sha256 of a whole file, in hex, from its path or from an open descriptor.

    A descriptor is read from its start, without moving its position. Raises OSError.
    """
    if isinstance(source, int):
        return _sha256_fd(source)
    fd = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return _sha256_fd(fd)
    finally:
        os.close(fd)


def _sha256_fd(fd: int) -> str:
    digest, buffer, offset = hashlib.sha256(), _block_for(fd), 0
    view = memoryview(buffer)
    while count := os.preadv(fd, [buffer], offset):
        digest.update(view[:count])
        offset += count
    return digest.hexdigest()


def _block_for(fd: int) -> bytearray:
    """Small files get a small buffer: clearing a megabyte takes longer than hashing them."""
    return bytearray(min(BLOCK, max(4096, os.fstat(fd).st_size + 1)))


class HashingWriter:
    """Writes to a descriptor, and knows the count and the sha256 of what it has written."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._digest = hashlib.sha256()
        self.count = 0
        """Bytes written so far."""

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Write all of ``data`` (never a part of it). Raises OSError."""
        rest = memoryview(data).cast("B")
        total = len(rest)
        while rest:
            done = os.write(self._fd, rest)
            self._digest.update(rest[:done])
            self.count += done
            rest = rest[done:]
        return total

    def hexdigest(self) -> str:
        """The sha256 of the bytes so far."""
        return self._digest.hexdigest()
