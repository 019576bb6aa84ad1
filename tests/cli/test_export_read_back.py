"""A whole library, exported in every format and read back by programs that are not ours."""

from __future__ import annotations

import plistlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import rbox
from pyrekordbox.rbxml import RekordboxXml
from serato_tools.crate import Crate
from traktor_nml_utils import TraktorCollection

from tests.cli.terminal import Terminal

NAMES = (
    "Emoji 🌒 & Bell", "50% #1 [x] {z}", "it's \"quoted\" <b>", "שלום עולם", "  leading",
    "夜のバス", "a+b;c=d@e,f!g~h", "#comment", "x?y", "é", "back\\slash",
    "semi:colon", "trailing. ",
)  # fmt: skip
LIST = "Peak & <Time> 🌒"
"""All tracks, the first one twice; in ``Year``, ``Gigs / 2026``."""


@pytest.fixture
def files(t: Terminal) -> list[str]:
    """The full path of every entry of the playlist, in TIDAL's order."""
    tracks = [t.track(name, f"A {name}") for name in reversed(NAMES)]
    playlist = t.account.playlist(LIST, [*tracks, tracks[0]])
    year = t.account.folder("Year")
    t.account.put_into(t.account.folder("Gigs / 2026", year), playlist)
    t.account.playlist("Sunday", tracks[:2])
    t.account.playlist("sunday", tracks[1:3])
    assert t("sync-execute", "--yes").code == 0
    placed = {it["track"]: it["path"] for it in t("tracks", "--json").json["tracks"]}
    mp3 = (t.library / "mp3").resolve()
    return [str(mp3 / placed[str(it.id)]) for it in [*tracks, tracks[0]]]


def of_pyrekordbox(file: Path) -> list[str]:
    read = RekordboxXml(file)
    at = {it.TrackID: f"/{it.Location}" for it in read.get_tracks()}
    playlist = read.get_playlist("Year", "Gigs / 2026", LIST)
    return [at[id] for id in playlist.get_tracks()]


def of_rbox(file: Path) -> list[str]:
    read = rbox.RekordboxXml(str(file))
    at = {it.trackid: f"/{it.location}" for it in read.get_tracks()}
    node = read.root_playlist
    for name in ("Year", "Gigs / 2026", LIST):
        node = next(child for child in node.nodes if child.name == name)
    return [at[it.key] for it in node.tracks]


def of_traktor_nml_utils(file: Path) -> list[str]:
    def nodes(node: Any) -> Iterator[Any]:
        yield node
        for child in node.subnodes.node if node.subnodes else ():
            yield from nodes(child)

    nml = TraktorCollection(file).nml
    (found,) = (it for it in nodes(nml.playlists.node) if it.name == LIST)
    keys = (entry.primarykey.key for entry in found.playlist.entry)
    return [key.removeprefix("Macintosh HD").replace("/:", "/") for key in keys]


def of_serato_tools(folder: Path) -> list[str]:
    (file,) = (folder / "Subcrates").glob("strandline%%Year%%Gigs - 2026%%Peak*.crate")
    return [f"/{path}" for path in Crate(str(file)).tracks()]


def of_plistlib(file: Path) -> list[str]:
    read = plistlib.loads(file.read_bytes())
    at = {it["Track ID"]: unquote(urlsplit(it["Location"]).path) for it in read["Tracks"].values()}
    lists = {it["Playlist Persistent ID"]: it for it in read["Playlists"]}
    (found,) = (it for it in lists.values() if it["Name"] == LIST)
    above = lists[found["Parent Persistent ID"]]
    assert (above["Name"], lists[above["Parent Persistent ID"]]["Name"]) == ("Gigs / 2026", "Year")
    return [at[it["Track ID"]] for it in found["Playlist Items"]]


READERS: list[tuple[str, str, Callable[[Path], list[str]]]] = [
    ("rekordbox", "a.xml", of_pyrekordbox),
    ("rekordbox", "a.xml", of_rbox),
    ("traktor", "a.nml", of_traktor_nml_utils),
    ("serato", "_Serato_", of_serato_tools),
    ("itunes", "Library.xml", of_plistlib),
]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # one leaves it open
@pytest.mark.parametrize(("form", "name", "read"), READERS)
def test_every_place_is_a_file_and_every_list_is_in_tidals_order(
    t: Terminal, files: list[str], form: str, name: str, read: Callable[[Path], list[str]]
) -> None:
    to = t.folder / name
    assert t("export", form, "--to", str(to)).code == 0
    found = read(to)
    assert found == files
    assert all(Path(path).is_file() and not Path(path).is_symlink() for path in found)
