"""dedupe-report --content --fingerprint: files that sound alike, across codecs. It only reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

from strandline.core.matching.listening import both_whole
from strandline.core.matching.sound import SoundPrint
from strandline.core.same_sound import near_pairs
from strandline.errors import DownloadError

if TYPE_CHECKING:
    from strandline.db.sound_prints import SoundPrintRows
    from strandline.events import Progress

AT_ONCE: Final = 2
LENGTHS: Final = 5.0
"""Seconds by which the lengths of one recording may differ in two files."""


class Alike(NamedTuple):
    """Two files that hold one recording, as far as their sound tells."""

    paths: tuple[str, str]
    because: str
    difference: float
    offset: float


def sounds_alike(
    lengths: Mapping[str, float],
    hash_of: Callable[[str], str | None],
    real: Callable[[str], str],
    rows: SoundPrintRows,
    progress: Progress,
) -> list[Alike]:
    """Pairs of ``lengths`` (seconds by path), the likest first.

    ``hash_of`` a path is the hash of its packets, None where it cannot be read; ``real``: where
    the file of a path is.
    """
    pairs = near_pairs(lengths, LENGTHS)
    prints = dict(_prints(dict.fromkeys(path for pair in pairs for path in pair), hash_of, real,
                          rows, progress))  # fmt: skip
    found = list(_compared(pairs, prints))
    return sorted(found, key=lambda it: (it.difference, it.paths))


def _prints(
    paths: Iterable[str],
    hash_of: Callable[[str], str | None],
    real: Callable[[str], str],
    rows: SoundPrintRows,
    progress: Progress,
) -> Iterator[tuple[str, SoundPrint]]:
    """Of each file; what was decoded before is not decoded again."""
    hashes = {path: sound for path in paths if (sound := hash_of(path))}
    known = {path: made for path, sound in hashes.items() if (made := rows.of_sound(sound))}
    yield from known.items()
    rest = [path for path in hashes if path not in known]
    progress.phase("listen", total=len(rest))
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for path, made in zip(rest, pool.map(_print, map(real, rest)), strict=True):
            progress.advance(1)
            if made is not None:
                rows.learn_sound(hashes[path], made)
                yield path, made
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _print(file: str) -> SoundPrint | None:
    from strandline.library.audio.sound_print import sound_print

    try:
        return sound_print(file)
    except (OSError, DownloadError):
        return None


def _compared(
    pairs: Iterable[tuple[str, str]], prints: Mapping[str, SoundPrint]
) -> Iterator[Alike]:
    for one, other in pairs:
        if one not in prints or other not in prints:
            continue
        if heard := both_whole(prints[one], prints[other]):
            assert heard.likeness
            likeness = heard.likeness
            yield Alike((one, other), heard.because, likeness.apart, likeness.offset)
