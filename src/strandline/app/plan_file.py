"""A saved plan: written by ``sync-check --out``, and carried out only where it still fits."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from strandline.core.plan_json import MAX_PLAN_BYTES, ActionKey, PlanFileError, parse_plan, select
from strandline.errors import SafetyStopError, UsageError

if TYPE_CHECKING:
    from strandline.core.plan import Plan

_SHOWN = 3
_ANEW = "Nothing was touched. Make a new plan with `strandline sync-check --out PLAN.json`."


def read_plan_file(path: Path, link_mode: str) -> list[ActionKey]:
    """The actions that a plan file names.

    UsageError for what is no plan; SafetyStopError (``plan_stale``) where it has links of another
    ``link_mode`` than the settings' of today: its steps do not tell a link from a copy.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PLAN_BYTES + 1)
        saved = parse_plan(data.decode())
    except OSError as error:
        raise UsageError(
            f"The plan {path} cannot be read: {error.strerror}.",
            hint="Make one with `strandline sync-check --out PLAN.json`.",
        ) from error
    except (PlanFileError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not a plan: {error}.",
            hint="`strandline sync-check --out PLAN.json` writes one.",
        ) from error
    if saved.link_mode not in (None, link_mode) and saved.has_links:
        raise SafetyStopError(
            f"The plan was made for link_mode = {saved.link_mode}, which is {link_mode} now.",
            hint=_ANEW,
            code="plan_stale",
        )
    return saved.actions


def write_plan_file(path: Path, text: str) -> None:
    """Write a plan; the file is its old or its new self at every moment. UsageError."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise UsageError(
            f"The plan cannot be written to {path}: {error.strerror}.",
            hint="Give --out a file in a folder that exists and that you may write to.",
        ) from error


def narrowed(plan: Plan, wanted: list[ActionKey]) -> Plan:
    """``plan`` with only the actions that a saved one names.

    Raises SafetyStopError (``plan_stale``) when things have changed.
    """
    chosen, vain = select(plan, wanted)
    if vain:
        shown = "; ".join(f"{key.action} {key.path}" for key in vain[:_SHOWN])
        more = f" and {len(vain) - _SHOWN} more" if len(vain) > _SHOWN else ""
        part = f"{len(vain):,} of its {len(wanted):,} steps"
        raise SafetyStopError(
            "The plan no longer fits: TIDAL, the library or the settings have changed since."
            f" {part} would not be done any more: {shown}{more}.",
            hint=_ANEW,
            code="plan_stale",
        )
    return replace(plan, actions=tuple(chosen))
