"""Unified sync: statuses, primaries and links, positions, runs; and what old rows mean in it."""

from __future__ import annotations

from alembic import op

from strandline.db.migrations.schema import BASE, UNIFIED
from strandline.db.schema.legacy import Takeover, take_over
from strandline.db.schema.legacy_versions import settle_ids
from strandline.db.schema.rebuild import make_or_rebuild, rebuild

revision = "0002_unified_sync"
down_revision = "0001_base"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New columns and tables; every row stays and gets its first statuses."""
    connection = op.get_bind()
    takeover: Takeover = op.get_context().opts["takeover"]
    takeover.copy_first(connection, revision)
    settle_ids(connection, takeover.report)
    make_or_rebuild(connection, UNIFIED, now=takeover.now)
    take_over(connection, takeover)


def downgrade() -> None:
    """Back to the base schema, without what the unified sync knew; paths stay as they are now."""
    connection = op.get_bind()
    takeover: Takeover = op.get_context().opts["takeover"]
    takeover.copy_first(connection, down_revision)
    for table in reversed(UNIFIED.sorted_tables):
        if table.name not in BASE.tables:
            op.drop_table(table.name)
    for table in BASE.sorted_tables:
        new = set(UNIFIED.tables[table.name].c.keys()) - set(table.c.keys())
        rebuild(connection, table, now=takeover.now, without=new)
