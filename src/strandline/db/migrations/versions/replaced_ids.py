"""Replaced ids: which newer id stands for one that TIDAL no longer lists."""

from __future__ import annotations

from alembic import op

from strandline.db.migrations.schema import REPLACED
from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild

revision = "0009_replaced_ids"
down_revision = "0008_local_playlists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table; nothing that is there is touched, so nothing is copied first."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), REPLACED, now=takeover.now)


def downgrade() -> None:
    """The old ids in tags tell nothing then; files are known by place and content."""
    for table in REPLACED.sorted_tables:
        op.drop_table(table.name)
