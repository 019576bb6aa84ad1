"""A child whose real system calls fail or kill it, by ``strace -e inject``."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from strandline.errors import Exit, StrandlineError
from tests.faults.machine.need import tool

_CALL = re.compile(r"(\d+) +(?:\d+\.\d+ )?(\w+)\(")
_LONGEST = 30  # seconds; then the child is stuck, and dies
UNTOLD = 99
"""The child's exit code for an error that is none of strandline's own."""


def traced(run: Callable[[], Exit], *options: str, cwd: Path) -> int:
    """Does ``run`` in a child under strace; its exit code, negative for the signal it died of.

    Errors of strandline's own end in their code, as at the command line.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # it makes no call of the kind that is to fail before it is told to go
        _live(run, reader, cwd)
    os.close(reader)
    with _attached(child, options) as strace:
        os.write(writer, b"go")
        os.close(writer)
        _, status = os.waitpid(child, 0)
        strace.communicate(timeout=30)
    return os.waitstatus_to_exitcode(status)


def _attached(child: int, options: tuple[str, ...]) -> subprocess.Popen[str]:
    """Strace on a waiting child; it counts calls from here on."""
    command = ["strace", "-f", "-p", str(child), "-o", os.devnull, *options]
    strace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert strace.stderr
    told = strace.stderr.readline()
    assert "attached" in told, told + strace.stderr.read()
    return strace


def _live(run: Callable[[], Exit], start: int, cwd: Path) -> None:
    """The child's whole life."""
    code = UNTOLD
    signal.alarm(_LONGEST)
    try:
        os.read(start, 2)
        code = run()
    except StrandlineError as error:
        code = error.exit
    except BaseException:  # noqa: BLE001 - told to the parent by the exit code
        with open(cwd / "traceback", "w") as file:
            traceback.print_exc(file=file)
    finally:
        os._exit(code)


def calls_of(run: Callable[[], Exit], calls: str, cwd: Path) -> int:
    """How many of these system calls the busiest thread of a run makes."""
    log = cwd / "trace"
    code = traced(run, "-o", str(log), "-e", f"trace={calls}", cwd=cwd)
    assert code == Exit.DONE, code
    lines = log.read_text(errors="replace").splitlines()
    made = Counter(match[1] for line in lines if (match := _CALL.match(line)))
    return max(made.values(), default=0)


def may_trace() -> str | None:
    """Why a process may not be traced here; None when it may."""
    said = tool("strace", "-o", os.devnull, sys.executable, "-c", "", check=False)
    return said.stderr.strip() or "strace failed" if said.returncode else None
