"""How long ago, in a person's words: ``12h``, ``30d``, ``yesterday``, ``2026-11-22``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAYS = {"today": 0, "yesterday": 1}


def parse_age(text: str) -> timedelta:
    """``30d``, ``12h``, ``2w`` or ``90m``. ValueError otherwise."""
    match = re.fullmatch(r"\s*(\d{1,5})\s*([mhdw])\s*", text)
    if not match:
        raise ValueError(f"{text!r} is not a valid age, such as 30d, 12h or 2w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def parse_since(text: str, now: datetime) -> datetime:
    """The moment meant by an age, a day of the calendar here, or ``today`` and ``yesterday``.

    Naive UTC, as is ``now``. ValueError for anything else.
    """
    word = text.strip().casefold()
    if word in _DAYS:
        here = now.replace(tzinfo=UTC).astimezone() - timedelta(days=_DAYS[word])
        return _utc(here.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None))
    try:
        return now - parse_age(text)
    except (ValueError, OverflowError):
        pass
    try:
        return _utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is not a valid age or date, such as 1d, 12h, yesterday or 2026-11-22"
        ) from None


def _utc(when: datetime) -> datetime:
    """A time without a zone is one of the person's own clock."""
    return when.astimezone(UTC).replace(tzinfo=None)
