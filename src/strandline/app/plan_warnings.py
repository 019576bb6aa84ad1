"""Warnings: what a person may have meant otherwise; shown with every check, no reason to stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.actions import Download
from strandline.core.policy import idle_patterns
from strandline.core.recordings import valid_code
from strandline.core.sizes import size

if TYPE_CHECKING:
    from strandline.core.ids import LibPath, PlaylistId
    from strandline.core.plan import KeptForOthers, Plan
    from strandline.core.policy import Policy
    from strandline.core.states import Scan, Snapshot


class Warn(NamedTuple):
    """A code for scripts, and the words for a person."""

    code: str
    message: str


def warnings_of(
    policy: Policy,
    names: Mapping[PlaylistId, str],
    excluded: Collection[PlaylistId],
    snapshot: Snapshot,
    kept: Collection[KeptForOthers],
) -> Iterator[Warn]:
    """Of the settings against the ``names`` of all playlists, and of what TIDAL's list holds.

    ``kept`` is what the plan leaves for playlists that are out of scope.
    """
    if names:
        yield from _idle(policy, names)
    for id in sorted((policy.only or frozenset()) & frozenset(excluded)):
        yield Warn(
            "playlist_excluded",
            f"The playlist {names.get(id, id)!r} is left out by the settings, so nothing is done"
            " about it: see include, exclude, deleted_playlists and favorite_playlists.",
        )
    for id, name in sorted(snapshot.hollow.items(), key=lambda item: (item[1], item[0])):
        yield Warn(
            "playlist_without_data",
            f"TIDAL lists the playlist {name!r} ({id}) without its contents: its owner deleted it."
            " What is on disk stays; take it out of your collection in TIDAL to clear it.",
        )
    yield from _kept(kept, names)


def _kept(kept: Collection[KeptForOthers], names: Mapping[PlaylistId, str]) -> Iterator[Warn]:
    """One for each playlist whose files links of others lead to, and those others."""
    groups: dict[tuple[PlaylistId, tuple[PlaylistId, ...]], list[LibPath]] = defaultdict(list)
    for item in sorted(kept):
        groups[item.playlist, item.holders].append(item.path)
    for (playlist, holders), paths in groups.items():
        home, one = names.get(playlist, playlist), len(paths) == 1
        others = ", ".join(repr(names.get(id, id)) for id in holders)
        what = f"{paths[0]} stays" if one else f"{len(paths):,} files stay in {home!r}"
        yield Warn(
            "kept_for_others",
            f"{what}, though {home!r} no longer lists {'it' if one else 'them'}, because"
            f" {others} {'links' if len(holders) == 1 else 'link'} to {'it' if one else 'them'} and"
            f" {'is' if len(holders) == 1 else 'are'} not part of this run. A run of both moves"
            f" {'it' if one else 'them'} there.",
        )


def room_warning(expected: int, free: int | None, reserve: int) -> Iterator[Warn]:
    """Downloads that will not fit, in bytes; said before anything is begun, and before it is asked.

    A guess is no reason to stop: what fits is fetched, and the run then ends cleanly.
    """
    if expected and free is not None and expected + reserve > free:
        yield Warn(
            "little_room",
            f"The downloads will take about {size(expected)}, but the library's disk has only"
            f" {size(free)} free, and {size(reserve)} are never used. What fits is downloaded;"
            " free some space for the rest.",
        )


def purchase_warning(plan: Plan, snapshot: Snapshot, scan: Scan) -> Iterator[Warn]:
    """A person's files with the code of a recording that is about to be fetched, said that once."""
    marked = {found.isrc: path for path, found in scan.evidence.items() if not found.embedded}
    if not marked.keys() - {None}:
        return
    coming = {action.track for action in plan.actions if isinstance(action, Download)}
    tracks = snapshot.tracks
    codes = {valid_code(tracks[id].isrc) for id in coming if id in tracks} - {None}
    if theirs := sorted(path for code, path in marked.items() if code in codes):
        more = f" and {len(theirs) - 1} more" if len(theirs) > 1 else ""
        yield Warn(
            "recording_of_yours",
            f"{theirs[0]}{more} may be of tracks that are about to be fetched, by the ISRC in the"
            " tags. What is yours is not taken by that; the tracks are fetched beside it.",
        )


def _idle(policy: Policy, names: Mapping[PlaylistId, str]) -> Iterator[Warn]:
    for key in ("include", "exclude"):
        for pattern in idle_patterns(getattr(policy, key), names.values()):
            yield _no_match(key, pattern)
    folded = {name.casefold() for name in names.values()}
    for wish in policy.primary_priority:
        if wish.casefold() not in folded:
            yield _no_match("primary_priority", wish)


def _no_match(key: str, pattern: str) -> Warn:
    return Warn(
        "pattern_matches_nothing",
        f"{pattern!r} in the setting {key} matches the name of no playlist.",
    )
