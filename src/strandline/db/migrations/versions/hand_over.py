"""What DJ programs need to know: where the audio of each track was before, its tempo and key.

Moves of earlier runs are read from the journal, folders' renames included. Tempo and key come with
the next reading of each playlist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from alembic import op
from sqlalchemy import Boolean, Column, DateTime, Float, Integer, MetaData, String, Table, text

from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild

revision = "0012_hand_over"
down_revision = "0011_reviews"
branch_labels = None
depends_on = None

HAND_OVER = MetaData()
"""As this revision leaves them: two tables."""

Table(
    "moves",
    HAND_OVER,
    Column("id", Integer, primary_key=True),
    Column("track", String(255), nullable=False, index=True),
    Column("old_path", String(1000), nullable=False),
    Column("new_path", String(1000)),
    Column("run", String(32)),
    Column("at", DateTime, nullable=False),
    Column("offset", Float),
    Column("in_file", Boolean, nullable=False, server_default=text("0"), index=True),
)
Table(
    "track_tempos",
    HAND_OVER,
    Column("tidal_id", String(255), primary_key=True),
    Column("bpm", Float),
    Column("key", String(10)),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """New tables; nothing that is there is touched, so nothing is copied first."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), HAND_OVER, now=takeover.now)
    steps = [_Step._make(row) for row in op.get_bind().exec_driver_sql(_STEPS)]
    for move in _moves(steps):
        op.get_bind().exec_driver_sql(_ADD, tuple(move))


def downgrade() -> None:
    """The journal still has the moves; tempo and key come again."""
    for table in HAND_OVER.sorted_tables:
        op.drop_table(table.name)


class _Step(NamedTuple):
    """What a run did with a file or a folder."""

    action: str
    path: str
    source: str | None
    track: str | None
    run: str
    at: str


class _Move(NamedTuple):
    track: str
    old_path: str
    new_path: str
    run: str
    at: str
    offset: float | None


_STEPS = """
    SELECT action, path, source, coalesce(new_id, track), run_id, at
    FROM run_steps JOIN runs ON runs.id = run_id LEFT JOIN replaced_ids ON old_id = track
    WHERE state = 'done' AND path IS NOT NULL AND at IS NOT NULL
        AND (action IN ('download', 'move', 'rename_folder')
            OR (action = 'restore' AND kind = 'primary'))
    ORDER BY runs.rowid, seq
"""


_ADD = """
    INSERT INTO moves (track, old_path, new_path, run, at, offset) VALUES (?, ?, ?, ?, ?, ?)
"""


def _moves(steps: Iterable[_Step]) -> Iterator[_Move]:
    """Neighbouring renames are at once: two playlists may have swapped their names."""
    now: dict[str, str] = {}
    for renamed, some in groupby(steps, key=lambda step: step.action == "rename_folder"):
        if renamed:
            yield from _renamed({f"{it.source}/": it for it in some}, now)
            continue
        for step in some:
            if step.track is None:
                continue
            old = now.get(step.track)
            is_move = step.action == "move" and (step.source or "").startswith("Playlists/")
            old = step.source if is_move else old
            if old and old != step.path:
                offset = 0.0 if is_move else None
                yield _Move(step.track, old, step.path, step.run, step.at, offset)
            now[step.track] = step.path


def _renamed(renames: dict[str, _Step], now: dict[str, str]) -> Iterator[_Move]:
    for track, old in now.items():
        if step := renames.get(old[: old.rfind("/") + 1]):
            now[track] = f"{step.path}/{old.rpartition('/')[2]}"
            yield _Move(track, old, now[track], step.run, step.at, 0.0)
