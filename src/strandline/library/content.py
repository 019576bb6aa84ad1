"""Files of equal content: by size, by their first block, then byte by byte beside each other.

Comparing beats hashing here: what differs is seen at the first block that does, what is equal is
read once. First blocks are kept as short hashes, or many small files would fill the memory.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import blake2b, sha256
from pathlib import Path
from typing import TypeVar

from strandline.core.ids import LibPath
from strandline.core.states import FoundFile
from strandline.events import Progress

THREADS = 2
HEAD = 4096  # bytes
BLOCK = 128 << 10  # bytes read of each file before the next block
SIDE_BY_SIDE = 64
"""Files open at once; more equal heads than that are told apart by a hash of the whole."""
_AT_ONCE = 64  # heads read between two words of progress

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def equal_files(
    mp3_dir: Path, files: Mapping[LibPath, FoundFile], progress: Progress
) -> list[list[LibPath]]:
    """Groups of files with the same bytes, each and all by path; hard links count as one file.

    Empty files and files that cannot be read are in no group.
    """
    sizes = [group for group in _by_size(files) if len(group) > 1]
    todo = [path for group in sizes for path in group]
    progress.phase("hash", total=len(todo))
    progress.expect(sum(files[path].size for path in todo))
    reading = _Reading(str(mp3_dir), files, progress)
    with ThreadPoolExecutor(THREADS) as pool:
        heads = reading.by_head(todo)
        found = [group for groups in pool.map(reading.split, heads) for group in groups]
    return sorted(sorted(group) for group in found)


def _by_size(files: Mapping[LibPath, FoundFile]) -> Iterable[list[LibPath]]:
    once: dict[tuple[int, int], FoundFile] = {}
    for _, file in sorted(files.items()):
        once.setdefault((file.dev, file.ino), file)
    return _grouped((file.size, file.path) for file in once.values() if file.size).values()


def _grouped(pairs: Iterable[tuple[K, T]]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


class _Reading:
    """Reads below one folder; tells of bytes as they are read or need not be."""

    def __init__(self, mp3: str, files: Mapping[LibPath, FoundFile], progress: Progress) -> None:
        self._mp3, self._files, self._progress = mp3, files, progress

    def by_head(self, paths: list[LibPath]) -> list[list[LibPath]]:
        """Groups of at least two with the same size and first block.

        In one thread: two would take turns at each of so many short calls.
        """
        batches = (paths[at : at + _AT_ONCE] for at in range(0, len(paths), _AT_ONCE))
        heads = (pair for batch in batches for pair in self._heads(batch))
        groups = _grouped(((self._files[path].size, head), path) for head, path in heads).values()
        return [group for group in groups if len(group) > 1]

    def _heads(self, paths: list[LibPath]) -> list[tuple[bytes, LibPath]]:
        heads = []
        for path in paths:
            try:
                fd = os.open(f"{self._mp3}/{path}", _FLAGS)
            except OSError:
                continue
            try:
                heads.append((blake2b(os.pread(fd, HEAD, 0), digest_size=16).digest(), path))
            except OSError:
                continue
            finally:
                os.close(fd)
        self._progress.advance(len(paths), of_bytes=HEAD * len(paths))
        return heads

    def split(self, paths: list[LibPath]) -> list[list[LibPath]]:
        """Those of one size and head by the rest of their content."""
        size = self._files[paths[0]].size
        if size <= HEAD:
            return [paths]
        if len(paths) > SIDE_BY_SIDE:
            groups = _grouped((_digest(f"{self._mp3}/{path}"), path) for path in paths)
            return [group for key, group in groups.items() if key and len(group) > 1]
        try:
            return self._side_by_side(paths, size)
        except OSError:
            return []

    def _side_by_side(self, paths: list[LibPath], size: int) -> list[list[LibPath]]:
        with ExitStack() as stack:
            fds = {path: os.open(f"{self._mp3}/{path}", _FLAGS) for path in paths}
            for fd in fds.values():
                stack.callback(os.close, fd)
            groups = [paths]
            for offset in range(HEAD, size, BLOCK):
                groups = [part for group in groups for part in _parts(group, fds, offset)]
                self._progress.advance(of_bytes=BLOCK * sum(map(len, groups)))
        return groups


_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


def _parts(
    group: list[LibPath], fds: Mapping[LibPath, int], offset: int
) -> Iterator[list[LibPath]]:
    """The group by what stands at ``offset``; who is alone is done with."""
    parts: list[tuple[bytes, list[LibPath]]] = []
    for path in group:
        block = os.pread(fds[path], BLOCK, offset)
        for known, part in parts:
            if known == block:
                part.append(path)
                break
        else:
            parts.append((block, [path]))
    return (part for _, part in parts if len(part) > 1)


def _digest(path: str) -> bytes | None:
    digest = sha256()
    try:
        with open(path, "rb", buffering=0) as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except OSError:
        return None
    return digest.digest()
