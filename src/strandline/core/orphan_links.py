"""Orphaned links: ours, that stand for nothing any more, under whatever name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from strandline.core.actions import Action, Because, Unlink
from strandline.core.aligned_states import AlignedStates
from strandline.core.entry_paths import EntryPaths
from strandline.core.ids import LibPath, folder_of
from strandline.core.states import FoundLink, MadeLink
from strandline.core.track_cases import TrackCases


def orphan_links(
    states: AlignedStates,
    track_cases: TrackCases,
    entry_paths: EntryPaths,
    actions: Iterable[Action],
) -> Iterator[Unlink]:
    """Take away what a run left behind that was cut off, or that a person got in the way of.

    Only the very links that strandline made, where it made them: a person's own, and one that they
    took elsewhere, is theirs.
    """
    if not states.ledger.ours:
        return
    spoken_for = {found.path for found in entry_paths.current.values()}
    spoken_for |= {entry.path for entry in states.entries.values()}
    spoken_for |= {action.path for action in actions}
    for path, link in states.links.items():
        made = _made(states, link)
        if made and path not in spoken_for and _may_go(states, track_cases, link, made):
            seen = states.entry_at(path)
            assert seen
            yield Unlink(path, Because.MOVED_ON_DISK, None, made.track, expected=seen)


def _made(states: AlignedStates, link: FoundLink) -> MadeLink | None:
    """For what strandline made it, by the id that TIDAL lists now."""
    made = states.ledger.ours.get(link.ino)
    return made and made._replace(track=states.ledger.replaced.get(made.track, made.track))


def _may_go(
    states: AlignedStates, track_cases: TrackCases, link: FoundLink, made: MadeLink
) -> bool:
    """Nothing is left as it is there: no playlist, no track, and nothing that nobody could see."""
    case = track_cases.cases.get(made.track)
    if made.track in states.ignored or (case is not None and case.unseen):
        return False
    return link.path.count("/") == 2 and _is_at_home(states, track_cases, link.path, made)


def _is_at_home(
    states: AlignedStates, track_cases: TrackCases, path: LibPath, made: MadeLink
) -> bool:
    """In its playlist's folder; or where it was made, if that is no playlist's now."""
    folder = states.folder(made.playlist)
    if folder is None:
        whole = states.snapshot.complete and states.policy.only is None
        free = made.folder not in track_cases.owners and made.folder not in states.ledger.local
        return whole and free and folder_of(path) == made.folder
    wanted = states.snapshot.playlists.get(made.playlist)
    read = wanted is None or wanted.incomplete is None
    return made.playlist not in states.passive and read and folder_of(path) == folder
