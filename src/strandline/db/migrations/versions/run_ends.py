"""Run ends: how each run ended, and what the last check decided."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text

from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild

revision = "0010_run_ends"
down_revision = "0009_replaced_ids"
branch_labels = None
depends_on = None

ENDS = MetaData()
"""As this revision leaves them: three tables."""

Table(
    "run_ends",
    ENDS,
    Column("run", String(32), primary_key=True),
    Column("command", String(40), nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("ended_at", DateTime, nullable=False),
    Column("code", Integer, nullable=False),
    Column("error", String(40)),
    Column("message", Text),
    Column("hint", Text),
    Column("notes", Text),
    sqlite_with_rowid=False,
)
Table(
    "planned_actions",
    ENDS,
    Column("seq", Integer, primary_key=True),
    Column("action", String(20), nullable=False),
    Column("path", String(1000), nullable=False),
    Column("source", String(1000)),
    Column("track", String(255)),
    Column("playlist", String(255)),
    Column("because", String(40), nullable=False),
    Column("message", Text),
)
Table(
    "last_checks",
    ENDS,
    Column("playlist", String(255), primary_key=True),
    Column("at", DateTime, nullable=False),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """New tables; nothing that is there is touched, so nothing is copied first."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), ENDS, now=takeover.now)


def downgrade() -> None:
    """The steps of the runs stay; the next check decides anew."""
    for table in ENDS.sorted_tables:
        op.drop_table(table.name)
