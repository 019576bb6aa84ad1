"""The store as a whole: seen through the models, for any size, and by whom it may be used."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from stored import (
    DAY,
    DEEP,
    HOUSE,
    NOW,
    folder_is,
    gone,
    items,
    link_is,
    open_store,
    primary_is,
    save,
    track,
)

from strandline.core.actions import Because, EntryState, RemoveFolder
from strandline.core.folder_state import CachedListing
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.layout import Layout
from strandline.core.ledger_facts import SharedIs
from strandline.core.matching.sound import PHASES, SoundPrint
from strandline.core.moves import PrimaryMove
from strandline.core.states import CachedEvidence, Evidence
from strandline.db.history import Ending
from strandline.db.journal import Finished, RunStatus, StepRow
from strandline.db.recordings import PIN, RecordingAnswer
from strandline.db.reviews import ACCEPT, AnswerRow, FoundDoubtful
from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus, TrackSyncStatus
from strandline.db.store import Store
from strandline.errors import DatabaseError
from strandline.library.scan.evidence_cache import EvidenceCache

ONE, TWO = TrackId("1"), TrackId("2")
PATH = LibPath("Playlists/Deep/one.mp3")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def fill(store: Store) -> None:
    """Something in every table, by every way of writing."""
    told = track("1", bpm=124.0, key="F#m")
    save(store, {DEEP: items(told, gone("2")), HOUSE: items(told)})
    store.library.bind("lib", "/music", NOW)
    store.library.save_capabilities('{"symlinks": true}')
    store.library.save_layout(Layout.PLAYLIST)
    changes = [
        folder_is(DEEP, "Deep"),
        *primary_is(DEEP, "1", PATH),
        folder_is(HOUSE, "House"),
        link_is(HOUSE, "1", "Playlists/House/one.mp3"),
    ]
    store.recordings.answer([RecordingAnswer(ONE, TWO, PIN)], NOW)
    run = store.journal.begin_run("sync-execute", NOW, 1)
    store.journal.intent([StepRow(run, 1, "link", PATH)], NOW)
    store.journal.done(run, [Finished(1, PATH)], changes, NOW)
    store.journal.finish_run(run, RunStatus.DONE, NOW)
    store.evidence.save([CachedEvidence(PATH, 1, 2, 3, 4, Evidence(ONE, "ab", None, 1.5))])
    store.folder_cache.save([CachedListing(HOUSE, 1, 2, 3, 4, "5", 7)])
    store.content_hashes.learn({"1".zfill(64): "blake"})
    store.packets.learn({"ab": "packets"})
    store.unavailable.asked([TWO], [], NOW)
    store.apply([SharedIs(TWO, ONE)], NOW)
    store.history.ended(Ending(run, "sync-execute", NOW, NOW, 0))
    store.last_plan.save(
        [RemoveFolder(PATH, Because.PLAYLIST_DELETED, expected=EntryState("folder", 1, 2))], NOW
    )
    doubtful = FoundDoubtful("sound", "/x.mp3", 1, 2, 3.5, "length differs", ((ONE, "words"),))
    store.moves.learn([PrimaryMove(ONE, LibPath("Playlists/Deep/1.mp3"), PATH, None, NOW, 0.0)])
    store.reviews.note([doubtful])
    store.reviews.answer([AnswerRow("sound", ONE, ACCEPT, 3.5, "/x.mp3")], NOW)
    store.sound_prints.learn_sound("sound", SoundPrint(b"1234", 3.5))
    store.sound_prints.learn_track(ONE, (SoundPrint(b"1234", 3.5),) * PHASES, NOW)
    store.statuses.save(
        tracks={TWO: DownloadStatus.ERROR},
        entries={(HOUSE, ONE): TrackSyncStatus.NEEDS_SYMLINK},
        playlists={HOUSE: PlaylistSyncStatus.NEEDS_UPDATE},
        broken=[LibPath("Playlists/House/one.mp3")],
        now=NOW + DAY,
    )


def test_everything_written_reads_back_through_the_models(store: Store, tmp_path: Path) -> None:
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from strandline.db.schema import models
    from strandline.db.sqlite.connection import engine_for

    fill(store)
    with Session(engine_for(tmp_path / "strandline.db")) as session:
        rows = {
            mapper.class_: session.scalars(select(mapper.class_)).all()
            for mapper in models.Base.registry.mappers
        }
        one, two = rows[models.Track]
        assert (one.download_status, two.download_status) == (
            DownloadStatus.DOWNLOADED,
            DownloadStatus.ERROR,
        )
        assert (one.tidal_available, two.tidal_available) == (True, False)
        assert (one.downloaded_at, one.created_at) == (NOW, NOW)
        deep, house = rows[models.Playlist]
        assert deep.sync_status is PlaylistSyncStatus.IN_SYNC
        assert house.sync_status is PlaylistSyncStatus.NEEDS_UPDATE
        assert deep.local_folder_path == "mp3/Playlists/Deep/"
        assert [position.added_at for position in deep.positions] == [NOW - DAY] * 2
        (link,) = house.entries
        assert link.sync_status is TrackSyncStatus.NEEDS_SYMLINK
        assert (link.symlink_valid, link.is_primary, link.in_tidal) == (False, False, True)
        assert rows[models.Run][0].finished_at == NOW
        assert rows[models.RunStep][0].at == NOW
        assert rows[models.SeenFile][0].playable is True
        assert rows[models.SeenFolder][0].listed_at_ns == 7
        assert rows[models.Library][0].created_at == NOW
        assert (rows[models.TrackTempo][0].bpm, rows[models.TrackTempo][0].key) == (124, "F#m")
        assert rows[models.PrimaryMove][0].new_path == PATH
        empty = {kind.__name__ for kind, found in rows.items() if not found}
        elsewhere = {
            "AudioQuality",
            "TrackTag",
            "ReplacedId",
        }  # test_quality_rows, test_ledger_rows
        assert empty - elsewhere == {"SyncOperation"}


def statements(store: Store) -> int:
    """Statements of all that a check asks of the database when nothing has changed."""
    seen: list[str] = []
    store._connection.set_trace_callback(seen.append)
    store.load_snapshot()
    store.load_ledger()
    store.evidence.load()
    store.snapshots.known_playlists()
    store.statuses.save(tracks={}, entries={}, playlists={}, broken=(), now=NOW)
    store.reports.status()
    store.reports.dedupe()
    store._connection.set_trace_callback(None)
    return len(seen)


def test_the_number_of_statements_does_not_depend_on_the_number_of_files(store: Store) -> None:
    def with_size(size: int) -> int:
        tracks = [str(n) for n in range(1, size + 1)]
        lists = {PlaylistId(f"p{n}"): items(*tracks) for n in range(size)}
        save(store, lists)
        store.apply([link_is(id_, n, f"Playlists/{id_}/{n}") for id_ in lists for n in tracks], NOW)
        statements(store)  # makes the temporary tables and settles the statuses
        return statements(store)

    assert with_size(1) == with_size(40)


def test_evidence_is_kept_until_it_is_forgotten(store: Store) -> None:
    cache: EvidenceCache = store.evidence
    row = CachedEvidence(PATH, 2**64 - 1, 2, 3, 4, Evidence(ONE, "ab", "X1", 1.5, False))
    other = row._replace(path=LibPath("Playlists/Deep/two.mp3"), evidence=Evidence())
    cache.save([row, other._replace(size=9)])
    cache.save([other])
    assert {one.path: one for one in store.evidence.load().values()} == {
        row.path: row,
        other.path: other,
    }
    cache.forget([PATH])
    assert set(store.evidence.load()) == {other.path}


def test_pairs_of_hashes_are_kept_while_a_track_has_such_bytes(store: Store) -> None:
    fill(store)
    (sha256,) = {file.sha256 for file in store.load_ledger().files.values() if file.sha256}
    store.content_hashes.learn({sha256: "old", "nobody's": "b"})
    store.content_hashes.learn({sha256: "b"})
    assert store.content_hashes.load() == {sha256: "b"}
    store.content_hashes.learn({})
    assert store.content_hashes.load() == {sha256: "b"}


def test_links_follow_a_library_that_was_mounted_elsewhere(store: Store) -> None:
    fill(store)
    store.library.bind("lib", "/mnt/usb/", NOW)
    query = "SELECT symlink_path FROM playlist_tracks WHERE symlink_path IS NOT NULL"
    assert list(store._connection.execute(query)) == [("/mnt/usb/mp3/Playlists/House/one.mp3",)]
    assert store.library.root() == "/mnt/usb/"
    assert store.library.capabilities() == '{"symlinks": true}'


def test_the_account_is_remembered_before_and_after_a_library_is_bound(store: Store) -> None:
    assert store.library.id() is None
    assert store.library.tidal_user_id() is None
    save(store, {DEEP: items("1")})
    assert store.library.tidal_user_id() == "me"
    store.library.bind("lib", "/music", NOW)
    assert (store.library.id(), store.library.tidal_user_id()) == ("lib", "me")
    store.snapshots.begin_snapshot("someone else")
    assert store.library.tidal_user_id() == "someone else"


def test_the_database_says_whether_it_knows_files(store: Store) -> None:
    save(store, {DEEP: items("1")})
    assert not store.library.knows_files()
    store.apply(primary_is(DEEP, "1", PATH), NOW)
    assert store.library.knows_files()


def test_an_error_of_sqlites_leaves_the_store_in_words(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store._connection.execute("DROP TABLE playlists")
    with pytest.raises(DatabaseError, match=r"strandline\.db"), store:
        store.load_ledger()


def test_a_store_that_is_left_gives_the_file_back(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        pass
    with pytest.raises(sqlite3.ProgrammingError):
        store.load_ledger()


def test_the_store_needs_no_sqlalchemy() -> None:
    code = "import sys, strandline.db.store; print([m for m in sys.modules if 'alch' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
