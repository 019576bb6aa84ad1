"""Tracks whose titles all begin alike, or that one artist made: which of them a file may be.

Where a key says too little ("Untitled 1" to "Untitled 20000"), each pair cannot be looked at. Left
out are only tracks that no file with these words would be taken for: whose numbers or lengths are
others, and whose titles or artists are too unlike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from strandline.core.matching.artists import ALIKE, parse_artists
from strandline.core.matching.files import OwnFile
from strandline.core.matching.judge import OwnTrack
from strandline.core.matching.titles import Title

CROWDED: Final = 64
"""Tracks of one key from which on they are told apart further."""
FEW: Final = 32
"""Tracks that are judged one by one."""
_LIKE: Final = 0.8
"""Titles that are less alike have other words."""
_SPAN: Final = 4
"""Seconds of length that stand together: more than an accepted file may differ by."""

Numbers = tuple[int, ...]


class Crowd:
    """The tracks of one key, by the numbers in their titles and by their lengths."""

    def __init__(self, tracks: Iterable[OwnTrack]) -> None:
        self._cells: dict[Numbers, dict[int, _Cell]] = defaultdict(lambda: defaultdict(_Cell))
        for track in tracks:
            self._cells[track.title.numbers][_block(track.track.duration)].add(track)

    def of(self, file: OwnFile) -> Iterator[OwnTrack]:
        """Those that ``file`` may be by its words."""
        titles = [file.title, *([file.title.tail] if file.title.heads else [])]
        for numbers in {title.numbers for title in titles}:
            cells = self._cells.get(numbers)
            if cells is None:
                continue
            if not file.tags.duration:
                for cell in cells.values():
                    yield from cell.called(titles)
                continue
            block = _block(file.tags.duration)
            for near in (block - 1, block, block + 1):
                if near > 0 and near in cells:
                    yield from cells[near].near(file, titles)
            if 0 in cells:
                yield from cells[0].called(titles)


def _block(seconds: float) -> int:
    """0 for a length that is not known."""
    return int(seconds) // _SPAN + 1 if seconds > 0 else 0


class _Cell:
    """Tracks with the same numbers, and about the same length."""

    def __init__(self) -> None:
        self._by_letters: dict[str, list[OwnTrack]] = defaultdict(list)
        self._by_name: dict[str, set[str]] = defaultdict(set)
        self._odd: list[OwnTrack] = []

    def add(self, track: OwnTrack) -> None:
        if _is_odd(track.title):
            self._odd.append(track)
        else:
            self._by_letters[track.title.letters].append(track)
        for name in track.artists.main | track.artists.guests:
            self._by_name[name.replace(" ", "")].add(track.id)

    def called(self, titles: Iterable[Title]) -> list[OwnTrack]:
        """A few with just the same title."""
        found = (self._by_letters.get(title.letters, ()) for title in titles)
        return [track for several in found for track in several][:FEW]

    def near(self, file: OwnFile, titles: Iterable[Title]) -> list[OwnTrack]:
        """All whose title and artist are like the file's."""
        found = [*self._odd]
        if any(map(_is_odd, titles)):
            found += (track for several in self._by_letters.values() for track in several)
        else:
            letters = {it for title in titles for it in self._like(title.letters)}
            found += (track for it in letters for track in self._by_letters[it])
        return found if len(found) <= FEW else self._by_artist(file, found)

    def _like(self, letters: str) -> Iterator[str]:
        """The titles that are like it."""
        for text, *_ in process.extract(
            letters,
            self._by_letters.keys(),
            scorer=OSA.normalized_similarity,
            score_cutoff=_LIKE,
            limit=None,
        ):
            yield text

    def _by_artist(self, file: OwnFile, found: list[OwnTrack]) -> list[OwnTrack]:
        """A file that names no artist is never taken by its words."""
        named = parse_artists(file.title.heads[:1])
        names = file.artists.main | file.artists.guests | named.main | named.guests
        if not names:
            return found[:FEW]
        ids: set[str] = set()
        for name in {name.replace(" ", "") for name in names}:
            for text, *_ in process.extract(
                name,
                self._by_name.keys(),
                scorer=OSA.normalized_similarity,
                score_cutoff=ALIKE,
                limit=None,
            ):
                ids |= self._by_name[text]
        return [track for track in found if track.id in ids]


def _is_odd(title: Title) -> bool:
    """It may equal one whose letters are others."""
    return title.cut or title.bare or "*" in title.letters
