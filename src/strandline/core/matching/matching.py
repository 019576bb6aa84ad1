"""Every file of a person against every track of the playlists: what is taken, what is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from strandline.core.ids import TrackId
from strandline.core.matching.candidates import Tracks
from strandline.core.matching.files import OwnFile
from strandline.core.matching.judge import Judgement, Method, OwnTrack, Verdict, judge
from strandline.core.matching.listening import Heard, Hearing
from strandline.core.recordings import burnt_codes
from strandline.core.states import WantedTrack

MOST_CANDIDATES: Final = 5
"""That a person is shown of one file."""

_RANK: Final = {method: rank for rank, method in enumerate(Method)}


class Accepted(NamedTuple):
    """A file that is a track's."""

    file: OwnFile
    track: TrackId
    method: Method
    because: str


class Candidate(NamedTuple):
    """A track that a file may be."""

    track: TrackId
    because: str


class Doubtful(NamedTuple):
    """A file that a person has to look at; the likeliest track first."""

    file: OwnFile
    because: str
    candidates: tuple[Candidate, ...]


class Duplicate(NamedTuple):
    """A file of a track for which a better one is taken."""

    file: OwnFile
    track: TrackId
    of: OwnFile


class Unmatched(NamedTuple):
    """A file that is no track of the playlists."""

    file: OwnFile
    because: str


@dataclass(frozen=True, slots=True)
class Matches:
    """What became of each file; every file stands in one of them."""

    accepted: tuple[Accepted, ...] = ()
    doubtful: tuple[Doubtful, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()


class Decided(NamedTuple):
    """What a person said of one file before, the track it is and those it is not; and its sound."""

    accepted: TrackId | None = None
    rejected: frozenset[TrackId] = frozenset()
    heard: Mapping[TrackId, Heard] = MappingProxyType({})


def match_files(
    files: Iterable[OwnFile],
    tracks: Iterable[WantedTrack],
    decided: Mapping[str, Decided] | None = None,
) -> Matches:
    """What each of ``files`` is; ``decided``: a person's answers by a file's path."""
    wanted = list(tracks)
    burnt, index = burnt_codes(wanted), Tracks(OwnTrack(track) for track in wanted)
    accepted: dict[TrackId, list[Accepted]] = defaultdict(list)
    doubtful: list[Doubtful] = []
    unmatched: list[Unmatched] = []
    for file in files:
        found = match_file(file, index, burnt, (decided or {}).get(file.path, Decided()))
        match found:
            case Accepted():
                accepted[found.track].append(found)
            case Doubtful():
                doubtful.append(found)
            case Unmatched():
                unmatched.append(found)
    best, duplicates = _best_of_each(accepted)
    return Matches(tuple(best), tuple(doubtful), tuple(duplicates), tuple(unmatched))


def match_file(
    file: OwnFile, index: Tracks, burnt: frozenset[str], decided: Decided
) -> Accepted | Doubtful | Unmatched:
    """What one file is. Of two tracks with equal evidence neither is taken."""
    if decided.accepted in index.by_id and decided.accepted is not None:
        return Accepted(file, decided.accepted, Method.REVIEW, "you said so")
    if (same := same_sound(decided.heard)) in index.by_id and same not in decided.rejected:
        assert same is not None
        return Accepted(file, same, Method.LISTENED, decided.heard[same].because)
    known = [(judge(file, track, burnt), track.id) for track in index.of(file)]
    known = [_with_sound(it, id, decided.heard.get(id)) for it, id in known]
    judged = [it for it in known if it[1] not in decided.rejected]
    taken = [(it, id) for it, id in judged if it.verdict is Verdict.ACCEPT]
    if taken:
        first = min(_RANK[it.method] for it, _ in taken)
        equal = [(it, id) for it, id in taken if _RANK[it.method] == first]
        if len(equal) == 1:
            (it, id), *_ = equal
            return Accepted(file, id, it.method, it.because)
        return _doubtful(file, equal, f"{len(equal)} tracks of the playlists fit equally well")
    asked = _still_to_ask(judged, [it for it in known if it[1] in decided.rejected])
    if asked:
        return _doubtful(file, asked, max(asked, key=_nearness)[0].because)
    return Unmatched(file, _why_not(file, judged))


def same_sound(heard: Mapping[TrackId, Heard]) -> TrackId | None:
    """The one track that sounds the same, if no other that came into question may."""
    like = [(id, it) for id, it in heard.items() if it.may_be_same]
    return like[0][0] if len(like) == 1 and like[0][1].hearing is Hearing.SAME else None


def _with_sound(it: Judgement, id: TrackId, heard: Heard | None) -> tuple[Judgement, TrackId]:
    """What its words say, and what was heard; another sound is another recording."""
    if heard is None or it.verdict is Verdict.REJECT:
        return it, id
    verdict = Verdict.REJECT if heard.hearing is Hearing.DIFFERENT else it.verdict
    joined = heard.because if verdict is Verdict.REJECT else f"{it.because}; {heard.because}"
    return it._replace(verdict=verdict, because=joined), id


def _still_to_ask(
    judged: list[tuple[Judgement, TrackId]], rejected: list[tuple[Judgement, TrackId]]
) -> list[tuple[Judgement, TrackId]]:
    """Who said no to the likelier track is not asked about the less likely ones."""
    least = max(map(_nearness, rejected), default=None)
    return [
        found
        for found in judged
        if found[0].verdict is Verdict.REVIEW and (least is None or _nearness(found) > least)
    ]


def _nearness(found: tuple[Judgement, TrackId]) -> tuple[float, float]:
    return -_RANK[found[0].method], found[0].nearness


def _doubtful(file: OwnFile, asked: list[tuple[Judgement, TrackId]], because: str) -> Doubtful:
    asked = sorted(asked, key=_nearness, reverse=True)[:MOST_CANDIDATES]
    return Doubtful(file, because, tuple(Candidate(id, it.because) for it, id in asked))


def _why_not(file: OwnFile, judged: list[tuple[Judgement, TrackId]]) -> str:
    """In the words of the track that came nearest."""
    near = [found for found in judged if found[0].nearness >= _WORTH_NAMING]
    if near:
        it, id = max(near, key=_nearness)
        return f"not track {id}: {it.because}"
    if not file.artists.known and not file.tags.title:
        return "it has no tags, and its name says too little"
    return "no track of your playlists is like it"


_WORTH_NAMING: Final = 23.0


def _best_of_each(
    accepted: Mapping[TrackId, list[Accepted]],
) -> tuple[list[Accepted], list[Duplicate]]:
    """Of several files for one track the best; the others are duplicates of it."""
    best: list[Accepted] = []
    duplicates: list[Duplicate] = []
    for track, files in accepted.items():
        first, *others = sorted(files, key=lambda it: it.file.quality, reverse=True)
        best.append(first)
        duplicates.extend(Duplicate(it.file, track, first.file) for it in others)
    return best, duplicates
