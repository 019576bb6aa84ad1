"""requirements/*.txt hold all that is needed, so that installing them needs no resolver."""

from __future__ import annotations

import platform
import sys
import tomllib
from importlib import metadata
from itertools import product
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = (("linux", "Linux"), ("darwin", "Darwin"))
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = SETTINGS["project"]
ASKED = {
    "build": ["hatchling", "editables", "setuptools"],
    "run": [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["fast"]],
    "dev": [*PROJECT["dependencies"], *SETTINGS["dependency-groups"]["dev"]],
}

Environment = dict[str, str]
Pins = dict[str, str]


def environment(python: str, system: tuple[str, str]) -> Environment:
    """What markers are compared with on that Python and system."""
    full = f"{python}.0"
    return {
        **{name: str(value) for name, value in default_environment().items()},
        "python_version": python,
        "python_full_version": full,
        "implementation_version": full,
        "sys_platform": system[0],
        "platform_system": system[1],
        "extra": "",
    }


def pinned(lock: str, where: Environment) -> Pins:
    """Package → version, as pip installs them there."""
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines()
    asked = [Requirement(line.rstrip("\\ ")) for line in lines if line and not line[0].isspace()]
    here = [one for one in asked if one.marker is None or one.marker.evaluate(where)]
    pins = {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in here}
    assert len(pins) == len(here), f"{lock}.txt pins a package twice"
    return pins


def wanted_by(package: str, extras: set[str], where: Environment) -> list[Requirement]:
    """What an installed package asks for there; nothing is known of one that is not here."""
    try:
        lines = metadata.distribution(package).requires or []
    except metadata.PackageNotFoundError:
        return []
    wanted = map(Requirement, lines)
    sets = [{**where, "extra": extra} for extra in ("", *extras)]
    return [
        one
        for one in wanted
        if one.marker is None or any(one.marker.evaluate(these) for these in sets)
    ]


def missing(pins: Pins, asked: list[str], where: Environment) -> list[str]:
    """Requirements, direct and indirect, that the pins do not meet."""
    found, seen = [], set()
    waiting = [("pyproject.toml", Requirement(line)) for line in asked]
    while waiting:
        by, one = waiting.pop()
        name = canonicalize_name(one.name)
        if name not in pins or not one.specifier.contains(pins[name], prereleases=True):
            found.append(f"{by} asks for {one}, the lock has {pins.get(name, 'nothing')}")
        elif (name, *sorted(one.extras)) not in seen:
            seen.add((name, *sorted(one.extras)))
            waiting += [(name, more) for more in wanted_by(name, one.extras, where)]
    return found


@pytest.mark.parametrize("lock", ASKED)
@pytest.mark.parametrize(("python", "system"), [*product(PYTHONS, SYSTEMS)])
def test_the_lock_holds_whatever_its_packages_ask_for(
    lock: str, python: str, system: tuple[str, str]
) -> None:
    where = environment(python, system)
    assert missing(pinned(lock, where), ASKED[lock], where) == []


def test_a_lock_without_one_of_its_packages_is_told_from_a_complete_one() -> None:
    where = environment(".".join(map(str, sys.version_info[:2])), (sys.platform, platform.system()))
    pins = pinned("dev", where)
    asked = ASKED["dev"] + ASKED["build"]
    for name in pins:
        assert missing({k: v for k, v in pins.items() if k != name}, asked, where), name


def test_every_pin_has_its_hashes() -> None:
    for lock in ASKED:
        text = (ROOT / "requirements" / f"{lock}.txt").read_text()
        for entry in text.replace("\\\n", "").splitlines():
            assert "==" in entry
            assert "--hash=sha256:" in entry


def test_the_three_locks_agree() -> None:
    where = environment("3.13", SYSTEMS[0])
    dev = pinned("dev", where)
    for lock in ("run", "build"):
        assert pinned(lock, where).items() <= dev.items()
