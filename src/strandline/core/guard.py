"""Safety stops that a plan can be seen to need, before its first step (I8)."""

from __future__ import annotations

from typing import NamedTuple

from strandline.core.actions import Because, Download
from strandline.core.plan import Plan, is_removal
from strandline.core.states import Ledger, Snapshot

ALWAYS_ALLOWED = 5
"""Removals that any run may do."""


REFETCHED_UNASKED = 20
"""Tracks that any run may fetch again."""


class Alarm(NamedTuple):
    """Why a plan must not be carried out. ``code`` is one of CONTRACT's safety stops."""

    code: str
    message: str
    hint: str
    entries: int = 0
    """How many entries or tracks it is about, where that can be agreed to."""


def alarms(
    plan: Plan,
    snapshot: Snapshot,
    ledger: Ledger,
    *,
    allowed: int,
    tracked: int | None = None,
    files: int | None = None,
) -> list[Alarm]:
    """What is alarming about ``plan``; ``allowed`` is how many entries may go.

    ``tracked`` is how many there are, and ``files`` how many tracks are held as downloaded, where
    ``ledger`` holds only a part of them.
    """
    found = []
    tracked = len(ledger.entries) if tracked is None else tracked
    if tracked and not snapshot.playlists and allowed < tracked:
        found.append(_empty_tidal(len(ledger.playlists)))
    removals = sum(1 for action in plan.actions if is_removal(action))
    if removals > max(allowed, ALWAYS_ALLOWED):
        damaged = sum(
            action.because is Because.DAMAGED_ON_DISK
            for action in plan.actions
            if is_removal(action)
        )
        found.append(_mass_removal(removals, damaged, tracked, allowed))
    again, held = refetched(plan, ledger), len(ledger.files) if files is None else files
    if again > max(REFETCHED_UNASKED, held // 4):
        found.append(_mass_refetch(again, held))
    return found


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


def _empty_tidal(playlists: int) -> Alarm:
    return Alarm(
        "empty_tidal",
        message=f"TIDAL lists no playlists, where there were {playlists}.",
        hint="Check with `strandline auth status` that this is the right account. If you did "
        "delete them all, run again with --max-removals 100%.",
    )


def _mass_removal(removals: int, damaged: int, tracked: int, allowed: int) -> Alarm:
    replaced = f", {damaged} of them replaced as damaged" if damaged else ""
    return Alarm(
        "mass_removal",
        message=f"{removals} of {tracked} entries would be removed{replaced}; at most {allowed} "
        "may be.",
        hint=f"Read the plan (`strandline sync-check`). If it is what you want, run again with "
        f"--max-removals {removals}.",
        entries=removals,
    )


def _mass_refetch(again: int, held: int) -> Alarm:
    return Alarm(
        "mass_refetch",
        message=f"{again} of {held} downloaded tracks are not where they were and would be "
        "fetched again.",
        hint="Is everything mounted, and was nothing moved out of the library? If they are lost, "
        f"read the plan (`strandline sync-check`) and run again with --accept-refetch {again}.",
        entries=again,
    )
