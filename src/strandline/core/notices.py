"""When a person is to be told how runs end: on a change, and not every night anew."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum
from typing import NamedTuple


class Ending(NamedTuple):
    """How a run ended, as far as telling of it goes."""

    reason: str
    """Why it failed, in words for scripts that are the same every night; empty: all is well."""
    changed: bool = False
    """Whether it changed anything in the library."""


class Notice(str, Enum):
    """What a message is about."""

    FAILED = "failed"
    """Runs fail, or fail for another reason than the one that was told."""
    RECOVERED = "recovered"
    CHANGED = "changed"


def notice_of(told: str, ending: Ending, on: Collection[str]) -> Notice | None:
    """What is worth a message; ``told`` is the reason of the last one, empty when all was well."""
    if ending.reason:
        new = ending.reason != told and "failure" in on
        return Notice.FAILED if new else None
    if told and {"failure", "recovery"}.intersection(on):
        return Notice.RECOVERED
    return Notice.CHANGED if ending.changed and "changes" in on else None
