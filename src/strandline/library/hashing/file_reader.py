"""Reading files and saying what they are; also as a process, which ``workers`` starts.

Python's threads take turns at the many short calls that small files need; processes do not. Run
without site-packages this starts in a few milliseconds, so it imports next to nothing.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import stat
import sys

from strandline.library.stamps import ctime_of, mtime_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import IO, Any, Protocol

    class Hash(Protocol):
        """Of hashlib, or like those."""

        def update(self, data: memoryview, /) -> object: ...


BLOCK = 256 << 10  # bytes; hashed while still in the processor's own cache
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe must not hold us up
_LENGTH = 8  # bytes before each message that say how long it is

FileFacts = tuple[int, int, int, int, str]
"""Inode, size, mtime_ns and ctime_ns before reading, and the sha256 of what was read, in hex."""

Mark = tuple[int, int, int]
"""Inode, size and mtime_ns."""


class FileReader:
    """Reads regular files below one folder, no links, with one buffer for all of them."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._view = memoryview(bytearray(BLOCK))

    def read(self, paths: Iterable[str], most: int | None) -> list[FileFacts | None]:
        """Facts on each file, from its first ``most`` bytes (None: all); None if unreadable."""
        return [self.facts(path, most) for path in paths]

    def facts(
        self, path: str, most: int | None = None, tell: Callable[[int, int], str] | None = None
    ) -> FileFacts | None:
        """Of one file; ``tell`` says the sha256 of the first bytes of a descriptor, so many."""
        try:
            fd = os.open(f"{self._folder}/{path}", _FLAGS)
        except OSError:
            return None
        try:
            at = os.fstat(fd)
            if not stat.S_ISREG(at.st_mode):
                return None
            size = at.st_size if most is None else min(most, at.st_size)
            sha256 = (tell or self.sha256)(fd, size)
        except OSError:
            return None
        finally:
            os.close(fd)
        return at.st_ino, at.st_size, mtime_of(at), ctime_of(at), sha256

    def holds(
        self,
        path: str,
        ino: int | None,
        links: Mapping[str, str],
        files: Mapping[str, Mark],
        sha256: Mapping[str, str | None],
    ) -> int | None:
        """The device of a folder that holds just these links and just these files, read whole."""
        try:
            fd = os.open(f"{self._folder}/{path}", _FOLDER)
        except OSError:
            return None
        try:
            here = os.fstat(fd)
            if here.st_ino == ino and _lists(fd, links, files):
                same = (self._is(fd, name, files[name], sha256[name]) for name in files)
                return here.st_dev if all(same) else None
        except OSError:
            pass
        finally:
            os.close(fd)
        return None

    def _is(self, folder: int, name: str, mark: Mark, sha256: str | None) -> bool:
        """Raises OSError."""
        fd = os.open(name, _FLAGS, dir_fd=folder)
        try:
            at = os.fstat(fd)
            same = stat.S_ISREG(at.st_mode) and mark == (at.st_ino, at.st_size, mtime_of(at))
            return same and self.sha256(fd, at.st_size) == sha256
        finally:
            os.close(fd)

    def sha256(self, fd: int, size: int) -> str:
        """Of the next ``size`` bytes, or of fewer in a file that was cut off meanwhile."""
        digest = hashlib.sha256()
        self.feed(fd, size, digest)
        return digest.hexdigest()

    def feed(self, fd: int, size: int, *digests: Hash) -> None:
        """The same bytes to each."""
        view = self._view
        while size > 0 and (count := os.readv(fd, [view[: min(size, BLOCK)]])):
            data = view[:count]
            for digest in digests:
                digest.update(data)
            size -= count


def _lists(fd: int, links: Mapping[str, str], files: Mapping[str, Mark]) -> bool:
    """Whether these are the names in an open folder, each link with its text. Raises OSError."""
    seen = 0
    with os.scandir(fd) as entries:
        for entry in entries:
            name = entry.name
            if entry.is_symlink():
                if links.get(name) != os.readlink(name, dir_fd=fd):
                    return False
            elif name not in files:
                return False
            seen += 1
    return seen == len(links) + len(files)


def send(to: IO[bytes], message: Any) -> None:
    """One message. Both ends are the same Python, and nobody else has a hand on the pipe."""
    data = marshal.dumps(message)
    to.write(len(data).to_bytes(_LENGTH, "big") + data)
    to.flush()


def receive(source: IO[bytes]) -> Any:
    """The next one. Raises EOFError when there is none, or only a part of one."""
    length = int.from_bytes(source.read(_LENGTH), "big")
    data = source.read(length)
    if not length or len(data) < length:
        raise EOFError
    return marshal.loads(data)  # noqa: S302 (of our own process)


def main() -> None:
    """Do what is asked for until there is no more; the folder is the one argument."""
    reader = FileReader(sys.argv[1])
    ways: dict[str, Callable[..., Any]] = {"read": reader.read, "holds": reader.holds}
    while True:
        try:
            way, *words = receive(sys.stdin.buffer)
        except EOFError:
            return
        send(sys.stdout.buffer, ways[way](*words))
