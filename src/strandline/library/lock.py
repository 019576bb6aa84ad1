"""One writer at a time: locks of the operating system, which a killed process lets go of.

The order is: state folder, marker, library, then the marker again. So a run that finds the
library not mounted has written nothing there; a check locks the state folder alone.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from strandline.errors import BusyError, LibraryError
from strandline.library.files import LibraryFiles
from strandline.library.files.root import make_root
from strandline.library.files.syscalls import Syscalls

_LONGEST = 100
"""Bytes of what a holder says of itself."""
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}


@contextmanager
def lock_state(state_dir: Path, command: str = "") -> Iterator[None]:
    """Holds the state folder, made if missing. Raises BusyError at once, LibraryError.

    ``command`` is what another run is told of this one, with its process.
    """
    fd = _open_state_lock(state_dir)
    try:
        _hold(fd, state_dir)
        _sign(fd, f"{command or 'strandline'} {os.getpid()}")
        yield
    finally:
        os.close(fd)


@contextmanager
def lock_library(root: Path) -> Iterator[None]:
    """Holds the library, whichever machine or database the other run uses.

    Makes ``root`` and ``.strandline/lock`` if missing. Where the file system knows no locks
    (some network shares), the state folder's lock has to do. Raises BusyError, LibraryError.
    """
    make_root(root)
    with LibraryFiles(root) as files:
        fd = files.open_lock()
        try:
            _hold(fd, root)
            yield
        finally:
            os.close(fd)


def is_held(state_dir: Path) -> bool:
    """Whether a run goes on that uses this state folder; True where that cannot be told."""
    try:
        fd = os.open(state_dir / "lock", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


def _open_state_lock(state_dir: Path) -> int:
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return Syscalls().open_lock(folder, "lock")
        finally:
            os.close(folder)
    except OSError as error:
        raise LibraryError(
            f"{state_dir}/lock cannot be used: {error.strerror}",
            hint="Set STRANDLINE_STATE_DIR to a folder you may write to.",
        ) from error


def _hold(fd: int, what: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BusyError(
            f"Another run of strandline is using {what}{_holder(fd)}.",
            hint="Try again when it has ended.",
        ) from error
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise LibraryError(f"{what} cannot be locked: {error.strerror}") from error


def _sign(fd: int, text: str) -> None:
    """Say who holds it; where that cannot be written the lock is as good without."""
    with suppress(OSError):
        os.ftruncate(fd, 0)
        os.pwrite(fd, text.encode(), 0)


def _holder(fd: int) -> str:
    """``: sync-execute, since 07:09 (process 4711)``, if the holder has said so."""
    with suppress(OSError, ValueError):
        signed = os.pread(fd, _LONGEST, 0).decode("ascii")
        command, _, process = signed.rpartition(" ")
        if command.isprintable() and process.isdecimal():
            since = datetime.fromtimestamp(os.fstat(fd).st_mtime)  # noqa: DTZ006 - for a person here
            return f": {command}, since {since:%Y-%m-%d %H:%M} (process {process})"
    return ""
