"""Many of a person's files looked at: two processes read tags, which Python's threads cannot."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final, NamedTuple

from strandline.core.actions import EntryState
from strandline.core.matching.files import FileTags
from strandline.library.stamps import mtime_of
from strandline.library.tags.own_tags import NotAudioError, read_tags

WORKERS: Final = 2
MANY: Final = 1500
"""Files for which processes are started; for fewer it takes longer than they save."""
_AT_ONCE: Final = 20_000
_CHUNK: Final = 100


class InspectedFile(NamedTuple):
    """A file as it was found; without ``tags`` because it cannot be read, or is none at all."""

    file: str
    seen: EntryState | None = None
    tags: FileTags | None = None
    because: str = ""


def inspect_files(files: Iterable[str]) -> Iterator[InspectedFile]:
    """Each of ``files``, in order; a few thousand are held at a time, however many there are."""
    rest = iter(files)
    first = list(islice(rest, MANY))
    if len(first) < MANY:
        yield from map(inspect_file, first)
        return
    yield from _in_processes(chain(first, rest))


def inspect_file(file: str) -> InspectedFile:
    """One file: what it is, and its tags. No link is followed, and nobody waits for a pipe."""
    try:
        file.encode()
        at = os.lstat(file)
        if not stat.S_ISREG(at.st_mode):
            return InspectedFile(file)
        seen = EntryState("file", at.st_dev, at.st_ino, at.st_size, mtime_of(at))
        return InspectedFile(file, seen, read_tags(file))
    except NotAudioError as why:
        return InspectedFile(file, because=str(why))
    except UnicodeEncodeError:
        return InspectedFile(file, because="its name is not valid UTF-8")
    except OSError as error:
        return InspectedFile(file, because=error.strerror or str(error))


def _in_processes(files: Iterator[str]) -> Iterator[InspectedFile]:
    """What a process that ends too early has not answered is done here."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    context = get_context("spawn")
    with ProcessPoolExecutor(WORKERS, context, _quietly) as pool:
        while some := list(islice(files, _AT_ONCE)):
            answered = 0
            try:
                for looked in pool.map(inspect_file, some, chunksize=_CHUNK):
                    yield looked
                    answered += 1
            except (BrokenProcessPool, OSError):
                yield from map(inspect_file, some[answered:])
                break
    yield from map(inspect_file, files)


def _quietly() -> None:
    """Ctrl-C is for the command to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
