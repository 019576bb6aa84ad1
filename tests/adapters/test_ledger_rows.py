"""What strandline made, as rows: every fact comes back, and folders take their paths along."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored import DAY, DEEP, HOUSE, NOW, folder_is, items, link_is, open_store, primary_is, save

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import (
    EntryGone,
    EntryIs,
    FileGone,
    FileIs,
    FolderGone,
    FolderIs,
    IdBack,
    IdReplaced,
    LedgerFact,
    with_facts,
)
from strandline.core.states import Kind, Ledger, LedgerEntry, LedgerFile, LedgerPlaylist, Stamp
from strandline.db.ledger import folder_in
from strandline.db.store import Store
from strandline.errors import DatabaseError

EMPTY = Ledger({}, {}, {})
ONE, TWO = TrackId("1"), TrackId("2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two playlists that share a track; nothing on disk yet."""
    with open_store(tmp_path) as opened:
        save(opened, {DEEP: items("1", "2"), HOUSE: items("1")})
        yield opened


def row(store: Store, playlist: PlaylistId, track: TrackId, columns: str) -> tuple[object, ...]:
    query = (
        f"SELECT {columns} FROM playlist_tracks AS entry"
        " JOIN playlists ON playlists.id = playlist_id JOIN tracks ON tracks.id = track_id"
        " WHERE playlists.tidal_id = ? AND tracks.tidal_id = ?"
    )
    found: tuple[object, ...] = store._connection.execute(query, (playlist, track)).fetchone()
    return found


def shared(store: Store) -> list[LedgerFact]:
    return [
        folder_is(DEEP, "Deep"),
        *primary_is(DEEP, "1", "Playlists/Deep/one.mp3"),
        folder_is(HOUSE, "House"),
        link_is(HOUSE, "1", "Playlists/House/one.mp3"),
    ]


def test_what_was_applied_is_loaded_again(store: Store) -> None:
    changes = shared(store)
    store.apply(changes, NOW)
    assert store.load_ledger() == with_facts(EMPTY, changes)


def test_a_link_is_stored_with_its_full_path_and_a_primary_without(
    store: Store, tmp_path: Path
) -> None:
    store.apply(shared(store), NOW)
    columns = "is_primary, symlink_path, symlink_valid, in_local, link_kind"
    assert row(store, DEEP, ONE, columns) == (1, None, None, 1, None)
    link = f"{tmp_path}/mp3/Playlists/House/one.mp3"
    assert row(store, HOUSE, ONE, columns) == (0, link, 1, 1, "symlink")


def test_a_renamed_folder_takes_along_the_paths_in_it_and_no_others(
    store: Store, tmp_path: Path
) -> None:
    store.apply([*shared(store), link_is(HOUSE, "2", "Playlists/Deep/odd.mp3")], NOW)
    store.apply([folder_is(DEEP, "Deeper")], NOW)
    ledger = store.load_ledger()
    assert ledger.files[ONE].path == "Playlists/Deeper/one.mp3"
    assert ledger.entries[DEEP, ONE].path == "Playlists/Deeper/one.mp3"
    assert ledger.entries[HOUSE, TWO].path == "Playlists/Deeper/odd.mp3"
    assert ledger.entries[HOUSE, ONE].path == "Playlists/House/one.mp3"
    store.apply([folder_is(HOUSE, "Home")], NOW)
    full_path = f"{tmp_path}/mp3/Playlists/Home/one.mp3"
    assert row(store, HOUSE, ONE, "symlink_path") == (full_path,)


def test_two_playlists_swap_their_folders_in_one_commit(store: Store) -> None:
    swap = [folder_is(DEEP, "House"), folder_is(HOUSE, "Deep")]
    store.apply([*shared(store), *swap], NOW)
    ledger = store.load_ledger()
    assert ledger.entries[DEEP, ONE].path == ledger.files[ONE].path == "Playlists/House/one.mp3"
    assert ledger.entries[HOUSE, ONE].path == "Playlists/Deep/one.mp3"


def test_wildcards_in_a_folder_name_are_letters_like_any_other(store: Store) -> None:
    store.apply([folder_is(DEEP, "D%_"), link_is(DEEP, "1", "Playlists/D%_/one.mp3")], NOW)
    store.apply([link_is(DEEP, "2", "Playlists/Dxx/two.mp3"), folder_is(DEEP, "New")], NOW)
    paths = {entry.path for entry in store.load_ledger().entries.values()}
    assert paths == {"Playlists/New/one.mp3", "Playlists/Dxx/two.mp3"}


def test_an_entry_that_tidal_no_longer_lists_is_forgotten_once_it_is_off_the_disk(
    store: Store,
) -> None:
    store.apply(shared(store), NOW)
    save(store, {DEEP: items("1", "2"), HOUSE: items("2")})
    assert row(store, HOUSE, ONE, "in_tidal, path") == (0, "Playlists/House/one.mp3")
    store.apply([EntryGone(HOUSE, ONE), EntryGone(DEEP, TWO)], NOW)
    assert row(store, HOUSE, ONE, "1") is None
    assert row(store, DEEP, TWO, "in_tidal, path") == (1, None)


def test_the_day_of_the_download_stays_when_the_file_moves(store: Store) -> None:
    store.apply(shared(store), NOW)
    store.apply(primary_is(DEEP, "1", "Playlists/Deep/other.flac"), NOW + DAY)
    query = "SELECT downloaded_at, file_format, download_status FROM tracks WHERE tidal_id = '1'"
    found = store._connection.execute(query).fetchone()
    assert found == ("2026-11-22 15:30:00.000000", "flac", "downloaded")


def test_an_inode_number_that_uses_all_64_bits_comes_back(store: Store) -> None:
    stamp = Stamp(2**64 - 3, 10, 10**18)
    file = LedgerFile(ONE, LibPath("Playlists/Deep/one.mp3"), stamp, 10, None)
    store.apply([FileIs(file), folder_is(DEEP, "Deep", ino=2**63)], NOW)
    ledger = store.load_ledger()
    assert ledger.files[ONE] == file
    assert ledger.playlists[DEEP].ino == 2**63


def test_a_file_that_claims_an_impossible_year_is_stored_all_the_same(store: Store) -> None:
    path = LibPath("Playlists/Deep/one.mp3")
    store.apply([FileIs(LedgerFile(ONE, path, Stamp(1, 1, 2**62 * 2 - 1), 1, None))], NOW)
    store.apply([FileIs(LedgerFile(TWO, path, Stamp(1, 1, -(2**62)), 1, None))], NOW)
    assert len(store.load_ledger().files) == 2


@pytest.mark.parametrize(
    "change",
    [
        link_is(DEEP, "404", "Playlists/Deep/x.mp3"),
        link_is(PlaylistId("nobody"), "1", "Playlists/Deep/x.mp3"),
        FileIs(LedgerFile(TrackId("404"), LibPath("Playlists/Deep/x.mp3"), None, None, None)),
    ],
)
def test_a_fact_about_something_unknown_is_refused_and_takes_its_batch_along(
    store: Store, change: LedgerFact
) -> None:
    with pytest.raises(DatabaseError):
        store.apply([*shared(store), change], NOW)
    assert store.load_ledger() == EMPTY


@pytest.mark.parametrize(
    "path",
    ["/music/x.mp3", "Playlists/../x.mp3", "Elsewhere/x.mp3", "", "C:\\x.mp3", "playlists/a/x.mp3"],
)
def test_files_of_an_old_database_outside_the_playlists_are_not_ours(
    store: Store, path: str
) -> None:
    store._connection.execute("UPDATE tracks SET file_path = ?", (path,))
    assert store.load_ledger().files == {}


def test_rows_of_an_old_database_know_the_file_but_no_entry(store: Store) -> None:
    store._connection.execute("UPDATE playlist_tracks SET is_primary = 1")
    store._connection.execute("UPDATE tracks SET file_path = 'Playlists/Deep/one.mp3', id = id")
    ledger = store.load_ledger()
    assert not ledger.entries
    assert ledger.files[ONE] == LedgerFile(ONE, LibPath("Playlists/Deep/one.mp3"), None, None, None)


def test_a_local_track_without_a_tidal_id_is_not_loaded(store: Store) -> None:
    store.apply(shared(store), NOW)
    store._connection.execute("UPDATE tracks SET tidal_id = NULL WHERE tidal_id = '1'")
    ledger = store.load_ledger()
    assert not ledger.entries
    assert not ledger.files


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("mp3/Playlists/Deep House/", "Deep House"),
        ("mp3/Playlists/Deep House", None),
        ("mp3/Playlists/a/b/", None),
        ("mp3/Playlists//", None),
        ("mp3/Playlists/../", None),
        ("/music/Playlists/x/", None),
        (None, None),
    ],
)
def test_only_a_folder_directly_below_playlists_counts(path: str | None, folder: str) -> None:
    assert folder_in(path) == folder


# ---------------------------------------------------------------- the same as in memory

_TRACKS = st.sampled_from([ONE, TWO])
_PLAYLISTS = st.sampled_from([DEEP, HOUSE])
_FOLDERS = st.sampled_from(["Deep", "House", "deep", "D", "Ünï / 🎛".replace("/", "_")])
_NAMES = st.sampled_from(["a.mp3", "b.flac", "ü.mp3"])
_PATHS = st.builds(lambda f, n: LibPath(f"Playlists/{f}/{n}"), _FOLDERS, _NAMES)
_INODES = st.sampled_from([None, 1, 2, 2**64 - 1])
_STAMPS = st.builds(Stamp, st.integers(1, 2**64 - 1), st.integers(0, 99), st.integers(0, 10**18))
_WORDS = st.none() | st.text(min_size=1, max_size=5).filter(str.isprintable)


def _entry(
    playlist: PlaylistId, track: TrackId, path: LibPath, kind: Kind, name: str, stamp: Stamp
) -> LedgerEntry:
    return LedgerEntry(playlist, track, path, kind, name, stamp if kind is Kind.COPY else None)


def _file(track: TrackId, path: LibPath, stamp: Stamp | None, sha256: str | None) -> LedgerFile:
    return LedgerFile(track, path, stamp, stamp.size if stamp else None, sha256)


_CHANGES = st.lists(
    st.one_of(
        st.builds(
            FolderIs,
            st.builds(LedgerPlaylist, _PLAYLISTS, _FOLDERS, _WORDS, _INODES),
        ),
        st.builds(FolderGone, _PLAYLISTS),
        st.builds(
            EntryIs,
            st.builds(_entry, _PLAYLISTS, _TRACKS, _PATHS, st.sampled_from(Kind), _WORDS, _STAMPS),
        ),
        st.builds(EntryGone, _PLAYLISTS, _TRACKS),
        st.builds(FileIs, st.builds(_file, _TRACKS, _PATHS, st.none() | _STAMPS, _WORDS)),
        st.builds(FileGone, _TRACKS),
        st.permutations([ONE, TWO, TrackId("3")]).map(lambda ids: IdReplaced(*ids[:2])),
        st.builds(IdBack, _TRACKS),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def plain() -> Iterator[Store]:
    """A store that each example of the property empties again."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder)) as opened:
        save(opened, {DEEP: items("1"), HOUSE: items("2")})
        yield opened


@settings(max_examples=300, deadline=None)
@given(first=_CHANGES, second=_CHANGES)
def test_any_changes_mean_the_same_in_the_database_as_in_memory(
    plain: Store, first: list[LedgerFact], second: list[LedgerFact]
) -> None:
    with closing(plain._connection.cursor()) as db:
        db.execute("BEGIN")
        try:
            plain.ledger.write(first, NOW)
            plain.ledger.write(second, NOW + DAY)
            assert plain.load_ledger() == with_facts(with_facts(EMPTY, first), second)
        finally:
            db.execute("ROLLBACK")
