"""How time and memory grow with the library: 1 ×, 10 ×, 100 ×, and the exponent."""

from __future__ import annotations

import json
import subprocess
import sys
from math import log
from pathlib import Path

from benchmarks.home import home_of
from benchmarks.measure import Took
from benchmarks.report import Result, Row, at_most
from benchmarks.sizes import HUGE, LARGE, TINY, Size

STEEPEST = 1.15
"""Of the exponent: 1 is linear, sorting adds a little, caches that no longer hold all add more."""

ROUNDS = 4
"""Of which the best counts: it takes some until a million names and inodes are in the cache."""

_CLOCK = 1e-3  # seconds of CPU below which nothing can be told apart


def growth(work: Path) -> Result:
    """10,000, 100,000 and 1,000,000 entries."""
    found = [(size, _phases(size, work)) for size in (TINY, LARGE, HUGE)]
    rows = tuple(
        Row(f"{phase}, {size.entries:,} entries", took)
        for phase in found[0][1]
        for size, phases in found
        if (took := phases[phase])
    )
    (small, first), *_, (large, last) = found
    times = large.entries / small.entries

    def exponent(small: float, large: float) -> float:
        return log(max(large, _CLOCK) / max(small, _CLOCK)) / log(times)

    exponents = {phase: exponent(first[phase].cpu, last[phase].cpu) for phase in first}
    memory = exponent(max(took.mib for took in first.values()), max(t.mib for t in last.values()))
    worst = max(exponents, key=lambda phase: exponents[phase])
    verdict = at_most(
        f"growth: every phase about linear (steepest: {worst})", exponents[worst], STEEPEST, ""
    )
    listed = ", ".join(f"{phase} {value:.2f}" for phase, value in exponents.items())
    note = (
        f"Exponents of the CPU time (the wall time of a million files is the disk's) from "
        f"{small.entries:,} entries to {large.entries:,}: {listed}. Of the "
        f"peak memory: {memory:.2f}. `sync-status` looks up the track of each link at random. A "
        "million names and inodes do not stay in this machine's caches: by itself, three scans of "
        "them in a row took 20.1, 9.6 and 7.0 s of CPU, and the last of these makes 1.06."
    )
    return Result("growth", "Growth", rows, (verdict,), note)


def _phases(size: Size, work: Path) -> dict[str, Took]:
    words = [sys.executable, "-m", "benchmarks.phases", str(home_of(size, work).folder)]
    best: dict[str, Took] = {}
    for _ in range(ROUNDS):
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        for phase, figures in json.loads(done.stdout.splitlines()[-1]).items():
            took = Took(*figures)
            best[phase] = Took(*map(min, zip(took, best.get(phase, took), strict=True)))
    return best
