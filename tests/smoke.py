"""One short life of strandline, for the Python and the dependencies that run this file.

    python -m tests.smoke

First sync to MP3, FLAC and the original, verify, a check that finds nothing more, and the demo:
each a real process against the stand-in TIDAL. Needs what strandline itself needs, and no pytest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from strandline.demo.catalog import sample_account
from strandline.demo.server import StandIn

FORMATS = {"mp3": {".mp3"}, "flac": {".flac", ".m4a"}, "original": {".flac", ".m4a", ".mp3"}}


def main() -> None:
    """Raises SystemExit with what went wrong."""
    print(f"Python {sys.version.split()[0]}, {versions()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="strandline-smoke-") as folder:
        for form in FORMATS:
            with StandIn(sample_account()) as tidal:
                first_sync(Path(folder, form), tidal.url, form)
        home = Path(folder, "demo")
        home.mkdir()
        command(home, {}, "demo")


def versions() -> str:
    """The dependencies whose changes have hurt, as a line."""
    from importlib.metadata import version

    names = ("av", "alembic", "click", "mutagen", "requests", "rich", "sqlalchemy", "urllib3")
    return ", ".join(f"{name} {version(name)}" for name in names)


def first_sync(home: Path, tidal: str, form: str) -> None:
    """Log in, sync, verify, check: all in a folder of its own."""
    home.mkdir()
    (home / "config.toml").write_text(f'[audio]\nformat = "{form}"\n')
    settings = {
        "STRANDLINE_CONFIG": str(home / "config.toml"),
        "STRANDLINE_LIBRARY": str(home / "library"),
        "STRANDLINE_STATE_DIR": str(home / "state"),
        "STRANDLINE_TIDAL_URL": tidal,
    }
    command(home, settings, "doctor", "--offline")
    command(home, settings, "auth", "login", "--no-browser")
    done = document(home, settings, "sync-execute", "--yes", "--json")
    came = {
        path.suffix
        for path in (home / "library/mp3/Playlists").rglob("*.*")
        if path.is_file() and not path.is_symlink()
    }
    require(bool(came) and came <= FORMATS[form], f"{form}: {came} came")
    verified = document(home, settings, "verify", "--json")
    require(verified["ok"] == verified["checked"] == done["result"]["done"]["download"], form)
    command(home, settings, "sync-check", "--exit-code")


def document(home: Path, settings: dict[str, str], *words: str) -> Any:
    """The JSON that a command prints."""
    return json.loads(command(home, settings, *words))


def command(home: Path, settings: dict[str, str], *words: str) -> str:
    """What a command prints; it must end with 0."""
    path = os.environ.get("PATH", os.defpath)
    ended = subprocess.run(
        [sys.executable, "-m", "strandline", *words],
        env={"HOME": str(home), "PATH": path, "PYTHONUTF8": "1", **settings},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    said = f"{ended.stdout}{ended.stderr}{log_of(home)}" if ended.returncode else ""
    require(ended.returncode == 0, f"{words} ended with {ended.returncode}:\n{said}")
    return ended.stdout


def log_of(home: Path) -> str:
    """The last lines of the log, tracebacks among them."""
    log = home / "state" / "logs" / "strandline.log"
    return "\n".join(log.read_text().splitlines()[-30:]) if log.exists() else ""


def require(true: bool, what: str) -> None:
    """Ends the smoke with ``what`` unless it is so."""
    if not true:
        raise SystemExit(f"Failed: {what}")


if __name__ == "__main__":
    main()
