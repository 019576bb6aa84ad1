"""Base: the schema of databases made before the unified sync.

Most of those were created straight from the models, without a version. So this revision takes over
what it finds and makes only what is missing; and going below it drops nothing, since a database
without a version is exactly that.
"""

from __future__ import annotations

from alembic import op

from strandline.db.migrations.schema import BASE
from strandline.db.schema.rebuild import create
from strandline.db.schema.tables import table_names

revision = "0001_base"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables that are not there."""
    connection = op.get_bind()
    there = table_names(connection)
    for table in BASE.sorted_tables:
        if table.name not in there:
            create(connection, table)


def downgrade() -> None:
    """Only the version goes."""
