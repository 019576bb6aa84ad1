"""export usb when the stick is pulled out, full or broken: the next run makes it whole.

After every fault each file that bears a name is one that strandline or the person put there, whole;
and the run after it ends with the same files as one that was never disturbed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from strandline.library.files.syscalls import Syscalls
from strandline.library.stick import Stick
from tests.cli.terminal import Terminal

MANIFEST = ".strandline-export.json"
CHANGES = (
    "create_file", "write", "chmod", "fsync", "fsync_folder", "mkdir", "rename",
    "rename_in_kernel", "unlink", "rmdir",
)  # fmt: skip
Tree = dict[str, str]


class Disturbed(Syscalls):
    """At the ``at``-th change of the stick something happens, in place of the call."""

    def __init__(self, at: int, happens: Callable[[], object]) -> None:
        self.at, self.happens, self.count = at, happens, 0
        for name in CHANGES:
            setattr(self, name, self._counted(getattr(super(), name)))

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any) -> Any:
            self.count += 1
            if self.count == self.at:
                self.happens()
            return call(*args)

        return counted


class Desk:
    """A library with its stick: today's, and what is to come of it."""

    def __init__(self, t: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        self.t, self.folder, self._patch = t, t.folder / "STICK", monkeypatch
        self.folder.mkdir()

    def export(self, player: str = "nxs2", calls: Syscalls | None = None) -> int:
        """The command, with these system calls for all that it does on the stick."""
        real = Stick.__init__
        with self._patch.context() as patch:
            if calls is not None:
                patch.setattr(Stick, "__init__", lambda self, to: real(self, to, calls))
            to = ("--to", str(self.folder), "--player", player)
            return self.t("export", "usb", *to, "--json").code

    @property
    def tree(self) -> Tree:
        """Every file that has a name, by content."""
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".strandline-")
        }

    @property
    def nameless(self) -> list[str]:
        """What only a next run may leave gone."""
        return [path.name for path in self.folder.iterdir() if ".strandline-part" in path.name]

    def copy_of(self) -> dict[str, bytes]:
        """The whole stick, to be put back."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    def put_back(self, files: dict[str, bytes]) -> None:
        for path in sorted(self.folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        for name, content in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(content)
        text = files.get(MANIFEST)
        for _, row in json.loads(text)["tracks"].items() if text else ():
            os.utime(self.folder / row[0], (row[3], row[3]))


@pytest.fixture
def desk(t: Terminal, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A stick with two playlists, one of which loses a track, as the other one gets one; a third
    track is replaced in the library, and files of the person's lie among ours."""
    a, b, c, d = (t.track(name, name.upper()) for name in "abcd")
    deep = t.account.playlist("Deep", [a, b, c])
    sunday = t.account.playlist("Sunday", [b])
    t("sync-execute", "--yes")
    desk = Desk(t, monkeypatch)
    for name in ("Music/A/mine.txt", "Music/B/mine.flac", "Playlists/mine.m3u8"):
        (desk.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (desk.folder / name).write_text("mine")
    assert desk.export() == 0
    t.account.remove(deep, 0)
    t.account.add(deep, d)
    t.account.rename(sunday, "Monday")
    assert t("sync-execute", "--yes", "--max-removals", "100%").code == 0
    changed = t.playlists / "Deep" / "C - c.flac"
    changed.write_bytes(changed.read_bytes() + bytes(100))
    return desk


def killed_at(desk: Desk, at: int, player: str) -> bool:
    """A run that is killed dead at a change of the stick; False where it came to its end before."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            die = lambda: os.kill(os.getpid(), signal.SIGKILL)  # noqa: E731
            code = desk.export(player, Disturbed(at, die))
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


@pytest.mark.parametrize("player", ["nxs2", "nxs"])
def test_pulled_out_at_any_moment_the_next_run_completes_it(desk: Desk, player: str) -> None:
    before, old = desk.copy_of(), desk.tree
    assert desk.export(player) == 0
    wanted = desk.tree
    known = {*old.items(), *wanted.items()}
    at = 1
    desk.put_back(before)
    while killed_at(desk, at, player):
        torn = desk.tree
        assert torn.items() <= known, at
        assert {name: torn[name] for name in torn if "mine" in name} == {
            name: old[name] for name in old if "mine" in name
        }
        assert desk.export(player) == 0, at
        assert desk.tree == wanted, at
        assert desk.nameless == [], at
        desk.put_back(before)
        at += 1
    assert at > 40
    assert desk.tree == wanted


def raises(number: int) -> Callable[[], object]:
    def fail() -> object:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_stick_that_fails_at_any_moment_ends_the_run_and_is_made_whole_by_the_next(
    desk: Desk, number: int
) -> None:
    before, old = desk.copy_of(), desk.tree
    assert desk.export() == 0
    wanted = desk.tree
    known, failed, at = {*old.items(), *wanted.items()}, 0, 0
    while True:
        at += 1
        desk.put_back(before)
        calls = Disturbed(at, raises(number))
        code = desk.export(calls=calls)
        assert desk.tree.items() <= known, at
        if calls.count < at:
            break
        failed += code == 4
        assert code in (0, 4), at
        assert desk.export() == 0, at
        assert desk.tree == wanted, at
        assert desk.nameless == [], at
    assert failed > 20
    assert at > 40


def test_unplugged_in_the_middle_the_run_ends_and_the_next_one_goes_on(desk: Desk) -> None:
    before = desk.copy_of()
    assert desk.export() == 0
    wanted, away = desk.tree, desk.t.folder / "in a pocket"
    for at in (1, 8, 15, 22, 30, 38):
        desk.put_back(before)
        calls = Disturbed(at, lambda: desk.folder.rename(away))
        code = desk.export(calls=calls)
        if not away.exists():
            break
        assert code in (0, 4)
        assert not desk.folder.exists()  # nothing was written to where it had been
        assert desk.export() == 2
        away.rename(desk.folder)
        assert desk.export() == 0
        assert desk.tree == wanted


def test_removed_in_the_middle_the_run_says_that_it_is_gone(desk: Desk) -> None:
    def vanish() -> None:
        desk.put_back({})
        desk.folder.rmdir()

    said = Disturbed(6, vanish)
    assert desk.export(calls=said) == 4
    assert not desk.folder.exists()
    desk.folder.mkdir()
    assert desk.export() == 0


def test_a_person_who_writes_meanwhile_keeps_what_they_wrote(desk: Desk) -> None:
    """Another program takes the very name just before it is given."""
    place = desk.folder / "Music" / "D" / "D - d.flac"

    def taken() -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("mine")

    for at in range(1, 60):
        calls = Disturbed(at, taken)
        before = desk.copy_of()
        code = desk.export(calls=calls)
        assert code in (0, 4)
        if calls.count < at:
            break
        assert place.read_bytes() == b"mine", at
        desk.put_back(before)


def test_a_full_stick_keeps_what_came_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real, written = Syscalls.write, 0

    def write(self: Syscalls, fd: int, block: bytes | memoryview) -> int:
        nonlocal written
        if "STICK" in os.readlink(f"/proc/self/fd/{fd}"):
            written += len(block)
            if written > 60_000 and len(block) > 20_000:
                raise OSError(errno.ENOSPC, "full")
        return real(self, fd, block)

    with monkeypatch.context() as patch:
        patch.setattr(Syscalls, "write", write)
        said = desk.t("export", "usb", "--to", str(desk.folder), "--player", "nxs2", "--json")
    assert said.code == 4
    assert said.json["result"]["stopped"]["error"] == "disk_full"
    assert said.json["result"]["skipped"]
    assert desk.nameless == []
    assert desk.export() == 0


def test_a_read_only_stick_is_told_before_anything(desk: Desk) -> None:
    before = desk.copy_of()
    calls = Disturbed(1, raises(errno.EROFS))
    assert desk.export(calls=calls) == 4
    assert desk.copy_of() == before


def test_nothing_gets_its_name_before_it_is_safe_and_known(desk: Desk) -> None:
    """File, then manifest, then name, then folder: each on the medium before the next."""
    said: list[str] = []

    class Recorded(Syscalls):
        def fsync(self, fd: int) -> None:
            said.append(f"safe {os.fstat(fd).st_ino}")
            super().fsync(fd)

        def fsync_folder(self, fd: int) -> None:
            said.append("safe names")
            super().fsync_folder(fd)

        def rename(self, source: int, name: str, folder: int, new: str) -> None:
            said.append(f"name {self.lstat(source, name).st_ino} {new}")
            super().rename(source, name, folder, new)

        def rename_in_kernel(self, *_: Any) -> bool:
            return False

        def link(self, *_: Any) -> None:
            raise OSError(errno.EPERM, "FAT has none")

    assert desk.export(calls=Recorded()) == 0
    music = [at for at, line in enumerate(said) if line.endswith((".flac", ".m3u8"))]
    assert len(music) == 4
    for at in music:
        inode = said[at].split()[1]
        assert f"safe {inode}" in said[:at]
        manifest = max(n for n, line in enumerate(said[:at]) if line.endswith(f" {MANIFEST}"))
        assert said.index(f"safe {inode}") < manifest
        assert said[manifest + 1] == "safe names"
        assert "safe names" in said[at:]
