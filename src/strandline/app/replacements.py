"""Asking TIDAL what it put in the place of tracks that left every playlist and are on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.tidal.client import TidalClient

MOST = 10
"""Tracks a run; an answer is kept, so each is asked for once."""


def ask_for_replacements(session: Session, client: TidalClient) -> None:
    """Save what TIDAL says, as far as it says anything. LoginError."""
    from strandline.tidal.replacement import replacements_of

    rows = session.store.snapshots
    if due := rows.without_replacement(MOST):
        session.progress.phase("replacements", total=len(due))
        told = dict(replacements_of(client, due))
        if told:
            rows.save_replacements(told)
