"""Random lives in one process: TIDAL, a person and strandline take turns, and all words agree.

A ``Life`` is made from a seed alone, so ``python -m tests.faults.lives SEED [STEPS]`` repeats it
and tells what happened. What must hold is in ``oracles.py``, what a person does in ``hands.py``. In
lives of an even million somebody also meddles while commands read and work (``meddling.py``). In
lives whose number ends in 9000 or more the settings ignore a track now and then; in those from 8000
on days pass, and the trash is emptied of what has lain there for long; in those from 7000 on some
recordings have several ids, which are one file now and then. In those from 6000 on all audio lies
in the pool, and from 6500 on the layout changes now and then.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from strandline.app.check import EVERYTHING, CheckOptions, CheckResult, check
from strandline.app.execute import ExecuteResult, SyncRequest, execute
from strandline.app.history import history
from strandline.app.logs import stop_log
from strandline.app.reapply import ReapplyRequest, reapply
from strandline.app.trash import list_trash, restore
from strandline.app.undo import undo
from strandline.app.verify import verify
from strandline.core.actions import Download
from strandline.core.plan_json import ActionKey, key_of
from strandline.core.reapply import Part
from strandline.demo.model import Quality
from strandline.demo.server import StandIn
from strandline.errors import SafetyStopError, UsageError
from tests.faults.direct import direct, same_disks, soon_believed
from tests.faults.hands import Hands
from tests.faults.happenings import NAMES, SETTINGS, TITLES, Happenings
from tests.faults.meddling import Meddling
from tests.faults.oracles import Oracles
from tests.faults.person import Person, hash_of

STEPS = 14
POOLED, CHANGING, SHARING, EMPTYING, IGNORING = 6_000, 6_500, 7_000, 8_000, 9_000
Keys = list[tuple[ActionKey, str]]


def keys_of(found: CheckResult | ExecuteResult) -> Keys:
    """The steps of a plan and why, to be compared."""
    plan = found.plan if isinstance(found, CheckResult) else found.checked.plan
    return [(key_of(action), action.because.value) for action in plan.actions]


class Life(Happenings):
    """One person's account and library, from their first sync on."""

    def __init__(self, seed: int, folder: Path, tidal: StandIn, *, talk: bool = False) -> None:
        self.chance, self._talk = random.Random(seed), talk
        self.told: list[str] = []
        self.home = Person(folder, tidal)
        self.account = self.home.account
        self.hands = Hands(self.home, self.chance)
        self.oracles = Oracles(self.home, self.hands)
        self.meddling: Meddling | None = None
        if seed // 1_000_000 % 2 == 0:
            self.meddling = Meddling(self.home, self.chance, self.hands, self.oracles)
        self.settings, self.form = dict.fromkeys(SETTINGS, ""), "original"
        self.followed = True
        self.ignores = seed % 10_000 >= IGNORING
        self.ignored: list[str] = []
        self.pooled = POOLED <= seed % 10_000 < SHARING
        self.changes_layout = CHANGING <= seed % 10_000 < SHARING
        self.home.pool_name = ("Tracks",) if self.pooled else ()
        self.empties = EMPTYING <= seed % 10_000 < IGNORING and not self.meddling
        self.keep_days = self.chance.choice([1, 3]) if self.empties else 0
        self.shares = SHARING <= seed % 10_000 < EMPTYING
        self.one_file = self.shares
        self.tracks = [self.account.track(title, "Ana") for title in TITLES]
        if self.shares:
            for track in self.tracks[:2] * 2:
                self.tracks.append(self._twin(track))
        for track in self.tracks[::3] if self.meddling else ():
            track.quality = Quality.HIGH  # comes as m4a
        for name in self.chance.sample(NAMES, 3):
            self.account.playlist(name, self.chance.sample(self.tracks, 3))
        self.account.follow("Friend", self.chance.sample(self.tracks, 2))
        self._configure()
        self.execute()

    def live(self, steps: int = STEPS) -> None:
        """What happens; AssertionError says which word does not agree with which."""
        for _ in range(steps):
            for _ in range(self.chance.choice([0, 1, 1, 2, 3])):
                what = self.chance.choice(self._happenings())
                self.oracles.calm &= what not in self.hands.all()
                self._do(what)
            self._do(self.chance.choices(*zip(*self._commands(), strict=True))[0])
        self._do(self.execute)
        self._do(self.verify)

    def _do(self, what: Callable[[], object]) -> None:
        self.oracles.left_out = None
        self._tell(what.__name__.strip("_"))
        if isinstance(said := what(), str):
            self._tell(f"  {said}")

    def _tell(self, line: str) -> None:
        self.told.append(line)
        if self._talk:
            print(line, flush=True)

    # ------------------------------------------------------------ what happens

    def _happenings(self) -> list[Callable[[], object]]:
        tidal: list[Callable[[], object]] = [
            self.list_track, self.drop_track, self.list_track, self.drop_track, self.new_playlist,
            self.delete_playlist, self.rename_playlist, self.swap_names, self.withhold,
            self.replace_id, self.rename_track, self.follow_or_not, self.change_settings,
        ]  # fmt: skip
        if self.meddling:
            tidal.append(self.change_format)
        if self.ignores:
            tidal += [self.ignore_or_not] * 3
        if self.shares:
            tidal += [self.share_or_not, self.list_track, self.drop_track] * 2
        if self.empties:
            tidal += [self.days_pass, self.drop_track] * 8 + [self.change_keep_days, self.withhold]
        return [*tidal, *self.hands.all()]

    # ------------------------------------------------------------ commands

    def _commands(self) -> list[tuple[Callable[[], object], int]]:
        usual: list[tuple[Callable[[], object], int]] = [
            (self.execute, 6), (self.check_then_execute, 6), (self.check_twice, 3),
            (self.say_no, 1), (self.undo, 2), (self.restore, 1), (self.verify, 2),
            (self.execute_some, 1),
        ]  # fmt: skip
        if self.changes_layout:
            usual.append((self.change_layout, 5))
        if self.meddling is None:
            return usual
        return [*usual, (self.meddling.meddle, 5), (self.meddling.kill, 2),
                (self.verify_in_between, 2)]  # fmt: skip

    def change_layout(self) -> str:
        """To the other one; what is to be done beside that is for the next sync."""
        self.oracles.calm, self.pooled = False, not self.pooled
        self._configure()
        with self.oracles.of_run():
            order = ReapplyRequest((Part.LAYOUT,))
            done = reapply(self.home.config, order, now=self.home.next_second())
        assert not [a for a in done.proposal.actions if isinstance(a, Download)]
        steps = [f"{a.name} {a.path} ({a.because.value})" for a in done.proposal.actions]
        failed = [f"{it.path}: {it.error}" for it in done.result.failed] if done.result else []
        return f"{'pool' if self.pooled else 'playlist'}: {'; '.join(steps)} failed {failed}"

    def execute(self) -> str:
        return self._executed(full=self.chance.random() < 0.5)

    def check_then_execute(self) -> str:
        full = self.chance.random() < 0.5
        found = check(self.home.config, CheckOptions(full=full), now=self.home.next_second())
        self.oracles.of_check(found)
        return self._executed(full=full, expected=keys_of(found))

    def verify_in_between(self) -> str:
        """What it finds damaged is in the next plan, not in the last."""
        check(self.home.config, CheckOptions(), now=self.home.next_second())
        self.verify()
        return self.check_then_execute()

    def check_twice(self) -> str:
        full = self.chance.random() < 0.5
        one, two = (
            check(self.home.config, CheckOptions(full=full), now=self.home.next_second())
            for _ in range(2)
        )
        assert keys_of(one) == keys_of(two), (
            "a check changed the plan",
            keys_of(one),
            keys_of(two),
        )
        self.oracles.of_check(two)
        return self._executed(full=full, expected=keys_of(one))

    def say_no(self) -> str:
        try:
            asked = execute(
                self.home.config, SyncRequest(confirm=lambda _: False), now=self.home.next_second()
            )
        except SafetyStopError as stop:
            return stop.code
        found = check(self.home.config, CheckOptions(), now=self.home.next_second())
        assert keys_of(found) == keys_of(asked), "a no changed the plan"
        return f"{len(keys_of(found))} steps"

    def execute_some(self) -> str | None:
        """Of one playlist only; the oracles are for the next run of all."""
        playlist = self._playlist()
        if playlist is None:
            return None
        self.oracles.calm = False
        with self.oracles.of_run():
            try:
                execute(
                    self.home.config,
                    SyncRequest(CheckOptions((playlist.uuid,)), max_removals=EVERYTHING),
                    now=self.home.next_second(),
                )
            except UsageError as error:
                return error.message
        return playlist.title

    def _executed(self, *, full: bool, expected: Keys | None = None) -> str:
        order = SyncRequest(CheckOptions(full=full), max_removals=EVERYTHING)
        with self.oracles.of_run():
            done = self._past_stops(order)
        if expected is not None:
            assert keys_of(done) == expected, ("check and execute differ", expected, keys_of(done))
        self.oracles.of_execute(done, full=full)
        steps = [f"{a.name} {a.path} ({a.because.value})" for a in done.checked.plan.actions]
        return "; ".join(steps) + f" = {int(done.exit)}"

    def _past_stops(self, order: SyncRequest) -> ExecuteResult:
        return execute(self.home.config, order, now=self.home.next_second())

    def undo(self) -> str | None:
        runs = [
            run
            for run in history(self.home.config, 20)
            if run.command == "sync-execute" and run.planned
        ]
        if not runs:
            return None
        run = self.chance.choice(runs[:3])
        with self.oracles.of_run():
            try:
                done = undo(self.home.config, run.id, now=self.home.next_second())
            except UsageError as error:
                return error.message
        self.oracles.of_undo()
        return f"{run.id} failed {[f.path for f in done.failed] if done else None}"

    def restore(self) -> str | None:
        there = list_trash(self.home.config)
        if not there:
            return None
        run = self.chance.choice(there)
        with self.oracles.of_run():
            try:
                restore(self.home.config, run.run, now=self.home.next_second())
            except UsageError:  # recovery of the run that was killed has put all of it back
                assert run.run not in {left.run for left in list_trash(self.home.config)}
        self.oracles.of_undo()
        return run.run

    def verify(self) -> str:
        quick = self.chance.random() < 0.3
        places = self.oracles.primaries()
        found = verify(self.home.config, quick=quick, now=self.home.next_second())
        if not quick:  # it reads what stands where the database has a file
            self.hands.hidden -= {hash_of(path) for path in places if path.is_file()}
        self.oracles.of_verify(found)
        return f"exit {int(found.exit)}"


def lived(seed: int, steps: int = STEPS, *, talk: bool = False) -> None:
    """A whole life; AssertionError with all that happened in it."""
    folder = Path(tempfile.mkdtemp(prefix="life-", dir=_memory()))
    tidal = StandIn().start()
    life = None
    try:
        with direct(tidal), soon_believed(), same_disks():
            life = Life(seed, folder, tidal, talk=talk)
            life.live(steps)
    except Exception as error:
        tale = "\n".join(life.told) if life else "its first sync"
        raise AssertionError(f"life {seed}, {steps} steps:\n{tale}\n{error}") from error
    finally:
        if life:
            life.oracles.close()
        tidal.stop()
        stop_log()  # it keeps each login, to hide it
        shutil.rmtree(folder)  # noqa: TID251


def red_among(seeds: Iterable[int]) -> dict[int, str]:
    """The tales of those lives in which something is wrong."""
    tales = {}
    for seed in seeds:
        try:
            lived(seed)
        except AssertionError as error:
            tales[seed] = str(error)
    return tales


def _memory() -> str | None:
    """Where files cost least."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    lived(int(sys.argv[1]), *(int(word) for word in sys.argv[2:3]), talk=True)
