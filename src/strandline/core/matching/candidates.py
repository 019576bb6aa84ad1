"""Which tracks are worth comparing with a file: a handful out of twenty thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from strandline.core.ids import TrackId
from strandline.core.matching.artists import Artists
from strandline.core.matching.crowd import CROWDED, Crowd
from strandline.core.matching.files import OwnFile
from strandline.core.matching.judge import OwnTrack
from strandline.core.matching.titles import Title
from strandline.core.recordings import valid_code

_LETTERS: Final = 6
_SPAN: Final = 4
"""Seconds of length that stand in one block."""

Key = tuple[str, int]


class Tracks:
    """Tracks by what a file may share with them."""

    def __init__(self, tracks: Iterable[OwnTrack], crowded: int = CROWDED) -> None:
        """``crowded``: of how many tracks of one key a file is not compared with all."""
        self._crowded = crowded
        self._crowds: dict[Key, Crowd] = {}
        self._glued: dict[str, list[OwnTrack]] = defaultdict(list)
        """By title and version in one word, as tiddl 2 writes them."""
        self.by_id: dict[TrackId, OwnTrack] = {}
        self._by_code: dict[str, list[OwnTrack]] = defaultdict(list)
        self._by_key: dict[Key, list[OwnTrack]] = defaultdict(list)
        for track in tracks:
            self.by_id[track.id] = track
            if track.isrc:
                self._by_code[track.isrc].append(track)
            for key in _keys(track.title, track.artists, track.track.duration, spread=0):
                self._by_key[key].append(track)
            if track.track.version:
                glued = f"{track.track.title}{track.track.version}"
                self._glued[glued.casefold()].append(track)

    def of(self, file: OwnFile) -> list[OwnTrack]:
        """The tracks that ``file`` may be; each once."""
        tags, found = file.tags, {}
        for id in (tags.own_id, tags.tidal_id):
            if id is not None and id in self.by_id:
                found[id] = self.by_id[id]
        for track in self._by_code.get(valid_code(tags.isrc) or "", ()):
            found[track.id] = track
        for key in _keys(file.title, file.artists, tags.duration or 0, spread=1):
            for track in self._with_key(key, file):
                found[track.id] = track
        for track in self._glued.get((tags.title or "").casefold(), ()):
            if abs(track.track.duration - (tags.duration or 0)) <= _SPAN:
                found[track.id] = track
        return list(found.values())

    def _with_key(self, key: Key, file: OwnFile) -> Iterable[OwnTrack]:
        tracks = self._by_key.get(key, ())
        if len(tracks) <= self._crowded:
            return tracks
        if key not in self._crowds:
            self._crowds[key] = Crowd(tracks)
        return self._crowds[key].of(file)


def _keys(title: Title, artists: Artists, seconds: float, *, spread: int) -> Iterator[Key]:
    """The first letters of the title, and those of an artist with the length."""
    names = {title.letters[:_LETTERS]}
    if title.heads:
        names.add(title.tail.letters[:_LETTERS])
    for name in names:
        yield name, 0
    if seconds <= 0:
        return
    block = int(seconds) // _SPAN + 1
    for artist in {name.replace(" ", "")[:_LETTERS] for name in artists.main | artists.guests}:
        for near in range(block - spread, block + spread + 1):
            yield artist, near
