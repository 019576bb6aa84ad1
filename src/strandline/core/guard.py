"""Safety stops that a plan can be seen to need, before its first step (I8)."""

from __future__ import annotations

from typing import NamedTuple

from strandline.core.actions import Because
from strandline.core.plan import Plan, is_removal
from strandline.core.states import Ledger, Snapshot

ALWAYS_ALLOWED = 5
"""Removals that any run may do."""


class Alarm(NamedTuple):
    """Why a plan must not be carried out. ``code`` is one of CONTRACT's safety stops."""

    code: str
    message: str
    hint: str


def alarms(
    plan: Plan, snapshot: Snapshot, ledger: Ledger, *, allowed: int, tracked: int | None = None
) -> list[Alarm]:
    """What is alarming about ``plan``; ``allowed`` is how many entries may go.

    ``tracked`` is how many there are, where ``ledger`` holds only a part of them.
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
    return found


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
    )
