"""Content hashes: an empty cache of which BLAKE3 the bytes with a given sha256 have."""

from __future__ import annotations

from alembic import op

from strandline.db.migrations.schema import CONTENTS
from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild

revision = "0004_content_hashes"
down_revision = "0003_seen_folders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table; nothing that is there is touched, so nothing is copied first."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), CONTENTS, now=takeover.now)


def downgrade() -> None:
    """Nothing is lost but time."""
    for table in CONTENTS.sorted_tables:
        op.drop_table(table.name)
