"""What is gone from the trash for good: old enough, no person's, and to be had again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from strandline.demo.model import Availability

if TYPE_CHECKING:
    import sqlite3

    from tests.faults.hands import Hands
    from tests.faults.person import Person

FETCHED = """
    SELECT sha256, track FROM run_steps
    WHERE state = 'done' AND action = 'download' AND sha256 IS NOT NULL
"""


def rightly_let_go(
    home: Person, hands: Hands, database: sqlite3.Connection, left: Mapping[str, str]
) -> set[str]:
    """The content that is nowhere any more, of what ``left`` the trash; AssertionError."""
    rows = database.execute("SELECT id, finished_at FROM runs").fetchall()
    ended = {run: datetime.fromisoformat(at) for run, at in rows if at}
    made: dict[str, str] = dict(database.execute(FETCHED).fetchall())
    days, contents = home.config.sync_trash_keep_days, home.contents
    gone = {place: sha256 for place, sha256 in left.items() if sha256 not in contents}
    for place, sha256 in gone.items():
        assert days, f"{place} was emptied, and the settings keep it"
        age = home.time - ended[place.partition("/")[0]]
        assert age > timedelta(days=days), f"{place} was emptied too early: {age}"
        theirs = {*hands.sounds, *hands.damaged, *hands.hidden}
        assert sha256 not in theirs, f"{place} is a person's version, and was emptied"
        assert sha256 in made, f"{place} was emptied, and strandline did not make it"
        offered = home.account.tracks[int(made[sha256])].availability
        assert offered is Availability.AVAILABLE, f"{place} was emptied: it is {offered.value}"
    return {*gone.values()}
