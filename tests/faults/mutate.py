"""Do the stories notice when a line is wrong? ``./dev mutate [core|execute|MODULE.py …]``.

Once for each part, its tests run with a tracer that notes which lines each of them runs. A mutant
meets only the tests that run its statement, the quickest first, until one fails. It lives in a
forked process that has all tests collected: its function gets the mutant's code in place. What
runs at import is imported anew, and meets all tests.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.faults.forks import each_in_a_fork, from_a_fork, with_limits
from tests.faults.lines import Lines, Swapped
from tests.faults.mutants import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "strandline"
HEAVY = ("sqlalchemy.orm", "alembic", "av", "mutagen", "requests", "tidalapi")
PARTS = {
    "core": (
        "tests/core", "tests/adapters/test_ledger_rows.py", "tests/adapters/test_snapshot_rows.py",
    ),
    "execute": (
        "tests/execute", "tests/adapters/test_executor.py", "tests/adapters/test_undo.py",
        "tests/adapters/test_command_source.py", "tests/adapters/test_throttle.py",
        "tests/adapters/test_tidal_source.py",
    ),
}  # fmt: skip
OPTIONS = (
    "-q", "-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=native", "--assert=plain",
)  # fmt: skip
PROFILE = settings(
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


class Survey:
    """The tests of a part, the quickest first: how long each takes, and which lines it runs."""

    def __init__(self, part: str) -> None:
        self.part, self._lines = part, Lines(sorted((SOURCE / part).rglob("*.py")))
        self._tests: list[tuple[float, str, bytes]] = []
        self._at_import = b""
        for said in from_a_fork(self._watch):
            if isinstance(said, bytes):
                self._at_import = said
            elif isinstance(said, str):
                sys.exit(f"{said} fails without any mutant")
            else:
                self._tests.append(said)
        self._tests.sort()

    def _watch(self, send: Callable[[object], None]) -> None:
        self._lines.watch()
        _collected(self.part, self._run, send)

    def _run(self, items: list[pytest.Item], send: Callable[[object], None]) -> None:
        send(self._lines.taken())
        for item, after in _with_next(items):
            began = time.monotonic()
            item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
            if item.session.testsfailed:
                return send(item.nodeid)
            send((time.monotonic() - began, item.nodeid, self._lines.taken()))
        return None

    def tests_for(self, mutant: Mutant) -> dict[str, float]:
        """The tests that may notice it, and the seconds each takes."""
        known = self.is_for_import(mutant)
        return {
            test: seconds
            for seconds, test, ran in self._tests
            if known or self._lines.any_of(mutant.path, mutant.lines, ran)
        }

    def is_for_import(self, mutant: Mutant) -> bool:
        """Whether it changes what runs at import, not only the code of functions."""
        return self._lines.any_of(mutant.path, mutant.lines, self._at_import)


def _collected(
    part: str,
    work: Callable[[list[pytest.Item], Callable[[object], None]], None],
    send: Callable[[object], None],
) -> None:
    """Hands the part's tests to ``work``, in place of running them."""

    class Instead:
        def pytest_runtestloop(self, session: pytest.Session) -> bool:
            work(session.items, send)
            return True

    code = pytest.main([*PARTS[part], *OPTIONS, "--hypothesis-profile=mutate"], plugins=[Instead()])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        send(f"collecting the tests of {part}")


def _with_next(
    items: Sequence[pytest.Item],
) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)


def _all_pass(tests: dict[str, float], items: list[pytest.Item]) -> bool:
    by_id = {item.nodeid: item for item in items}
    for item, after in _with_next([by_id[test] for test in tests]):
        factory = item.config._tmp_path_factory  # type: ignore[attr-defined]
        factory._given_basetemp, factory._basetemp = Path(tempfile.gettempdir()) / "t", None
        with_limits(tests[item.nodeid])
        item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
        if item.session.testsfailed:
            return False
    return True


# ---------------------------------------------------------------- planting


def _functions(code: CodeType) -> Iterator[CodeType]:
    """The functions of a module and of its classes, without those inside of others."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & 1:  # CO_OPTIMIZED: a function, not the body of a class
                yield inner
            else:
                yield from _functions(inner)


@cache
def _sound(path: Path) -> CodeType:
    return compile(path.read_text(), str(path), "exec")


def _changed_functions(mutant: Mutant) -> dict[tuple[str, int], CodeType]:
    """The code of the functions that differ, by their names and lines."""
    pairs = zip(_functions(_sound(mutant.path)), _functions(mutant.code), strict=True)
    return {(new.co_qualname, new.co_firstlineno): new for old, new in pairs if old != new}


def _plant(mutant: Mutant) -> None:
    """Gives the functions that are there the mutant's code."""
    changed, path = _changed_functions(mutant), str(mutant.path)
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename == path:
            key = thing.__code__.co_qualname, thing.__code__.co_firstlineno
            thing.__code__ = changed.get(key, thing.__code__)


# ---------------------------------------------------------------- judging


def judged(part: str, mutants: list[Mutant], jobs: int, until: float) -> Iterator[tuple[str, bool]]:
    """Each mutant in words, and whether it lives, as soon as it is known."""
    survey = Survey(part)
    tests = {mutant: survey.tests_for(mutant) for mutant in mutants}
    yield from ((f"{mutant} (no test runs it)", True) for mutant in mutants if not tests[mutant])
    anew = [m for m in mutants if tests[m] and survey.is_for_import(m)]
    in_place = [m for m in mutants if tests[m] and m not in set(anew)]

    def in_session(items: list[pytest.Item], send: Callable[[object], None]) -> None:
        def live(mutant: Mutant) -> bool:
            _plant(mutant)
            return _all_pass(tests[mutant], items)

        for mutant, lives in each_in_a_fork(in_place, live, jobs, until):
            send((str(mutant), lives))

    def imported_anew(mutant: Mutant) -> bool:
        lives: list[object] = []
        sys.meta_path.insert(0, Swapped(mutant, SOURCE.parent))
        _collected(part, lambda items, send: send(_all_pass(tests[mutant], items)), lives.append)
        return lives == [True]

    yield from from_a_fork(partial(_collected, part, in_session))
    for mutant, lives in each_in_a_fork(anew, imported_anew, jobs, until):
        yield str(mutant), lives


def chosen(names: Sequence[str]) -> list[Path]:
    """The modules that the words on the command line mean; all of core and execute for none."""
    paths = [path for part in PARTS for path in sorted((SOURCE / part).rglob("*.py"))]
    wanted = [
        p for p in paths if {*p.relative_to(SOURCE).parts, f"{p.parent.name}/{p.name}"} & set(names)
    ]
    return (wanted if names else paths) or sys.exit(f"no such module: {' '.join(names)}")


def main() -> int:
    """Judge mutants until all, the sample or the time is through; print those that live."""
    options = argparse.ArgumentParser(prog="./dev mutate", description=__doc__)
    options.add_argument(
        "modules", nargs="*", help="core, execute, or modules such as safety_stops.py"
    )
    options.add_argument("--sample", type=int, help="only so many of the mutants, chosen by --seed")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--minutes", type=float, default=1e6, help="stop after so long")
    options.add_argument("--jobs", type=int, default=2, help="mutants side by side")
    asked = options.parse_args()
    until = time.monotonic() + asked.minutes * 60
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # with all that was begun
    os.chdir(ROOT)
    os.environ.setdefault("STRANDLINE_TEST_EXAMPLES", "200")
    settings.register_profile("mutate", PROFILE)
    mutants = [mutant for path in chosen(asked.modules) for mutant in mutants_of(path)]
    random.Random(asked.seed).shuffle(mutants)
    for name in HEAVY:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory(prefix="mutate-") as sys.pycache_prefix:
        for part in PARTS:
            mine = [
                m for m in mutants[: asked.sample] if m.path.relative_to(SOURCE).parts[0] == part
            ]
            if mine:
                _tell(part, judged(part, mine, asked.jobs, until), len(mutants))
    return 0


def _tell(part: str, verdicts: Iterator[tuple[str, bool]], whole: int) -> None:
    seen: Counter[bool] = Counter()
    for mutant, lives in verdicts:
        seen[lives] += 1
        if lives:
            print(f"lives   {mutant}", flush=True)
        if not seen.total() % 100:
            print(f"… {seen.total()} of {part} judged", file=sys.stderr, flush=True)
    share = 100 * seen[False] / max(1, seen.total())
    print(f"{part}: {seen[False]} of {seen.total()} mutants killed ({share:.1f} %), of {whole}")


if __name__ == "__main__":
    sys.exit(main())
