"""A person whose computer and account go through a lot: cheap to make, easy to check.

A ``Person`` is a ``Home`` made from a template (database and login are copied, not made), whose
syncs may be killed, and which knows what must hold after each of them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from strandline.app.check import EVERYTHING, CheckOptions
from strandline.app.execute import ExecuteResult, SyncRequest, execute
from strandline.core.actions import Conflict
from strandline.demo.server import StandIn
from strandline.errors import SafetyStopError
from strandline.execute import circuit_breaker
from strandline.execute.ports import Clock
from strandline.library.files import crash
from strandline.tidal.login_store import TokenStore
from strandline.tidal.retry import RetryPolicy
from strandline.tidal.token import Token
from tests.scenarios.home import Home
from tests.stage import empty_database

ALWAYS = SyncRequest(CheckOptions(full=True), max_removals=EVERYTHING)
AGAIN = SyncRequest(max_removals=EVERYTHING)
CHILD_SECONDS = 60
BEGINNING = datetime(2020, 1, 1)  # noqa: DTZ001 - naive UTC
"""Before any file of a person was written: none has decayed behind strandline's back."""
_hashes: dict[tuple[int, int, int, int], str] = {}


@contextmanager
def impatient() -> Iterator[None]:
    """Nobody waits before asking TIDAL again."""
    patient, waits = (
        RetryPolicy.backoff,
        (circuit_breaker.FIRST_WAIT, circuit_breaker.LONGEST_ASKED),
    )
    RetryPolicy.backoff = lambda *_: 0.0  # type: ignore[method-assign]
    circuit_breaker.FIRST_WAIT, circuit_breaker.LONGEST_ASKED = 0.0, 0.0
    try:
        yield
    finally:
        RetryPolicy.backoff = patient  # type: ignore[method-assign]
        circuit_breaker.FIRST_WAIT, circuit_breaker.LONGEST_ASKED = waits


class Person(Home):
    """Logged in, with a database that is current, and an empty account."""

    def __init__(self, folder: Path, tidal: StandIn, settings: str = "") -> None:
        self.folder, self.tidal, self.account = folder, tidal, tidal.account
        self.account.seconds = 1
        self._time = BEGINNING
        self.settings = folder / "config.toml"
        self.configure('[audio]\nformat = "original"\n' + settings)
        self.state = folder / "state"
        self.state.mkdir(mode=0o700)
        self.log_in()
        (self.state / "strandline.db").write_bytes(empty_database())
        (self.state / "strandline.db").chmod(0o600)
        self.outside = folder / "outside"
        self.outside.mkdir()
        (self.outside / "precious.txt").write_text("not yours")

    pool_name: tuple[str, ...] = ()
    """``Tracks`` where the library has, or had, the pool layout."""

    @property
    def music(self) -> list[Path]:
        """The folders that strandline looks into."""
        tops = (self.playlists, *(self.library / "mp3" / name for name in self.pool_name))
        return [top for top in tops if top.is_dir()]

    def log_in(self) -> None:
        """A login that TIDAL has issued just now."""
        login = self.tidal.logins.issue()
        TokenStore(self.state).save(Token(login.access_token, login.refresh_token, "Bearer"))

    # ------------------------------------------------------------ syncing

    def next_second(self) -> Clock:
        """The clock of one more command: no two begin alike, so their ids tell which was first."""
        self._time += timedelta(seconds=1)
        time = self._time
        return lambda: time

    def days_pass(self, days: int) -> None:
        """And nothing happens."""
        self._time += timedelta(days=days)

    @property
    def time(self) -> datetime:
        """That of the last command."""
        return self._time

    def run(self, order: SyncRequest = ALWAYS) -> ExecuteResult:
        """All of ``sync-execute``; what it raises is strandline's own error."""
        return execute(self.config, order, now=self.next_second())

    def run_allowed(self) -> ExecuteResult:
        """As a person runs it who reads a safety stop and agrees.

        What a killed run left open is settled before anything is planned, so also before a stop.
        """
        before, cut_off = self.fingerprint(), self._has_open_run()
        try:
            return self.run(SyncRequest(CheckOptions(full=True)))
        except SafetyStopError:
            untouched = self.fingerprint() == before
            assert untouched or cut_off, "a safety stop touched something (I8)"
            return self.run()

    def _has_open_run(self) -> bool:
        with closing(sqlite3.connect(self.state / "strandline.db")) as rows:
            found = rows.execute("SELECT count(*) FROM runs WHERE status = 'running'").fetchone()
        return bool(found[0])

    def run_killed(self, at: int) -> bool:
        """A sync that is killed at the ``at``-th place; False when it came to its end."""
        now = self.next_second()
        return in_child(lambda: (_kill_at(at), execute(self.config, ALWAYS, now=now))[1])

    # ------------------------------------------------------------ what must hold

    @property
    def contents(self) -> set[str]:
        return {hash_of(path) for path in self._files()}

    def _files(self) -> Iterator[str]:
        for top in (self.library / "mp3", self.library / ".strandline" / "trash"):
            yield from files_below(top)

    def check_inside(self) -> None:
        """I4: nothing beside ``.strandline`` and ``mp3/Playlists`` was made or changed."""
        assert sorted(os.listdir(self.outside)) == ["precious.txt"], "I4"
        assert (self.outside / "precious.txt").read_text() == "not yours", "I4"
        if self.library.exists():
            assert set(os.listdir(self.library)) <= {".strandline", "mp3"}, "I4"
        if (self.library / "mp3").exists():
            assert set(os.listdir(self.library / "mp3")) <= {"Playlists", *self.pool_name}, "I4"
        expected = {"config.toml", "state", "outside", "library"}
        assert set(os.listdir(self.folder)) <= expected, "I4"

    def check_settled(self) -> None:
        """I10: a further run plans nothing and writes no byte; every entry is playable audio."""
        before = self.fingerprint()
        done = self.run(AGAIN)
        assert done.result is None, (self.words(done), done.result)
        assert all(isinstance(action, Conflict) for action in done.checked.plan.actions)
        assert self.fingerprint() == before, "a second run wrote something (I10)"

    def entries(self) -> list[tuple[str, str, str]]:
        """(playlist id, track id, path below ``mp3``) of all that can be had from TIDAL."""
        with closing(sqlite3.connect(self.state / "strandline.db")) as db:
            return db.execute(
                "SELECT p.tidal_id, t.tidal_id, e.path FROM playlist_tracks e "
                "JOIN playlists p ON p.id = e.playlist_id JOIN tracks t ON t.id = e.track_id "
                "WHERE e.path IS NOT NULL AND t.tidal_available"
            ).fetchall()

    def check_entries(self) -> None:
        """Each entry leads to a file within the library, and no two share a name (I14)."""
        entries = self.entries()
        keys = {_folded(path) for _, _, path in entries}
        assert len(keys) == len(entries), "two entries under one name (I14)"
        for _, _, path in entries:
            place = self.library / "mp3" / path
            assert place.is_file(), f"{path} leads nowhere"
            assert place.resolve().is_relative_to((self.library / "mp3").resolve()), path


def _folded(path: str) -> str:
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def files_below(top: Path) -> Iterator[str]:
    """Every file that is no link; folders behind links are not entered."""
    for folder, _, names in os.walk(top):
        for path in (os.path.join(folder, name) for name in names):
            if not os.path.islink(path):
                yield path


def hash_of(path: str | Path) -> str:
    """Of a file's content; files that did not change are not read again."""
    seen = os.stat(path)
    key = (seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size)
    if key not in _hashes:
        _hashes[key] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return _hashes[key]


def _kill_at(at: int) -> None:
    """From now on every crash point and every commit counts; the ``at``-th is the last."""
    from strandline.db.journal import Journal
    from tests.faults.kill import COMMITS, Places

    places = Places(at)
    crash.hook = places
    for method in COMMITS:
        _count_around(Journal, method, places)


def _count_around(kind: type, method: str, places: Callable[[str], None]) -> None:
    real = getattr(kind, method)

    def wrapped(*args: object, **kwargs: object) -> object:
        places(f"{method}.before_commit")
        answer = real(*args, **kwargs)
        places(f"{method}.after_commit")
        return answer

    setattr(kind, method, wrapped)


def in_child(act: Callable[[], object]) -> bool:
    """Do it in a forked process; whether that was killed. An error of its own fails here."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(CHILD_SECONDS)
            act()
            code = 0
        except BaseException:  # noqa: BLE001 - told to the parent by the exit code
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL, "the child did not end in time"
        return True
    assert os.WEXITSTATUS(status) == 0, "the child failed by itself; its traceback is on stderr"
    return False


@cache
def warmed_up() -> None:
    """Imports what a sync needs, so that a fork need not."""
    with StandIn() as tidal, tempfile.TemporaryDirectory() as folder:
        home = Person(Path(folder), tidal)
        home.account.playlist("A", [home.account.track("x", "Ana")])
        home.run()


def clear(folder: Path) -> None:
    """Takes everything of a person away."""
    shutil.rmtree(folder)  # noqa: TID251
