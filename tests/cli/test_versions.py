"""Which versions run here, for a report of a problem."""

from __future__ import annotations

import platform
import sqlite3

import av

from strandline import __version__
from tests.cli.terminal import Terminal


def test_version_is_one_line_and_names_all_with_v(fresh: Terminal) -> None:
    assert fresh("--version").out == f"strandline, version {__version__}\n"
    for words in (["--version", "-v"], ["-v", "--version"]):
        lines = fresh(*words).out.splitlines()
        assert lines[:4] == [
            f"strandline, version {__version__}",
            f"Python {platform.python_version()}",
            f"av {av.__version__}",
            f"SQLite {sqlite3.sqlite_version}",
        ]
        assert lines[4].startswith(platform.system())


def test_doctor_names_them_too(fresh: Terminal) -> None:
    parts = fresh("doctor", "--offline", "--json").json["parts"]
    (told,) = (part["message"] for part in parts if part["name"] == "versions")
    for name in (f"strandline {__version__}", f"av {av.__version__}", "SQLite", "Python"):
        assert name in told
