"""Measuring commands side by side: one round runs each of them once, the medians are compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

LAUNCH = Path(__file__).with_name("launch.py")


class Took(NamedTuple):
    """What one run, or the median of several, took."""

    wall: float  # seconds
    cpu: float  # seconds, children included
    mib: float  # peak resident memory of the largest process


Run = Callable[[], Took]


def command(
    *words: str | Path, env: Mapping[str, str] | None = None, codes: Sequence[int] = (0,)
) -> Run:
    """Something to be measured; RuntimeError when it ends in another code than expected."""

    def run() -> Took:
        launched = [sys.executable, "-I", "-S", str(LAUNCH), *map(str, words)]
        environment = {**os.environ, **(env or {})}
        done = subprocess.run(launched, env=environment, capture_output=True, text=True)
        took = json.loads(done.stdout)
        if took["code"] not in codes:
            raise RuntimeError(f"{words[0]} ended with {took['code']}: {done.stderr[-2000:]}")
        return Took(took["wall"], took["cpu"], took["mib"])

    return run


def measured(module: str, *words: str | Path, env: Mapping[str, str] | None = None) -> Run:
    """A benchmark module that times its own core and prints ``{"wall": …, "cpu": …, "mib": …}``."""

    def run() -> Took:
        started = [sys.executable, "-m", f"benchmarks.{module}", *map(str, words)]
        environment = {**os.environ, **(env or {})}
        done = subprocess.run(started, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{module} failed: {done.stderr[-2000:]}")
        told = json.loads(done.stdout.splitlines()[-1])
        return Took(*(told[name] for name in Took._fields))

    return run


def side_by_side(runs: Mapping[str, Run], rounds: int) -> dict[str, Took]:
    """The medians after ``rounds`` rounds; one more goes first and only warms the cache."""
    for run in runs.values():
        run()
    taken: dict[str, list[Took]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(run())
    return {name: middle(times) for name, times in taken.items()}


def middle(times: Sequence[Took]) -> Took:
    """The median of each figure by itself."""
    return Took(*(median(figures) for figures in zip(*times, strict=True)))
