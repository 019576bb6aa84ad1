"""The batteries with large figures: ``./dev soak [--only BATTERY …] [--minutes M] [--seed N]``.

Each battery is tried round after round, every round with a seed of its own, until its figure is
reached, its share of the minutes is over, or something was violated (unless ``--go-on``). A round
that failed is repeated by ``--only BATTERY --seed N --rounds 1``. ``./dev soak --only lives --seed
20 --go-on --jobs 2`` lives 10,000 lives and names the red ones at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tests.faults.safety import ROOT, table
from tests.faults.tally import CACHED_AS, Battery

FAULTS, MACHINE = "tests/faults/test_", "tests/faults/machine/test_"


class Soak(NamedTuple):
    """How a battery is soaked; without a figure one round tries all there is."""

    tests: str
    """Words for pytest."""
    sizes: Mapping[str, int] = MappingProxyType({})
    """Of a round: ``STRANDLINE_<name>``."""
    figure: int = 1


BATTERIES = {
    "every file-system call fails": Soak(f"{FAULTS}errors.py"),
    "file systems": Soak(f"{MACHINE}file_systems.py"),
    "full and read-only disks": Soak(f"{MACHINE}limits.py"),
    "hostile names": Soak(f"{FAULTS}hostile_names.py -k hostile_names", {"RUNS_NAMES": 1_000},
                          20_000),
    "kill -9 at every place": Soak(f"{FAULTS}kills.py -k random", {"RUNS_SCENES": 12}, 10_000),
    "kill again during recovery": Soak(
        f"{FAULTS}recovery.py -k random",
        {"RUNS_SCENES": 4, "RUNS_RECOVERY": 1, "RUNS_OVER_AND_OVER": 200}, 10_000),
    "killed with two threads": Soak(
        "tests/execute/test_beside.py", {"RUNS_BESIDE": 500}, 10_000),
    "ladders": Soak(f"{FAULTS}ladders.py"),
    "library not there": Soak(f"{MACHINE}missing_library.py"),
    "lives": Soak("tests/faults/test_lives.py -k random_life_disk",
                  {"RUNS_LIVES": 1_000, "RUNS_SHARING_LIVES": 10, "RUNS_POOL_LIVES": 5}, 10_000),
    "planner": Soak("tests/core/test_plan_properties.py", {"TEST_EXAMPLES": 10_000}, 1_000_000),
    "power cuts": Soak(f"{MACHINE}power_cuts.py -k after", {"RUNS_POWER_CUTS": 100}, 1_000),
    "random kills": Soak(f"{FAULTS}random_kills.py", {"RUNS_RANDOM_KILLS": 300}, 10_000),
    "random names": Soak(f"{FAULTS}hostile_names.py -k side_by_side",
                         {"RUNS_RANDOM_NAMES": 200_000}, 1_000_000),
    "real system calls": Soak(f"{MACHINE}system_calls.py",
                              {"RUNS_KILLS_A_SWEEP": 28, "RUNS_ERRORS_A_SWEEP": 6}, 5_000),
    "runs at once": Soak(f"{MACHINE}many_runs.py", {"RUNS_AT_ONCE": 200}, 2_000),
    "security exploits": Soak(f"{FAULTS}security.py"),
    "seeded bugs": Soak(f"{FAULTS}seeded.py", {"ALL_SEEDED": 1}),
    "service faults": Soak(f"{FAULTS}service.py -k random", {"RUNS_SERVICE": 100}, 5_000),
    "stale reads": Soak(f"{FAULTS}stale_reads.py -k older", {"RUNS_STALE": 200}, 5_000),
    "stateful": Soak(f"{FAULTS}stateful.py", {"RUNS_STATEFUL": 100}, 20_000),
    "swaps": Soak(f"{FAULTS}swaps.py", {"RUNS_SWAPS": 800}, 10_000),
    "synced before done": Soak(f"{FAULTS}durable.py -k random", {"RUNS_SCENES": 16}, 1_000),
}  # fmt: skip


def one_round(name: str, seed: int, jobs: str) -> Battery:
    """What the battery found with one seed. A round that did not run at all is a violation."""
    asked = {f"STRANDLINE_{key}": str(value) for key, value in BATTERIES[name].sizes.items()}
    asked["STRANDLINE_SEED"] = str(seed)
    with tempfile.TemporaryDirectory() as cache:
        words = ["-n", jobs, "--dist", "worksteal", f"--hypothesis-seed={seed}", "-o",
                 f"cache_dir={cache}", *BATTERIES[name].tests.split()]  # fmt: skip
        command = [sys.executable, "-m", "pytest", *words]
        code = subprocess.run(command, cwd=ROOT, env=os.environ | asked).returncode
        kept = Path(cache, "v", CACHED_AS)
        found = json.loads(kept.read_text()) if kept.exists() else {}
    battery = Battery(**found.get(name, {}))
    if code:
        battery.violations = max(1, battery.violations)
        print(f"To repeat it: ./dev soak --only {name!r} --seed {seed} --rounds 1", flush=True)
    return battery


def soak(
    name: str, seed: int, until: float, rounds: int, jobs: str, *, go_on: bool = False
) -> Battery:
    """Round after round; ``go_on`` after a violation, too."""
    whole = Battery()
    for number in range(rounds):
        print(f"--- {name}: seed {seed + number}", flush=True)
        found = one_round(name, seed + number, jobs)
        whole.add(found)
        done = whole.runs >= BATTERIES[name].figure or not found.runs
        if done or (whole.violations and not go_on) or time.monotonic() >= until:
            break
    return whole


def main(words: Sequence[str] | None = None) -> int:
    """The table; 1 when something was violated."""
    options = argparse.ArgumentParser(
        prog="./dev soak", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("--only", action="append", choices=BATTERIES, metavar="BATTERY",
                         help=f"may be repeated; one of: {', '.join(BATTERIES)}")  # fmt: skip
    options.add_argument("--minutes", type=float, default=float("inf"), help="in all")
    options.add_argument("--rounds", type=int, default=sys.maxsize, help="of a battery, at most")
    options.add_argument("--seed", type=int, help="of the first round; at random without it")
    options.add_argument("--go-on", action="store_true", help="after a violation, too")
    options.add_argument("--jobs", default="auto", help="at a time: all cores, or a number")
    asked = options.parse_args(words)
    seed = random.SystemRandom().randrange(2, 1_000_000) if asked.seed is None else asked.seed
    names = list(dict.fromkeys(asked.only or BATTERIES))
    ends = time.monotonic() + 60 * asked.minutes
    found: dict[str, Battery] = {}
    for number, name in enumerate(names):
        now = time.monotonic()
        if now >= ends:
            found[name] = Battery(skipped=["no time was left"])
        else:
            share = now + (ends - now) / (len(names) - number)
            found[name] = soak(name, seed, share, asked.rounds, asked.jobs, go_on=asked.go_on)
    print(f"seed {seed}\n{table(found)}")
    for name, battery in found.items():
        for what in battery.red:
            print(f"violated: {name}: {what}")
    return int(any(battery.violations for battery in found.values()))


if __name__ == "__main__":
    sys.exit(main())
