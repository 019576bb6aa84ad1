"""A person's computer for the goals: a library of any size, its account, its database, its login.

``python -m benchmarks.home SIZE FOLDER`` makes one, in a process of its own so that the one which
measures stays small. The account is read over HTTP by the real ``sync-check`` and laid out by the
real plan; only the music is made up: random bytes, every tenth file a copy of the one before.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.sizes import SIZES, Size

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.core.ledger_facts import LedgerFact
    from strandline.core.plan import Plan


class Home:
    """Where things are below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library = folder / "library"
        self.playlists = self.library / "mp3" / "Playlists"
        self.mirror = folder / "mirror"
        self.database = folder / "state" / "strandline.db"

    def environment(self, tidal: str = "http://127.0.0.1:9") -> dict[str, str]:
        """For a command; without ``tidal`` nobody answers."""
        return {
            "STRANDLINE_CONFIG": str(self.folder / "config.toml"),
            "STRANDLINE_LIBRARY": str(self.library),
            "STRANDLINE_STATE_DIR": str(self.folder / "state"),
            "STRANDLINE_TIDAL_URL": tidal,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }


def home_of(size: Size, work: Path) -> Home:
    """The home of that size, made if it is not there yet."""
    home = Home(work / size.name)
    done = home.folder / "done"
    if not done.exists():
        subprocess.run(["rm", "-rf", home.folder], check=True)
        words = [sys.executable, "-m", "benchmarks.home", size.name, str(home.folder)]
        subprocess.run(words, check=True)
        done.touch()
    return home


class Tidal(NamedTuple):
    """Where the stand-in is, and a login it has issued."""

    url: str
    access_token: str
    refresh_token: str


@contextmanager
def served(size: Size) -> Iterator[Tidal]:
    """The stand-in TIDAL with the account of that size, in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.tidal", *map(str, size[1:4])]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Tidal(*process.stdout.readline().split())
        finally:
            process.terminate()


def strandline(*words: str) -> list[str]:
    """The command line of a strandline command."""
    return [sys.executable, "-m", "strandline", *words]


def log_in(home: Home, tidal: str) -> Mapping[str, str]:
    """An environment in which commands reach the stand-in; it agrees to any login."""
    environment = {**os.environ, **home.environment(tidal)}
    words = strandline("auth", "login", "--no-browser")
    subprocess.run(words, env=environment, check=True, capture_output=True)
    return environment


def make(size: Size, home: Home) -> None:
    """A library in sync with an account, and its database."""
    home.folder.mkdir(parents=True)
    layout = '[layout]\naudio = "pool"\n' if size.pooled else ""
    (home.folder / "config.toml").write_text(f'[audio]\nformat = "original"\n{layout}')
    with served(size) as tidal:
        environment = log_in(home, tidal.url)
        subprocess.run(strandline("sync-check"), env=environment, check=True, capture_output=True)
    _lay_out(home, size)
    if size.linked:
        offline = {**os.environ, **home.environment()}
        check = strandline("sync-check", "--offline", "--exit-code")
        subprocess.run(check, env=offline, check=True, capture_output=True)


def _lay_out(home: Home, size: Size) -> None:
    """Carry out the plan of a new library with made-up music."""
    from strandline.app.library_folder import library_state
    from strandline.app.library_marker import learn_disk, mark
    from strandline.app.observe import observe
    from strandline.app.session import open_session
    from strandline.config import load_config
    from strandline.library.files import LibraryFiles

    home.library.mkdir()
    config = load_config(home.environment())
    with open_session(config, locked=True) as session, LibraryFiles(home.library) as files:
        mark(session, files, library_state(home.library, session.store))
        learn_disk(session, files, anew=True)
        home.playlists.mkdir(parents=True)
        plan = observe(session, None).plan
        _carry_out(session, plan, home.library / "mp3", size)


def _carry_out(session: Session, plan: Plan, mp3: Path, size: Size) -> None:
    from strandline.core.actions import CreateFolder, Download, Link
    from strandline.core.ids import link_target
    from strandline.core.ledger_facts import ActionResult, facts_of
    from strandline.core.states import Stamp

    changes: list[LedgerFact] = []
    data, made = b"", 0
    for action in plan.actions:
        if isinstance(action, Link) and not size.linked:
            continue
        place = os.path.join(mp3, action.path)
        outcome = ActionResult(action.path)
        if isinstance(action, CreateFolder):
            os.mkdir(place)
            outcome = ActionResult(action.path, ino=os.stat(place).st_ino)
        elif isinstance(action, Download):
            made += 1
            data = data if made % 10 == 0 else os.urandom(size.bytes)
            at, sha256 = _music(place, data)
            stamp = Stamp(at.st_ino, at.st_size, at.st_mtime_ns)
            outcome = ActionResult(action.path, stamp=stamp, sha256=sha256)
        elif isinstance(action, Link):
            os.symlink(link_target(action.path, action.source), place)
        changes += facts_of(action, outcome, None)
    session.store.apply(changes, session.now())


def _music(place: str, data: bytes) -> tuple[os.stat_result, str]:
    from hashlib import sha256

    with open(place, "xb", buffering=0) as file:
        file.write(data)
        return os.fstat(file.fileno()), sha256(data).hexdigest()


if __name__ == "__main__":
    make(SIZES[sys.argv[1]], Home(Path(sys.argv[2])))
