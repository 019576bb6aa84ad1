"""Which of the listed tracks are one recording under several ids, and which only seem to be.

Never by words alone, and never by a code that stands for different music; but a person's word
counts more than all of that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from strandline.core.ids import TrackId
from strandline.core.recordings import (
    LENGTH_TOLERANCE,
    base_of,
    burnt_codes,
    same_recording,
    valid_code,
)
from strandline.core.states import WantedTrack

Pair = tuple[TrackId, TrackId]


def pair(one: TrackId, other: TrackId) -> Pair:
    """Two ids in the order in which they are kept."""
    return (one, other) if _order(one) <= _order(other) else (other, one)


class Answers(NamedTuple):
    """What a person said of two ids: one recording, or never. See ``pair`` for their order."""

    pinned: frozenset[Pair] = frozenset()
    forbidden: frozenset[Pair] = frozenset()


NOTHING_SAID = Answers()


class Recording(NamedTuple):
    """One recording; ``primary`` is the id whose audio stands for all of them."""

    isrc: str | None
    primary: TrackId
    tracks: tuple[TrackId, ...]
    because: str
    pinned: bool = False
    """A person said so, of some of them at least."""


class Apart(NamedTuple):
    """Tracks with one code that are not taken for one recording, and why."""

    isrc: str
    tracks: tuple[TrackId, ...]
    because: str


def recordings_in(
    tracks: Mapping[TrackId, WantedTrack],
    with_audio: Container[TrackId],
    answers: Answers = NOTHING_SAID,
    shared: Mapping[TrackId, TrackId] | None = None,
) -> tuple[list[Recording], list[Apart]]:
    """What is one recording, and what has its code and is another all the same.

    ``shared``: whose files the audio of some is already.
    """
    by_code, burnt = _by_code(tracks)
    groups = _groups(tracks, by_code, burnt, answers)
    holders = set((shared or {}).values())
    same = [_recording(group, with_audio, holders, answers) for group in groups]
    of_group = {track.id: at for at, group in enumerate(groups) for track in group}
    apart: list[Apart] = []
    for code, found in sorted(by_code.items()):
        firsts = list({of_group.get(track.id, track.id): track for track in found[::-1]}.values())
        firsts.reverse()
        if len(firsts) > 1:
            why = _why_burnt(found) if code in burnt else _why_apart(firsts, answers)
            apart.append(Apart(code, _ids(found if code in burnt else firsts), why))
    return same, apart


def groups_of(
    tracks: Mapping[TrackId, WantedTrack],
    answers: Answers = NOTHING_SAID,
    listed: Mapping[TrackId, WantedTrack] | None = None,
) -> list[tuple[TrackId, ...]]:
    """The ids of each recording that has several, each in the order of the ids.

    ``listed``: all that TIDAL lists, which tell what a code is worth.
    """
    by_code, burnt = _by_code(tracks)
    if listed is not None:
        _, burnt = _by_code(listed)
    return [_ids(group) for group in _groups(tracks, by_code, burnt, answers)]


def _by_code(
    tracks: Mapping[TrackId, WantedTrack],
) -> tuple[dict[str, list[WantedTrack]], frozenset[str]]:
    """Codes that several tracks have, and which of them prove nothing."""
    by_code: dict[str, list[WantedTrack]] = defaultdict(list)
    for track in tracks.values():
        if track.isrc and (code := valid_code(track.isrc)):
            by_code[code].append(track)
    shared = {code: _sorted(found) for code, found in by_code.items() if len(found) > 1}
    return shared, burnt_codes([track for found in shared.values() for track in found])


def _groups(
    tracks: Mapping[TrackId, WantedTrack],
    by_code: Mapping[str, list[WantedTrack]],
    burnt: Container[str],
    answers: Answers,
) -> list[list[WantedTrack]]:
    found = [
        group
        for code, several in by_code.items()
        if code not in burnt
        for group in _grouped(several, answers.forbidden)
        if len(group) > 1
    ]
    groups = _joined(found, tracks, answers) if answers.pinned else found
    return sorted(groups, key=lambda group: _order(group[0].id))


def _grouped(tracks: Iterable[WantedTrack], forbidden: Container[Pair]) -> list[list[WantedTrack]]:
    """Each with all those that are the same as every one of its group."""
    groups: list[list[WantedTrack]] = []
    for track in tracks:
        for group in groups:
            if all(
                same_recording(one, track) and pair(one.id, track.id) not in forbidden
                for one in group
            ):
                group.append(track)
                break
        else:
            groups.append([track])
    return groups


def _joined(
    groups: Iterable[list[WantedTrack]], tracks: Mapping[TrackId, WantedTrack], answers: Answers
) -> list[list[WantedTrack]]:
    """The groups with what a person said is the same; never with two of which they said never."""
    group_of = {track.id: group for group in groups for track in group}
    for one, other in sorted(answers.pinned):
        if one not in tracks or other not in tracks:
            continue
        first = group_of.setdefault(one, [tracks[one]])
        second = group_of.setdefault(other, [tracks[other]])
        crossing = {pair(it.id, that.id) for it in first for that in second}
        if first is second or not crossing.isdisjoint(answers.forbidden):
            continue
        first[:] = _sorted([*first, *second])
        group_of |= {track.id: first for track in second}
    unique = {id(group): group for group in group_of.values()}
    return [group for group in unique.values() if len(group) > 1]


def _recording(
    group: list[WantedTrack],
    with_audio: Container[TrackId],
    holders: Container[TrackId],
    answers: Answers,
) -> Recording:
    """The one whose file it is stands for the others, else one on disk, else TIDAL's first."""
    ids = _ids(group)
    primary = next((it for it in ids if it in holders), None)
    primary = primary or next((it for it in ids if it in with_audio), ids[0])
    codes = {valid_code(track.isrc) for track in group}
    code = next(iter(codes)) if len(codes) == 1 else None
    crossing = {pair(one, other) for one in ids for other in ids if one != other}
    if pinned := not crossing.isdisjoint(answers.pinned):
        return Recording(code, primary, ids, "you said so (`recordings pin`)", pinned)
    because = f"ISRC {code}, the same title, version and artist, and a length within"
    return Recording(code, primary, ids, f"{because} {LENGTH_TOLERANCE} s")


def _why_burnt(found: list[WantedTrack]) -> str:
    titles = {base_of(track) for track in found}
    if len(titles) > 1:
        return "the ISRC stands for different titles or versions, so it proves nothing"
    return "the ISRC stands for two tracks of one album, so it proves nothing"


def _why_apart(firsts: list[WantedTrack], answers: Answers) -> str:
    one, other = firsts[:2]
    if pair(one.id, other.id) in answers.forbidden or same_recording(one, other):
        return "you said so (`recordings forbid`)"
    return _difference(one, other)


def _difference(one: WantedTrack, other: WantedTrack) -> str:
    if one.explicit != other.explicit:
        return "one is explicit, the other is not"
    if (one.mode or "STEREO") != (other.mode or "STEREO"):
        return "one is in Dolby Atmos, the other in stereo"
    if not one.duration or not other.duration:
        return "the length of one is not known"
    if abs(one.duration - other.duration) > LENGTH_TOLERANCE:
        return f"the lengths differ by {abs(one.duration - other.duration)} s"
    return "the artists differ"


def _order(id: TrackId) -> tuple[int, str]:
    """That of TIDAL, which counts its ids up."""
    return len(id), id


def _sorted(tracks: Iterable[WantedTrack]) -> list[WantedTrack]:
    return sorted(tracks, key=lambda track: _order(track.id))


def _ids(tracks: Iterable[WantedTrack]) -> tuple[TrackId, ...]:
    return tuple(track.id for track in tracks)
