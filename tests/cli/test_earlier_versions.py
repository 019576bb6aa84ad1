"""A library of the earlier tool's last version: what it holds is not fetched again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from strandline.demo import music
from strandline.demo.model import Track
from tests.cli.terminal import Terminal
from tests.migrations import earlier_versions
from tests.migrations.old_databases import OldDatabase, rows

HELD, MISSING = 29, 10


class December:
    """Equal copies in the folders of two playlists, ten files lost, and playlists of one's own."""

    def __init__(self, t: Terminal) -> None:
        self.t = t
        self.tracks = [t.track(f"song {number:02}") for number in range(HELD + MISSING)]
        a = t.account.playlist("A", self.tracks)
        b = t.account.playlist("B", self.tracks[:5])
        t.state.mkdir(exist_ok=True)
        old = self.database = OldDatabase(t.state / "strandline.db", earlier_versions.DECEMBER)
        for row, playlist in ((1, a), (2, b)):
            old.playlist(
                row, playlist.title, tidal_id=playlist.uuid, source="tidal",
                local_folder_path=f"mp3/Playlists/{playlist.title}/",
            )  # fmt: skip
        old.playlist(
            3, "Mine", tidal_id=None, source="local", local_folder_path="mp3/Playlists/Mine/"
        )
        old.playlist(4, "Mine too", tidal_id=None, source="local")
        for row, track in enumerate(self.tracks, 1):
            self._track(row, track)
        self.own = self.put("Playlists/Mine/own.flac", self.tracks[0])
        old.track(
            99, tidal_id=None, title="own", file_paths=json.dumps(["Playlists/Mine/own.flac"])
        )
        old.entry(3, 99, in_tidal=0, in_local=1)

    def _track(self, row: int, track: Track) -> None:
        listed = [f"Playlists/A/{row:02} {track.title}.flac"]
        self.database.entry(1, row, position=row)
        if row <= 5:
            listed.append(f"Playlists/B/{row:02} {track.title}.flac")
            self.database.entry(2, row, position=row)
        self.database.track(
            row, tidal_id=str(track.id), title=track.title, artist="Ana",
            file_paths=json.dumps(listed),
        )  # fmt: skip
        if row <= HELD:
            for path in listed:
                self.put(path, track)

    def put(self, path: str, track: Track) -> Path:
        place = self.t.library / "mp3" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(music.flac(track.id, 1))
        return place


@pytest.fixture
def december(t: Terminal) -> December:
    return December(t)


def test_only_what_is_missing_is_fetched(t: Terminal, december: December) -> None:
    assert t("db", "status").code == 0
    said = t("sync-check", "--json")
    assert said.code == 0, said.err
    assert said.json["counts"]["download"] == MISSING
    done = t("sync-execute", "--yes", "--json")
    assert done.code == 0, done.err
    assert done.json["result"]["done"]["download"] == MISSING
    assert done.json["result"]["done"]["link"] == 5
    assert all(path.is_symlink() for path in (t.playlists / "B").iterdir())
    assert december.own.read_bytes() == music.flac(december.tracks[0].id, 1)
    assert not december.own.is_symlink()
    assert t("sync-check", "--json").json["in_sync"] is True


def test_the_first_copy_may_be_gone_and_the_second_one_serves(
    t: Terminal, december: December
) -> None:
    for path in sorted((t.playlists / "A").iterdir())[:5]:
        path.unlink()
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["result"]["done"]["download"]) == (0, MISSING)
    assert t("sync-check", "--json").json["in_sync"] is True


def test_a_damaged_first_copy_gives_way_to_the_second(t: Terminal, december: December) -> None:
    for path in sorted((t.playlists / "A").iterdir())[:5]:
        path.write_bytes(path.read_bytes()[:2000])
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["result"]["done"]["download"]) == (0, MISSING), said.out
    assert t("verify").code == 0


def test_local_playlists_are_listed_and_counted_nowhere(t: Terminal, december: December) -> None:
    assert t("db", "upgrade").code == 0
    assert t("sync-execute", "--yes").code == 0
    status = t("sync-status", "--json").json
    assert (status["playlists"]["total"], status["playlists"]["in_sync"]) == (2, 2)
    assert [item["name"] for item in status["items"] if item["playlist"] is None] == [
        "Mine",
        "Mine too",
    ]
    for words in (["sync-status"], ["verify"], ["doctor"], ["dedupe-report"], ["history"]):
        assert t(*words).code == 0, words
    kept = rows(t.state / "strandline.db", "SELECT name, source FROM playlists ORDER BY id")
    assert kept[2:] == [("Mine", "local"), ("Mine too", "local")]


def test_db_upgrade_says_where_the_copy_is_and_leaves_other_tables(
    t: Terminal, december: December
) -> None:
    said = t("db", "upgrade", "--json")
    assert said.code == 0, said.err
    copy = Path(said.json["copy"])
    assert rows(copy, "SELECT version_num FROM alembic_version") == [("5042779864de",)]
    assert rows(t.state / "strandline.db", "SELECT name FROM rekordbox_folders") == [("Gigs",)]
    assert t("db", "status", "--json").json["up_to_date"] is True


def test_a_playlist_of_tidals_with_a_local_ones_name_gets_a_folder_of_its_own(
    t: Terminal, december: December
) -> None:
    assert t("sync-execute", "--yes").code == 0
    new = t.account.playlist("Mine", [t.track("other")])
    assert t("sync-execute", "--yes").code == 0
    mine = t.playlists / "Mine"
    assert [path.name for path in mine.iterdir()] == ["own.flac"]
    assert (t.playlists / f"Mine [{new.uuid[:8]}]" / "Ana - other.flac").is_file()
    assert t("sync-check", "--json").json["in_sync"] is True


def test_a_file_of_a_local_playlist_is_never_moved_away(t: Terminal, december: December) -> None:
    """Not even where it is all there is of a track."""
    for path in t.playlists.glob("[AB]/01 *"):
        path.unlink()
    said = t("sync-execute", "--yes", "--json")
    assert said.json["result"]["done"]["download"] == MISSING + 1
    assert december.own.is_file()
    assert not december.own.is_symlink()
    t.account.clear(next(iter(t.account.playlists.values())))
    assert t("sync-execute", "--yes", "--max-removals", "100%").code == 0
    assert december.own.is_file()
