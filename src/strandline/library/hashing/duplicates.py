"""Files of equal content: by size, by their beginning, then byte by byte beside each other.

Small files are read whole at once, and their sha256 tells. Comparing beats hashing for the rest:
what differs is seen at the first block that does, what is equal is read once.
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
from strandline.library.hashing.parallel import Answer, reading

THREADS = 2
SMALL = 64 << 10
"""Bytes of a file that is read whole at once."""
HEAD = 4 << 10  # bytes of the beginning of a larger one
BLOCK = 256 << 10  # bytes read of each file before the next block
SIDE_BY_SIDE = 64
"""Files open at once; more equal heads than that are told apart by a hash of the whole."""

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


@contextmanager
def comparing(
    mp3_dir: Path, files: Mapping[LibPath, FoundFile], progress: Progress
) -> Iterator[Callable[[], list[list[LibPath]]]]:
    """Groups of files with the same bytes, each and all by path; hard links count as one file.

    Beginnings are read while the caller does something else; the call does the rest. Empty files
    and files that cannot be read are in no group.
    """
    mp3, alike = str(mp3_dir), [group for group in _by_size(files) if len(group) > 1]
    small = [file for group in alike if group[0].size <= SMALL for file in group]
    large = [file for group in alike if group[0].size > SMALL for file in group]
    progress.phase("hash", total=len(small) + len(large))
    progress.expect(sum(file.size for file in small) + HEAD * len(large))
    with (
        reading(mp3, small, _heads, progress) as read_small,
        reading(mp3, large, _heads, progress, most=HEAD) as read_large,
    ):
        yield lambda: _compared(mp3, chain(*read_small(), *read_large()), progress)


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
        if len(group) > 1 and size <= SMALL:
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
    for file in files.values():
        other = once.setdefault(file[1:3], file)
        if file.path < other.path:
            once[file[1:3]] = file
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
