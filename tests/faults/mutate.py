"""Do the stories notice when a line is wrong? ``./dev mutate [core|execute|MODULE.py …]``.

Each mutant runs in a forked process that has the heavy libraries loaded already: first the quick
tests of its part, then, if it lives, the thorough ones. A mutant whose tests do not end is dead.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from tests.faults.mutants import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "strandline"
HEAVY = (
    "pytest",
    "hypothesis",
    "sqlalchemy.orm",
    "alembic",
    "av",
    "mutagen",
    "requests",
    "tidalapi",
)


class Stage(NamedTuple):
    """Tests, and how long they may take, in seconds of processor time."""

    tests: tuple[str, ...]
    seconds: int


PARTS = {
    "core": (
        Stage(("tests/core", "--ignore=tests/core/test_plan_properties.py"), 60),
        Stage(("tests/core/test_plan_properties.py",), 120),
        Stage(("tests/scenarios/test_rules.py", "-k", "not short_page"), 120),
        Stage(
            ("tests/cli/test_sync.py", "tests/cli/test_reports.py", "tests/cli/test_statuses.py",
             "tests/adapters/test_executor.py", "tests/adapters/test_scan.py",
             "tests/adapters/test_snapshot_rows.py", "tests/adapters/test_ledger_rows.py"),
            300,
        ),
    ),
    "execute": (
        Stage(("tests/adapters/test_executor.py",), 120),
        Stage(
            ("tests/cli", "tests/scenarios/test_rules.py", "tests/faults/test_kills.py", "-k",
             "test_history or (test_rules and not short_page) or test_sync or first or swap"),
            300,
        ),
    ),
}  # fmt: skip


class Swapped(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a text instead of its file."""

    def __init__(self, name: str, mutant: Mutant) -> None:
        self.name, self.mutant = name, mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self.mutant.path))

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.source, str(self.mutant.path), "exec"), module.__dict__)


def survives(mutant: Mutant | None, tests: Stage) -> bool:
    """Whether all of ``tests`` pass with the mutant in place (or as the source is)."""
    child = os.fork()
    if child == 0:
        _live(mutant, tests)
    deadline = time.monotonic() + 20 * tests.seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _live(mutant: Mutant | None, tests: Stage) -> None:
    import pytest

    code = 1
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (tests.seconds, tests.seconds + 5))
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        if mutant is not None:
            name = ".".join(mutant.path.relative_to(SOURCE.parent).with_suffix("").parts)
            sys.meta_path.insert(0, Swapped(name, mutant))
        with tempfile.TemporaryDirectory() as folder:
            options = ("-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=1", "--basetemp")
            code = int(pytest.main([*tests.tests, *options, f"{folder}/t"]))
    finally:
        os._exit(code)


def judge(mutant: Mutant) -> int | None:
    """The stage (from 0) that killed it; None when it lives."""
    for number, tests in enumerate(PARTS[mutant.path.parent.name]):
        if not survives(mutant, tests):
            return number
    return None


def chosen(names: Sequence[str]) -> list[Path]:
    """The modules that the words on the command line mean; all of core and execute for none."""
    paths = [path for part in PARTS for path in sorted((SOURCE / part).glob("*.py"))]
    wanted = [p for p in paths if {p.parent.name, p.name, f"{p.parent.name}/{p.name}"} & set(names)]
    return (wanted if names else paths) or sys.exit(f"no such module: {' '.join(names)}")


def main() -> int:
    """Judge mutants until all, the sample or the time is through; print those that live."""
    options = argparse.ArgumentParser(prog="./dev mutate", description=__doc__)
    options.add_argument("modules", nargs="*", help="core, execute, or modules such as guard.py")
    options.add_argument("--sample", type=int, help="only so many of the mutants, chosen by --seed")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--minutes", type=float, default=1e9, help="stop after so long")
    asked = options.parse_args()
    os.chdir(ROOT)
    os.environ.setdefault("STRANDLINE_TEST_EXAMPLES", "200")
    sys.pycache_prefix = tempfile.mkdtemp(prefix="mutate-")
    for name in HEAVY:
        importlib.import_module(name)
    paths = chosen(asked.modules)
    for part in {path.parent.name for path in paths}:
        if not all(survives(None, tests) for tests in PARTS[part]):
            sys.exit(f"the tests of {part} fail without any mutant")
    mutants = [mutant for path in paths for mutant in mutants_of(path)]
    random.Random(asked.seed).shuffle(mutants)
    return _judge_all(mutants[: asked.sample], len(mutants), time.monotonic() + asked.minutes * 60)


def _judge_all(mutants: Sequence[Mutant], whole: int, until: float) -> int:
    killed: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    for mutant in mutants:
        if time.monotonic() > until:
            break
        stage, part = judge(mutant), mutant.path.parent.name
        judged[part] += 1
        killed[part] += stage is not None
        if stage is None:
            print(f"lives   {mutant}", flush=True)
    for part, count in sorted(judged.items()):
        share = 100 * killed[part] / count
        print(f"{part}: {killed[part]} of {count} mutants killed ({share:.1f} %)", flush=True)
    print(f"judged {sum(judged.values())} of {whole} mutants")
    return 0


if __name__ == "__main__":
    sys.exit(main())
