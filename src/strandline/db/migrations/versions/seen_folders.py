"""Seen folders: an empty cache of what listing each playlist's folder told."""

from __future__ import annotations

from alembic import op

from strandline.db.migrations.schema import FOLDERS
from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild

revision = "0003_seen_folders"
down_revision = "0002_unified_sync"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table; nothing that is there is touched, so nothing is copied first."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), FOLDERS, now=takeover.now)


def downgrade() -> None:
    """Nothing is lost but time."""
    for table in FOLDERS.sorted_tables:
        op.drop_table(table.name)
