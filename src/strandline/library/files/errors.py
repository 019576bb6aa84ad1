"""What the operating system said, in words a person can act on: converted once, here."""

from __future__ import annotations

import errno
import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from strandline.errors import ChangedMeanwhileError, ItemError, LibraryError

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")


class DiskStoppedError(LibraryError):
    """No further item can succeed: the disk is full, read-only or broken. The run ends cleanly."""

    code = "disk_stopped"


class TakenError(ItemError):
    """Something stands where a file, link or folder was to go; it was left as it is."""

    code = "name_taken"


_FULL = "the disk is full"
_BROKEN = "the disk reports an error"
_GONE = "the disk is no longer there"
_STOPS = {
    errno.ENOSPC: ("disk_full", _FULL, "Free some space and run again: it goes on where it was."),
    errno.EDQUOT: ("disk_full", "your quota on this disk is used up", "Free some space."),
    errno.EROFS: ("read_only", "the disk is read-only", "Mount it writable and run again."),
    errno.EIO: ("disk_error", _BROKEN, "Check the disk and its cable before the next run."),
    errno.ENODEV: ("disk_gone", _GONE, "Mount it and run again."),
    errno.ENXIO: ("disk_gone", _GONE, "Mount it and run again."),
    errno.ENOTCONN: ("disk_gone", _GONE, "Mount it and run again."),
    errno.ESTALE: ("disk_gone", _GONE, "Mount it and run again."),
    errno.EMFILE: ("too_many_files", "too many files are open", "Raise `ulimit -n` and run again."),
    errno.ENFILE: ("too_many_files", "too many files are open on this machine", "Try again later."),
    errno.ENOMEM: ("memory", "the machine is out of memory", "Try again later."),
}
_CHANGED = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
_TAKEN = {errno.EEXIST, errno.ENOTEMPTY, errno.EISDIR}
_ITEM = {
    errno.EACCES: "no permission",
    errno.EPERM: "not permitted (is it write-protected?)",
    errno.ENAMETOOLONG: "the name is too long for this disk",
    errno.EXDEV: "it lies on another disk than the library's .strandline folder",
    errno.EBUSY: "it is in use (a mounted folder?)",
    errno.EMLINK: "it has as many hard links as this disk allows",
    errno.EINTR: "interrupted by a signal",
}


def changed(path: str, found: str = "it is no longer what the plan saw") -> ChangedMeanwhileError:
    """The disk differs from the plan at ``path``."""
    return ChangedMeanwhileError(
        f"{path}: changed meanwhile: {found}", hint="Run sync-check again to see what is there now."
    )


def error_from_oserror(error: OSError, path: str) -> LibraryError | ItemError:
    """The error of ours for one of the system's, about ``path``."""
    number = error.errno or 0
    if number in _STOPS:
        code, message, hint = _STOPS[number]
        return DiskStoppedError(f"{path}: {message}", hint=hint, code=code)
    if number in _CHANGED:
        return changed(path, "it, or the folder it was in, is gone or is a link now")
    if number in _TAKEN:
        return TakenError(f"{path}: something else is there", hint="Rename or move it away.")
    return ItemError(f"{path}: {_ITEM.get(number) or error.strerror or error}")


def not_durable(error: OSError, path: str) -> DiskStoppedError:
    """A failed fsync, whatever its reason: what was written may be gone after a power cut."""
    known = error_from_oserror(error, path)
    if isinstance(known, DiskStoppedError):
        return known
    return DiskStoppedError(f"{path}: {_BROKEN}: {error.strerror}", code="disk_error")


def on_disk(
    method: Callable[Concatenate[S, str, P], R],
) -> Callable[Concatenate[S, str, P], R]:
    """Converts what the system reports; the method's first argument is the path to name."""

    @functools.wraps(method)
    def wrapped(self: S, path: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, path, *args, **kwargs)
        except OSError as error:
            raise error_from_oserror(error, path) from error

    return wrapped
