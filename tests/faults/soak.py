"""The batteries with their large figures: ``./dev soak [--battery NAME …] [--hours H] [--seed N]``.

Rounds of all batteries asked for, each with a seed of its own, until the hours are over (without
--hours: one round). The first failure ends it and is printed with the command that repeats it.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Battery(NamedTuple):
    """Its tests, and the figures of one round (``STRANDLINE_<name>``)."""

    tests: tuple[str, ...]
    figures: dict[str, int]


BATTERIES = {
    "planner": Battery(
        ("tests/core/test_plan_properties.py",), {"TEST_EXAMPLES": 1_000_000}
    ),
    "stateful": Battery(("tests/faults/test_stateful.py",), {"RUNS_STATEFUL": 20_000}),
    "names": Battery(
        ("tests/faults/test_hostile_names.py",),
        {"RUNS_NAMES": 5_000, "RUNS_RANDOM_NAMES": 1_000_000},
    ),
    "swaps": Battery(("tests/faults/test_swaps.py",), {"RUNS_SWAPS": 10_000}),
    "service": Battery(("tests/faults/test_service.py",), {}),
    "random kills": Battery(("tests/faults/test_random_kills.py",), {"RUNS_RANDOM_KILLS": 10_000}),
    "kills": Battery(("tests/faults/test_kills.py", "tests/faults/test_recovery.py"), {}),
    "errors": Battery(("tests/faults/test_errors.py",), {}),
    "security": Battery(("tests/faults/test_security.py",), {}),
    "machine": Battery(("tests/faults/machine",), {}),
}  # fmt: skip


def run(name: str, seed: int, share: float) -> int:
    """One battery with one seed; ``share`` of its figures."""
    battery = BATTERIES[name]
    figures = {
        f"STRANDLINE_{key}": str(max(1, round(figure * share)))
        for key, figure in battery.figures.items()
    }
    words = ["-m", "pytest", "-q", "-x", "-n", "auto", f"--hypothesis-seed={seed}", *battery.tests]
    shown = " ".join(f"{key}={value}" for key, value in figures.items())
    print(f"--- {name}: STRANDLINE_SEED={seed} {shown}", flush=True)
    environment = os.environ | figures | {"STRANDLINE_SEED": str(seed)}
    code = subprocess.run([sys.executable, *words], cwd=ROOT, env=environment).returncode
    if code:
        print(f"{name} failed. To repeat it:\n  ./dev soak --battery {name!r} --seed {seed} "
              f"--share {share}", flush=True)  # fmt: skip
    return code


def main() -> int:
    """Round after round; the exit code of the first battery that failed."""
    options = argparse.ArgumentParser(prog="./dev soak", description=__doc__)
    options.add_argument("--battery", action="append", choices=BATTERIES, help="may be repeated")
    options.add_argument("--hours", type=float, default=0, help="start no round after so long")
    options.add_argument("--seed", type=int, help="of the first round; at random without it")
    options.add_argument("--share", type=float, default=1.0, help="of the large figures: 0.01")
    asked = options.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    until, table = time.monotonic() + asked.hours * 3600, []
    while True:
        for name in asked.battery or BATTERIES:
            began = time.monotonic()
            code = run(name, seed, asked.share)
            table.append(f"| {name} | {seed} | {time.monotonic() - began:.0f} | {code} |")
            if code:
                break
        seed += 1
        if code or time.monotonic() >= until:
            print("| battery | seed | seconds | exit code |\n|---|---|---|---|")
            print(*table, sep="\n")
            return code


if __name__ == "__main__":
    sys.exit(main())
