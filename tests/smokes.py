"""tests/smoke.py on every Python that is here, and with the lowest and newest dependencies.

    python -m tests.smokes

The gate itself runs on one Python with the locked dependencies. Here the wheel of this checkout is
installed beside the lock into a fresh virtual environment of each other Python found (on PATH as
``python3.N``, or pyenv's), and once each beside the lowest and the newest versions that
pyproject.toml allows, as the package registry has them today. Without a registry what cannot be
installed is named and counted as not tried.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
MINORS = (11, 12, 13, 14)
UV = str(Path(sys.executable).with_name("uv"))
AWAY = re.compile(r"failed to fetch|error sending request|timed out|dns", re.IGNORECASE)
"""How uv says that the registry is not there."""


class NotTriedError(Exception):
    """The registry is not there."""


@dataclass(frozen=True)
class Smoke:
    """One virtual environment to be tried."""

    name: str
    python: str
    resolution: tuple[str, ...] = ()
    """uv's options that choose the dependencies; empty: the lock."""


def pythons() -> dict[int, str]:
    """Every Python of a version that strandline supports, by its minor version."""
    found = {}
    for minor in MINORS:
        named = shutil.which(f"python3.{minor}")
        inside = [str(path) for root in pyenvs() for path in root.glob(f"3.{minor}.*/bin/python3")]
        for candidate in ([named] if named else []) + sorted(inside)[::-1]:
            if works(candidate, minor):
                found[minor] = candidate
                break
    return {**found, sys.version_info.minor: sys.executable}


def pyenvs() -> set[Path]:
    """Where pyenv keeps its versions, by the environment, the home or the shims on PATH."""
    roots = {Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))}
    on_path = map(Path, os.environ.get("PATH", "").split(os.pathsep))
    roots |= {folder.parent for folder in on_path if folder.name == "shims"}
    return {root / "versions" for root in roots}


def works(python: str, minor: int) -> bool:
    """A shim may stand for a version that is not installed."""
    asked = f"import sys; sys.exit(sys.version_info[:2] != (3, {minor}))"
    return subprocess.run([python, "-c", asked], capture_output=True).returncode == 0


def planned() -> Iterator[Smoke]:
    """The lock on the Pythons that the gate does not run on, then the ends of what is allowed."""
    found = pythons()
    for minor, python in sorted(found.items()):
        if minor != sys.version_info.minor:
            yield Smoke(f"Python 3.{minor}, locked", python)
    oldest, newest = min(found), max(found)
    lowest = ("--resolution", "lowest-direct")
    yield Smoke(f"Python 3.{oldest}, lowest allowed", found[oldest], lowest)
    yield Smoke(f"Python 3.{newest}, newest allowed", found[newest], ("--upgrade",))


def prepared(smoke: Smoke, folder: Path, wheel: Path) -> Path:
    """The Python of a new virtual environment that holds the wheel and its dependencies."""
    place = folder / smoke.name.replace(" ", "-").replace(",", "")
    python = place / "bin" / "python"
    uv("venv", "--python", smoke.python, str(place))
    install = ("pip", "install", "--python", str(python))
    if smoke.resolution:
        chosen = place / "requirements.txt"
        asked = ("--extra", "fast", "--python-version", version_of(python), "-o", str(chosen))
        uv("pip", "compile", *smoke.resolution, *asked, "pyproject.toml")
        uv(*install, "-r", str(chosen))
    else:
        locked = (*install, "--no-deps", "--require-hashes", "-r")
        uv(*locked, "requirements/build.txt")
        uv(*locked, "requirements/run.txt", "--no-build-isolation")
    uv(*install, "--no-deps", str(wheel))
    return python


def version_of(python: Path) -> str:
    asked = "import platform; print(platform.python_version())"
    return subprocess.check_output([python, "-c", asked], text=True).strip()


def uv(*words: str) -> None:
    """Raises NotTriedError without a registry, RuntimeError with what uv says otherwise."""
    command = [UV, "--system-certs", *words, "--quiet"]  # as pip may be told to
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if ended.returncode:
        error = NotTriedError if AWAY.search(ended.stderr) else RuntimeError
        raise error(ended.stderr.strip())


def build(folder: Path) -> Path:
    """The wheel of this checkout."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def tried(smoke: Smoke, folder: Path, wheel: Path) -> tuple[str, str]:
    """``ok``, ``FAILED`` or ``not tried``, and what there is to say."""
    began = time.monotonic()
    try:
        python = prepared(smoke, folder, wheel)
        ended = subprocess.run(
            [python, ROOT / "tests/smoke.py"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=600,
        )
    except NotTriedError as error:
        return (
            "not tried",
            f"the package registry is not there ({str(error).splitlines()[-1].strip()})",
        )
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return "FAILED", str(error)
    took = f"{time.monotonic() - began:.0f} s: "
    return "FAILED" if ended.returncode else "ok", took + f"{ended.stdout}{ended.stderr}".strip()


def main() -> int:
    """The exit code: 1 when one has failed."""
    smokes = list(planned())
    with tempfile.TemporaryDirectory(prefix="strandline-smokes-") as name:
        folder = Path(name)
        wheel = build(folder)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            outcomes = list(pool.map(lambda smoke: tried(smoke, folder, wheel), smokes))
    return told(smokes, [how for how, _ in outcomes], [said for _, said in outcomes])


def told(smokes: Sequence[Smoke], how: Sequence[str], said: Sequence[str]) -> int:
    """Prints the table and what it comes to."""
    for smoke, outcome, line in zip(smokes, how, said, strict=True):
        print(f"{smoke.name}: {outcome}, {line}")
    failed, missed = how.count("FAILED"), how.count("not tried")
    print(f"Smokes: {how.count('ok')} ok, {failed} failed, {missed} not tried")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
