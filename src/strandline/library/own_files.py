"""Many of a person's files looked at: two processes read tags, which Python's threads cannot."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final, NamedTuple

from strandline.core.actions import Seen
from strandline.core.matching.files import FileTags
from strandline.library.own_tags import NotAudioError, read_tags
from strandline.library.stamps import mtime_of

WORKERS: Final = 2
MANY: Final = 1500
"""Files for which processes are started; for fewer it takes longer than they save."""
_AT_ONCE: Final = 20_000
_CHUNK: Final = 100


class Looked(NamedTuple):
    """A file as it was found; without ``tags`` because it cannot be read, or is none at all."""

    file: str
    seen: Seen | None = None
    tags: FileTags | None = None
    because: str = ""


def look_at(files: Iterable[str]) -> Iterator[Looked]:
    """Each of ``files``, in order; a few thousand are held at a time, however many there are."""
    rest = iter(files)
    first = list(islice(rest, MANY))
    if len(first) < MANY:
        yield from map(look, first)
        return
    yield from _in_processes(chain(first, rest))


def look(file: str) -> Looked:
    """One file: what it is, and its tags. No link is followed, and nobody waits for a pipe."""
    try:
        file.encode()
        at = os.lstat(file)
        if not stat.S_ISREG(at.st_mode):
            return Looked(file)
        seen = Seen("file", at.st_dev, at.st_ino, at.st_size, mtime_of(at))
        return Looked(file, seen, read_tags(file))
    except NotAudioError as why:
        return Looked(file, because=str(why))
    except UnicodeEncodeError:
        return Looked(file, because="its name is not valid UTF-8")
    except OSError as error:
        return Looked(file, because=error.strerror or str(error))


def _in_processes(files: Iterator[str]) -> Iterator[Looked]:
    """What a process that ends too early has not answered is done here."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    context = get_context("spawn")
    with ProcessPoolExecutor(WORKERS, context, _quietly) as pool:
        while some := list(islice(files, _AT_ONCE)):
            answered = 0
            try:
                for looked in pool.map(look, some, chunksize=_CHUNK):
                    yield looked
                    answered += 1
            except (BrokenProcessPool, OSError):
                yield from map(look, some[answered:])
                break
    yield from map(look, files)


def _quietly() -> None:
    """Ctrl-C is for the command to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
