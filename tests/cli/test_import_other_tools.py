"""The folder of another tool: nothing that is owned is fetched, nothing wrong is taken.

A fifth of each folder is music of nobody's playlists, a tenth lies there twice, and beside it lies
what such tools leave. The import is killed on the way; its undo gives the old tree back.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from strandline.app.importing import ImportRequest, import_files
from strandline.config import load_config
from strandline.demo.model import Track
from tests.cli.other_tools import TOOLS, Leaves
from tests.cli.own_music import flac
from tests.cli.terminal import Terminal
from tests.faults.person import _kill_at, in_child

TITLES = (
    ("Slow Tide", None, "Harbour Lights"), ("Slow Tide", "Extended Mix", "Harbour Lights"),
    ("Käärme ja Kuu", None, "Mara Ilves"), ("밤의 정원", None, "서하늘"),
    ("Granite Pt. 1", None, "DJ Quarry"), ("Granite Pt. 2", None, "DJ Quarry"),
    ("Don't Wait Up", "Live at Nordhall", "Agnes Dole"), ("7 Doors", None, "Pico Lane"),
    ("Afterglow Parade", "Lumi Remix", "Otto Wren"), ("1987", None, "Yellow Crane"),
)  # fmt: skip
STRANGERS = (("Believe", "Somebody"), ("Slow Tides", "Harbour Rights"))
NOT_OWNED = (("Granite Pt. 3", None, "DJ Quarry"), ("Slow Tide", "Dub", "Harbour Lights"))
Tree = dict[str, tuple[str, int]]


def tree(top: Path) -> Tree:
    files = [path for path in sorted(top.rglob("*")) if path.is_file()]
    return {
        str(path.relative_to(top)): (
            hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns,
        )
        for path in files
    }  # fmt: skip


def filled(t: Terminal, leaves: Sequence[Leaves]) -> tuple[Path, dict[str, Track]]:
    """The tool's folder, and by full path whose track each file of it is."""
    top, owners = t.folder / "music", dict[str, Track]()
    wanted = []
    for number, (title, version, artist) in enumerate((*TITLES, *NOT_OWNED)):
        track = t.track(title, artist)
        track.version, track.isrc = version, f"QZX0124{number + 1:05d}"
        wanted.append(track)
    t.account.playlist("All", wanted)
    t.account.playlist("Some", wanted[::2])
    for number, track in enumerate(wanted[: len(TITLES)]):
        file = leaves[number % len(leaves)](top, track)
        owners[str(file)] = track
    again = top / "again" / f"copy{file.suffix}"
    again.parent.mkdir()
    again.write_bytes(file.read_bytes())
    owners[str(again)] = track
    for number, (title, artist) in enumerate(STRANGERS):
        flac(top / artist / f"{title}.flac", 900 + number, title=title, artist=artist)
    (top / "cover.jpg").write_bytes(b"a picture")
    (top / "list.m3u8").write_text("#EXTM3U\n")
    assert t("sync-check").code == 0
    return top, owners


def ids_of_files(t: Terminal) -> dict[str, str]:
    with closing(sqlite3.connect(t.state / "strandline.db")) as db:
        return dict(db.execute("SELECT file_hash, tidal_id FROM tracks WHERE file_path NOT NULL"))


@pytest.mark.parametrize("mode", ["copy", "move"])
@pytest.mark.parametrize("tool", TOOLS)
def test_what_is_owned_is_not_fetched_and_nothing_wrong_is_taken(
    t: Terminal, tool: str, mode: str
) -> None:
    top, owners = filled(t, TOOLS[tool])
    before = tree(top)
    whose = {before[str(Path(it).relative_to(top))][0]: str(owners[it].id) for it in owners}

    config = load_config({**t.environment, "PATH": ""})
    assert in_child(lambda: (_kill_at(11), import_files(config, ImportRequest([top], mode))))
    done = t("import", str(top), "--mode", mode, "--yes", "--json")
    assert done.code == 0, done.err
    assert not {it["file"] for it in done.json["review"]} & set(owners)
    taken = ids_of_files(t)
    assert taken == whose, "not what is owned, or under a wrong id"

    synced = t("sync-execute", "--yes", "--json")
    fetched = {item["track"] for item in synced.json["result"]["items"]}
    assert synced.json["result"]["done"]["download"] == len(NOT_OWNED), fetched
    assert not fetched & set(whose.values())
    if mode == "copy":
        assert tree(top) == before

    for run in t("history", "--json").json["runs"]:
        if run["command"] == "import":
            assert t("undo", run["run"], "--yes").code == 0
    assert tree(top) == before
