"""Audio qualities: what TIDAL has of each track, and in which quality the fetched ones came.

Both begin empty. What earlier versions wrote into ``audio_quality`` is TIDAL's description of the
track, never what came; so the quality of what they fetched is unknown.
"""

from __future__ import annotations

from alembic import op

from strandline.db.migrations.schema import QUALITIES
from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild

revision = "0006_audio_qualities"
down_revision = "0005_packet_hashes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables; nothing that is there is touched, so nothing is copied first."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), QUALITIES, now=takeover.now)


def downgrade() -> None:
    """Which files came in lower quality is forgotten; the files stay."""
    for table in QUALITIES.sorted_tables:
        op.drop_table(table.name)
