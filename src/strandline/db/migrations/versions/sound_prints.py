"""Sound prints of files and of TIDAL's tracks, and which answers come from listening."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, Float, LargeBinary, MetaData, String, Table, Text

from strandline.db.migrations.versions.reviews import REVIEWS
from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild, rebuild

revision = "0014_sound_prints"
down_revision = "0013_recordings"
branch_labels = None
depends_on = None

PRINTS = MetaData()
"""As this revision leaves them: two new tables, and the answers with two columns more."""

Table(
    "sound_prints",
    PRINTS,
    Column("sound", String(64), primary_key=True),
    Column("seconds", Float, nullable=False),
    Column("print", LargeBinary, nullable=False),
)
Table(
    "track_prints",
    PRINTS,
    Column("track", String(255), primary_key=True),
    Column("seconds", Float, nullable=False),
    Column("print", LargeBinary, nullable=False),
    Column("heard_at", DateTime, nullable=False),
)
Table(
    "review_answers",
    PRINTS,
    Column("sound", String(64), primary_key=True),
    Column("track", String(255), primary_key=True),
    Column("answer", String(10), nullable=False),
    Column("seconds", Float),
    Column("file", String(1000), nullable=False),
    Column("answered_at", DateTime, nullable=False),
    Column("heard", Text),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """The answers that are there were all a person's."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), PRINTS, now=takeover.now)


def downgrade() -> None:
    """Answers that come from listening are lost, as nothing would tell them from a person's."""
    takeover: Takeover = op.get_context().opts["takeover"]
    op.execute("DELETE FROM review_answers WHERE heard IS NOT NULL")
    rebuild(op.get_bind(), REVIEWS.tables["review_answers"], now=takeover.now, without=("heard",))
    for name in ("track_prints", "sound_prints"):
        op.drop_table(name)
