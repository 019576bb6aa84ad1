"""Asked tracks: when TIDAL was last asked for each track that it did not have."""

from __future__ import annotations

from alembic import op

from strandline.db.migrations.schema import ASKED
from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild

revision = "0007_asked_tracks"
down_revision = "0006_audio_qualities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table; nothing that is there is touched, so nothing is copied first."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), ASKED, now=takeover.now)


def downgrade() -> None:
    """What was asked when is forgotten; all of it is asked for again."""
    for table in ASKED.sorted_tables:
        op.drop_table(table.name)
