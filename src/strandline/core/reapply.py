"""reapply: which existing files follow today's settings, which stay as they are, and why.

Each part of the command proposes steps by itself; together they are carried out as one run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from strandline.core.actions import ACTIONS, Action
from strandline.core.ids import LibPath, TrackId


class Part(str, Enum):
    """What is to follow the settings, in the order in which it is done."""

    LAYOUT = "layout"
    NAMES = "names"
    AUDIO = "audio"
    TAGS = "tags"


class Left(NamedTuple):
    """A file that does not follow the settings and stays as it is."""

    path: LibPath
    track: TrackId | None
    because: str
    """In words for a person."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a part would do."""

    actions: tuple[Action, ...] = ()
    left: tuple[Left, ...] = ()
    bytes: int = 0
    """Room on the library's disk that it takes, the old files in the trash counted."""

    @property
    def tracks(self) -> frozenset[TrackId]:
        """The tracks that it does something about."""
        return frozenset(action.track for action in self.actions if action.track)

    @property
    def counts(self) -> dict[str, int]:
        """Every kind of action with its number, zeros included."""
        found = Counter(action.name for action in self.actions)
        return {name: found[name] for name in (*(kind.name for kind in ACTIONS), "reapply")}


def together(proposals: Iterable[Proposal]) -> Proposal:
    """One proposal of several; a file that a later part would leave is named once."""
    several = list(proposals)
    return Proposal(
        tuple(action for one in several for action in one.actions),
        tuple(dict.fromkeys(left for one in several for left in one.left)),
        sum(one.bytes for one in several),
    )
