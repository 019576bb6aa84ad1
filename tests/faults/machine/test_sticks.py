"""Sticks as DJs have them: FAT32 and exFAT, held against their own checkers and players.

A kernel without FAT cannot mount it. There, FAT32 in user space takes names in ASCII, and mtools
put an export of all names into an image, which a checker and mtools read back all the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from strandline.library.files.syscalls import Syscalls
from tests.cli.terminal import Terminal
from tests.faults.machine.mounts import Mounts
from tests.faults.machine.need import need, tool
from tests.faults.test_stick import Desk, Disturbed
from tests.mpd import mpd, without_mpd

IN_USER_SPACE = "vfat in user space"
CHECKERS = {
    "exfat": ("fsck.exfat", "-n"),
    "vfat": ("fsck.vfat", "-n"),
    IN_USER_SPACE: ("fsck.vfat", "-n"),
}
NAMES = (
    "Plain", "Emoji 🌒 & Bell", "50% #1 [x] (y) {z}", "it's \"quoted\" <b>", "שלום עולם",
    " leading", "夜のバス", "a+b;c=d@e,f!g~h", "Ōkawa", "ŌKAWA", "#comment", "x?y", "é",
    "back\\slash", "aux", "e" * 300,
)  # fmt: skip


LISTS = {"All: 夜 <🌒>": "Gigs / Été", "All: <1>": "Gigs / June"}
"""A playlist, and the folder that it lies in; the second one in ASCII."""


@pytest.fixture
def desk(t: Terminal, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Desk:
    """Names that hurt, in folders, one track twice; and an empty stick."""
    here = getattr(request.node, "callspec", None)
    plain = here is not None and here.params.get("kind") == IN_USER_SPACE
    tracks = [t.track(name, name) for name in NAMES if name.isascii() or not plain]
    name, folder = list(LISTS.items())[plain]
    listed = t.account.playlist(name, [*tracks, tracks[0]])
    year = t.account.folder("2026")
    t.account.put_into(t.account.folder(folder, year), listed)
    t.account.playlist("CON", tracks[:3])
    t.account.playlist("con", tracks[3:5])
    assert t("sync-execute", "--yes").code == 0
    return Desk(t, monkeypatch)


def sound(kind: str, image: Path) -> None:
    """Its own checker finds nothing to mend."""
    program, *options = CHECKERS[kind]
    need(program)
    said = tool(program, *options, str(image), check=False)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("kind", CHECKERS)
def test_a_stick_holds_the_export_and_passes_its_checker(
    desk: Desk, mounts: Mounts, kind: str
) -> None:
    image = mounts.disk(kind, desk.folder)
    assert desk.export("old") == 0
    wanted = desk.tree
    assert len(wanted) == (10 if kind == IN_USER_SPACE else len(NAMES)) + 3
    for _ in range(2):
        mounts.pull(desk.folder)
        sound(kind, image)
        mounts.insert(kind, image, desk.folder)
        said = desk.t("export", "usb", "--to", str(desk.folder), "--player", "old", "--json")
        assert (said.code, said.json["result"]) == (0, None)  # its clock is another one, perhaps
        assert desk.tree == wanted
    assert desk.export("nxs2") == 0
    assert not [name for name in desk.tree if name.endswith(".aiff")]
    mounts.pull(desk.folder)
    sound(kind, image)


def test_an_image_in_fat32_takes_the_export_as_it_is(desk: Desk, tmp_path: Path) -> None:
    need("mkfs.vfat", "fsck.vfat", "mcopy")
    image, back = tmp_path / "stick.image", tmp_path / "back"
    image.touch()
    os.truncate(image, 64 << 20)
    tool("mkfs.vfat", "-F", "32", str(image))
    assert desk.export("old") == 0
    _mtools("mcopy", "-Q", "-s", "-i", str(image), *map(str, desk.folder.iterdir()), "::/")
    sound("vfat", image)
    back.mkdir()
    _mtools("mcopy", "-s", "-i", str(image), "::/Music", "::/Playlists", str(back))
    wanted, desk.folder = desk.tree, back
    assert sorted(desk.tree.values()) == sorted(wanted.values())
    assert _plain(desk.tree) == _plain(wanted)


def _plain(tree: dict[str, str]) -> set[str]:
    """Names as mtools can tell them: without what is beyond 16 bits, short ones in capitals."""
    return {name.upper() for name in tree if "Emoji" not in name and "All" not in name}


def _mtools(*command: str) -> None:
    """They read names in the locale's encoding."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "MTOOLS_SKIP_CHECK": "1"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize("kind", CHECKERS)
def test_pulled_out_of_its_port_the_next_run_completes_it(
    desk: Desk, mounts: Mounts, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the stick held at one moment, put in again; the last run is forgotten with it."""
    image, again = mounts.disk(kind, desk.folder), mounts.images / "again"
    count = _changes(desk, monkeypatch)
    wanted = desk.tree
    for at in range(2, count, max(1, count // 12)):
        desk.put_back({})
        device = mounts.device(image)

        def pulled(device: Path = device) -> None:
            os.sync()
            shutil.copyfile(device, again)

        assert desk.export("old", Disturbed(at, pulled)) == 0
        mounts.pull(desk.folder)
        mounts.insert(kind, again, desk.folder)
        assert desk.tree.items() <= wanted.items(), at
        assert desk.export("old") == 0
        assert desk.tree == wanted
        assert desk.nameless == []
        mounts.pull(desk.folder)
        mounts.insert(kind, image, desk.folder)
    mounts.pull(desk.folder)
    sound(kind, image)


def _changes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> int:
    calls = Disturbed(0, lambda: None)
    assert desk.export("old", calls) == 0
    return calls.count


@pytest.mark.parametrize("kind", ["exfat", "vfat"])
def test_a_stick_that_is_too_small_is_refused_and_one_that_fills_up_stays_sound(
    desk: Desk, mounts: Mounts, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = mounts.disk(kind, desk.folder)
    free = shutil.disk_usage(desk.folder).free
    (desk.folder / "mine.bin").write_bytes(bytes(free - (2 << 20)))
    assert desk.export("old") == 5
    assert [path.name for path in desk.folder.iterdir()] == ["mine.bin"]
    with monkeypatch.context() as patch:  # another program writes to it meanwhile
        patch.setattr(Syscalls, "free_bytes", lambda *_: 1 << 40)
        assert desk.export("old") == 4
    assert desk.nameless == []
    mounts.pull(desk.folder)
    sound(kind, image)
    mounts.insert(kind, image, desk.folder)
    assert (desk.folder / "mine.bin").stat().st_size == free - (2 << 20)
    (desk.folder / "mine.bin").unlink()
    assert desk.export("old") == 0
    mounts.pull(desk.folder)
    sound(kind, image)


@pytest.mark.skipif(not shutil.which("mpv"), reason="mpv is not installed")
def test_mpv_plays_every_track_of_the_playlists_on_the_stick(desk: Desk) -> None:
    quiet = ["--no-config", "--ao=null", "--vo=null", "--untimed", "--length=0.01"]
    for player in ("old", "nxs2"):
        assert desk.export(player) == 0
        (file,) = (desk.folder / "Playlists").rglob("All*.m3u8")
        command = ["mpv", *quiet, "--msg-level=all=info", str(file)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
        said = ended.stdout + ended.stderr
        assert "Failed" not in said
        assert said.count("Playing: ") == len(NAMES) + 1, said


@without_mpd
def test_mpd_finds_every_track_of_the_playlists_on_the_stick(desk: Desk) -> None:
    assert desk.export() == 0
    lists = sorted((desk.folder / "Playlists").rglob("*.m3u8"))
    with mpd(desk.folder, desk.t.folder / "mpd") as player:
        counts = [len(player.queued(str(it.relative_to(desk.folder)))) for it in lists]
    assert counts == [len(NAMES) + 1, 3, 2]


@without_mpd
@pytest.mark.parametrize("paths", ["relative", "absolute"])
def test_mpd_finds_every_track_of_the_playlists_in_the_library(
    desk: Desk, paths: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRANDLINE_EXPORT_M3U8_PATHS", paths)
    assert desk.t("export", "m3u8").code == 0
    lists = sorted((desk.t.library / "exports" / "m3u8").glob("*.m3u8"))
    with mpd(desk.t.library, desk.t.folder / "mpd") as player:
        counts = [len(player.queued(str(it.relative_to(desk.t.library)))) for it in lists]
    assert counts == [len(NAMES) + 1, 3, 2]
