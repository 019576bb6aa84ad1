"""Which playlists a person ticked, as the patterns of ``sync.include`` and ``sync.exclude``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from strandline.core.policy import literal, matches


class Selection(NamedTuple):
    """The two lists of patterns of the settings."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether a playlist of this name is synced."""
        wanted = not self.include or matches(name, self.include)
        return wanted and not matches(name, self.exclude)


def only(names: Iterable[str], before: Selection) -> Selection:
    """Just these playlists; patterns of ``before`` that leave other ones out stay."""
    wanted = tuple(dict.fromkeys(names))
    return Selection(tuple(map(literal, wanted)), _sparing(before.exclude, wanted))


def selected(
    names: Sequence[str], ticked: Collection[str], before: Selection, *, new_ones: bool
) -> Selection:
    """The patterns by which just the ``ticked`` of these names are synced.

    With ``new_ones`` also every playlist that is made later. Patterns of ``before`` that still say
    what is meant stay, and so do those that match nothing now.
    """
    wanted = [name for name in names if name in ticked]
    others = [name for name in names if name not in ticked]
    exclude = _sparing(before.exclude, wanted)
    if new_ones:
        more = [literal(name) for name in others if not matches(name, exclude)]
        return Selection((), (*exclude, *more))
    left = [name for name in others if not matches(name, exclude)]
    include = tuple(p for p in before.include if not any(matches(name, (p,)) for name in left))
    more = [literal(name) for name in wanted if not matches(name, include)]
    return Selection((*include, *more), exclude)


def _sparing(exclude: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """The patterns that leave none of these out."""
    return tuple(p for p in exclude if not any(matches(name, (p,)) for name in wanted))
