"""Where libav writes: a file that remembers what went wrong."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path


@contextmanager
def writing(target: str | Path | int) -> Iterator[Sink]:
    """The target, emptied; raises what a write to it failed with. A descriptor stays open."""
    with open(target, "wb", buffering=0, closefd=not isinstance(target, int)) as file:
        file.seek(0)
        file.truncate()
        sink = Sink(file)
        yield sink
    if sink.failure:
        raise sink.failure


class Sink:
    """A file for libav to write to. A failure (a full disk) is kept, for ``writing`` to raise.

    libav forgets some errors of its writer, and prints others at the user when it closes.
    """

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self.failure: OSError | None = None
        self.seek = file.seek
        self.tell = file.tell

    def write(self, data: bytes | memoryview) -> int:
        """Write all of ``data``, or nothing more after a failure."""
        rest = memoryview(data)
        try:
            while rest and not self.failure:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.failure = error
        return len(data)
