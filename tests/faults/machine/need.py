"""What a battery needs of the machine; without it the test is skipped, and the summary says why."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from functools import cache
from typing import NoReturn

import pytest

_CLONE_NEWNS = 0x20000  # <linux/sched.h>


def need(*programs: str) -> None:
    """Skips where a program is missing (tests/system-packages installs them)."""
    for program in programs:
        if not shutil.which(program, path=_PATH):
            pytest.skip(f"{program} is not installed")


def need_mounts() -> None:
    """From here on, what this process mounts is seen by nobody else and ends with it."""
    why = why_no_mounts()
    if why:
        pytest.skip(why)


@cache
def why_no_mounts() -> str | None:
    """None once this process has mounts of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare"):
        return "mounts of one's own exist on Linux only"
    if libc.unshare(_CLONE_NEWNS) != 0:
        return f"mounting is not allowed here: {os.strerror(ctypes.get_errno())}"
    said = tool("mount", "--make-rprivate", "/", check=False)
    return said.stderr.strip() or "mounting is not allowed here" if said.returncode else None


_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


def tool(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs a program of the machine; a failure is told with what it said."""
    said = subprocess.run(
        command,
        env={**os.environ, "PATH": _PATH, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if check and said.returncode:
        raise RuntimeError(f"{' '.join(command)}: {said.stderr or said.stdout}")
    return said


def skip_as(said: subprocess.CompletedProcess[str]) -> NoReturn:
    """Skips with the words of a program that could not do its part."""
    pytest.skip(f"{' '.join(said.args[:3])}: {said.stderr.strip() or said.stdout.strip()}")
