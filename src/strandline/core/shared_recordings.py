"""Recordings that have several ids: which track's file stands for them all.

The track whose file it is leads; the others have entries that link to it, and no file of their
own. Which of the listed ids are one recording is ``same_recordings``; here it is said for which of
them that can hold now, by what is on disk and by what may be changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from strandline.core.identity import Recognised
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.same_recordings import groups_of
from strandline.core.states import Identity, Kind, LedgerEntry

if TYPE_CHECKING:
    from strandline.core.aligned_states import AlignedStates
    from strandline.core.track_cases import Case, TrackCases

Groups = Mapping[TrackId, tuple[TrackId, ...]]
"""Of each track that is a recording with several ids: all of them, itself among them."""


def groups_in(states: AlignedStates) -> Groups:
    """The recordings among all that is wanted, where the settings want them as one file."""
    if not states.policy.recordings:
        return {}
    wanted = set().union(*states.wanted_sets.values()) - states.ignored
    tracks = {id: states.track(id) for id in wanted}
    found = groups_of(tracks, states.policy.answers, states.snapshot.tracks)
    return {id: group for group in found for id in group}


def mates_in(states: AlignedStates) -> Mapping[TrackId, frozenset[TrackId]]:
    """Of each track its other ids: of its recording, and those that it shares a file with."""
    families: dict[TrackId, set[TrackId]] = defaultdict(set)
    for id, holder in states.ledger.shared.items():
        families[holder] |= {id, holder}
    mates: dict[TrackId, set[TrackId]] = {}
    for ids in (*set(states.groups.values()), *families.values()):
        joined = set(ids).union(*(mates[id] for id in ids if id in mates))
        mates |= dict.fromkeys(joined, joined)
    return {id: frozenset(others - {id}) for id, others in mates.items()}


def with_recordings(states: AlignedStates, changed: set[TrackId]) -> set[TrackId]:
    """The tracks in question, with all that are one recording with one of them."""
    shared = states.ledger.shared
    found = set(changed)
    for track, holder in shared.items():
        if holder not in states.groups.get(track, ()):
            found |= {track, holder}
    for group in set(states.groups.values()):
        if not _is_settled(group, states):
            found.update(group)
    if not states.groups and not shared:
        return found
    for id in [*found]:
        found |= set(states.groups.get(id, ()))
    for track, holder in shared.items():
        if not found.isdisjoint((track, holder)):
            found |= {track, holder}
    for id in [*found]:
        found |= set(states.groups.get(id, ()))
    return found & _listed_or_held(states, found, changed)


def _listed_or_held(
    states: AlignedStates, found: set[TrackId], changed: set[TrackId]
) -> set[TrackId]:
    """Of an id that is nowhere any more there is nothing to decide."""
    held = {track for _, track in states.entries}
    wanted = set().union(*states.wanted_sets.values())
    return changed | (
        found & (held | wanted | states.ledger_files.keys() | states.ledger.shared.keys())
    )


def _is_settled(group: Iterable[TrackId], states: AlignedStates) -> bool:
    """One of them has the file, and the others are known to share it."""
    files, shared = states.ledger_files, states.ledger.shared
    holders = [id for id in group if id in files]
    return len(holders) == 1 and all(
        shared.get(id) == holders[0] for id in group if id != holders[0]
    )


def seconds_of_others(
    states: AlignedStates, entries: Mapping[TrackId, Mapping[PlaylistId, LedgerEntry]]
) -> Mapping[TrackId, Container[LibPath]]:
    """Of each track the copies and hard links of its file that are entries of its other ids."""
    return {
        id: {
            entry.path
            for other in others
            for entry in entries.get(other, {}).values()
            if entry.kind in (Kind.COPY, Kind.HARDLINK)
        }
        for id, others in states.mates.items()
    }


def of_its_holder(
    track_cases: TrackCases,
    track: TrackId,
    entries: Iterable[LedgerEntry],
    files: Container[LibPath],
) -> dict[LibPath, Recognised]:
    """Where its links were, what bears the id of the track whose file it shares: retagged."""
    states = track_cases.states
    holder = states.ledger.shared.get(track)
    found = states.recogniser.recognise(holder) if holder else []
    if holder is None or not any(it.identity is Identity.LEDGER for it in found):
        return {}
    places = {entry.path for entry in entries if entry.path not in files}
    return {
        path: it
        for it in found
        if it.identity is Identity.EMBEDDED_ID
        if (path := it.file.path) in places and track_cases.home(path, holder) is None
    }


def share(track_cases: TrackCases) -> None:
    """Let each case follow the one whose audio stands for it, where that can be."""
    done: set[TrackId] = set()
    for id in track_cases.cases:
        if id not in done and (group := track_cases.states.groups.get(id)):
            done.update(group)
            _share(track_cases, [case for it in group if (case := track_cases.cases.get(it))])
    for id, holder in track_cases.states.ledger.shared.items():
        case, leader = track_cases.cases.get(id), track_cases.cases.get(holder)
        if case and leader and case.leader is None and _has_no_other(track_cases, case):
            _follow(track_cases, case, leader)


def _share(track_cases: TrackCases, cases: list[Case]) -> None:
    cases = [case for case in cases if case.holders]
    if len(cases) < 2:
        return
    leader = min(cases, key=lambda case: _rank(case, track_cases.states))
    for case in cases:
        if case is not leader:
            _follow(track_cases, case, leader)


def _rank(case: Case, states: AlignedStates) -> tuple[bool, bool, bool, bool, int, str]:
    """Who has the audio, else who can have it; of those who had it before; then TIDAL's first."""
    id, shared = case.track.id, states.ledger.shared
    has_it = case.unseen or (case.audio_path is not None and not case.damaged.get(case.audio_path))
    had_it = id not in shared and (case.known is not None or id in shared.values())
    available = case.track.available
    comes = available and case.election is not None
    return not has_it, not (has_it or comes), not had_it, not available, len(id), id


def _follow(track_cases: TrackCases, case: Case, leader: Case) -> None:
    if leader.leader is not None or not _may_follow(track_cases, case, leader):
        return
    if leader.unseen:  # its audio is somewhere, so nothing is done about it
        case.unseen, case.election, case.stays = True, None, None
        return
    case.gives_way = frozenset(_given_up(track_cases, case))
    case.leader, case.election, case.stays = leader, None, None
    case.paths |= leader.paths


def _has_no_other(track_cases: TrackCases, case: Case) -> bool:
    """The settings no longer want it to follow, but it cannot have audio of its own now."""
    if not case.holders or case.files:
        return False
    free = any(track_cases.states.is_active(it, case.track.id) for it in case.holders)
    return not (case.track.available and free)


def _may_follow(track_cases: TrackCases, case: Case, leader: Case) -> bool:
    """Nothing that stands there for it is a person's, or in a place that is left as it is.

    What has audio of its own gives that up only for audio that is there; damaged seconds of the
    file that it shares are made anew with that.
    """
    if case.unseen or case.user_links or case.track.id in track_cases.states.ignored:
        return False
    if leader.unseen:
        return not case.files and not case.damaged
    if leader.audio_path is None:
        fetched = leader.election is not None and leader.track.available
        seconds = case.known is None and all(
            _may_go(track_cases, case, path) for path in case.damaged
        )
        return fetched and not case.files and (seconds or not case.damaged)
    return all(_may_go(track_cases, case, path) for path in _given_up(track_cases, case))


def _given_up(track_cases: TrackCases, case: Case) -> Iterator[LibPath]:
    """Its own audio; a person's version stays, and so does what was made of the other's file.

    Where there are entries, only the very file that was its audio is, with its equals; else one in
    a playlist that lists it.
    """
    if case.audio is None:
        return
    for path, it in case.files.items():
        if path not in case.user_versions and _is_its_own(track_cases, case, path, it):
            yield path


def _is_its_own(track_cases: TrackCases, case: Case, path: LibPath, file: Recognised) -> bool:
    second = {e.path for e in case.entries.values() if e.kind in (Kind.COPY, Kind.HARDLINK)}
    if path in second:  # of its own file, or of the other's
        return case.known is not None
    if file.identity in (Identity.LEDGER, Identity.INODE):
        return True
    at_home = track_cases.home(path, case.track.id) is not None
    audio = case.audio
    if audio is None or not at_home:
        return False
    if path == audio.file.path:
        return not case.entries
    return bool(file.sha256) and file.sha256 == audio.sha256


def _may_go(track_cases: TrackCases, case: Case, path: LibPath) -> bool:
    """It is no entry of a playlist that is left as it is."""
    holders = {id for id, entry in case.entries.items() if entry.path == path}
    return holders.union([track_cases.home(path, case.track.id)]).isdisjoint(
        track_cases.states.passive
    )
