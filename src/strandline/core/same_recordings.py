"""Which of the listed tracks are one recording under several ids, and which only seem to be.

Told by ``recordings``: never by words alone, and never by a code that stands for different music.
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


class Recording(NamedTuple):
    """One recording; ``primary`` is the id whose audio would stand for all of them."""

    isrc: str
    primary: TrackId
    tracks: tuple[TrackId, ...]
    because: str


class Apart(NamedTuple):
    """Tracks with one code that are not taken for one recording, and why."""

    isrc: str
    tracks: tuple[TrackId, ...]
    because: str


def recordings_in(
    tracks: Mapping[TrackId, WantedTrack], with_audio: Container[TrackId]
) -> tuple[list[Recording], list[Apart]]:
    """What would be one recording, and what has its code and is another all the same."""
    by_code: dict[str, list[WantedTrack]] = defaultdict(list)
    for _, track in sorted(tracks.items(), key=lambda it: (len(it[0]), it[0])):
        if code := valid_code(track.isrc):
            by_code[code].append(track)
    shared = {code: found for code, found in by_code.items() if len(found) > 1}
    burnt = burnt_codes([track for found in shared.values() for track in found])
    same: list[Recording] = []
    apart: list[Apart] = []
    for code, found in sorted(shared.items()):
        if code in burnt:
            apart.append(Apart(code, _ids(found), _why_burnt(found)))
            continue
        groups = _grouped(found)
        same += (_recording(code, group, with_audio) for group in groups if len(group) > 1)
        firsts = [group[0] for group in groups]
        if len(firsts) > 1:
            apart.append(Apart(code, _ids(firsts), _difference(firsts[0], firsts[1])))
    return same, apart


def _grouped(tracks: Iterable[WantedTrack]) -> list[list[WantedTrack]]:
    """Each with all those that are the same as every one of its group."""
    groups: list[list[WantedTrack]] = []
    for track in tracks:
        for group in groups:
            if all(same_recording(one, track) for one in group):
                group.append(track)
                break
        else:
            groups.append([track])
    return groups


def _recording(code: str, group: list[WantedTrack], with_audio: Container[TrackId]) -> Recording:
    """The one that is on disk stands for the others, else the one that TIDAL had first."""
    primary = next((it.id for it in group if it.id in with_audio), group[0].id)
    because = f"ISRC {code}, the same title, version and artist, and a length within"
    return Recording(code, primary, _ids(group), f"{because} {LENGTH_TOLERANCE} s")


def _why_burnt(found: list[WantedTrack]) -> str:
    titles = {base_of(track) for track in found}
    if len(titles) > 1:
        return "the ISRC stands for different titles or versions, so it proves nothing"
    return "the ISRC stands for two tracks of one album, so it proves nothing"


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


def _ids(tracks: Iterable[WantedTrack]) -> tuple[TrackId, ...]:
    return tuple(track.id for track in tracks)
