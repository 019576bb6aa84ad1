"""The JSON document of reapply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strandline.app.documents import result_document
from strandline.core.plan_json import action_to_json
from strandline.execute.run_actions import Reapply

if TYPE_CHECKING:
    from strandline.app.reapply import Reapplied
    from strandline.core.actions import Action


def reapply_document(ended: Reapplied) -> dict[str, Any]:
    """``reapply --json``, without the schema; no ``result`` without a run."""
    proposal = ended.proposal
    return {
        "parts": [part.value for part in ended.parts],
        "counts": proposal.counts,
        "actions": [_action(action) for action in proposal.actions],
        "left": [left._asdict() for left in proposal.left],
        "needs": {"bytes": proposal.bytes, "free_bytes": ended.free},
        "result": result_document(ended.result) if ended.result else None,
    }


def _action(action: Action) -> dict[str, Any]:
    item: dict[str, Any] = dict(action_to_json(action))
    if isinstance(action, Reapply):
        item |= {"part": action.part, "changes": list(action.changes)}
        item["from"] = "tidal" if action.fetch else "file"
    return item
