"""Reviews: files of which a person has to say what they are, and what was said."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild

revision = "0011_reviews"
down_revision = "0010_run_ends"
branch_labels = None
depends_on = None

REVIEWS = MetaData()
"""As this revision leaves them: three tables."""

Table(
    "review_items",
    REVIEWS,
    Column("number", Integer, primary_key=True),
    Column("sound", String(64), nullable=False, unique=True),
    Column("file", String(1000), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("seconds", Float),
    Column("because", Text, nullable=False),
    Column("open", Boolean, nullable=False),
)
Table(
    "review_candidates",
    REVIEWS,
    Column("number", Integer, primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("track", String(255), nullable=False),
    Column("because", Text, nullable=False),
    sqlite_with_rowid=False,
)
Table(
    "review_answers",
    REVIEWS,
    Column("sound", String(64), primary_key=True),
    Column("track", String(255), primary_key=True),
    Column("answer", String(10), nullable=False),
    Column("seconds", Float),
    Column("file", String(1000), nullable=False),
    Column("answered_at", DateTime, nullable=False),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """New tables; nothing that is there is touched, so nothing is copied first."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), REVIEWS, now=takeover.now)


def downgrade() -> None:
    """What a person said is lost, unless it was exported."""
    for table in REVIEWS.sorted_tables:
        op.drop_table(table.name)
