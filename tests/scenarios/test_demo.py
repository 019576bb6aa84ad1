"""``strandline demo`` is the whole story; this is how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from strandline.demo.story import tree


def test_the_demo_tells_its_story_and_keeps_the_library(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    kept = tmp_path / "kept"
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONUTF8": "1"}
    told = subprocess.run(
        [sys.executable, "-m", "strandline", "demo", "--keep", str(kept)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert told.returncode == 0, told.stderr
    story = told.stdout
    for said in (
        "$ strandline sync-check",
        "$ strandline sync-execute --yes",
        "$ strandline dedupe-report",
        "renamed in TIDAL",
        "the playlist is gone from TIDAL",
        "no longer in the playlist that held the file",
        "In sync: nothing to do.",
    ):
        assert said in story
    assert "\x1b" not in story
    playlists = kept / "library" / "mp3" / "Playlists"
    links = [path for path in playlists.rglob("*") if path.is_symlink()]
    assert links
    assert all(path.exists() for path in links)
    assert not (playlists / "House - Techno").exists()
    assert "Friday Warm-up/" in list(tree(playlists))
    assert list(home.iterdir()) == [], "nothing is left behind in the person's home"


def test_the_demo_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    told = subprocess.run(
        [sys.executable, "-m", "strandline", "demo", "--keep", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 2
    assert "is not an empty folder" in told.stderr
