"""Times as a person reads them: of the clock here, and how long something took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def local(when: datetime, *, seconds: bool = False) -> str:
    """``2026-11-22 16:30``; ``when`` is naive UTC, what is shown is the clock here."""
    here = when.replace(tzinfo=UTC).astimezone()
    return f"{here:%Y-%m-%d %H:%M:%S}" if seconds else f"{here:%Y-%m-%d %H:%M}"


def lasted(took: timedelta) -> str:
    """``45s``, ``12m 5s``, ``3h 40m``."""
    seconds = max(0, round(took.total_seconds()))
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours}h {minutes % 60}m"
    return f"{minutes}m {seconds % 60}s" if minutes else f"{seconds}s"
