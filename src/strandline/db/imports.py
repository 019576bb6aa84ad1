"""Which tracks' audio is a person's own file, that an import took in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from strandline.core.ids import TrackId

_IMPORTED = """
    SELECT action, coalesce(new_id, track), run_id
    FROM run_steps JOIN runs ON runs.id = run_id LEFT JOIN replaced_ids ON old_id = track
    WHERE action IN ('import', 'download') AND state = 'done' AND track IN (
        SELECT track FROM run_steps WHERE action = 'import' AND state = 'done')
    ORDER BY runs.rowid, seq
"""


def imported(connection: sqlite3.Connection) -> dict[TrackId, str]:
    """Each such track with the id of the run that took its file in."""
    found: dict[TrackId, str] = {}
    for action, track, run in connection.execute(_IMPORTED):
        if action == "import":
            found[track] = run
        else:  # fetched since, in place of a file that was gone or damaged
            found.pop(track, None)
    return found
