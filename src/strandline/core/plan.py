"""A plan: what to do, in order, each action with its reason; and what was merely recognised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from strandline.core.actions import (
    ACTIONS,
    Action,
    Because,
    CreateFolder,
    Download,
    Link,
    Lyrics,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    TakeBack,
    Trash,
    Unlink,
)
from strandline.core.ids import LibPath, PlaylistId, TrackId, in_pool
from strandline.core.ledger_facts import LedgerFact


@dataclass(frozen=True, slots=True)
class Tally:
    """What the library holds, by the scan."""

    playlists: int = 0
    tracks: int = 0
    links: int = 0
    """Entries of ours that stand there in a primary's stead, copies among them."""
    foreign_files: int = 0


class KeptForOthers(NamedTuple):
    """Audio in a playlist that no longer lists its track: those that do are out of scope.

    Their links lead to it, and they are left as they are; so it stays where it is.
    """

    path: LibPath
    playlist: PlaylistId
    track: TrackId
    holders: tuple[PlaylistId, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """``actions`` in the order of execution, and facts for the ledger that are no actions."""

    actions: tuple[Action, ...] = ()
    facts: tuple[LedgerFact, ...] = ()
    """What the scan alone saw: any check may save it, and the next plan is the same (I21)."""
    agreed: tuple[LedgerFact, ...] = ()
    """What holds once a run is agreed to: folders taken over, in which it is to work."""
    missing: frozenset[TrackId] = frozenset()
    """Wanted tracks without playable audio in the library, downloadable or not."""
    deleted: frozenset[PlaylistId] = frozenset()
    """Playlists of the ledger that are gone from TIDAL and to be cleared."""
    absent: frozenset[tuple[PlaylistId, TrackId]] = frozenset()
    """Entries of the ledger whose link or copy does not stand on disk now."""
    tally: Tally = field(default_factory=Tally)
    kept: tuple[KeptForOthers, ...] = ()
    forgone: tuple[Link | Relink | Unlink, ...] = ()
    """Links that lead nowhere, each to go if TIDAL turns out not to have its track after all; or to
    lead further to the file of another id of its recording, which it shared until now.
    """
    following: tuple[Link, ...] = ()
    """Links that are right once audio has come as forecast; each is to follow another ending."""

    @property
    def counts(self) -> dict[str, int]:
        """Every kind of action with its number, zeros included."""
        found = Counter(action.name for action in self.actions)
        more = [Lyrics.name] if found[Lyrics.name] else []
        return {name: found[name] for name in (*(kind.name for kind in ACTIONS), *more)}


def in_order(actions: Iterable[Action]) -> tuple[Action, ...]:
    """The order that leaves no dangling link behind, wherever a run is cut off.

    Folders first; then on the way in each file before the links to it; on the way out each link
    before its file; emptied folders last. Within a step, by path.
    """
    return tuple(sorted(actions, key=lambda action: (_step(action), action.path, action.name)))


_STEPS: dict[type[Action], int] = {
    CreateFolder: 2, Move: 4, TakeBack: 4, Download: 5, Relink: 6, Unlink: 7, Link: 9,
    RemoveFolder: 13,
}  # fmt: skip

_GIVES_WAY = {Because.SAME_AUDIO, Because.LINK_MODE, Because.STALE_COPY}
_REPLACED = {Because.DAMAGED_ON_DISK, Because.SAME_RECORDING}
"""Something else stands in for it, in other bytes."""


def _step(action: Action) -> int:
    """A damaged file goes once what replaces it is there, a copy before the link in its place.

    All swapped folders step aside before the first rename; they come in once the others are done.
    """
    if isinstance(action, RenameFolder):
        return 1 if action.aside else 0
    if isinstance(action, Trash):
        return 8 if action.because in {*_GIVES_WAY, *_REPLACED} else 10
    if isinstance(action, Lyrics):  # a file of lyrics goes once it stands elsewhere
        return 12 if action.sha256 is None else 11
    return _STEPS.get(type(action), 14)


def is_removal(action: Action) -> bool:
    """Whether an entry leaves the library by this, or is replaced by other bytes.

    What only changes its form (a copy that gives way to a link) does not. Nor is a file of the pool
    an entry of its own: the last link to it was one, and is taken away with it.
    """
    if isinstance(action, Trash):
        if in_pool(action.path):
            return action.because is Because.DAMAGED_ON_DISK
        return action.because not in _GIVES_WAY
    if isinstance(action, Relink):
        return action.because is Because.DAMAGED_ON_DISK
    return isinstance(action, Unlink) and action.because in {
        Because.LEFT_PLAYLIST,
        Because.PLAYLIST_DELETED,
        Because.LEFT_EVERY_PLAYLIST,
    }
