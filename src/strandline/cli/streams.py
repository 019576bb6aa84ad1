"""stdin, stdout and stderr, whatever they are: closed, full, without a reader, not in UTF-8."""

from __future__ import annotations

import io
import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Lasting(io.FileIO):
    """A descriptor that takes everything: what fails is noted once, and the rest is dropped.

    A run goes on when nobody reads what it says any more, or when there is no room for it.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream.fileno(), "w", closefd=False)
        self.failed: OSError | None = None
        """Why something could not be written."""
        self._opened_by = stream  # which closes the descriptor when nobody holds it any more

    def write(self, data: ReadableBuffer, /) -> int:
        """All of ``data`` counts as written."""
        rest = memoryview(data).cast("B")
        while rest and self.failed is None:
            try:
                written = super().write(rest)
            except OSError as error:
                self.failed = error
            else:
                rest = rest[written or 0 :]
                if written is None:  # somebody made it non-blocking, and it is full
                    select.select([], [self], [])
        return memoryview(data).nbytes


def use_utf8() -> None:
    """Begin again in UTF-8 mode where names of files would be taken for another encoding."""
    if sys.getfilesystemencoding() != "utf-8" and not sys.flags.utf8_mode:
        words = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
        os.execv(sys.executable, words)  # noqa: S606 - ourselves


def prepare() -> None:
    """Names hold any script; a stream that cannot show one shows a replacement.

    A stream that was closed before the start (`<&-`) is an empty one.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for good
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def keep_going() -> tuple[Lasting, Lasting]:
    """Make stdout and stderr last, for the whole process; what they write through."""
    out, sys.stdout = _lasting(sys.stdout)
    err, sys.stderr = _lasting(sys.stderr)
    return out, err


def _lasting(stream: TextIO) -> tuple[Lasting, TextIO]:
    raw = Lasting(stream)
    text = io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream is sys.stderr or stream.isatty(),
    )
    return raw, text
