"""Where bugs are planted: a process that has imported what is heavy, and forks for each of them.

It imports nothing of strandline itself: what is planted is in place before that is imported.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = (
    "pytest", "hypothesis", "sqlalchemy.orm", "alembic.command", "av", "mutagen", "requests",
    "tidalapi", "click", "rich.console",
)  # fmt: skip
SMALL = {
    "LADDERS": "60", "LIVES": "20", "NAMES": "0", "STALE": "15", "STATEFUL": "24", "SWAPS": "200",
    "TAGS": "50",
}  # fmt: skip


class Nursery(contextlib.AbstractContextManager["Nursery"]):
    """Tries tests with a bug in place, one after the other."""

    def __init__(self) -> None:
        environment = dict(os.environ)
        environment |= {f"STRANDLINE_RUNS_{name}": size for name, size in SMALL.items()}
        environment["STRANDLINE_TEST_EXAMPLES"] = "300"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def tried(self, number: int, tests: Sequence[str]) -> tuple[int, str]:
        """How pytest ended with this bug in place, and what it said."""
        asked, answered = self._process.stdin, self._process.stdout
        assert asked, "its standard input is a pipe"
        assert answered, "its standard output is a pipe"
        print(json.dumps([number, *tests]), file=asked, flush=True)
        code, said = json.loads(answered.readline())
        return code, said


def main() -> None:
    """Tries what is asked for, a line each, until nobody asks."""
    for name in HEAVY:
        importlib.import_module(name)
    for line in sys.stdin:
        number, *tests = json.loads(line)
        with tempfile.TemporaryFile("w+", errors="replace") as told:
            code = _in_a_fork(number, tests, told.fileno())
            told.seek(0)
            print(json.dumps([code, told.read()]), flush=True)


def _in_a_fork(number: int, tests: Sequence[str], told: int) -> int:
    child = os.fork()
    if not child:
        code = 2
        try:
            with open(os.devnull) as nothing:
                os.dup2(nothing.fileno(), 0)
            os.dup2(told, 1)
            os.dup2(told, 2)
            code = _planted(number, tests)
        finally:
            sys.stdout.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _planted(number: int, tests: Sequence[str]) -> int:
    import pytest

    from tests.faults.seeded import BUGS

    BUGS[number].plant()
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))


if __name__ == "__main__":
    main()
