"""What the database alone can tell: no network, no disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.app.scope import excluded_of, ignored_of, playlists_named, policy_for
from strandline.app.session import open_session

if TYPE_CHECKING:
    from strandline.config import Config
    from strandline.db.reports import DedupeReport, StatusReport
    from strandline.events import Progress


def status(config: Config, playlists: tuple[str, ...], progress: Progress) -> StatusReport:
    """How things stood at the last check. Raises UsageError, DatabaseError."""
    with open_session(config, progress) as session:
        reports = session.store.reports
        names = reports.playlist_names()
        named = playlists_named(playlists, names)
        excluded = excluded_of(session, policy_for(session, named), names)
        return reports.status(named, excluded, ignored_of(session))


def dedupe(config: Config, progress: Progress) -> DedupeReport:
    """Who shares which file, and what that saves. Raises DatabaseError."""
    with open_session(config, progress) as session:
        return session.store.reports.dedupe()
