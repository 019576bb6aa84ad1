"""A stick on which nothing is to be done, as most runs of ``export usb`` find it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from benchmarks.home import Home, home_of, strandline
from benchmarks.measure import Run, command, side_by_side
from benchmarks.peers import require
from benchmarks.report import Result, Row, at_most
from benchmarks.sizes import STICK


def stick(work: Path) -> Result:
    """200 playlists, 10,000 tracks."""
    require("rsync")
    home = home_of(STICK, work)
    folder, mirror = home.folder / "stick", home.folder / "stick mirror"
    export = _export(home, folder)
    if not mirror.exists():
        _real_music(home)
        folder.mkdir()
        export()
        subprocess.run(["cp", "-a", folder, mirror], check=True)
    peer = command("rsync", "-rtn", "--delete", "--modify-window=2", f"{folder}/", f"{mirror}/")
    took = side_by_side({"strandline": export, "rsync": peer}, rounds=7)
    ratio = took["strandline"].wall / took["rsync"].wall
    verdict = at_most("stick with nothing to do: <= 10 × rsync, wall", ratio, 10)
    title = f"export usb with nothing to do, {STICK.playlists:,} playlists, {STICK.tracks:,} tracks"
    rows = tuple(Row(name, figures) for name, figures in took.items())
    note = (
        "strandline looks at each track twice, in the library and on the stick, reads what the "
        "database and the manifest say of it, and compares every playlist's file by its content; "
        "rsync compares sizes and times of the stick's files with a copy of theirs. A third of "
        "the time is starting."
    )
    return Result("stick", title, rows, (verdict,), note)


def _export(home: Home, folder: Path) -> Run:
    words = ("export", "usb", "--to", str(folder), "--player", "nxs2", "--quiet")
    return command(*strandline(*words), env=home.environment())


def _real_music(home: Home) -> None:
    """In place of the random bytes, whose headers nobody could read."""
    from strandline.demo import music

    sound = music.flac(1, 1)
    for above, _, names in os.walk(home.playlists):
        for name in names:
            file = Path(above, name)
            if not file.is_symlink():
                file.write_bytes(sound)
