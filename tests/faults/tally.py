"""What each battery has tried and found, told at the end of the tests and kept for the docs.

A test names its battery by ``@pytest.mark.battery("power cuts")`` or by ``tally("power cuts")``,
and counts with ``tally("power cuts").count()``. A failing test is one violation more, its time is
the battery's, and a skipped one is named with its reason. All xdist workers are summed:

    battery | runs | violations | seconds

and are kept as JSON in pytest's cache, under ``strandline/batteries``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

CACHED_AS = "strandline/batteries"
PROPERTY = "battery"
FOLDER = Path(__file__).parent
FORKING = (
    "test_recovery.py",
    "test_random_kills.py",
    "test_kills.py",
    "test_stateful.py",
    "test_many_runs.py",
    "test_import_kills.py",
    "test_layout_kills.py",
    "test_reapply_kills.py",
    "test_reapply_audio_kills.py",
    "test_lyrics_kills.py",
)


@dataclass
class Battery:
    """The figures of one battery, of one test or of all."""

    runs: int = 0
    violations: int = 0
    seconds: float = 0.0
    skipped: list[str] = field(default_factory=list)
    red: list[str] = field(default_factory=list)
    """A line about each violation, of batteries that go on after one."""

    def count(self, runs: int = 1) -> None:
        """So many more were tried."""
        self.runs += runs

    def violated(self, times: int = 1) -> None:
        """So many of them went wrong (beside the failing of the test itself)."""
        self.violations += times

    def add(self, other: Battery) -> None:
        self.runs += other.runs
        self.violations += other.violations
        self.seconds += other.seconds
        self.skipped += [why for why in other.skipped if why not in self.skipped]
        self.red += other.red


_of_this_test: dict[str, Battery] = {}
_of_all: dict[str, Battery] = {}


def tally(name: str) -> Battery:
    """The battery's counter, for the test that is running."""
    return _of_this_test.setdefault(name, Battery())


# ---------------------------------------------------------------- pytest's hooks


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "battery(name): counted under this name in the summary")
    config.addinivalue_line("markers", "no_cover: not watched for coverage")
    _of_all.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The batteries come first, unwatched by coverage, as they run lines thousands of times.

    Most of them fork, which takes the longer the more a worker has in its memory; and the long
    tests first leave short ones for whichever worker is free at the end.
    """
    for item in items:
        if FOLDER in item.path.parents or item.get_closest_marker("battery"):
            item.add_marker("no_cover")
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Those that fork the most come before those that leave much in memory."""
    if FOLDER not in item.path.parents:
        return len(FORKING) + 1
    return FORKING.index(item.path.name) if item.path.name in FORKING else len(FORKING)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hangs the figures on the test's report, which travels from worker to controller."""
    report = yield
    for mark in item.iter_markers("battery"):
        tally(mark.args[0])
    for name, found in _of_this_test.items():
        _note_outcome(found, report)
        report.user_properties.append((PROPERTY, {"name": name, **asdict(found)}))
    _of_this_test.clear()
    return report


def _note_outcome(found: Battery, report: pytest.TestReport) -> None:
    found.seconds += report.duration
    found.violations += report.failed
    if report.skipped:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        found.skipped.append(why.removeprefix("Skipped: "))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for key, value in report.user_properties:
        if key == PROPERTY and isinstance(value, dict):
            figures = dict(value)
            _of_all.setdefault(figures.pop("name"), Battery()).add(Battery(**figures))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if not _of_all:
        return
    kept = {name: asdict(found) for name, found in sorted(_of_all.items())}
    if getattr(config, "cache", None) is not None:
        config.cache.set(CACHED_AS, kept)
    terminalreporter.section("batteries")
    for line in lines(_of_all):
        terminalreporter.line(line)


def lines(batteries: dict[str, Battery]) -> Iterator[str]:
    """The table, and below it what was skipped and why, and what went wrong."""
    width = max(map(len, batteries))
    yield f"{'battery':{width}} |   runs | violations | seconds"
    for name, found in sorted(batteries.items()):
        yield f"{name:{width}} | {found.runs:6} | {found.violations:10} | {found.seconds:7.1f}"
    for name, found in sorted(batteries.items()):
        yield from (f"skipped: {name}: {why}" for why in found.skipped)
        yield from (f"violated: {name}: {what}" for what in found.red)
