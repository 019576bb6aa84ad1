"""What was measured, kept goal by goal, and shown as ``benchmarks/RESULTS.md``."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import Took

KEPT = Path(__file__).with_name("results.json")
SHOWN = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Row:
    """One line of a goal's table: what ran, and the three figures."""

    what: str
    took: Took


@dataclass(frozen=True)
class Verdict:
    """A goal in words, the figure that was reached, and whether that is enough."""

    goal: str
    reached: str
    met: bool


@dataclass(frozen=True)
class Result:
    """All that one benchmark has to say."""

    name: str
    title: str
    rows: tuple[Row, ...]
    verdicts: tuple[Verdict, ...]
    note: str = ""


def at_most(goal: str, reached: float, limit: float, unit: str = " ×") -> Verdict:
    """A figure that is to be small."""
    return Verdict(goal, f"{reached:.2f}{unit}", reached <= limit)


def at_least(goal: str, reached: float, limit: float, unit: str = "") -> Verdict:
    """A figure that is to be large."""
    return Verdict(goal, f"{reached:,.2f}{unit}", reached >= limit)


def keep(result: Result) -> None:
    """Put a result in the place of the last one of its name, and show all of them anew."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    today = datetime.now(UTC).date().isoformat()
    kept[result.name] = {**asdict(result), "date": today, "machine": machine()}
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    SHOWN.write_text(page(kept))


def machine() -> str:
    """The processor, its cores, the system and Python."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    return f"{model}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def page(kept: dict[str, dict[str, object]]) -> str:
    """The Markdown page."""
    lines = [
        "# Speed: the goals and what was measured",
        "",
        "Made by `./dev bench`. Peers run in turn with strandline on the same files; a figure is",
        "the median of its rounds. Wall and CPU in seconds, peak memory of the largest process in",
        "MiB. Only the ratios mean something on another machine.",
        "",
        "| goal | reached | |",
        "|---|---|---|",
    ]
    for result in kept.values():
        for verdict in _list(result["verdicts"]):
            met = "met" if verdict["met"] else "**missed**"
            lines.append(f"| {verdict['goal']} | {verdict['reached']} | {met} |")
    for result in kept.values():
        lines += ["", f"## {result['title']}", "", f"{result['date']}, {result['machine']}.", ""]
        lines += _table(_list(result["rows"]))
        if result["note"]:
            lines += ["", str(result["note"])]
    return "\n".join(lines) + "\n"


def _table(rows: Iterable[dict[str, object]]) -> list[str]:
    lines = ["| what | wall | cpu | MiB |", "|---|---:|---:|---:|"]
    for row in rows:
        wall, cpu, mib = _figures(row["took"])
        lines.append(f"| {row['what']} | {wall:.3f} | {cpu:.3f} | {mib:.0f} |")
    return lines


def _figures(took: object) -> Took:
    assert isinstance(took, (list, tuple))
    return Took(*took)


def _list(value: object) -> list[dict[str, object]]:
    assert isinstance(value, (list, tuple))
    return list(value)
