"""``export usb --json``: the document of an export, and what a stick has besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strandline.app.documents import result_document
from strandline.app.export_documents import left_out_rows

if TYPE_CHECKING:
    from strandline.app.usb import StickResult


def usb_document(ended: StickResult) -> dict[str, Any]:
    """Without ``schema``; paths are whole. What a dry run would do is in ``planned``."""
    plan, contents = ended.plan, ended.contents
    return {
        "format": "usb",
        "player": plan.player.word,
        "to": plan.folder,
        "files": [f"{plan.folder}/{path}" for path in contents.files],
        "playlists": contents.playlists,
        "tracks": contents.tracks,
        "left_out": left_out_rows(plan.left_out),
        "moved": [],
        "warnings": [it._asdict() for it in plan.warnings],
        "room": {"needed": plan.needed, "free": plan.free},
        "planned": [
            {
                "action": job.action,
                "track": job.track.id,
                "path": job.path,
                "format": job.heard.container if job.recipe.form == "copy" else job.recipe.form,
                "bytes": job.size,
            }
            for job in plan.jobs
        ]
        + [
            {"action": "remove", "track": None, "path": path, "format": None, "bytes": size}
            for path, size in plan.removals.items()
        ],
        "dry_run": ended.dry_run,
        "result": result_document(ended.result) if ended.result else None,
    }
