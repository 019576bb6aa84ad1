"""What ``reapply`` would do to a library: every file and link gets another name, or place."""

from __future__ import annotations

from pathlib import Path

from benchmarks.home import Home, home_of, strandline
from benchmarks.measure import Run, command, side_by_side
from benchmarks.report import Result, Row, at_most
from benchmarks.sizes import SMALL

SETTINGS = {
    "--names": '[names]\ntrack = "{title} - {artist}"',
    "--layout": '[layout]\naudio = "pool"',
}
MOST = 15
NOTE = (
    "Every one of the 10,000 files, and of the links to them, is in question; a check that finds "
    "nothing to do decides about none of them. Nothing is changed, and no file is read."
)


def following(work: Path) -> Result:
    """200 playlists, 20,000 entries."""
    home = home_of(SMALL, work)
    runs = {
        "sync-check --full": command(
            *strandline("sync-check", "--offline", "--full"), env=home.environment()
        )
    }
    runs |= {f"reapply {part}": _dry_run(home, part) for part in SETTINGS}
    took = side_by_side(runs, rounds=1)
    check = took["sync-check --full"].cpu
    verdicts = tuple(
        at_most(
            f"reapply {part}, 20,000 entries: <= {MOST} × a check",
            took[f"reapply {part}"].cpu / check,
            MOST,
        )
        for part in SETTINGS
    )
    rows = tuple(Row(name, figures) for name, figures in took.items())
    return Result("reapply", "What reapply would do, 20,000 entries", rows, verdicts, NOTE)


def _dry_run(home: Home, part: str) -> Run:
    config = home.folder / f"config{part}.toml"
    config.write_text(f'[audio]\nformat = "original"\n{SETTINGS[part]}\n')
    environment = home.environment() | {"STRANDLINE_CONFIG": str(config)}
    return command(
        *strandline("reapply", part, "--dry-run", "--json"), env=environment, codes=(0, 3)
    )
