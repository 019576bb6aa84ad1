"""A database and a folder tree of the earlier tool become a library, and nothing is downloaded."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from strandline.demo import music
from strandline.demo.model import Playlist, Track
from strandline.errors import SafetyStopError
from tests.migrations.old_databases import TABLES, THEN
from tests.scenarios.home import Home


class OldTool:
    """What the earlier tool left: its database, and the audio as plain files."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.database = home.folder / "state" / "strandline.db"
        self.rows = sqlite3.connect(self.database)
        self.rows.executescript(TABLES)

    def playlist(self, wanted: Playlist, folder: str | None, synced: str | None = THEN) -> int:
        place = f"mp3/Playlists/{folder}" if folder else None
        cursor = self.rows.execute(
            "INSERT INTO playlists (tidal_id, name, local_folder_path, last_synced_at, created_at,"
            " updated_at, track_count_tidal, track_count_local, track_count_rekordbox)"
            " VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0)",
            (wanted.uuid, wanted.title, place, synced, THEN, THEN),
        )
        return int(cursor.lastrowid or 0)

    def track(self, wanted: Track, file_path: str | None, *playlists: int) -> None:
        artist = wanted.artists[0].name
        cursor = self.rows.execute(
            "INSERT INTO tracks (tidal_id, title, artist, duration, normalized_name, file_path,"
            " created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (str(wanted.id), wanted.title, artist, wanted.duration,
             f"{artist} - {wanted.title}".lower(), file_path, THEN, THEN),
        )  # fmt: skip
        for position, playlist in enumerate(playlists):
            self.rows.execute(
                "INSERT INTO playlist_tracks (playlist_id, track_id, position, in_tidal, in_local,"
                " in_rekordbox, created_at, updated_at) VALUES (?, ?, ?, 1, 1, 0, ?, ?)",
                (playlist, cursor.lastrowid, position, THEN, THEN),
            )

    def audio(self, wanted: Track, path: str) -> Path:
        """The track's audio without any tag of ours."""
        place = self.home.playlists / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(music.flac(wanted.id, 1))
        return place

    def done(self) -> None:
        self.rows.commit()
        self.rows.close()


@pytest.fixture
def old(home: Home) -> OldTool:
    return OldTool(home)


def downloads(home: Home) -> int:
    return len(home.tidal.asked("/v1/tracks/*/playbackinfopostpaywall"))


def test_files_of_the_earlier_tool_are_taken_over_and_copies_become_links(
    home: Home, old: OldTool
) -> None:
    x, y, z = (home.account.track(name, "Ana") for name in "xyz")
    house = home.account.playlist("Deep House", [x, y])
    other = home.account.playlist("AC/DC: live", [x, z])
    first, second = old.playlist(house, "Deep House"), old.playlist(other, "ACDC live")
    old.track(x, str(old.audio(x, "Deep House/ana - x.flac")), first, second)
    old.track(y, "mp3/Playlists/Deep House/y.flac", first)
    old.audio(y, "Deep House/y.flac")
    old.track(z, "Playlists/ACDC live/gone.flac", second)
    old.audio(x, "ACDC live/ana - x.flac")
    old.done()
    before = home.contents

    home.sync()

    assert home.tree == [
        "AC-DC- live/Ana - z.flac",
        "AC-DC- live/ana - x.flac -> ../Deep House/ana - x.flac",
        "Deep House/ana - x.flac",
        "Deep House/y.flac",
    ]
    assert downloads(home) == 1
    assert home.contents > before
    assert home.words(home.check()) == []
    copies = list((home.folder / "state").glob("strandline.db.*.bak"))
    assert len(copies) == 1, "the old database was copied beside itself first"


def test_no_row_of_the_old_database_is_lost(home: Home, old: OldTool) -> None:
    x = home.account.track("x", "Ana")
    playlist = old.playlist(home.account.playlist("A", [x]), None, None)
    old.track(x, "../../elsewhere/x.mp3", playlist)
    old.rows.execute(
        "INSERT INTO tracks (title, artist, normalized_name, file_path, created_at, updated_at)"
        " VALUES ('mine', 'me', 'me - mine', 'Playlists/A/mine.wav', ?, ?)",
        (THEN, THEN),
    )
    old.done()
    (home.playlists / "A").mkdir(parents=True)
    (home.playlists / "A" / "mine.wav").write_bytes(b"a bounce of my own")
    home.sync()
    assert home.tree == ["A/Ana - x.flac", "A/mine.wav"]
    with closing(sqlite3.connect(old.database)) as rows:
        titles = rows.execute("SELECT title FROM tracks ORDER BY title").fetchall()
    assert titles == [("mine",), ("x",)]


def test_music_that_is_not_mounted_stops_the_first_run_too(home: Home, old: OldTool) -> None:
    x = home.account.track("x", "Ana")
    old.track(x, "Playlists/A/x.mp3", old.playlist(home.account.playlist("A", [x]), "A"))
    old.done()
    with pytest.raises(SafetyStopError) as stop:
        home.sync()
    assert stop.value.code == "library_missing"
    assert not home.library.exists()


def test_an_empty_or_cut_off_file_of_the_earlier_tool_is_fetched_anew(
    home: Home, old: OldTool
) -> None:
    x, y = (home.account.track(name, "Ana") for name in "xy")
    playlist = old.playlist(home.account.playlist("A", [x, y]), "A")
    for track in (x, y):
        place = old.audio(track, f"A/{track.title}.flac")
        place.write_bytes(place.read_bytes()[: 0 if track is x else 5_000])
        old.track(track, f"Playlists/A/{track.title}.flac", playlist)
    old.done()
    home.sync()
    assert downloads(home) == 2
    assert home.trash == ["Playlists/A/x.flac", "Playlists/A/y.flac"]
    assert home.words(home.check()) == []


def test_links_with_full_paths_of_an_earlier_tool_become_relative_ones(
    home: Home, old: OldTool
) -> None:
    x = home.account.track("x", "Ana")
    a = old.playlist(home.account.playlist("A", [x]), "A")
    b = old.playlist(home.account.playlist("B", [x]), "B")
    audio = old.audio(x, "A/x.flac")
    old.track(x, str(audio), a, b)
    old.done()
    (home.playlists / "B").mkdir()
    (home.playlists / "B" / "x.flac").symlink_to(audio)
    home.sync()
    assert home.tree == ["A/x.flac", "B/x.flac -> ../A/x.flac"]
    assert downloads(home) == 0
    assert home.words(home.check()) == []
