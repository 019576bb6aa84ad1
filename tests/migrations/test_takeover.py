"""What becomes of the rows of an old database."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from old_databases import DIALECTS, NOW, THEN, OldDatabase, change, contents, row, rows
from sqlalchemy import Engine, event

from strandline.db.schema.upgrade import HEAD, Upgraded, ensure_current
from strandline.db.sqlite.connection import stored


@pytest.fixture
def mp3(tmp_path: Path) -> Path:
    directory = tmp_path / "library" / "mp3"
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def old(tmp_path: Path) -> OldDatabase:
    return OldDatabase(tmp_path / "strandline.db")


def put(mp3: Path, path: str, content: bytes = b"audio") -> Path:
    file = mp3 / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def upgrade(old: OldDatabase, mp3: Path) -> Upgraded:
    done = ensure_current(old.path, mp3_dir=mp3, now=NOW, note=lambda line: None)
    assert done is not None
    return done


def track(old: OldDatabase, number: int) -> tuple[Any, ...]:
    return row(
        old.path,
        "SELECT file_path, download_status, downloaded_at FROM tracks WHERE id = ?",
        number,
    )


def test_track_whose_file_exists_is_downloaded_when_it_was_last_modified(
    old: OldDatabase, mp3: Path
) -> None:
    put(mp3, "Playlists/A/x.mp3")
    old.track(1, file_path="Playlists/A/x.mp3", file_last_modified=THEN)
    assert upgrade(old, mp3).report.lines == []
    assert track(old, 1) == ("Playlists/A/x.mp3", "downloaded", THEN)


def test_track_without_a_known_time_is_downloaded_now(old: OldDatabase, mp3: Path) -> None:
    put(mp3, "Playlists/A/x.mp3")
    old.track(1, file_path="Playlists/A/x.mp3")
    upgrade(old, mp3)
    assert track(old, 1)[2] == stored(NOW) == "2026-11-20 21:22:23.000000"


def test_track_without_a_file_is_not_downloaded(old: OldDatabase, mp3: Path) -> None:
    old.track(1)
    old.track(2, file_path="Playlists/A/gone.mp3", file_last_modified=THEN)
    report = upgrade(old, mp3).report
    assert track(old, 1) == (None, "not_downloaded", None)
    assert track(old, 2) == ("Playlists/A/gone.mp3", "not_downloaded", None)
    assert report.lines == ["track 2 (Artist - Title): its file is not there: Playlists/A/gone.mp3"]


@pytest.mark.parametrize(
    "written",
    [
        "Playlists/A/x.mp3",
        "mp3/Playlists/A/x.mp3",
        "./mp3/Playlists//A/x.mp3",
        "{mp3}/Playlists/A/x.mp3",
        "{mp3}//Playlists/./A/x.mp3",
        "{alias}/Playlists/A/x.mp3",
        "/an/old/disk/mp3/Playlists/A/x.mp3",
    ],
)
def test_path_of_any_old_form_becomes_relative_to_the_mp3_directory(
    old: OldDatabase, mp3: Path, tmp_path: Path, written: str
) -> None:
    put(mp3, "Playlists/A/x.mp3")
    alias = tmp_path / "alias"
    alias.symlink_to(mp3)
    old.track(1, file_path=written.format(mp3=mp3, alias=alias))
    assert upgrade(old, mp3).report.lines == []
    assert track(old, 1)[:2] == ("Playlists/A/x.mp3", "downloaded")


def test_library_reached_through_a_link_still_knows_its_real_paths(
    old: OldDatabase, mp3: Path, tmp_path: Path
) -> None:
    put(mp3, "Playlists/A/x.mp3")
    (tmp_path / "alias").symlink_to(mp3.parent)
    old.track(1, file_path=f"{mp3}/Playlists/A/x.mp3")
    upgrade(old, tmp_path / "alias" / "mp3")
    assert track(old, 1)[:2] == ("Playlists/A/x.mp3", "downloaded")


def test_leading_mp3_may_also_be_a_folder_of_that_name(old: OldDatabase, mp3: Path) -> None:
    put(mp3, "mp3/x.mp3")
    old.track(1, file_path="mp3/x.mp3")
    upgrade(old, mp3)
    assert track(old, 1)[:2] == ("mp3/x.mp3", "downloaded")


@pytest.mark.parametrize(
    ("written", "trouble"),
    [
        ("/etc/hostname", "lies outside the library"),
        ("/an/old/disk/Playlists/A/none.mp3", "lies outside the library"),
        ("Playlists/A/../B/x.mp3", "climbs out with '..'"),
        ("../../etc/passwd", "climbs out with '..'"),
        ("{mp3}/../../x.mp3", "climbs out with '..'"),
        ("{mp3}-other/x.mp3", "lies outside the library"),
        ("", "lies outside the library"),
        ("a\0b.mp3", "lies outside the library"),
    ],
)
def test_path_that_is_not_understood_is_kept_and_listed(
    old: OldDatabase, mp3: Path, written: str, trouble: str
) -> None:
    put(mp3, "Playlists/B/x.mp3")
    text = written.format(mp3=mp3)
    old.track(1, file_path=text)
    assert upgrade(old, mp3).report.lines == [
        f"track 1 (Artist - Title): its file {trouble}: {text}"
    ]
    assert track(old, 1) == (text, "not_downloaded", None)


def test_files_are_never_looked_for_in_the_working_directory(
    old: OldDatabase, mp3: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(mp3, "Playlists/A/there.mp3")
    put(tmp_path / "elsewhere", "Playlists/A/here.mp3")
    monkeypatch.chdir(tmp_path / "elsewhere")
    old.track(1, file_path="Playlists/A/there.mp3")
    old.track(2, file_path="Playlists/A/here.mp3")
    upgrade(old, mp3)
    assert track(old, 1)[1] == "downloaded"
    assert track(old, 2)[1] == "not_downloaded"


def test_folder_in_the_place_of_a_file_is_no_file(old: OldDatabase, mp3: Path) -> None:
    (mp3 / "Playlists/A/x.mp3").mkdir(parents=True)
    old.track(1, file_path="Playlists/A/x.mp3")
    upgrade(old, mp3)
    assert track(old, 1)[1] == "not_downloaded"


def test_file_name_in_another_unicode_form_is_found(old: OldDatabase, mp3: Path) -> None:
    name = "Playlists/A/Beyoncé - Ü.mp3"
    put(mp3, unicodedata.normalize("NFD", name))
    old.track(1, file_path=unicodedata.normalize("NFC", name))
    upgrade(old, mp3)
    path, status, _ = track(old, 1)
    assert status == "downloaded"
    assert (mp3 / path).is_file()


def test_empty_files_links_and_shared_files_are_listed(old: OldDatabase, mp3: Path) -> None:
    put(mp3, "Playlists/A/empty.mp3", b"")
    put(mp3, "Playlists/A/x.mp3")
    (mp3 / "Playlists/A/link.mp3").symlink_to("x.mp3")
    (mp3 / "Playlists/A/broken.mp3").symlink_to("nowhere.mp3")
    for number, name in enumerate(("empty", "link", "broken", "x", "x"), 1):
        old.track(number, file_path=f"Playlists/A/{name}.mp3")
    lines = upgrade(old, mp3).report.lines
    assert [line.partition("): ")[2] or line for line in lines] == [
        "its file is empty (0 bytes): Playlists/A/empty.mp3",
        "its file is a link: Playlists/A/link.mp3",
        "its file is not there: Playlists/A/broken.mp3",
        "2 tracks name the same file: Playlists/A/x.mp3",
    ]


def test_music_that_is_not_mounted_is_one_line_and_loses_no_path(
    old: OldDatabase, tmp_path: Path
) -> None:
    for number in range(1, 4):
        old.track(number, file_path=f"mp3/Playlists/A/{number}.mp3")
    (line,) = upgrade(old, tmp_path / "not" / "mounted").report.lines
    assert "is not there" in line
    assert "3 tracks" in line
    assert track(old, 3)[0] == "Playlists/A/3.mp3"


def test_playlist_that_was_synced_is_unknown_and_any_other_needs_download(
    old: OldDatabase, mp3: Path
) -> None:
    old.playlist(1, "Synced", last_synced_at=THEN)
    old.playlist(2, "Never")
    upgrade(old, mp3)
    assert rows(old.path, "SELECT sync_status, last_synced_filesystem FROM playlists") == [
        ("unknown", THEN),
        ("needs_download", None),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "Playlists/Deep",
        "mp3/Playlists/Deep/",
        "{mp3}/Playlists/Deep",
        "Deep",
        "/old/Playlists/Deep/",
    ],
)
def test_playlist_folder_of_any_old_form_is_written_in_the_one_form(
    old: OldDatabase, mp3: Path, written: str
) -> None:
    (mp3 / "Playlists/Deep").mkdir(parents=True)
    old.playlist(1, "Another name", local_folder_path=written.format(mp3=mp3))
    assert upgrade(old, mp3).report.lines == []
    assert row(old.path, "SELECT local_folder_path FROM playlists") == ("mp3/Playlists/Deep/",)


@pytest.mark.parametrize("written", ["/somewhere/else", "Playlists/A/B", "../Playlists/A", "mp3"])
def test_playlist_folder_that_is_not_understood_is_kept_and_listed(
    old: OldDatabase, mp3: Path, written: str
) -> None:
    old.playlist(1, "P", local_folder_path=written)
    (line,) = upgrade(old, mp3).report.lines
    assert line.endswith(f": {written}")
    assert row(old.path, "SELECT local_folder_path FROM playlists") == (written,)


def test_two_playlists_with_one_folder_are_listed(old: OldDatabase, mp3: Path) -> None:
    old.playlist(1, "P", local_folder_path="mp3/Playlists/Deep/")
    old.playlist(2, "Q", local_folder_path="mp3/Playlists/DEEP/")
    (line,) = upgrade(old, mp3).report.lines
    assert line.startswith("playlist 2 (Q): its folder is also that of playlist 1 (P)")


def test_every_entry_may_become_primary(old: OldDatabase, mp3: Path) -> None:
    old.playlist(1, "P")
    old.playlist(2, "Q")
    old.track(1)
    old.entry(1, 1)
    old.entry(2, 1)
    upgrade(old, mp3)
    told = rows(old.path, "SELECT is_primary, sync_status, symlink_path FROM playlist_tracks")
    assert told == [(1, "unknown", None)] * 2


def test_positions_are_filled_without_gaps_in_the_old_order(old: OldDatabase, mp3: Path) -> None:
    old.playlist(1, "P")
    for number, position, in_tidal in ((1, 7, 1), (2, 3, 1), (3, 3, 1), (4, None, 1), (5, 1, 0)):
        old.track(number)
        old.entry(1, number, position=position, in_tidal=in_tidal, added_to_tidal=THEN)
    upgrade(old, mp3)
    assert rows(old.path, "SELECT position, track_id, added_at FROM playlist_positions") == [
        (0, 2, THEN),
        (1, 3, THEN),
        (2, 1, THEN),
    ]


def test_empty_ids_and_references_to_nowhere_are_kept_and_listed(
    old: OldDatabase, mp3: Path
) -> None:
    old.track(1, tidal_id="")
    old.track(2, tidal_id=None)
    old.playlist(1, "P", tidal_id=" ")
    old.entry(1, 99, position=0)
    old.add("sync_operations", playlist_id=98)
    assert upgrade(old, mp3).report.lines == [
        "playlist 1 (P): its TIDAL id is empty",
        "track 1 (Artist - Title): its TIDAL id is empty",
        "playlist_tracks row 1: refers to a row of tracks that is not there",
        "sync_operations row 1: refers to a row of playlists that is not there",
    ]
    assert row(old.path, "SELECT count(*) FROM playlist_tracks") == (1,)


@pytest.mark.parametrize("name", ["AC/DC", "🎧 Late…", "ends with dots...", "a\nb", "'; --", "CON"])
def test_names_of_any_kind_survive(old: OldDatabase, mp3: Path, name: str) -> None:
    old.track(1, title=name, artist=name, normalized_name=name)
    old.playlist(1, name)
    upgrade(old, mp3)
    assert row(old.path, "SELECT title, artist, normalized_name FROM tracks") == (name,) * 3
    assert row(old.path, "SELECT name FROM playlists") == (name,)


@pytest.mark.parametrize("kind", DIALECTS)
def test_old_database_of_any_making_is_taken_over_with_every_row(
    tmp_path: Path, mp3: Path, kind: str
) -> None:
    old = OldDatabase(tmp_path / "strandline.db", DIALECTS[kind])
    old.playlist(5, "P")
    old.track(7, year=1999, explicit=1, file_hash="ab" * 32)
    old.entry(5, 7, id=11, position=0)
    old.add("sync_operations", id=13, playlist_id=5, track_id=7, details='{"a": 1}')
    before = contents(old.path)
    done = upgrade(old, mp3)
    after = contents(old.path)
    for table in ("tracks", "playlists", "playlist_tracks", "sync_operations"):
        for was, now in zip(before[table], after[table], strict=True):
            assert now[: len(was)] == was
    assert done.after == HEAD
    assert rows(old.path, "PRAGMA foreign_key_check") == []


def test_column_strandline_does_not_know_is_kept(old: OldDatabase, mp3: Path) -> None:
    change(old.path, 'ALTER TABLE tracks ADD COLUMN "my ""cue"" colour" DECIMAL(10, 2)')
    change(old.path, "ALTER TABLE tracks ADD COLUMN untyped")
    old.track(1, untyped=b"\x00", **{'"my ""cue"" colour"': 2.5})
    upgrade(old, mp3)
    assert row(old.path, 'SELECT "my ""cue"" colour", untyped FROM tracks') == (2.5, b"\x00")


def test_required_values_a_sloppy_program_left_out_are_filled(tmp_path: Path, mp3: Path) -> None:
    sloppy = "CREATE TABLE tracks (id INTEGER PRIMARY KEY, tidal_id, title, artist, created_at);"
    old = OldDatabase(tmp_path / "strandline.db", sloppy)
    change(old.path, "INSERT INTO tracks (id, tidal_id, title) VALUES (3, '30', 'T')")
    upgrade(old, mp3)
    assert row(
        old.path, "SELECT id, title, artist, normalized_name, created_at, updated_at FROM tracks"
    ) == (3, "T", "", "", stored(NOW), stored(NOW))


def test_view_of_the_users_still_works_afterwards(tmp_path: Path, mp3: Path) -> None:
    old = OldDatabase(tmp_path / "strandline.db", DIALECTS["with a view and a trigger"])
    old.track(1, title="Rave", genre="Hardcore")
    upgrade(old, mp3)
    assert rows(old.path, "SELECT * FROM loud") == [("Rave",)]


def test_large_old_database_is_taken_over_in_a_fixed_number_of_statements(
    old: OldDatabase, mp3: Path
) -> None:
    put(mp3, "Playlists/P/x.mp3")
    old.playlist(1, "P", local_folder_path="Playlists/P")
    old.add_all("tracks", [{"id": n, "tidal_id": str(n)} for n in range(1, 3001)])
    old.add_all(
        "playlist_tracks",
        [{"playlist_id": 1, "track_id": n, "position": 3001 - n} for n in range(1, 3001)],
    )
    statements: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    try:
        upgrade(old, mp3)
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert len(statements) < 200
    assert row(
        old.path, "SELECT count(*), min(position), max(position) FROM playlist_positions"
    ) == (
        3000,
        0,
        2999,
    )


def test_nothing_below_the_library_is_touched(old: OldDatabase, mp3: Path) -> None:
    file = put(mp3, "Playlists/A/x.mp3")
    old.track(1, file_path=str(file))
    before = {path: os.lstat(path) for path in mp3.rglob("*")}
    upgrade(old, mp3)
    after = {path: os.lstat(path) for path in mp3.rglob("*")}
    assert {p: (s.st_ino, s.st_mtime_ns) for p, s in before.items()} == {
        p: (s.st_ino, s.st_mtime_ns) for p, s in after.items()
    }
