"""Every version of the earlier tool is taken over, by looking at its tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from earlier_versions import DECEMBER, EVERY, FIRST, UNIFIED
from old_databases import NOW, OldDatabase, change, contents, row, rows, schema

from strandline.db.schema.upgrade import (
    HEAD,
    REVISIONS,
    create_fresh,
    ensure_current,
    revision_state,
)
from strandline.db.store import Store
from strandline.errors import DatabaseError


@pytest.fixture
def mp3(tmp_path: Path) -> Path:
    folder = tmp_path / "library" / "mp3"
    folder.mkdir(parents=True)
    return folder


def put(mp3: Path, path: str, content: bytes = b"music") -> None:
    place = mp3 / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)


def take_over(old: OldDatabase, mp3: Path) -> list[str]:
    """The lines of the report."""
    done = ensure_current(
        old.path,
        mp3_dir=mp3,
        now=NOW,
        note=lambda _: None,
        is_whole=lambda path: b"music" in path.read_bytes(),
    )
    assert done
    return done.report.lines


def paths(*each: str) -> str:
    return json.dumps(each)


@pytest.mark.parametrize("version", EVERY)
def test_every_version_is_taken_over_with_every_row(
    tmp_path: Path, mp3: Path, version: str
) -> None:
    old = OldDatabase(tmp_path / "x.db", EVERY[version])
    for number in range(1, 6):
        old.track(number)
        old.playlist(number, f"P {number}")
        old.entry(number, number, position=number)
    assert take_over(old, mp3) == []
    told = contents(old.path)
    assert [len(told[name]) for name in ("tracks", "playlists", "playlist_tracks")] == [5, 5, 5]
    assert revision_state(old.path).current == HEAD
    with Store.open(old.path, mp3.parent) as store:
        assert len(store.load_snapshot().playlists) == 5
        assert len(store.reports.status().items) == 5


@pytest.mark.parametrize("version", EVERY)
def test_an_empty_database_of_every_version_is_taken_over(
    tmp_path: Path, mp3: Path, version: str
) -> None:
    old = OldDatabase(tmp_path / "x.db", EVERY[version])
    assert take_over(old, mp3) == []
    create_fresh(tmp_path / "fresh.db")
    there, fresh = schema(old.path), schema(tmp_path / "fresh.db")
    for table in fresh.keys() - {"text"}:
        missing = {column[1] for column in fresh[table]["columns"]} - {
            column[1] for column in there[table]["columns"]
        }
        assert not missing, table


def test_the_first_versions_schema_becomes_the_fresh_one(tmp_path: Path, mp3: Path) -> None:
    old = OldDatabase(tmp_path / "x.db", FIRST)
    take_over(old, mp3)
    create_fresh(tmp_path / "fresh.db")
    assert schema(old.path) == schema(tmp_path / "fresh.db")


# ---------------------------------------------------------------- lists of paths


def test_the_first_path_that_exists_becomes_the_files(tmp_path: Path, mp3: Path) -> None:
    old = OldDatabase(tmp_path / "x.db", DECEMBER)
    put(mp3, "Playlists/B/x.mp3")
    put(mp3, "Playlists/C/x.mp3")
    listed = paths("Playlists/A/x.mp3", "Playlists/B/x.mp3", "mp3/Playlists/C/x.mp3")
    old.track(1, file_paths=listed)
    assert take_over(old, mp3) == []
    told = row(old.path, "SELECT file_path, download_status, file_paths FROM tracks")
    assert told == ("Playlists/B/x.mp3", "downloaded", listed)


@pytest.mark.parametrize("bad", [b"", b"half"])
def test_a_path_whose_file_is_not_whole_gives_way(tmp_path: Path, mp3: Path, bad: bytes) -> None:
    old = OldDatabase(tmp_path / "x.db", DECEMBER)
    put(mp3, "Playlists/A/x.mp3", bad)
    put(mp3, "Playlists/B/x.mp3", b"the music")
    old.track(1, file_paths=paths("Playlists/A/x.mp3", "Playlists/B/x.mp3"))
    take_over(old, mp3)
    assert row(old.path, "SELECT file_path FROM tracks") == ("Playlists/B/x.mp3",)


def test_a_link_is_not_taken_for_the_file_where_there_is_one(tmp_path: Path, mp3: Path) -> None:
    old = OldDatabase(tmp_path / "x.db", DECEMBER)
    put(mp3, "Playlists/B/x.mp3")
    (mp3 / "Playlists/A").mkdir()
    (mp3 / "Playlists/A/x.mp3").symlink_to(mp3 / "Playlists/B/x.mp3")
    old.track(1, file_paths=paths("Playlists/A/x.mp3", "Playlists/B/x.mp3"))
    take_over(old, mp3)
    assert row(old.path, "SELECT file_path FROM tracks") == ("Playlists/B/x.mp3",)


@pytest.mark.parametrize("text", ["{", "[1, 2]", '{"a": 1}', "null", "7"])
def test_a_list_that_is_none_is_kept_and_listed(tmp_path: Path, mp3: Path, text: str) -> None:
    old = OldDatabase(tmp_path / "x.db", DECEMBER)
    old.track(1, file_paths=text)
    assert take_over(old, mp3) == [
        f"track 1 (Artist - Title): its list of files cannot be read: {text}"
    ]
    assert row(old.path, "SELECT file_paths FROM tracks") == (text,)


def test_one_path_is_as_good_as_a_list(tmp_path: Path, mp3: Path) -> None:
    old = OldDatabase(tmp_path / "x.db", DECEMBER)
    put(mp3, "Playlists/A/x.mp3")
    old.track(1, file_paths=json.dumps("Playlists/A/x.mp3"))
    assert take_over(old, mp3) == []
    assert row(old.path, "SELECT file_path FROM tracks") == ("Playlists/A/x.mp3",)


# ---------------------------------------------------------------- local playlists


def test_local_playlists_keep_their_rows_and_have_no_id(tmp_path: Path, mp3: Path) -> None:
    old = OldDatabase(tmp_path / "x.db", DECEMBER)
    for number in (1, 2, 3):
        old.playlist(number, f"Mine {number}", tidal_id=None, source="local", track_count_local=7)
    old.playlist(4, "Theirs", tidal_id="uuid-4")
    old.track(1)
    old.track(2, tidal_id=None)
    old.entry(1, 1, in_tidal=1, position=0)
    old.entry(2, 2, in_tidal=0, in_local=1)
    assert take_over(old, mp3) == []
    assert rows(old.path, "SELECT tidal_id, name, source FROM playlists ORDER BY id") == [
        (None, "Mine 1", "local"),
        (None, "Mine 2", "local"),
        (None, "Mine 3", "local"),
        ("uuid-4", "Theirs", "tidal"),
    ]
    assert row(old.path, "SELECT count(*), sum(in_tidal) FROM playlist_tracks") == (2, 0)
    with Store.open(old.path, mp3.parent) as store:
        store.snapshots.begin_snapshot("1")
        store.snapshots.finish_snapshot(complete=True, reason="", seen=["uuid-4"])
        store.statuses.playlists_synced(NOW)
        assert list(store.load_snapshot().playlists) == ["uuid-4"]
        assert store.load_ledger().playlists == {}
        report = store.reports.status()
    assert report.playlists["total"] == 1
    assert [item.playlist for item in report.items] == [None, None, None, "uuid-4"]
    assert row(old.path, "SELECT sum(track_count_local) FROM playlists") == (21,)


def test_an_own_file_of_a_local_playlist_is_not_taken_for_a_tracks(
    tmp_path: Path, mp3: Path
) -> None:
    old = OldDatabase(tmp_path / "x.db", DECEMBER)
    old.playlist(1, "Mine", tidal_id=None, local_folder_path="Playlists/Mine")
    for path in ("Playlists/Mine/x.mp3", "Playlists/A/x.mp3", "Playlists/Mine/y.mp3"):
        put(mp3, path)
    old.track(1, file_paths=paths("Playlists/Mine/x.mp3", "Playlists/A/x.mp3"))
    old.track(2, file_paths=paths("Playlists/Mine/y.mp3"))
    old.track(3, tidal_id=None, file_paths=paths("Playlists/Mine/y.mp3"))
    lines = take_over(old, mp3)
    assert "local playlist's" in lines[0]
    assert rows(old.path, "SELECT file_path FROM tracks ORDER BY id") == [
        ("Playlists/A/x.mp3",),
        (None,),
        ("Playlists/Mine/y.mp3",),
    ]


# ---------------------------------------------------------------- what is not believed


def test_statuses_of_the_earlier_tool_are_not_believed(tmp_path: Path, mp3: Path) -> None:
    old = OldDatabase(tmp_path / "x.db", UNIFIED)
    put(mp3, "Playlists/A/here.mp3")
    old.track(1, file_path="Playlists/A/gone.mp3", download_status="downloaded", downloaded_at=NOW)
    old.track(2, file_path="Playlists/A/here.mp3", download_status="error", download_error="no")
    old.track(3, download_status="what?")
    old.track(4, download_status=None)
    old.playlist(1, "P", sync_status="in_sync")
    old.entry(1, 1, is_primary=None, sync_status="synced")
    take_over(old, mp3)
    assert rows(old.path, "SELECT download_status, download_error FROM tracks ORDER BY id") == [
        ("not_downloaded", None),
        ("downloaded", None),
        ("not_downloaded", None),
        ("not_downloaded", None),
    ]
    assert row(old.path, "SELECT sync_status FROM playlists") == ("needs_download",)
    assert row(old.path, "SELECT is_primary, sync_status FROM playlist_tracks") == (1, "unknown")


def test_links_are_known_where_they_lie_wherever_they_lead(tmp_path: Path, mp3: Path) -> None:
    old = OldDatabase(tmp_path / "x.db", UNIFIED)
    folder = mp3 / "Playlists" / "B"
    folder.mkdir(parents=True)
    (folder / "x.mp3").symlink_to("/an/old/disk/mp3/Playlists/A/x.mp3")
    old.playlist(1, "B", local_folder_path="Playlists/B")
    for number in (1, 2, 3):
        old.track(number)
    old.entry(1, 1, symlink_path=f"{folder}/x.mp3", symlink_valid=1, is_primary=0)
    old.entry(1, 2, symlink_path=f"{folder}/gone.mp3", symlink_valid=1, is_primary=0)
    old.entry(1, 3, symlink_path="/elsewhere/x.mp3", symlink_valid=1, is_primary=0)
    take_over(old, mp3)
    told = rows(old.path, "SELECT path, is_primary, symlink_valid FROM playlist_tracks ORDER BY id")
    assert told == [("Playlists/B/x.mp3", 0, None), (None, 1, None), (None, 1, None)]


def test_a_track_that_was_not_on_offer_is_asked_for_again(tmp_path: Path, mp3: Path) -> None:
    old = OldDatabase(tmp_path / "x.db", DECEMBER)
    old.track(1, tidal_unavailable=1)
    old.track(2, tidal_unavailable=None)
    take_over(old, mp3)
    assert rows(old.path, "SELECT tidal_available FROM tracks ORDER BY id") == [(0,), (1,)]


def test_an_id_that_two_rows_claim_is_the_firsts(tmp_path: Path, mp3: Path) -> None:
    script = FIRST.replace("CONSTRAINT uq_playlist_track UNIQUE (playlist_id, track_id)", "x TEXT")
    old = OldDatabase(tmp_path / "x.db", script)
    old.track(1, tidal_id="7")
    old.track(2, tidal_id="7")
    old.playlist(1, "P", tidal_id="u")
    old.playlist(2, "Q", tidal_id="u")
    old.entry(1, 1)
    old.entry(1, 1)
    assert take_over(old, mp3) == [
        "playlists row 2: its TIDAL id u is another row's already",
        "tracks row 2: its TIDAL id 7 is another row's already",
        "playlist_tracks row 2: playlist 1 has track 1 twice",
    ]
    assert rows(old.path, "SELECT tidal_id FROM tracks ORDER BY id") == [("7",), (None,)]
    assert rows(old.path, "SELECT tidal_id FROM playlists ORDER BY id") == [("u",), (None,)]


# ---------------------------------------------------------------- versions


@pytest.mark.parametrize("version", ["5042779864de", "abc", "1975ea83b712", "2024-12-01"])
def test_a_version_of_another_tool_is_no_newer_strandline(
    tmp_path: Path, mp3: Path, version: str
) -> None:
    old = OldDatabase(tmp_path / "x.db", DECEMBER)
    change(old.path, "UPDATE alembic_version SET version_num = ?", version)
    assert revision_state(old.path).current == version
    take_over(old, mp3)
    assert rows(old.path, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert rows(old.path, "SELECT id, name FROM rekordbox_folders") == [(1, "Gigs")]
    (copy,) = tmp_path.glob("*.bak")
    assert rows(copy, "SELECT version_num FROM alembic_version") == [(version,)]


@pytest.mark.parametrize("version", [None, "5042779864de"])
def test_a_database_of_another_program_is_refused_whatever_its_version(
    tmp_path: Path, mp3: Path, version: str | None
) -> None:
    script = "CREATE TABLE tracks (id INTEGER, song TEXT); CREATE TABLE playlists (id INTEGER);"
    if version:
        script += "CREATE TABLE alembic_version (version_num TEXT);"
        script += f"INSERT INTO alembic_version VALUES ('{version}');"
    old = OldDatabase(tmp_path / "x.db", script)
    before = old.path.read_bytes()
    with pytest.raises(DatabaseError, match="another program"):
        take_over(old, mp3)
    assert old.path.read_bytes() == before


def test_a_database_that_strandline_had_given_a_blank_id_gets_none(
    tmp_path: Path, mp3: Path
) -> None:
    """As 0.1.0 took one local playlist over."""
    old = OldDatabase(tmp_path / "x.db")
    old.playlist(1, "Mine")
    take_over(old, mp3)
    change(old.path, "UPDATE playlists SET tidal_id = ''")
    before = REVISIONS[REVISIONS.index("0008_local_playlists") - 1]
    change(old.path, "UPDATE alembic_version SET version_num = ?", before)
    take_over(old, mp3)
    assert row(old.path, "SELECT tidal_id FROM playlists") == (None,)
