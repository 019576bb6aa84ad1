"""An old database and the folders an older tool made: the first sync takes them over."""

from __future__ import annotations

from pathlib import Path

import pytest

from strandline.demo import music
from strandline.demo.model import Playlist, Track
from tests.cli.terminal import Terminal
from tests.migrations.old_databases import THEN, OldDatabase, rows


class OldTool:
    """What it left: one copy of the audio in every playlist's folder, and its database."""

    def __init__(self, t: Terminal) -> None:
        self.t = t
        self.x, self.y = t.track("x"), t.track("y")
        self.a = t.account.playlist("A", [self.x, self.y])
        self.b = t.account.playlist("B", [self.x])
        t.state.mkdir(exist_ok=True)
        self.database = OldDatabase(t.state / "strandline.db")
        for row, track in ((1, self.x), (2, self.y)):
            self._track(row, track)
        for row, playlist in ((1, self.a), (2, self.b)):
            self._playlist(row, playlist)
        self.database.entry(1, 1, in_local=1, position=0)
        self.database.entry(1, 2, in_local=1, position=1)
        self.database.entry(2, 1, in_local=1, position=0)

    def _track(self, row: int, track: Track) -> None:
        path = f"Playlists/A/{row:02} {track.title}.flac"
        self.database.track(
            row, tidal_id=str(track.id), title=track.title, artist="Ana", isrc=track.isrc,
            duration=track.duration, file_path=path, file_last_modified=THEN,
        )  # fmt: skip
        self.put(path, track)

    def _playlist(self, row: int, playlist: Playlist) -> None:
        self.database.playlist(
            row, playlist.title, tidal_id=playlist.uuid, last_synced_at=THEN,
            local_folder_path=f"mp3/Playlists/{playlist.title}/",
        )  # fmt: skip

    def put(self, path: str, track: Track) -> Path:
        place = self.t.library / "mp3" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(music.flac(track.id, 1))
        return place


@pytest.fixture
def old(t: Terminal) -> OldTool:
    return OldTool(t)


def test_nothing_is_downloaded_that_is_there(t: Terminal, old: OldTool) -> None:
    copy = old.put("Playlists/B/01 x.flac", old.x)
    mine = t.playlists / "B" / "notes.txt"
    mine.write_text("mine")
    said = t("sync-check", "--json")
    assert said.code == 0, said.err
    assert "copied first" in said.err
    assert said.json["counts"]["download"] == 0

    done = t("sync-execute", "--yes", "--json")
    assert done.code == 0, done.err
    assert done.json["result"]["done"]["download"] == 0
    primary = t.playlists / "A" / "01 x.flac"
    assert primary.read_bytes() == music.flac(old.x.id, 1)
    assert copy.is_symlink()
    assert copy.resolve() == primary
    assert mine.read_text() == "mine"
    (trashed,) = t("trash", "list", "--json").json["runs"][0]["files"]
    assert trashed["path"] == "Playlists/B/01 x.flac"
    assert t("sync-check", "--json").json["in_sync"] is True
    assert t("verify", "--json").json["ok"] == 2


def test_a_shared_track_that_one_folder_lacks_becomes_a_link(t: Terminal, old: OldTool) -> None:
    done = t("sync-execute", "--yes", "--json")
    assert (done.code, done.json["counts"]["link"]) == (0, 1)
    primaries = rows(t.state / "strandline.db", "SELECT is_primary FROM playlist_tracks")
    assert sorted(primaries) == [(0,), (1,), (1,)]
    assert t("sync-check", "--json").json["in_sync"] is True


def test_an_old_database_whose_files_are_not_there_stops(t: Terminal, old: OldTool) -> None:
    t.library.rename(t.folder / "not-mounted")
    for words in (["sync-check"], ["sync-execute", "--yes"]):
        said = t(*words, "--json")
        assert (said.code, said.json["error"]) == (5, "library_missing")
    assert not t.library.exists()
