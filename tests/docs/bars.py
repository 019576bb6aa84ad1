"""Leaves a bar on the screen as it is in the middle of a run, by a clock of its own.

python -m tests.docs.bars       for captures.py, on a terminal
"""

from __future__ import annotations

import os
import sys

from strandline.cli.progress import Bars

TRACKS = (
    "Amber Harbour - Low Water",
    "Ōkawa Static - 夜のバス",
    "Mirelle Quast - Lamplit",
    "Zwölf Uhr Süd - Straßenbahn",
)


def main() -> None:
    """The process ends with the bar still there."""
    now = 0.0
    bars = Bars()
    bars.phase("download", total=60)
    shown = bars._shown
    assert shown, "a phase has begun"
    shown.get_time = lambda: now
    for task in shown.tasks:
        task.start_time = now
    bars.expect(of_bytes=9_000_000_000 // 4)
    for _ in range(21):
        now += 8
        bars.advance(1, of_bytes=37_500_000)
    for name in TRACKS:
        bars.begin(name, name)
    shown.refresh()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
