"""Elects the primary: which playlist holds a track's audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from strandline.core.ids import LibPath, PlaylistId
from strandline.core.pool import POOL
from strandline.core.states import Identity

Rank = tuple[int, str, str]
"""Policy.rank: priority list, then the alphabet, then the id."""


class TrackFile(NamedTuple):
    """A playable file of the track in question."""

    path: LibPath
    identity: Identity
    home: PlaylistId | None
    """The playlist that lists the track and in whose folder the file lies directly."""
    is_primary: bool
    """The ledger's primary, still where it was."""


class ElectedBecause(str, Enum):
    """The rule that elected."""

    HOLDS_IT = "already holds the audio"
    FIRST = "first in the priority list or the alphabet"


@dataclass(frozen=True, slots=True)
class Election:
    """``audio`` is the file to use (None: it must be downloaded); the rest of them give way."""

    primary: PlaylistId
    audio: LibPath | None
    because: ElectedBecause
    links: tuple[PlaylistId, ...]


def elect(
    files: Sequence[TrackFile],
    holders: Sequence[PlaylistId],
    ranks: dict[PlaylistId, Rank],
    candidates: Sequence[PlaylistId],
) -> Election | None:
    """Who of the ``holders`` (all playlists that list the track) is primary.

    A playlist that already holds the audio keeps it, the ledger's own choice first, so a second
    run never flips a primary. Otherwise the first of ``candidates`` (those that may be changed)
    gets it. None when there is neither.
    """
    at_home = [file for file in files if file.home is not None]
    if at_home:
        best = min(at_home, key=lambda file: _preference(file, ranks))
        assert best.home is not None
        return _election(best.home, best.path, ElectedBecause.HOLDS_IT, holders)
    if not candidates:
        return None
    first = min(candidates, key=lambda playlist: ranks[playlist])
    stray = min(files, key=lambda file: _preference(file, ranks), default=None)
    return _election(first, stray.path if stray else None, ElectedBecause.FIRST, holders)


def by_link(primary: PlaylistId, holders: Sequence[PlaylistId]) -> Election:
    """A person's own link in ``primary`` stands for the audio, and no file of ours does."""
    return _election(primary, None, ElectedBecause.HOLDS_IT, holders)


_STRENGTH = {identity: number for number, identity in enumerate(Identity)}


def _preference(
    file: TrackFile, ranks: dict[PlaylistId, Rank]
) -> tuple[bool, bool, Rank, int, str]:
    """The primary, then a primary that was moved, then the playlist's rank, then the evidence."""
    moved = file.identity is Identity.INODE
    rank = ranks[file.home] if file.home else (0, "", "")
    return not file.is_primary, not moved, rank, _STRENGTH[file.identity], file.path


def _election(
    primary: PlaylistId,
    audio: LibPath | None,
    because: ElectedBecause,
    holders: Sequence[PlaylistId],
) -> Election:
    links = tuple(playlist for playlist in holders if playlist not in (primary, POOL))
    return Election(primary, audio, because, links)
