"""Whatever a system call reports, wherever a run is killed: no file is lost, none is half there."""

from __future__ import annotations

import errno
import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import FastOs, FaultyOs, NoHardLinks, OldKernel, contents, open_descriptors, tree
from steps import NEED_HARD_LINKS, STEPS, Sight, Step, at_crash_point, build, passed

from strandline.errors import ItemError, LibraryError, StrandlineError
from strandline.library.files import LibraryFiles, Syscalls
from strandline.library.files.crash import CRASH_POINTS

ERRORS = [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG,
          errno.EMFILE, errno.EXDEV, errno.ENOENT, errno.EEXIST, errno.EINTR]  # fmt: skip
HARMLESS = {("rmdir", errno.EEXIST)}  # some systems' way of saying "not empty"
STOPS = {errno.ENOSPC, errno.EIO, errno.EROFS, errno.EMFILE}

by_name = pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)


def shown(root: Path) -> dict[str, str]:
    """What a user sees: the playlists."""
    return tree(root / "mp3/Playlists")


class Case:
    """The same small library again and again."""

    def __init__(self, tmp_path: Path, step: Step) -> None:
        self._numbers = itertools.count()
        self._tmp = tmp_path
        self.step = step
        self._last: tuple[Path, Sight] | None = None
        self._whole: dict[str, str] = {}
        root, sight = self.fresh()
        calls = FaultyOs()
        self._whole, self.before, self.content = tree(root), shown(root), contents(root)
        with LibraryFiles(root, calls) as files:
            step.do(files, sight)
            files.flush()
        self.after, self.counts = shown(root), dict(calls.counts)

    def fresh(self) -> tuple[Path, Sight]:
        """A library in its first state: the last one, if nothing came of what was tried there."""
        if self._last is None or tree(self._last[0]) != self._whole:
            root = self._tmp / str(next(self._numbers))
            self._last = root, build(root)
        return self._last

    def run(self, root: Path, sight: Sight, calls: Syscalls) -> StrandlineError | None:
        with LibraryFiles(root, calls) as files:
            try:
                self.step.do(files, sight)
                files.flush()
            except StrandlineError as error:
                return error
        return None

    def try_with(self, calls: Syscalls) -> StrandlineError | None:
        """One go from the first state."""
        return self.run(*self.fresh(), calls)

    def require_old_or_new(self, root: Path) -> None:
        """Each path is its old or its new self; a link that gives way may be gone for now."""
        for path, text in shown(root).items():
            if not path.startswith(".strandline-"):
                assert text in (self.before.get(path), self.after.get(path)), path


@by_name
@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "for ever"])
def test_no_error_of_any_call_loses_a_file_or_leaks_a_descriptor(
    tmp_path: Path, step: Step, for_ever: bool
) -> None:
    case = Case(tmp_path, step)
    for call, count in case.counts.items():
        for nth, error in itertools.product(range(1, count + 1), ERRORS):
            if call == "open_root":
                continue
            root, sight = case.fresh()
            told = case.run(root, sight, FaultyOs(call, error, nth, for_ever))
            where = f"{call} #{nth}: {errno.errorcode[error]} -> {told!r}"
            assert contents(root) >= case.content, where
            assert open_descriptors(root) == [], where
            case.require_old_or_new(root)
            if told is None:
                assert shown(root) == case.after or (call, error) in HARMLESS, where
            else:
                assert isinstance(told, (ItemError, LibraryError)), where
                assert "Errno" not in told.message, where


@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.__getitem__)
def test_a_full_or_broken_disk_stops_the_run_and_all_else_only_the_item(
    tmp_path: Path, error: int
) -> None:
    sight = build(tmp_path)
    step = next(step for step in STEPS if step.name == "make_link")
    kind = LibraryError if error in STOPS else ItemError
    with LibraryFiles(tmp_path, FaultyOs("symlink", error)) as files, pytest.raises(kind):
        step.do(files, sight)


@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.__getitem__)
@pytest.mark.parametrize("name", ["publish", "make_link"])
def test_any_failed_fsync_stops_the_run(tmp_path: Path, error: int, name: str) -> None:
    step = next(step for step in STEPS if step.name == name)
    told = Case(tmp_path, step).try_with(FaultyOs("fsync", error))
    assert isinstance(told, LibraryError)


def test_every_crash_point_is_passed_by_some_step(tmp_path: Path) -> None:
    names = set()
    for number, step in enumerate(STEPS):
        for calls in (Syscalls(), OldKernel(), NoHardLinks()):
            if step.name in NEED_HARD_LINKS and isinstance(calls, NoHardLinks):
                continue
            root = tmp_path / f"{number}-{type(calls).__name__}"
            sight = build(root)
            with LibraryFiles(root, calls) as files:
                names.update(passed(step, root, files, sight))
    assert names == set(CRASH_POINTS) - {"park_folder.before_rename", "park_folder.after_rename"}


# ---------------------------------------------------------------- kill -9


def killed_at(number: int) -> Callable[[str], None]:
    """A hook that ends the process, as nothing can be caught or cleaned up."""
    countdown = itertools.count(1)

    def hook(_: str) -> None:
        if next(countdown) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def run_and_kill(case: Case, root: Path, sight: Sight, calls: Syscalls, number: int) -> None:
    """The step in a process of its own, which dies at the given crash point."""
    child = os.fork()
    if child == 0:
        with at_crash_point(killed_at(number)):
            case.run(root, sight, calls)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the step ended before it was killed"


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (step, kind)
        for kind in (FastOs, OldKernel, NoHardLinks)
        for step in STEPS
        if step.name not in NEED_HARD_LINKS or kind is not NoHardLinks
    ],
    ids=lambda part: getattr(part, "name", "") or part.__name__,
)
def test_killed_anywhere_each_path_is_old_or_new_and_a_second_run_ends_it(
    tmp_path: Path, step: Step, kind: type[Syscalls]
) -> None:
    case = Case(tmp_path, step)
    root, sight = case.fresh()
    with LibraryFiles(root, kind()) as files:
        points = passed(step, root, files, sight)
    for number in range(1, len(points) + 1):
        root, sight = case.fresh()
        run_and_kill(case, root, sight, kind(), number)
        assert contents(root) >= case.content, points[number - 1]
        case.require_old_or_new(root)
        if shown(root) != case.after:
            case.run(root, sight, kind())
        with LibraryFiles(root, kind()) as files:
            files.sweep_temps()
        assert shown(root) == case.after, points[number - 1]
        assert os.listdir(root / ".strandline/tmp") == []
        assert not (root / ".strandline/trash/rescued").exists()
        assert contents(root) >= case.content
