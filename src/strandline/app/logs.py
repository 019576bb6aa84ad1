"""The log in the state folder: private, rotating, and without secrets.

Tracebacks go here and nowhere else. Standard library only.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from strandline.errors import Exit
from strandline.tidal.redact import redact

LARGEST, KEPT = 2 << 20, 4  # bytes of one file; older files beside it

_sources: list[Callable[[], Collection[str]]] = []
_open: list[logging.Handler] = []
_told: set[int] = set()
"""Exit codes of runs whose end is in the log: it is no fault of another that a command ends so."""
_QUIET_ENDS = (Exit.DONE, Exit.CHANGES_PENDING, Exit.INTERRUPTED)
"""Exit codes of what is no fault."""


def hide(secrets: Callable[[], Collection[str]]) -> None:
    """From now on what ``secrets`` returns at that moment is kept out of every text."""
    _sources.append(secrets)


def redacted(text: str) -> str:
    """``text`` without any secret of a login that was in use."""
    return redact(text, [secret for source in _sources for secret in source()])


class RedactingFormatter(logging.Formatter):
    """Also what a traceback quotes is cleared of secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole record as text, redacted; of one with ``by_line`` each line begins alike."""
        told = redacted(super().format(record))
        if not getattr(record, "by_line", False):
            return told
        return told.replace("\n", f"\n{record.asctime} {record.levelname} {record.name} ")


class PrivateFileHandler(RotatingFileHandler):
    """A rotating file that only its owner may read, never through a symlink."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(self.baseFilename, flags | os.O_CLOEXEC, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace")


def log_path(state_dir: Path) -> Path:
    """Where the log is."""
    return state_dir / "logs" / "strandline.log"


def start_log(state_dir: Path, *, verbose: bool = False) -> Path:
    """Log to the state folder from now on, whatever library speaks. Returns the file.

    A log that cannot be written is no reason not to run: then nothing is logged.
    """
    _close()
    path = log_path(state_dir)
    root = logging.getLogger()
    handler = _handler(path)
    _open.append(handler)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("strandline").setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.captureWarnings(capture=True)
    return path


def log_end(code: int, message: str = "", run: str | None = None) -> None:
    """How the command ended, or a run of it, if it has a log; a fault at a level of its own."""
    if not _open:
        return
    fault = logging.WARNING if code == Exit.SOME_FAILED else logging.ERROR
    level = logging.INFO if code in (*_QUIET_ENDS, *_told) else fault
    if run:
        _told.add(code)
    who, why = f"run {run} " if run else "", f": {message}" if message else ""
    logging.getLogger("strandline").log(level, "%sended with %d%s", who, code, why)


def stop_log() -> None:
    """Close the log and forget the secrets; the next command starts its own."""
    _close()
    _sources.clear()


def _close() -> None:
    for handler in _open:
        logging.getLogger().removeHandler(handler)
        handler.close()
    _open.clear()
    _told.clear()


def _handler(path: Path) -> logging.Handler:
    try:
        for folder in (path.parent.parent, path.parent):  # parents made along would be open to all
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = PrivateFileHandler(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")
    except OSError:
        return logging.NullHandler()
    layout = "%(asctime)s %(levelname)s %(name)s %(message)s"
    handler.setFormatter(RedactingFormatter(layout))
    return handler


def log_bug(state_dir: Path, error: BaseException) -> Path:
    """Log an error nobody expected, with its traceback."""
    path = start_log(state_dir)
    logging.getLogger("strandline").critical("A bug", exc_info=error)
    return path
