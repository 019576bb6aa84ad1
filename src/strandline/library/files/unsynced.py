"""Folders whose changes are not yet surely on the medium."""

from __future__ import annotations

import threading

from strandline.library.files.crash import crash_point
from strandline.library.files.errors import not_durable
from strandline.library.files.syscalls import Syscalls

_MOST = 64  # open folders waiting for their fsync


class Unsynced:
    """Changed folders until the next flush, each once; safe for several threads."""

    def __init__(self, calls: Syscalls, root: str) -> None:
        self._calls = calls
        self._root = root
        self._waiting: dict[tuple[int, int], int] = {}
        self._lock = threading.Lock()

    def add(self, dev: int, ino: int, fd: int) -> None:
        """Remembers a folder, by a descriptor of its own that follows its renames."""
        with self._lock:
            if (dev, ino) not in self._waiting:
                self._waiting[dev, ino] = self._calls.duplicate(fd)
            full = len(self._waiting) >= _MOST
        if full:
            self.flush()

    def flush(self) -> None:
        """Raises DiskStoppedError when the disk cannot promise to keep what was changed."""
        crash_point("flush.before_fsync")
        waiting = self._taken()
        try:
            for fd in waiting:
                self._calls.fsync_folder(fd)
        except OSError as error:
            raise not_durable(error, self._root) from error
        finally:
            for fd in waiting:
                self._calls.close(fd)
        crash_point("flush.after_fsync")

    def forget(self) -> None:
        """Closes what waits; it stays as the system has it."""
        for fd in self._taken():
            self._calls.close(fd)

    def _taken(self) -> list[int]:
        with self._lock:
            waiting, self._waiting = list(self._waiting.values()), {}
        return waiting
