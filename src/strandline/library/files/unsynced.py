"""Folders whose changes are not yet surely on the medium."""

from __future__ import annotations

import threading

from strandline.library.files.crash import crash_point
from strandline.library.files.errors import DiskStoppedError, not_durable
from strandline.library.files.syscalls import Syscalls

_MOST = 64  # open folders waiting for their fsync


class Unsynced:
    """Changed folders until the next flush, each once; safe for several threads."""

    def __init__(self, calls: Syscalls, root: str) -> None:
        self._calls = calls
        self._root = root
        self._waiting: dict[tuple[int, int], int] = {}
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._failed: DiskStoppedError | None = None

    def add(self, dev: int, ino: int, fd: int) -> None:
        """Remembers a folder, by a descriptor of its own that follows its renames."""
        with self._lock:
            if (dev, ino) not in self._waiting:
                self._waiting[dev, ino] = self._calls.duplicate(fd)
            full = len(self._waiting) >= _MOST
        if full:
            self.flush()

    def flush(self) -> None:
        """Raises DiskStoppedError when the disk cannot promise to keep what was changed.

        Nor could it later: what one fsync has failed to write, the next one no longer knows of.
        What another thread is about to sync is waited for.
        """
        crash_point("flush.before_fsync")
        with self._flushing:
            if self._failed:
                raise self._failed
            self._sync(self._taken())
        crash_point("flush.after_fsync")

    def _sync(self, waiting: list[int]) -> None:
        try:
            for fd in waiting:
                self._calls.fsync_folder(fd)
        except OSError as error:
            self._failed = not_durable(error, self._root)
            raise self._failed from error
        finally:
            for fd in waiting:
                self._calls.close(fd)

    def forget(self) -> None:
        """Closes what waits; it stays as the system has it."""
        for fd in self._taken():
            self._calls.close(fd)

    def _taken(self) -> list[int]:
        with self._lock:
            waiting, self._waiting = list(self._waiting.values()), {}
        return waiting
