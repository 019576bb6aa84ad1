"""Local playlists: those of an old database that are not TIDAL's may be several, without an id."""

from __future__ import annotations

from alembic import op

from strandline.db.migrations.schema import LOCAL, UNIFIED
from strandline.db.schema.legacy import Takeover
from strandline.db.schema.legacy_versions import local_ids_away, local_ids_given
from strandline.db.schema.rebuild import rebuild

revision = "0008_local_playlists"
down_revision = "0007_asked_tracks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The id may be missing; every row stays."""
    connection = op.get_bind()
    takeover: Takeover = op.get_context().opts["takeover"]
    takeover.copy_first(connection, revision)
    rebuild(connection, LOCAL.tables["playlists"], now=takeover.now)
    local_ids_away(connection)


def downgrade() -> None:
    """Local playlists get made-up ids, as every playlist had to have one."""
    connection = op.get_bind()
    takeover: Takeover = op.get_context().opts["takeover"]
    takeover.copy_first(connection, down_revision)
    local_ids_given(connection)
    rebuild(connection, UNIFIED.tables["playlists"], now=takeover.now)
