"""The power goes while a sync is at work: the disk's image as it is in that instant.

What the file system has not written by then is lost, as it would be. The child is stopped while the
image is copied, so the copy is of one instant; one that is written to meanwhile is not used.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from strandline.library.files import crash
from tests.faults.machine.need import tool
from tests.stage import Stage

_BLOCK = 64 << 10
_ZEROS = bytes(_BLOCK)
_SOONEST, _LATEST = 0.001, 0.01  # seconds between two random moments


@dataclass
class Apart(Stage):
    """A library on an external disk: the database lies elsewhere, and outlives the cut whole."""

    @property
    def database(self) -> Path:
        folder = self.home.parent / "state"
        folder.mkdir(exist_ok=True)
        return folder / "strandline.db"


@dataclass(frozen=True)
class Cut:
    """What is left: the image, and the database's files if those lie elsewhere."""

    image: Path
    database: dict[str, bytes]

    def put_back(self, stage: Stage) -> None:
        """The database as it was then; the image is mounted by the caller."""
        if isinstance(stage, Apart):
            for old in _database_files(stage):
                old.unlink()
            for name, content in self.database.items():
                (stage.database.parent / name).write_bytes(content)


def cuts_of(stage: Stage, image: Path, seed: int, *, spoil: Callable[[], None]) -> Iterator[Cut]:
    """Syncs in a child and cuts at places and moments chosen by ``seed``.

    ``spoil`` is called in the child first, to plant a bug there.
    """
    tool("sync", "-f", str(stage.home))
    writes = _write_counter(stage.home)
    child = os.fork()
    if child == 0:
        _live(stage, seed, spoil)
    number = 0
    while os.WIFSTOPPED(status := os.waitpid(child, os.WUNTRACED)[1]):
        copy = image.with_name(f"cut-{number}")
        if _copied_in_one_instant(image, copy, writes):
            kept = _database_files(stage) if isinstance(stage, Apart) else []
            yield Cut(copy, {file.name: file.read_bytes() for file in kept})
            number += 1
        os.kill(child, signal.SIGCONT)
    assert os.waitstatus_to_exitcode(status) == 0, "the child failed; its traceback is on stderr"


def _live(stage: Stage, seed: int, spoil: Callable[[], None]) -> None:
    """The child's whole life; stops itself now and then, as if the power went."""
    code = 1
    try:
        spoil()
        chance = random.Random(seed)

        def again() -> None:
            signal.setitimer(signal.ITIMER_REAL, chance.uniform(_SOONEST, _LATEST))

        def stop(*_: object) -> None:
            os.kill(os.getpid(), signal.SIGSTOP)
            again()

        signal.signal(signal.SIGALRM, stop)
        crash.hook = lambda _: stop() if chance.random() < 0.4 else None
        again()
        code = stage.sync().exit
        signal.setitimer(signal.ITIMER_REAL, 0)
    except BaseException:  # noqa: BLE001 - told to the parent by the exit code
        traceback.print_exc()
    finally:
        os._exit(code)


def _database_files(stage: Stage) -> list[Path]:
    return list(stage.database.parent.glob(f"{stage.database.name}*"))


def _write_counter(place: Path) -> Callable[[], list[str]]:
    """Tells how often the disk was written to, and whether it is being written to now."""
    device = tool("findmnt", "-no", "SOURCE", str(place)).stdout.strip()
    told = Path("/sys/block", Path(device).name, "stat")

    def writes() -> list[str]:
        fields = told.read_text().split()
        return [fields[4], fields[8]]

    return writes


def _copied_in_one_instant(image: Path, copy: Path, writes: Callable[[], list[str]]) -> bool:
    for _ in range(5):
        before = writes()
        copy_sparse(image, copy)
        if before == writes() and before[1] == "0":
            return True
    copy.unlink()
    return False


def copy_sparse(source: Path, target: Path) -> None:
    """Only what is not zero."""
    with open(source, "rb") as old, open(target, "wb") as new:
        size = os.fstat(old.fileno()).st_size
        new.truncate(size)
        at = 0
        while at < size:
            try:
                at = os.lseek(old.fileno(), at, os.SEEK_DATA)
            except OSError:
                return  # nothing but a hole up to the end
            at -= at % _BLOCK
            block = os.pread(old.fileno(), _BLOCK, at)
            if block != _ZEROS:
                os.pwrite(new.fileno(), block, at)
            at += _BLOCK


def forget(image: Path) -> None:
    """Btrfs remembers disks by their id, and copies share it."""
    if shutil.which("btrfs"):
        tool("btrfs", "device", "scan", "--forget", check=False)
    image.unlink()
