"""Files of equal content: by size, by their first part, then byte by byte beside each other.

Of small files the first part is all there is, and the sha256 of it tells. Comparing beats hashing
for the rest: what differs is seen at the first block that does, what is equal is read once.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TypeVar

from strandline.core.ids import LibPath
from strandline.core.states import FoundFile
from strandline.events import Progress
from strandline.library.readers import Answer, reading

THREADS = 2
HEAD = 64 << 10  # bytes; what is read ahead from a disk costs nothing to look at
BLOCK = 128 << 10  # bytes read of each file before the next block
SIDE_BY_SIDE = 64
"""Files open at once; more equal heads than that are told apart by a hash of the whole."""

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


@contextmanager
def comparing(
    mp3_dir: Path, files: Mapping[LibPath, FoundFile], progress: Progress
) -> Iterator[Callable[[], list[list[LibPath]]]]:
    """Groups of files with the same bytes, each and all by path; hard links count as one file.

    First parts are read while the caller does something else; the call does the rest. Empty files
    and files that cannot be read are in no group.
    """
    todo = [file for group in _by_size(files) if len(group) > 1 for file in group]
    progress.phase("hash", total=len(todo))
    progress.expect(sum(min(file.size, HEAD) for file in todo))
    with reading(str(mp3_dir), todo, _heads, progress, most=HEAD) as read:
        yield lambda: _compared(str(mp3_dir), chain.from_iterable(read()), progress)


def _heads(batch: list[FoundFile], answer: Answer) -> list[tuple[tuple[int, str], LibPath]]:
    """Of each that is still as long as it was."""
    pairs = zip(batch, answer, strict=True)
    return [
        ((file.size, facts[4]), file.path)
        for file, facts in pairs
        if facts and facts[1] == file.size
    ]


def _compared(
    mp3: str, heads: Iterable[tuple[tuple[int, str], LibPath]], progress: Progress
) -> list[list[LibPath]]:
    found: list[list[LibPath]] = []
    rest: list[tuple[int, list[LibPath]]] = []
    for (size, _), group in _grouped(heads).items():
        if len(group) > 1 and size <= HEAD:
            found.append(group)
        elif len(group) > 1:
            rest.append((size, group))
    progress.expect(sum((size - HEAD) * len(group) for size, group in rest))
    comparison = _Comparison(mp3, progress)
    with ThreadPoolExecutor(THREADS) as pool:
        found += chain.from_iterable(pool.map(comparison.split, rest))
    return sorted(sorted(group) for group in found)


def _by_size(files: Mapping[LibPath, FoundFile]) -> Iterable[list[FoundFile]]:
    once: dict[tuple[int, int], FoundFile] = {}
    for _, file in sorted(files.items()):
        once.setdefault((file.dev, file.ino), file)
    return _grouped((file.size, file) for file in once.values() if file.size).values()


def _grouped(pairs: Iterable[tuple[K, T]]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


class _Comparison:
    """Compares files below one folder; tells of bytes as they are read or need not be."""

    def __init__(self, mp3: str, progress: Progress) -> None:
        self._mp3, self._progress = mp3, progress

    def split(self, alike: tuple[int, list[LibPath]]) -> list[list[LibPath]]:
        """Those of one size and head by the rest of their content."""
        size, paths = alike
        if len(paths) > SIDE_BY_SIDE:
            groups = _grouped((self._digest(path), path) for path in paths)
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
                self._progress.advance(of_bytes=min(BLOCK, size - offset) * len(paths))
                groups = [part for group in groups for part in _parts(group, fds, offset)]
        return groups

    def _digest(self, path: LibPath) -> bytes | None:
        digest = sha256()
        try:
            with open(f"{self._mp3}/{path}", "rb", buffering=0) as file:
                while block := file.read(BLOCK):
                    digest.update(block)
                    self._progress.advance(of_bytes=len(block))
        except OSError:
            return None
        return digest.digest()


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
