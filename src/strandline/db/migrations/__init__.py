"""Alembic's environment and the revisions, inside the wheel."""
