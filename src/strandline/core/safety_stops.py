"""Safety stops that a plan needs, before its first step (I8)."""

from __future__ import annotations

import json
import shlex
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from strandline.core.actions import Action, Because, Download
from strandline.core.favorites import is_favorite, is_mix, only_mixes
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.plan import Plan, is_removal
from strandline.core.policy import literal
from strandline.core.states import Ledger, Snapshot

ALWAYS_ALLOWED = 5
"""Removals that any run may do."""


REFETCHED_UNASKED = 20
"""Tracks that any run may fetch again."""


MOST_NAMED = 3
"""Playlists in a command that leaves them out."""


OPTIONS = {"mass_removal": "--accept-removals", "mass_refetch": "--accept-refetch"}
"""Options of sync-execute that agree to so much of what a stop is about, by its code."""

_FIRST = "Nothing can be accepted before the first stop is settled."


class Ways(NamedTuple):
    """What the ways past a stop are told with."""

    names: Mapping[PlaylistId, str] = MappingProxyType({})
    exclude: tuple[str, ...] = ()
    """The setting as it is: what is added to it stays beside the rest."""
    cut_off: str | None = None
    """The last run, in its short form, where it ended before it was done."""


class Alarm(NamedTuple):
    """Why a plan must not be carried out. ``code`` is one of CONTRACT's safety stops."""

    code: str
    message: str
    hint: str
    entries: int = 0
    """How many entries or tracks it is about, where that can be agreed to."""

    @property
    def option(self) -> str:
        """What agrees to just this; empty where nothing does."""
        return f"{OPTIONS[self.code]} {self.entries}" if self.code in OPTIONS else ""


def alarms(
    plan: Plan,
    snapshot: Snapshot,
    ledger: Ledger,
    *,
    allowed: int,
    tracked: int | None = None,
    files: int | None = None,
    ways: Ways | None = None,
) -> list[Alarm]:
    """What is alarming about ``plan``; ``allowed`` is how many entries may go.

    ``tracked`` is how many there are, and ``files`` how many tracks are held as downloaded, where
    ``ledger`` holds only a part of them. ``ways`` are for the hints.
    """
    found = []
    tracked = len(ledger.entries) if tracked is None else tracked
    if tracked and _is_empty(snapshot, ledger):
        found.append(_empty_tidal(len(ledger.playlists)))
    removals = [action for action in plan.actions if is_removal(action)]
    removals = list(_but_of_mixes(removals, ledger))
    if len(removals) > max(allowed, ALWAYS_ALLOWED):
        found.append(_mass_removal(removals, tracked, allowed, ways or Ways()))
    again, held = refetched(plan, ledger), len(ledger.files) if files is None else files
    if again > max(REFETCHED_UNASKED, held // 4):
        found.append(_mass_refetch(again, held))
    return _as_agreed_before(_one_way_past_all(found), ways or Ways())


def _as_agreed_before(found: list[Alarm], ways: Ways) -> list[Alarm]:
    """What was agreed to ends with its run: why a person is asked once more is said first."""
    if ways.cut_off is None:
        return found
    why = (
        f"Run {ways.cut_off} ended before it was done. If you agreed to this for that run, agree"
        " again, to what is left of it.\n"
    )
    return [it._replace(hint=why + it.hint) if it.option in it.hint else it for it in found]


def _one_way_past_all(found: list[Alarm]) -> list[Alarm]:
    """Each with a way on that leads past the others; behind one that none passes there is none.

    What else a command agrees to is told beside it.
    """
    if found and not found[0].option:
        return [*found[:1], *(alarm._replace(hint=_FIRST) for alarm in found[1:])]
    options = " ".join(alarm.option for alarm in found)
    told = []
    for alarm in found:
        beside = [f"`{it.option}` is for this: {it.message}" for it in found if it is not alarm]
        hint = alarm.hint.replace(f"sync-execute {alarm.option}", f"sync-execute {options}")
        told.append(alarm._replace(hint="\n".join([hint, *beside])))
    return told


def alarms_of_exports(
    removals: Collection[PlaylistId | None], tracked: int, playlists: int, allowed: int
) -> list[Alarm]:
    """Why no export may follow the last snapshot, which leaves ``removals`` (by playlist) out.

    An export goes no further than a sync would that nobody agreed to. ``playlists``: how many TIDAL
    lists.
    """
    if tracked and not playlists:
        return [_empty_tidal(None)]
    leaving = sum(1 for id in removals if id is None or not is_mix(id))
    if leaving <= max(allowed, ALWAYS_ALLOWED):
        return []
    return [
        Alarm(
            "mass_removal",
            f"TIDAL no longer lists {leaving:,} of {tracked:,} files and links of the library: an"
            f" export would lose them, too. At most {allowed:,} may go (sync.max_removals).",
            "Look with `strandline sync-check`. If that is what you want, run"
            f" `strandline sync-execute --accept-removals {leaving}`, then export again.",
            leaving,
        )
    ]


def alarm_of_missing(missing: int, held: int) -> Alarm | None:
    """Why no export may be made of ``held`` downloaded tracks while so many have no file there.

    Of a disk that is not mounted the playlists would come out empty.
    """
    if not missing or (missing < held and missing <= max(REFETCHED_UNASKED, held // 4)):
        return None
    return Alarm(
        "library_missing",
        f"{missing:,} of {held:,} downloaded tracks that are to be exported have no file in the"
        " library: an export would lose them, too.",
        "Is the disk with the music mounted? If the files are gone for good, `strandline"
        " sync-execute` fetches them again.",
        missing,
    )


def _is_empty(snapshot: Snapshot, ledger: Ledger) -> bool:
    """No playlists where there were some, whatever there is of favourites and mixes."""
    if not snapshot.playlists:
        return True
    known = any(not is_favorite(id) for id in ledger.playlists)
    return known and all(map(is_favorite, snapshot.playlists))


def _but_of_mixes(removals: list[Action], ledger: Ledger) -> Iterator[Action]:
    """Mixes change without anybody's doing: what leaves them alone is no mistake of a person's."""
    if not any(map(is_mix, ledger.playlists)):
        yield from removals
        return
    holders: dict[TrackId, set[PlaylistId]] = defaultdict(set)
    for playlist, track in ledger.entries:
        holders[track].add(playlist)
    for action in removals:
        only = {action.playlist} if action.playlist else holders.get(action.track or TrackId(""))
        if not only_mixes(only or ()):
            yield action


def refetched(plan: Plan, ledger: Ledger) -> int:
    """Tracks that would be fetched although the ledger has had a file of them in its hands."""
    known = ledger.files
    return sum(
        1
        for action in plan.actions
        if isinstance(action, Download)
        and action.track in known
        and known[action.track].stamp is not None
    )


def _empty_tidal(playlists: int | None) -> Alarm:
    were = "some" if playlists is None else str(playlists)
    return Alarm(
        "empty_tidal",
        message=f"TIDAL lists no playlists, where there were {were}.",
        hint="Check with `strandline auth status` that this is the right account.\nIf you did"
        " delete them all: make a new playlist in TIDAL, and run again; no option overrides this.",
    )


def _mass_removal(removals: list[Action], tracked: int, allowed: int, ways: Ways) -> Alarm:
    damaged = sum(action.because is Because.DAMAGED_ON_DISK for action in removals)
    replaced = f", {damaged:,} of them replaced as damaged" if damaged else ""
    number = len(removals)
    return Alarm(
        "mass_removal",
        message=f"{number:,} of {tracked:,} files and links would be removed{replaced}; at most"
        f" {allowed:,} may be (sync.max_removals).",
        hint="\n".join(_ways_on(removals, max(allowed, ALWAYS_ALLOWED), ways)),
        entries=number,
    )


def _ways_on(removals: list[Action], allowed: int, ways: Ways) -> Iterator[str]:
    """Each is a command that was tried, or what to write where."""
    yield f"If that is what you want: `strandline sync-execute --accept-removals {len(removals)}`"
    if losing := _losing_most(removals, allowed, ways):
        patterns = [*ways.exclude, *(literal(name) for name in losing)]
        listed = json.dumps(patterns, ensure_ascii=False)
        whom = "that playlist" if len(losing) == 1 else "the playlists that lose most"
        command = f"strandline config set sync.exclude {shlex.quote(listed)}"
        yield f"To leave {whom} as on disk: `{command}`"
    if any(action.because is Because.PLAYLIST_DELETED for action in removals):
        command = "strandline config set sync.deleted_playlists keep"
        yield f"To keep what is gone from TIDAL on disk: `{command}`"


def _losing_most(removals: list[Action], allowed: int, ways: Ways) -> list[str]:
    """As few playlists as must be left out for the rest to be allowed; none if that takes many."""
    counts = Counter(action.playlist for action in removals)
    left, names = len(removals), []
    for playlist, count in counts.most_common(MOST_NAMED):
        if left > allowed and playlist is not None and playlist in ways.names:
            names.append(ways.names[playlist])
            left -= count
    return names if left <= allowed else []


def _mass_refetch(again: int, held: int) -> Alarm:
    return Alarm(
        "mass_refetch",
        message=f"{again} of {held} downloaded tracks are not where they were and would be "
        "downloaded again.",
        hint="Is everything mounted, and was nothing moved out of the library? Put it back, and"
        " run again.\nIf they are lost:"
        f" `strandline sync-execute --accept-refetch {again}`",
        entries=again,
    )
