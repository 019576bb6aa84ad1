"""A year of a collection: playlists and files come, go and move, and old exports find them all."""

from __future__ import annotations

import os
import random
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from pyrekordbox.rbxml import RekordboxXml
from serato_tools.crate import Crate
from traktor_nml_utils import TraktorCollection

from strandline.demo.model import Playlist, Track
from tests.cli.terminal import Terminal

MONTHS = 12
CUES = {
    "rekordbox": (b"/>\n    <TRACK", b'><POSITION_MARK Start="1.5" Num="0"/></TRACK>\n    <TRACK'),
    "traktor": (b"</ENTRY>", b'<CUE_V2 NAME="a" START="1.5"></CUE_V2></ENTRY>'),
}
PLACES = {
    "rekordbox": re.compile(rb'(Location="file://localhost)([^"]*)'),
    "traktor": re.compile(rb'(<LOCATION DIR="|TYPE="TRACK" KEY=")([^"]*(?:" FILE="[^"]*)?)'),
}  # fmt: skip
NAMES = [
    "Deep & House",
    "Sunday",
    "100% #1",
    "Åh",
    "Peak 🌒",
    "b",
    "Warm Up",
    "Late",
    "Nine",
    "Ten",
]


@dataclass
class Export:
    """A file of the person's, with whose place each of its paths was when it was written."""

    form: str
    data: bytes
    whose: dict[str, str]


@dataclass
class Year:
    """What happens in a month, by chance."""

    t: Terminal
    chance: random.Random
    names: Iterator[str]
    tracks: list[Track] = field(default_factory=list)
    count: int = 0

    @property
    def lists(self) -> list[Playlist]:
        return list(self.t.account.playlists.values())

    def happens(self) -> None:
        hands: list[Callable[[], None]] = [
            self.new_playlist, self.rename, self.rename, self.swap, self.delete_playlist,
            self.add, self.add, self.remove, self.remove, self.drag, self.rename_file,
            self.rename_file, self.move_file, self.rename_folder, self.undo,
        ]  # fmt: skip
        self.chance.choice(hands)()

    def new_playlist(self) -> None:
        name = next(self.names, f"List {self.count}")
        some = self.chance.sample(self.tracks, min(4, len(self.tracks)))
        self.t.account.playlist(name, [*some, self.new_track()])

    def new_track(self) -> Track:
        self.count += 1
        self.tracks.append(self.t.track(f"Song {self.count} (50% & más)"))
        return self.tracks[-1]

    def rename(self) -> None:
        self.count += 1
        self.t.account.rename(self.chance.choice(self.lists), f"Renamed {self.count}")

    def swap(self) -> None:
        one, other = self.chance.sample(self.lists, 2)
        titles = one.title, other.title
        self.t.account.rename(one, titles[1])
        self.t.account.rename(other, titles[0])

    def delete_playlist(self) -> None:
        if len(self.lists) > 3:
            self.t.account.delete(self.chance.choice(self.lists))

    def add(self) -> None:
        self.t.account.add(self.chance.choice(self.lists), self.chance.choice(self.tracks))

    def remove(self) -> None:
        playlist = self.chance.choice(self.lists)
        if playlist.entries:
            self.t.account.remove(playlist, self.chance.randrange(len(playlist.entries)))

    def drag(self) -> None:
        playlist = self.chance.choice(self.lists)
        if len(playlist.entries) > 1:
            self.t.account.move(playlist, 0, len(playlist.entries) - 1)

    def _files(self) -> list[Path]:
        found = sorted(self.t.playlists.rglob("*.flac"))
        return [path for path in found if path.is_file() and not path.is_symlink()]

    def rename_file(self) -> None:
        if files := self._files():
            self.count += 1
            path = self.chance.choice(files)
            path.rename(path.with_name(f"mine #{self.count}.flac"))

    def move_file(self) -> None:
        if files := self._files():
            path = self.chance.choice(files)
            to = self.chance.choice(sorted(self.t.playlists.iterdir())) / path.name
            if not os.path.lexists(to):
                path.rename(to)

    def rename_folder(self) -> None:
        if folders := sorted(self.t.playlists.iterdir()):
            self.count += 1
            path = self.chance.choice(folders)
            path.rename(path.with_name(f"Folder {self.count}"))

    def undo(self) -> None:
        self.t("undo", "last", "--yes")

    def settle(self) -> None:
        said = self.t("sync-execute", "--yes", "--max-removals", "100%", "--accept-refetch", "999")
        assert said.code in (0, 4), said.err

    def places(self) -> dict[str, str]:
        """Each track's place on disk, by id."""
        mp3 = (self.t.library / "mp3").resolve()
        tracks = self.t("tracks", "--json").json["tracks"]
        return {it["track"]: f"{mp3}/{it['path']}" for it in tracks if it["path"]}


def exported(year: Year, form: str) -> Iterator[Export]:
    """The files of an export, as the person's program would have them, with cues."""
    t, whose = year.t, {path: track for track, path in year.places().items()}
    if form == "serato":
        folder = t.folder / "_Serato_"
        t("export", "serato", "--to", str(folder))
        for file in sorted(folder.rglob("*.crate")):
            yield Export(form, file.read_bytes(), whose)
        return
    t("export", form)
    (file,) = (t.library / "exports").glob(f"{form}.*")
    yield Export(form, file.read_bytes().replace(*CUES[form]), whose)


def records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        (size,) = struct.unpack(">I", data[at + 4 : at + 8])
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size


def paths_in(form: str, data: bytes) -> list[str]:
    """Every full path in it, in order."""
    if form == "serato":
        tracks = (value for tag, value in records(data) if tag == b"otrk")
        return ["/" + value.decode("utf-16-be") for it in tracks for _, value in records(it)]
    found = [unescape(it[2].decode()) for it in PLACES[form].finditer(data)]
    if form == "rekordbox":
        return [unquote_to_bytes(it).decode() for it in found]
    return [
        it.replace('" FILE="', "").removeprefix("Macintosh HD").replace("/:", "/") for it in found
    ]


def rest_of(form: str, data: bytes) -> bytes:
    """All but the paths."""
    if form == "serato":
        return b"".join(tag if tag == b"otrk" else tag + value for tag, value in records(data))
    return PLACES[form].sub(rb"\1", data)


def read_back(form: str, file: Path) -> set[str]:
    """Every full path in it, as a reader finds them that is not ours."""
    if form == "rekordbox":
        return {f"/{track['Location']}" for track in RekordboxXml(file).get_tracks()}
    if form == "serato":
        return {f"/{path}" for path in Crate(str(file)).tracks()}
    places = (entry.location for entry in TraktorCollection(file).nml.collection.entry)
    return {at.dir.replace("/:", "/") + at.file for at in places}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # one leaves it open
@pytest.mark.parametrize("seed", range(3))
def test_after_a_year_every_old_export_points_at_every_file_that_still_is(
    t: Terminal, seed: int
) -> None:
    chance = random.Random(seed)
    year = Year(t, chance, iter(NAMES))
    for _ in range(4):
        year.new_playlist()
    past: list[Export] = []
    for month in range(MONTHS):
        for _ in range(chance.randrange(2, 6) if month else 0):
            year.happens()
            if chance.random() < 0.3:
                year.settle()
        year.settle()
        forms = [*PLACES, "serato"]
        for form in forms if not month else chance.sample(forms, 1):
            past += exported(year, form)
    now, moved = year.places(), 0
    for number, export in enumerate(past):
        mine, out = t.folder / f"mine {number}", t.folder / f"out {number}"
        if export.form == "serato":  # a crate's disk is that on which it lies
            mine = t.folder / "_Serato_" / f"mine {number}.crate"
        mine.write_bytes(export.data)
        said = t("export", "relocate", "--from", str(mine), "--to", str(out), "--json")
        assert said.code == 0, said.err
        data = out.read_bytes()
        assert mine.read_bytes() == export.data
        assert rest_of(export.form, data) == rest_of(export.form, export.data)
        before, after = paths_in(export.form, export.data), paths_in(export.form, data)
        assert len(before) == len(after)
        assert read_back(export.form, out) == set(after)
        for old, new in zip(before, after, strict=True):
            here = now.get(export.whose[old])
            assert new == (here or old), f"{export.form} of {number}: {old}"
            assert here is None or Path(here).is_file()
            moved += new != old
    assert moved > 20
