"""Several runs at once on one library; the one that holds it is killed. One works, the rest go."""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from strandline.app.check import CheckOptions
from strandline.app.execute import SyncRequest, execute
from strandline.config import Config, load_config
from strandline.demo.server import StandIn
from strandline.errors import Exit, StrandlineError
from strandline.library.files import crash
from strandline.tidal.login_store import TokenStore
from tests.faults.size import runs, seed
from tests.faults.tally import tally
from tests.scenarios.home import Home

NAME = "runs at once"
pytestmark = pytest.mark.battery(NAME)

ROUNDS = runs("at_once", 200) // 4  # a test
AT_ONCE = (2, 8)
LONGEST = 30  # seconds that a stuck child lives


class Ended(NamedTuple):
    """How a child ended: its code, negative for a signal; seconds it took, as it saw them."""

    code: int
    seconds: float


class Crowd:
    """Children that all begin to sync in the same moment."""

    def __init__(self, configs: list[Config], kill_at: int) -> None:
        self._go, go = os.pipe()
        self._holding, self._holds = os.pipe()
        self._on, on = os.pipe()
        self._told: dict[int, int] = {}
        self.children = [self._start(config, kill_at, (go, on)) for config in configs]
        os.close(go)  # and off they go
        self._let_go_on = on

    def _start(self, config: Config, kill_at: int, parents: tuple[int, int]) -> int:
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            for end in parents:
                os.close(end)
            _live(lambda: self._sync(config, kill_at), self._go, tell)
        os.close(tell)
        self._told[child] = told
        return child

    def _sync(self, config: Config, kill_at: int) -> Exit:
        """In the child. Whoever comes to a first step waits there until all others have ended."""
        passed = 0

        def hook(_: str) -> None:
            nonlocal passed
            passed += 1
            if passed == 1:
                os.write(self._holds, os.getpid().to_bytes(4, "big"))
                os.read(self._on, 1)
            if passed == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

        crash.hook = hook
        return execute(config, SyncRequest(CheckOptions())).exit

    def ends(self) -> tuple[Ended, list[Ended]]:
        """The holder's end, and the others', which come first."""
        holder = int.from_bytes(os.read(self._holding, 4), "big")
        others = [self._end(child) for child in self.children if child != holder]
        os.close(self._let_go_on)
        ended = self._end(holder)
        for fd in (self._go, self._holding, self._holds, self._on):
            os.close(fd)
        return ended, others

    def _end(self, child: int) -> Ended:
        with open(self._told[child]) as pipe:
            seconds = float(pipe.read() or "nan")
        _, status = os.waitpid(child, 0)
        return Ended(os.waitstatus_to_exitcode(status), seconds)


def _live(run: Callable[[], Exit], go: int, tell: int) -> None:
    """A child's whole life."""
    code = 1
    try:
        signal.alarm(LONGEST)
        os.read(go, 1)
        begun = time.monotonic()
        try:
            code = run()
        except StrandlineError as error:
            code = error.exit
        os.write(tell, f"{time.monotonic() - begun}".encode())
    except BaseException:  # noqa: BLE001 - told to the parent by the exit code
        traceback.print_exc()
    finally:
        os._exit(code)


class Shared:
    """One library; the runs share its state folder, or only library and database."""

    def __init__(self, folder: Path, tidal: StandIn, *, states: bool) -> None:
        self.home = home = Home(folder, tidal)
        x, y, z = (home.account.track(title, "Ana") for title in "xyz")
        self.first = home.account.playlist("First", [x, y])
        home.account.playlist("Second", [x, y, z])
        self.x, self.rounds = x, 0
        home.sync()
        self.states = [self._state(number) for number in range(AT_ONCE[1])] if states else []

    def _state(self, number: int) -> Path:
        folder = self.home.folder / f"state-{number}"
        login = TokenStore(self.home.config.state_dir).load()
        assert login
        TokenStore(folder).save(login)
        return folder

    def configs(self, count: int) -> list[Config]:
        database = str(self.home.config.database_url)
        environments = [
            {"STRANDLINE_STATE_DIR": str(state), "STRANDLINE_DATABASE_URL": database}
            for state in self.states[:count]
        ]
        return [
            load_config({**self.home.environment, **own}) for own in environments or [{}] * count
        ]

    def want_something(self) -> None:
        """TIDAL changes: a name, and the primary of a track moves away or a link comes back."""
        self.rounds += 1
        account = self.home.account
        account.rename(self.first, f"First {self.rounds}")
        if self.rounds % 2:
            account.remove(self.first, self.x)
        else:
            account.add(self.first, self.x)


@pytest.mark.parametrize("half", [1, 2])
@pytest.mark.parametrize("states", [False, True], ids=["one state folder", "own state folders"])
def test_one_run_works_the_others_leave_and_a_killed_one_is_in_nobodys_way(
    states: bool, half: int, memory: Path, tidal: StandIn
) -> None:
    shared = Shared(memory, tidal, states=states)
    chance = random.Random(f"{states} {half} {seed()}")
    waited, killed = [], 0
    for number in range(ROUNDS):
        shared.want_something()
        kept = shared.home.contents
        kill_at = chance.randint(1, 12)  # some come to their end before
        holder, others = Crowd(shared.configs(chance.randint(*AT_ONCE)), kill_at).ends()
        assert holder.code in (Exit.DONE, -signal.SIGKILL), number
        assert {other.code for other in others} == {Exit.BUSY}, number
        killed += holder.code < 0
        waited += [other.seconds for other in others]
        assert execute(shared.home.config, SyncRequest(CheckOptions())).exit is Exit.DONE, number
        assert kept <= shared.home.contents, "I1"
        tally(NAME).count()
    assert killed > ROUNDS // 2
    assert shared.home.words(shared.home.check()) == []
    assert max(waited) < 10  # seconds: nobody waits for the one that works; the machine may be busy
