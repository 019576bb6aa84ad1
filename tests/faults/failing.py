"""System calls that fail when told to."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from strandline.library.files import Syscalls

CHANGING = (
    "open_folder", "create_file", "mkdir", "rmdir", "symlink", "link", "unlink", "rename",
    "fsync", "fsync_folder", "rename_noreplace", "exchange", "lstat", "fstat", "readlink",
    "chmod", "write", "read", "free_bytes",
)  # fmt: skip


class Failing(Syscalls):
    """``call`` reports ``number`` from its ``at``-th time on: once, or for ever."""

    def __init__(self, call: str, number: int, at: int, *, for_ever: bool) -> None:
        self.times = 0
        real = getattr(self, call)

        def failing(*args: Any) -> Any:
            self.times += 1
            if self.times == at or (for_ever and self.times > at):
                raise OSError(number, os.strerror(number))
            return real(*args)

        setattr(self, call, failing)


def failing(call: str, number: int, at: int, *, for_ever: bool) -> Callable[[], Syscalls]:
    """For ``Stage.calls``."""
    return lambda: Failing(call, number, at, for_ever=for_ever)
