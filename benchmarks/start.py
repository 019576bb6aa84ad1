"""What a person waits for most often: the help, and how things stand."""

from __future__ import annotations

from pathlib import Path

from benchmarks.home import home_of, strandline
from benchmarks.measure import command, side_by_side
from benchmarks.report import Result, Row, at_most
from benchmarks.sizes import LARGE


def start(work: Path) -> Result:
    """``--help``, and what is asked of the large database."""
    home = home_of(LARGE, work)
    environment = home.environment()
    runs = {
        "strandline --help": command(*strandline("--help"), env=environment),
        "strandline sync-status": command(*strandline("sync-status"), env=environment),
        "strandline tracks": command(*strandline("tracks", "amber", "9990"), env=environment),
        "strandline why": command(*strandline("why", "100010990"), env=environment),
    }
    took = side_by_side(runs, rounds=15)
    rows = tuple(Row(name, figures) for name, figures in took.items())
    verdicts = (
        at_most("`--help` < 0.15 s", took["strandline --help"].wall, 0.15, " s"),
        at_most("`sync-status`, large, < 0.5 s", took["strandline sync-status"].wall, 0.5, " s"),
        at_most("`tracks` by words, large, < 0.3 s", took["strandline tracks"].wall, 0.3, " s"),
        at_most("`why`, large, < 0.3 s", took["strandline why"].wall, 0.3, " s"),
    )
    return Result("start", "Help and status", rows, verdicts)
