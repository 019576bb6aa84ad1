"""``./dev`` sets itself up from the lock alone: what else is on offer changes nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

from tests.docs.test_lock import ROOT, SYSTEMS, environment, pinned
from tests.docs.wheels import write_wheel

NEWER = "9999"
BACKEND = '''
from pathlib import Path
from tests_wheels import write_wheel

def build_editable(folder, config_settings=None, metadata_directory=None):
    return write_wheel(Path(folder), "strandline", "1", [], {"benchmarks/__main__.py": MAIN}).name

MAIN = """
from importlib.metadata import distributions
for one in distributions():
    print(one.name, one.version)
"""
'''
"""Stands in for hatchling: the benchmarks' place is taken by a list of what is installed."""


def requires_of(package: str) -> list[str]:
    try:
        return metadata.distribution(package).requires or []
    except metadata.PackageNotFoundError:
        return []


def offer(folder: Path, pins: dict[str, str]) -> dict[str, str]:
    """Each package twice, as pinned and in a version that came out since; name → pinned hash."""
    hashes = {}
    for name, version in pins.items():
        files = {}
        if name == "hatchling":
            wheels = (ROOT / "tests/docs/wheels.py").read_text()
            files = {"hatchling/build.py": BACKEND, "tests_wheels.py": wheels}
        wheel = write_wheel(folder, name, version, requires_of(name), files)
        hashes[name] = hashlib.sha256(wheel.read_bytes()).hexdigest()
        write_wheel(folder, name, NEWER, requires_of(name), {"broken.py": "raise Exception"})
    return hashes


def checkout(folder: Path, hashes: dict[str, str]) -> None:
    """``dev`` with the lock as it is, but for the hashes."""
    (folder / "requirements").mkdir(parents=True)
    for name in ("dev", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    where = environment("3.11", SYSTEMS[0])
    for lock in ("dev", "build"):
        lines = [
            f"{name}=={version} --hash=sha256:{hashes[name]}\n"
            for name, version in pinned(lock, where).items()
        ]
        (folder / "requirements" / f"{lock}.txt").write_text("".join(lines))


def test_a_newer_release_of_every_package_changes_nothing(tmp_path: Path) -> None:
    offered, clone = tmp_path / "offered", tmp_path / "clone"
    offered.mkdir()
    pins = pinned("dev", environment("3.11", SYSTEMS[0]))
    checkout(clone, offer(offered, pins))
    bare = {
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(offered),
        "PIP_CONFIG_FILE": os.devnull,
    }
    ended = subprocess.run(
        ["./dev", "bench"], cwd=clone, env=bare, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    installed = dict(line.split() for line in ended.stdout.splitlines())
    found = {name.lower().replace("_", "-").replace(".", "-"): v for name, v in installed.items()}
    assert found.items() >= pins.items()
    assert NEWER not in found.values()
