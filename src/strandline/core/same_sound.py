"""Which files hold the same sound, and which of them stays. Pure: what was read is given.

The criteria come from the surest to the least: equal bytes, FLAC's own sum of its samples, equal
packets in equal containers' codec, equal samples across containers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple


class Criterion(str, Enum):
    """By what files were found to be the same."""

    BYTES = "bytes"
    FLAC_MD5 = "flac_md5"
    PACKETS = "packets"
    SAMPLES = "samples"


class Owner(str, Enum):
    """Whose file it is; listed from what stays to what gives way."""

    STRANDLINE = "strandline"
    YOURS = "yours"
    OUTSIDE = "outside"
    """A person's, and not in a playlist folder of the library."""


class SoundFile(NamedTuple):
    """A file, as far as choosing needs to know it."""

    path: str
    owner: Owner
    size: int
    mtime_ns: int


class Same(NamedTuple):
    """Files of one sound: the one that stays, then the others."""

    criterion: Criterion
    winner: SoundFile
    others: tuple[SoundFile, ...]

    @property
    def bytes(self) -> int:
        """What the others take."""
        return sum(file.size for file in self.others)


class Groups:
    """Sets of files that grow together; each remembers the least sure criterion it needed."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        self._by: dict[str, Criterion] = {}

    def join(self, paths: Sequence[str], criterion: Criterion) -> None:
        """These are the same."""
        first = self.top(paths[0])
        for path in paths[1:]:
            other = self.top(path)
            if other == first:
                continue
            self._above[other] = first
            known = [by for one in (first, other) if (by := self._by.get(one))]
            self._by[first] = max([criterion, *known], key=_ORDER.index)

    def top(self, path: str) -> str:
        """The one file that stands for its group."""
        while (above := self._above.get(path)) is not None:
            path = above
        return path

    def found(self, files: Mapping[str, SoundFile]) -> list[Same]:
        """Every group of more than one, the largest saving first."""
        members: dict[str, list[SoundFile]] = defaultdict(list)
        for path, file in files.items():
            members[self.top(path)].append(file)
        same = [self._same(top, group) for top, group in members.items() if len(group) > 1]
        return sorted(same, key=lambda it: (-it.bytes, it.winner.path))

    def _same(self, top: str, group: list[SoundFile]) -> Same:
        winner, *others = sorted(group, key=_preference)
        return Same(self._by[top], winner, tuple(others))


_ORDER = list(Criterion)
_OWNERS = list(Owner)


def _preference(file: SoundFile) -> tuple[int, int, str]:
    """strandline's own, as links lead there; then the oldest."""
    return _OWNERS.index(file.owner), file.mtime_ns, file.path


def alike(keys: Iterable[tuple[Hashable, str]]) -> list[list[str]]:
    """Paths with the same key, where there is more than one."""
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for key, path in keys:
        groups[key].append(path)
    return [group for group in groups.values() if len(group) > 1]


def near_pairs(lengths: Mapping[str, float], within: float) -> list[tuple[str, str]]:
    """Every two paths whose lengths differ by no more than that."""
    entries = sorted((length, path) for path, length in lengths.items())
    pairs, first = list[tuple[str, str]](), 0
    for at, (length, path) in enumerate(entries):
        while entries[first][0] < length - within:
            first += 1
        pairs += [(other, path) for _, other in entries[first:at]]
    return pairs


def near(lengths: Iterable[tuple[Hashable, float, str]], within: float) -> list[list[str]]:
    """Paths whose keys are equal and whose lengths lie in one chain of neighbours."""
    by_key: dict[Hashable, list[tuple[float, str]]] = defaultdict(list)
    for key, length, path in lengths:
        by_key[key].append((length, path))
    found: list[list[str]] = []
    for entries in by_key.values():
        chain: list[str] = []
        last = float("-inf")
        for length, path in sorted(entries):
            if length - last > within:
                chain = []
                found.append(chain)
            chain.append(path)
            last = length
    return [group for group in found if len(group) > 1]
