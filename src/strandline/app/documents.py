"""What ``--json`` prints, command by command: the documents of docs/json.md, without ``schema``.

Reports whose records have the documents' own keys (``db/reports.py``) are written as they are, row
by row, for they may be large.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from strandline.core.actions import ACTIONS
from strandline.core.by_playlist import path_changes
from strandline.core.plan_json import plan_to_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from strandline.app.check import CheckResult
    from strandline.app.database import DatabaseState
    from strandline.app.doctor import Part
    from strandline.app.execute import ExecuteResult
    from strandline.app.history import LookBack
    from strandline.app.importing import ImportResult
    from strandline.app.init import Saved
    from strandline.app.listening import Listened
    from strandline.app.login import Who
    from strandline.app.review import ToReview
    from strandline.app.service import Installed
    from strandline.app.service import Status as ServiceStatus
    from strandline.app.settings import Written
    from strandline.app.trash import Emptied, TrashedRun
    from strandline.app.verify import VerifyResult
    from strandline.config import Config
    from strandline.db.history import PastRun
    from strandline.errors import StrandlineError
    from strandline.execute.result import FetchedTrack, NotDone, Result


def check_document(found: CheckResult) -> dict[str, Any]:
    """``sync-check --json``, without the schema."""
    snapshot, tally = found.observed.snapshot, found.plan.tally
    return {
        "in_sync": found.in_sync,
        "tidal": {
            "playlists": len(snapshot.playlists.keys() - found.observed.policy.left_out),
            "tracks": found.observed.extent.tracks,
            "complete": not found.incomplete,
            "incomplete": [asdict(item) for item in found.incomplete],
        },
        "library": asdict(tally),
        "excluded": {"playlists": len(found.excluded), "tracks": found.ignored},
        "warnings": [warning._asdict() for warning in found.warnings],
        "link_mode": found.link_mode,
        **plan_to_json(found.plan),
        "path_changes": len(path_changes(found.plan, found.observed.ledger)),
        "needs": found.needs._asdict(),
        "alarms": [alarm._asdict() for alarm in found.alarms],
        "unavailable": [track._asdict() for track in found.unavailable],
        "not_asked": error_document(found.not_asked),
    }


def error_document(error: StrandlineError | None) -> dict[str, Any] | None:
    """An error that did not end the command."""
    if error is None:
        return None
    return {"error": error.code, "message": error.message, "hint": error.hint}


def failure_document(code: int, error: str, message: str, hint: str) -> dict[str, Any]:
    """An error that did, in place of the command's own document; ``code`` is the exit code."""
    return {"code": code, "error": error, "message": message, "hint": hint}


def execute_document(ended: ExecuteResult) -> dict[str, Any]:
    """``sync-execute --json``, without the schema."""
    result = _result(ended) | {"quality": {"asked": ended.asked, "lower": len(ended.lower)}}
    result["emptied"] = asdict(ended.emptied) if ended.emptied else None
    return {**check_document(ended.checked), "result": result}


def _item(item: FetchedTrack) -> dict[str, Any]:
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


def _undone(items: list[NotDone]) -> list[dict[str, Any]]:
    return [asdict(item) for item in items]


def verify_document(found: VerifyResult) -> dict[str, Any]:
    """``verify --json``."""
    return asdict(found)


def history_document(back: LookBack) -> dict[str, Any]:
    """``history --json``; ``steps`` only where they were asked for."""
    document: dict[str, Any] = {"runs": [_run(run, back.counts) for run in back.runs]}
    if back.steps is not None:
        document["steps"] = [_timed(step._asdict()) for step in back.steps]
    return document


def _run(run: PastRun, counts: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    done = {kind.name: 0 for kind in ACTIONS} | dict(counts.get(run.id, {}))
    return _timed(
        {
            "run": run.id,
            "short": run.short,
            "command": run.command,
            "status": run.status,
            "code": run.code,
            "started": run.started_at,
            "ended": run.ended_at,
            "counts": done,
            "planned": run.planned,
            "failed": run.failed,
            "undoes": run.undoes,
            "error": run.error,
            "message": run.message,
            "hint": run.hint,
            "notes": list(run.notes),
        }
    )


def _timed(fields: dict[str, Any]) -> dict[str, Any]:
    """With times as text: UTC, to the second."""
    return {
        name: f"{value.isoformat(timespec='seconds')}Z" if isinstance(value, datetime) else value
        for name, value in fields.items()
    }


def undo_document(run: str, result: Result) -> dict[str, Any]:
    """``undo --json``."""
    return {"undoes": run, "result": result_document(result)}


def trash_document(runs: Iterable[TrashedRun]) -> dict[str, Any]:
    """``trash list --json``."""
    return {"runs": [{**asdict(run), "bytes": run.size} for run in runs]}


def restore_document(result: Result) -> dict[str, Any]:
    """``trash restore --json``."""
    return {"result": result_document(result)}


def empty_document(emptied: Emptied | None, result: Result | None) -> dict[str, Any]:
    """``trash empty --json``; no result where there was nothing to empty."""
    return {
        "runs": list(emptied.runs) if emptied else [],
        "files": emptied.files if emptied else 0,
        "bytes_freed": emptied.bytes if emptied else 0,
        "result": result_document(result) if result else None,
    }


def login_document(who: Who) -> dict[str, Any]:
    """``auth login --json`` and ``auth status --json``."""
    return {"logged_in": True, **asdict(who), "country": who.country}


def logout_document(*, was_logged_in: bool) -> dict[str, Any]:
    """``auth logout --json``."""
    return {"logged_in": False, "was_logged_in": was_logged_in}


def database_document(state: DatabaseState) -> dict[str, Any]:
    """``db status --json``."""
    return {
        "database": str(state.path),
        "exists": state.exists,
        "revision": state.current,
        "head": state.head,
        "up_to_date": state.up_to_date,
    }


def upgrade_document(state: DatabaseState, copy: Path | None) -> dict[str, Any]:
    """``db upgrade --json``; ``copy`` is of the database as it was."""
    kept = str(copy) if copy else None
    return {"database": str(state.path), "revision": state.current, "copy": kept}


def doctor_document(parts: Iterable[Part], *, ok: bool) -> dict[str, Any]:
    """``doctor --json``."""
    return {"ok": ok, "parts": [asdict(part) for part in parts]}


def settings_document(config: Config, names: Collection[str] = ()) -> dict[str, Any]:
    """``config show --json``, of these keys, or of all."""
    from strandline.app.settings import as_json, shown

    rows = [row for row in shown(config) if not names or row[0].name in names]
    return {
        "config": str(config.path),
        "state_dir": str(config.state_dir),
        "tidal_url": config.tidal_url,
        "settings": {key.name: as_json(value) for key, value, _ in rows},
        "sources": {key.name: source for key, _, source in rows},
    }


def init_document(saved: Saved, *, logged_in: bool, next_command: str) -> dict[str, Any]:
    """``init --json``; ``changed`` as TOML has it."""
    return {
        "config": str(saved.path),
        "created": saved.created,
        "changed": dict(saved.changed),
        "logged_in": logged_in,
        "next": next_command,
    }


def written_document(written: Written) -> dict[str, Any]:
    """``config set --json`` and ``config unset --json``."""
    from strandline.app.settings import as_json

    return {
        "config": str(written.path),
        "key": written.key.name,
        "value": as_json(written.value),
        "beaten_by": written.beaten_by,
    }


def settings_path_document(path: Path) -> dict[str, Any]:
    """``config path --json``."""
    return {"config": str(path), "exists": path.exists()}


def installed_document(done: Installed) -> dict[str, Any]:
    """``service install --json``."""
    return {
        "manager": done.manager,
        "files": [str(path) for path in done.files],
        "changed": done.changed,
        "enabled": done.enabled,
        "verified": done.verified,
        "problem": done.problem or None,
        "hints": list(done.hints),
        "cron": done.cron or None,
    }


def service_document(found: ServiceStatus) -> dict[str, Any]:
    """``service status --json``."""
    last = found.last_run
    ended = {"at": last.at, "code": last.code, "message": last.message}
    return {
        "manager": found.manager,
        "installed": found.installed,
        "enabled": found.enabled,
        "next_run": found.next_run,
        "linger": found.linger,
        "files": [str(path) for path in found.files],
        "last_run": ended if last.is_known else None,
    }


def removed_document(files: Iterable[Path]) -> dict[str, Any]:
    """``service remove --json``."""
    return {"removed": [str(path) for path in files]}


def listened_document(listened: Listened) -> dict[str, Any]:
    """What ``import --listen`` heard of each file and each track that it may be."""
    return {
        "fetched_tracks": listened.fetched,
        "fetched_bytes": listened.bytes,
        "declined": listened.declined,
        "pairs": [
            {
                "file": it.file,
                "track": it.track,
                "heard": it.heard.hearing.value,
                "because": it.heard.because,
                "difference": round(fit.apart, 4) if (fit := it.heard.likeness) else None,
                "offset": round(fit.offset, 2) if fit else None,
                "compared_seconds": round(fit.seconds, 1) if fit else None,
            }
            for it in listened.pairs
        ],
    }


def import_document(ended: ImportResult) -> dict[str, Any]:
    """``import --json``: every file stands in one of its lists; no ``result`` without a run."""
    return {
        "files": ended.found.total,
        "accepted": [
            {
                "file": it.match.file.path,
                "track": it.match.track,
                "method": it.match.method.value,
                "because": it.match.because,
                "path": it.path,
            }
            for it in ended.taken
        ],
        "review": [
            {
                "number": noted.number if (noted := ended.noted.get(it.file.path)) else None,
                "file": it.file.path,
                "because": it.because,
                "candidates": [one._asdict() for one in it.candidates],
            }
            for it in ended.matches.doubtful
        ],
        "duplicates": [it._asdict() for it in ended.spare],
        "unmatched": [
            {"file": it.file.path, "because": it.because} for it in ended.matches.unmatched
        ],
        "unreadable": [it._asdict() for it in ended.unreadable],
        "streams": [it._asdict() for it in ended.streams],
        "listened": listened_document(ended.listened) if ended.listened else None,
        "mode": ended.mode,
        "result": result_document(ended.result) if ended.result else None,
    }


def review_document(found: Iterable[ToReview]) -> dict[str, Any]:
    """``review list|accept|reject|forget --json``."""
    return {
        "review": [
            {
                "number": one.item.number,
                "file": one.item.file,
                "seconds": one.item.seconds,
                "open": one.item.open,
                "because": one.item.because,
                "answer": one.answer,
                "heard": one.heard,
                "rejected": list(one.rejected),
                "candidates": [it._asdict() for it in one.candidates],
            }
            for one in found
        ]
    }
