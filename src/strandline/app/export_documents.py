"""What ``export --json`` and its sub-commands print: the documents of docs/json.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strandline.app.documents import result_document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from strandline.app.export import ExportResult
    from strandline.app.match import MatchResult
    from strandline.app.moves import Relocation
    from strandline.core.exports import MovedPlace, NotExported


def export_document(ended: ExportResult) -> dict[str, Any]:
    """``export FORMAT --json``."""
    plan = ended.plan
    return {
        "format": plan.format.value,
        "files": ended.files,
        "playlists": plan.playlists,
        "tracks": plan.tracks,
        "left_out": left_out_rows(plan.left_out),
        "moved": _moves(plan.moved),
        "warnings": [it._asdict() for it in plan.warnings],
        "result": result_document(ended.result) if ended.result else None,
    }


def relocate_document(ended: Relocation) -> dict[str, Any]:
    """``export relocate --json``."""
    result = result_document(ended.result) if ended.result else None
    return {
        "file": ended.file,
        "moved": _moves(ended.moved),
        "shifted": [it._asdict() for it in ended.shifted],
        "unclear": [{"path": it.path, "tracks": list(it.tracks)} for it in ended.unclear],
        "missing": list(ended.missing),
        "in_file": ended.in_file,
        "in_library": ended.in_library,
        "result": result,
    }


def left_out_rows(left_out: Iterable[NotExported]) -> list[dict[str, str]]:
    """Tracks that an export does not hold."""
    return [{"track": it.track, "because": it.because} for it in left_out]


def _moves(moves: Iterable[MovedPlace]) -> list[dict[str, str]]:
    return [{"from": it.old, "to": it.new} for it in moves]


def match_document(ended: MatchResult) -> dict[str, Any]:
    """``export match --json``."""
    matched = ended.matched
    return {
        "file": ended.file,
        "product": ended.product,
        "in_file": ended.in_file,
        "tracks": len(matched.tracks),
        "by": {how: matched.by[how] for how in ("place", "moved", "link")},
        "playlists": [
            {
                "playlist": ended.playlists.get(row),
                "name": ended.names[row],
                "rekordbox_playlist_id": it.place,
                "entries": it.entries,
            }
            for row, it in matched.playlists.items()
        ],
        "ambiguous": [
            {"playlist": ended.playlists.get(row), "name": ended.names[row]}
            for row in matched.ambiguous
        ],
        "moved": _moves(ended.moved),
        "twice": [it._asdict() for it in matched.twice],
        "absent": [
            {"track": track, "artist": artist, "title": title}
            for track, artist, title in ended.absent
        ],
        "changed": ended.changed._asdict(),
    }
