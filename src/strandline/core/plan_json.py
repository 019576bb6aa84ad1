"""Plans as JSON: what ``sync-check --json`` prints and ``--out`` saves; a saved plan is untrusted.

A plan that is read back is never executed itself: it only selects, among the actions decided anew,
those it names. So a forged file can do nothing a fresh plan would not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from strandline.core.actions import ACTIONS, Action, EntryState, Link, Lyrics, Relink
from strandline.core.plan import Plan

MAX_PLAN_BYTES = 512 * 1024 * 1024
"""A million actions fit; anything larger is no plan of ours."""


class ActionKey(NamedTuple):
    """What makes an action the same one: what, where, from where, for whom, and of which file.

    ``seen`` tells the file, link or folder that goes or is changed; a saved plan may leave it out.
    """

    action: str
    path: str
    source: str | None
    track: str | None
    playlist: str | None
    seen: str | None = None


class SavedPlan(NamedTuple):
    """What a plan file says."""

    actions: list[ActionKey]
    link_mode: str | None = None
    """The setting that it was made with; older files and those of a person's do not say."""

    @property
    def has_links(self) -> bool:
        """Whether a step makes a link, or another one of it."""
        return any(action.action in (Link.name, Relink.name) for action in self.actions)


class PlanFileError(ValueError):
    """The text is not a plan."""


def action_to_json(action: Action) -> dict[str, str | None]:
    """One item of ``actions``."""
    item = dict(key_of(action)._asdict())
    item["because"] = action.because.value
    if message := getattr(action, "message", None):
        item["message"] = message
    return item


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """``counts`` and ``actions`` of the documents of CONTRACT."""
    return {"counts": plan.counts, "actions": [action_to_json(action) for action in plan.actions]}


def key_of(action: Action) -> ActionKey:
    """The identity of an action across runs."""
    source: str | None = getattr(action, "source", None)
    seen: EntryState | None = getattr(action, "expected", None)
    return ActionKey(
        action.name, action.path, source, action.track, action.playlist, seen and _told(seen)
    )


def _told(seen: EntryState) -> str:
    """Without the device, whose number is another one after the next mount."""
    return f"{seen.type} {seen.ino} {seen.size} {seen.mtime_ns} {seen.target or ''}".rstrip()


def parse_plan(text: str) -> SavedPlan:
    """The actions a saved plan names, and for which links. PlanFileError says what is wrong."""
    if len(text) > MAX_PLAN_BYTES:
        raise PlanFileError("it is larger than any plan")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanFileError(f"it is not JSON ({error})") from error
    items = document.get("actions") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise PlanFileError("it has no list of actions")
    actions = [_parse_action(number, item) for number, item in enumerate(items, 1)]
    mode = document.get("link_mode")
    return SavedPlan(actions, mode if isinstance(mode, str) else None)


_NAMES = frozenset((*(kind.name for kind in ACTIONS), Lyrics.name))


def _parse_action(number: int, item: object) -> ActionKey:
    if not isinstance(item, dict):
        raise PlanFileError(f"action {number} is not an object")
    name, path, *rest = (item.get(field) for field in ActionKey._fields)
    if not isinstance(name, str) or name not in _NAMES:
        raise PlanFileError(f"action {number} is of no known kind: {name!r}")
    if not isinstance(path, str):
        raise PlanFileError(f"action {number} has no path")
    if not all(value is None or isinstance(value, str) for value in rest):
        raise PlanFileError(f"action {number} holds something other than texts")
    return ActionKey(name, path, *rest)


def select(plan: Plan, wanted: Iterable[ActionKey]) -> tuple[list[Action], list[ActionKey]]:
    """The actions of ``plan`` that a saved plan names, in order; and what it names in vain."""
    named = set(wanted)
    chosen: list[Action] = []
    met: set[ActionKey] = set()
    for action in plan.actions:
        key = key_of(action)
        if found := named & {key, key._replace(seen=None)}:
            chosen.append(action)
            met |= found
    return chosen, sorted(named - met, key=str)
