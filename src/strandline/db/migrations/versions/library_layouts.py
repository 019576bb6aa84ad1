"""Library layouts: whether the audio of a library lies in its playlists' folders or in the pool."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, MetaData, String, Table

from strandline.db.schema.legacy import Takeover
from strandline.db.schema.rebuild import make_or_rebuild

revision = "0015_library_layouts"
down_revision = "0014_sound_prints"
branch_labels = None
depends_on = None

LAYOUTS = MetaData()
"""As this revision leaves it: one table."""

Table(
    "library_layouts",
    LAYOUTS,
    Column("library", String(64), primary_key=True),
    Column("audio", String(20), nullable=False),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """A new table; nothing that is there is touched, so nothing is copied first."""
    takeover: Takeover = op.get_context().opts["takeover"]
    make_or_rebuild(op.get_bind(), LAYOUTS, now=takeover.now)


def downgrade() -> None:
    """The revision before knows of no pool, so what lies there is on nobody's list again."""
    op.execute(
        "UPDATE tracks SET file_path = NULL, file_size_bytes = NULL, file_hash = NULL,"
        " file_inode = NULL, file_mtime_ns = NULL, download_status = 'not_downloaded'"
        " WHERE file_path >= 'Tracks/' AND file_path < 'Tracks0'"
        " AND EXISTS (SELECT 1 FROM library_layouts WHERE audio <> 'playlist')"
    )
    op.drop_table("library_layouts")
