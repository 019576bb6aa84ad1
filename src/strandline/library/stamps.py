"""The times of a file as a database can hold them, whatever the file claims."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from strandline.core.states import Stamp

_TOP = 1 << 63


def mtime_of(at: os.stat_result) -> int:
    """Nanoseconds since 1970 in 64 bits with a sign; before 1677 and after 2262 they wrap around.

    Such a time is an odd stamp, but one like any other: equal as long as the file is left alone.
    """
    ns = at.st_mtime_ns
    return ns if -_TOP <= ns < _TOP else _wrapped(ns)


def ctime_of(at: os.stat_result) -> int:
    """The same of the time of the last change of anything about the file."""
    ns = at.st_ctime_ns
    return ns if -_TOP <= ns < _TOP else _wrapped(ns)


def link_stamp(name: str | os.PathLike[str]) -> Stamp | None:
    """What tells a symlink from any other, its copies too; None where nothing stands.

    Its time is that of its making, whatever name it is given later.
    """
    try:
        return stamp_of_link(os.lstat(name))
    except FileNotFoundError:
        return None


def stamp_of_link(at: os.stat_result) -> Stamp:
    """The same of what was found there."""
    from strandline.core.states import Stamp  # here, for processes that only read files do without

    return Stamp(at.st_ino, at.st_size, mtime_of(at))


def _wrapped(ns: int) -> int:
    return (ns + _TOP) % (2 * _TOP) - _TOP
