"""``./dev bench [GOAL…] [--work FOLDER]``: measure goals, all by default, and write RESULTS.md."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    downloads,
    exports,
    following,
    growth,
    links,
    matching,
    mp3,
    noop,
    planning,
    prints,
    reading,
    snapshot,
    start,
    stick,
)
from benchmarks.report import Result, keep

GOALS: dict[str, Callable[[Path], Result]] = {
    "noop-small": noop.small,
    "noop-large": noop.large,
    "noop-huge": noop.huge,
    "noop-pool": noop.pool,
    "start": start.start,
    "links": links.links,
    "downloads": downloads.downloads,
    "mp3": mp3.mp3,
    "verify": reading.verify,
    "same-content": reading.same_content,
    "matching": matching.matching,
    "prints": prints.prints,
    "snapshot": snapshot.snapshot,
    "growth": growth.growth,
    "first-plan": planning.planning,
    "exports": exports.exports,
    "stick": stick.stick,
    "reapply": following.following,
}


def main() -> None:
    """Measure what was asked for."""
    options = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    options.add_argument("goals", nargs="*", metavar="GOAL", help=", ".join(GOALS))
    options.add_argument("--work", type=Path, default=Path.home() / ".cache/strandline-benchmarks")
    asked = options.parse_args()
    if unknown := set(asked.goals) - GOALS.keys():
        options.error(f"no such goal: {', '.join(sorted(unknown))}")
    asked.work.mkdir(parents=True, exist_ok=True)
    for name in asked.goals or GOALS:
        print(f"{name} …", flush=True)
        result = GOALS[name](asked.work.resolve())
        keep(result)
        for verdict in result.verdicts:
            print(f"  {verdict.goal}: {verdict.reached}{'' if verdict.met else '  MISSED'}")


main()
