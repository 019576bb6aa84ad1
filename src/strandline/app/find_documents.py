"""What ``tracks --json`` and ``why --json`` print: the documents of docs/json.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from strandline.app.why import FileAnswer, PlaylistAnswer, TrackAnswer

if TYPE_CHECKING:
    from strandline.app.find import FoundTrack
    from strandline.app.why import Answer
    from strandline.db.history import PastStep
    from strandline.db.last_plan import Planned


def tracks_document(found: Sequence[FoundTrack]) -> dict[str, Any]:
    """``tracks --json``; the records have the document's keys."""
    return {"tracks": found}


def why_document(answers: Iterable[Answer]) -> dict[str, Any]:
    """``why --json``."""
    return {"answers": [_answer(answer) for answer in answers]}


def _answer(answer: Answer) -> dict[str, Any]:
    match answer:
        case TrackAnswer():
            about = {"what": "track", **_track(answer)}
        case PlaylistAnswer():
            by = answer.left_out.setting if answer.left_out else None
            about = {"what": "playlist", **answer.item._asdict(), "left_out_by": by}
            about["incomplete"] = answer.incomplete
            about["unavailable"] = [track.track for track in answer.unavailable]
            about["history"] = [_past(step) for step in answer.history]
        case FileAnswer():
            about = {"what": "file", "path": answer.path}
    about["next"] = [_next(action) for action in answer.next]
    return about | {"checked": _time(answer.checked)}


def _track(answer: TrackAnswer) -> dict[str, Any]:
    track, primary = answer.track, answer.primary
    return {
        **track._asdict(),
        "quality": track.quality and track.quality._asdict(),
        "playlists": [
            entry._asdict() | {"positions": list(entry.positions)} for entry in track.playlists
        ],
        "identity": answer.identity._asdict(),
        "primary": primary and primary._asdict(),
        "asked": _time(answer.asked_at),
        "in_trash": answer.in_trash and f".strandline/trash/{answer.in_trash.trash_path}",
        "history": [_past(step) for step in answer.history],
    }


def _past(step: PastStep) -> dict[str, Any]:
    return {
        "run": step.run,
        "at": _time(step.at),
        "action": step.action,
        "because": step.because,
        "path": step.path,
        "source": step.source,
        "playlist": step.playlist,
        "state": step.state,
        "error": step.error,
    }


def _next(action: Planned) -> dict[str, Any]:
    return action._asdict()


def _time(when: datetime | None) -> str | None:
    return f"{when.isoformat(timespec='seconds')}Z" if when else None
