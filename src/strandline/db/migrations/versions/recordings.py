"""Recordings: which ids share one file, and what a person said of two of them."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, MetaData, String, Table

from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild

revision = "0013_recordings"
down_revision = "0012_hand_over"
branch_labels = None
depends_on = None

RECORDINGS = MetaData()
"""As this revision leaves them: two tables."""

Table(
    "shared_recordings",
    RECORDINGS,
    Column("track", String(255), primary_key=True),
    Column("holder", String(255), nullable=False),
    sqlite_with_rowid=False,
)
Table(
    "recording_answers",
    RECORDINGS,
    Column("one", String(255), primary_key=True),
    Column("other", String(255), primary_key=True),
    Column("answer", String(10), nullable=False),
    Column("answered_at", DateTime, nullable=False),
    Column("run", String(32)),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """New tables; nothing that is there is touched, so nothing is copied first."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), RECORDINGS, now=takeover.now)


def downgrade() -> None:
    """What a person said is lost, unless it was exported; shared files are one track's again."""
    op.execute(
        "UPDATE tracks SET file_path = NULL, file_size_bytes = NULL, file_hash = NULL,"
        " file_inode = NULL, file_mtime_ns = NULL, download_status = 'not_downloaded'"
        " WHERE tidal_id IN (SELECT track FROM shared_recordings)"
    )
    for table in RECORDINGS.sorted_tables:
        op.drop_table(table.name)
