"""Packet hashes: an empty cache of what the bytes with a given sha256 sound like.

What earlier versions found to be unplayable is forgotten, and read anew: they took good AIFFs and
other formats for damaged.
"""

from __future__ import annotations

from alembic import op

from strandline.db.migrations.schema import PACKETS
from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild

revision = "0005_packet_hashes"
down_revision = "0004_content_hashes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table; of what is there only a cache loses rows, so nothing is copied first."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), PACKETS, now=takeover.now)
    op.execute("DELETE FROM seen_files WHERE NOT playable")


def downgrade() -> None:
    """Nothing is lost but time."""
    for table in PACKETS.sorted_tables:
        op.drop_table(table.name)
