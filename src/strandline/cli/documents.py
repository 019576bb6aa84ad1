"""The JSON documents of the sync commands, key by key as the contract has them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from strandline.core.plan_json import plan_to_json

if TYPE_CHECKING:
    from strandline.app.check import CheckResult
    from strandline.app.execute import ExecuteResult
    from strandline.errors import StrandlineError
    from strandline.execute.result import Item, Result, Undone


def check_document(found: CheckResult) -> dict[str, Any]:
    """``sync-check --json``, without the schema."""
    snapshot, tally = found.seen.snapshot, found.plan.tally
    return {
        "in_sync": found.in_sync,
        "tidal": {
            "playlists": len(snapshot.playlists.keys() - found.seen.policy.left_out),
            "tracks": found.seen.extent.tracks,
            "complete": not found.incomplete,
            "incomplete": [asdict(item) for item in found.incomplete],
        },
        "library": asdict(tally),
        "excluded": {"playlists": len(found.excluded)},
        "warnings": [warning._asdict() for warning in found.warnings],
        **plan_to_json(found.plan),
        "alarms": [alarm._asdict() for alarm in found.alarms],
        "unavailable": [track._asdict() for track in found.unavailable],
        "not_asked": error_document(found.not_asked),
    }


def error_document(error: StrandlineError | None) -> dict[str, Any] | None:
    """An error that did not end the command."""
    if error is None:
        return None
    return {"error": error.code, "message": error.message, "hint": error.hint}


def execute_document(ended: ExecuteResult) -> dict[str, Any]:
    """``sync-execute --json``, without the schema."""
    result = _result(ended) | {"quality": {"asked": ended.asked, "lower": len(ended.lower)}}
    return {**check_document(ended.checked), "result": result}


def _item(item: Item) -> dict[str, Any]:
    came = item.quality._asdict()
    return {"track": item.track, "path": item.path, "quality": came}


def _result(ended: ExecuteResult) -> dict[str, Any]:
    done = dict.fromkeys(ended.checked.plan.counts, 0)
    conflicts = [asdict(item) for item in ended.conflicts]
    if ended.result is None:
        return {
            "run": None,
            "done": done,
            "failed": [],
            "skipped": conflicts,
            "items": [],
            "notes": [],
            "interrupted": False,
            "stopped": None,
        }
    document = result_document(ended.result)
    document["done"] = done | document["done"]
    document["skipped"] += conflicts
    return document


def result_document(result: Result) -> dict[str, Any]:
    """What a run has done, failed to do, and skipped."""
    stopped = result.stopped
    return {
        "run": result.run,
        "done": dict(result.done),
        "failed": _undone(result.failed),
        "skipped": _undone(result.skipped),
        "items": [_item(item) for item in result.items],
        "notes": list(result.notes),
        "interrupted": result.interrupted,
        "stopped": error_document(stopped),
    }


def _undone(items: list[Undone]) -> list[dict[str, Any]]:
    return [asdict(item) for item in items]
