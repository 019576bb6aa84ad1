"""What runs here, for a report of a problem."""

from __future__ import annotations

import platform
import sqlite3
import sys
from importlib import metadata

from strandline import __version__


def versions() -> dict[str, str]:
    """Name and version of strandline and of what it stands on."""
    return {
        "strandline": __version__,
        "Python": platform.python_version(),
        "av": _version("av"),
        "SQLite": sqlite3.sqlite_version,
        platform.system() or sys.platform: f"{platform.release()} ({platform.machine()})",
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"
