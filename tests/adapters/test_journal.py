"""The journal: what a killed run leaves in doubt, and nothing else."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from stored import DAY, DEEP, NOW, dump, folder_is, items, link_is, open_store, primary_is, save

from strandline.core.ids import LibPath, TrackId
from strandline.core.ledger_facts import IdBack, IdReplaced
from strandline.core.states import Stamp
from strandline.db.journal import Finished, RunStatus, StepRow
from strandline.db.store import Store
from strandline.errors import BusyError, DatabaseError

PATH = LibPath("Playlists/Deep/one.mp3")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        save(opened, {DEEP: items("1")})
        yield opened


def planned(run: str, count: int) -> list[StepRow]:
    return [
        StepRow(run, seq, "link", PATH, because="new_in_playlist") for seq in range(1, count + 1)
    ]


def test_a_run_is_named_by_its_time(store: Store) -> None:
    run = store.journal.begin_run("sync-execute", NOW, 3)
    assert re.fullmatch(r"20261122-153000-000000-[0-9a-f]{8}", run)
    later = store.journal.begin_run("sync-execute", NOW + DAY, 0, undoes=run)
    assert [row.id for row in store.journal.history()] == [later, run]
    assert [row.id for row in store.journal.history(1)] == [later]
    assert store.journal.open_runs()[0].planned == 3
    assert store.journal.history(1)[0].undoes == run


def test_runs_of_one_second_never_share_a_name(store: Store) -> None:
    runs = {store.journal.begin_run("sync-execute", NOW, 0) for _ in range(800)}
    assert len(runs) == 800


def test_runs_within_a_second_sort_by_their_time(store: Store) -> None:
    """The trash, recovery and undo go by the order of these names."""
    moments = [NOW + timedelta(milliseconds=at) for at in range(0, 1000, 50)]
    runs = [store.journal.begin_run("sync-execute", moment, 0) for moment in moments]
    assert sorted(runs) == runs


def test_every_field_of_a_step_comes_back(store: Store) -> None:
    run = store.journal.begin_run("sync-execute", NOW, 1)
    step = StepRow(
        run_id=run,
        seq=1,
        action="relink",
        path=PATH,
        source="Playlists/B/one.mp3",
        track="1",
        playlist=DEEP,
        because="wrong_link",
        target="../C/one.mp3",
        replaced="../D/one.mp3",
        kind="symlink",
        inode=2**64 - 1,
        size=5,
        mtime_ns=10**18,
        sha256="ab",
        named_for="Artist - Title",
    )
    store.journal.intent([step], NOW)
    assert store.journal.steps(run) == [step._replace(at=NOW)]


def test_only_intents_without_an_outcome_are_open(store: Store) -> None:
    run = store.journal.begin_run("sync-execute", NOW, 4)
    store.journal.intent(planned(run, 4), NOW)
    store.journal.done(run, [Finished(1)], [], NOW)
    store.journal.failed(run, [(2, "disk says no")], NOW)
    store.journal.skipped(run, [(3, "changed meanwhile")], NOW)
    assert [step.seq for step in store.journal.open_intents()] == [4]
    states = [(step.state, step.error) for step in store.journal.steps(run)]
    assert states == [
        ("done", None),
        ("failed", "disk says no"),
        ("skipped", "changed meanwhile"),
        ("intent", None),
    ]


def test_what_a_step_left_replaces_what_the_intent_said_where_it_is_known(store: Store) -> None:
    run = store.journal.begin_run("sync-execute", NOW, 1)
    step = planned(run, 1)[0]._replace(inode=1, size=1, mtime_ns=1, sha256="old")
    store.journal.intent([step], NOW)
    real = LibPath("Playlists/Deep/one.flac")
    trash = f".strandline/trash/{run}/Playlists/Deep/one.mp3"
    done = Finished(1, real, Stamp(2**63, 3, 4), trash_path=trash)
    store.journal.done(run, [done], [], NOW + DAY)
    row = store.journal.steps(run)[0]
    assert (row.path, row.inode, row.size, row.mtime_ns) == (real, 2**63, 3, 4)
    assert (row.sha256, row.trash_path, row.at) == ("old", trash, NOW + DAY)


def test_done_and_the_ledger_are_one_commit(store: Store) -> None:
    run = store.journal.begin_run("sync-execute", NOW, 1)
    store.journal.intent(planned(run, 1), NOW)
    before = dump(store)
    unknown = link_is(DEEP, "404", "Playlists/Deep/x.mp3")
    with pytest.raises(DatabaseError):
        store.journal.done(run, [Finished(1, PATH)], [folder_is(DEEP, "Deep"), unknown], NOW)
    assert dump(store) == before
    changes = [folder_is(DEEP, "Deep"), *primary_is(DEEP, "1", PATH)]
    store.journal.done(run, [Finished(1, PATH)], changes, NOW)
    assert store.journal.open_intents() == []
    assert set(store.load_ledger().files) == {"1"}


@pytest.mark.parametrize("listed", [("1", "2"), ("2",)])
def test_links_done_mean_what_the_ledger_would_be_told(
    tmp_path: Path, listed: tuple[str, ...]
) -> None:
    """Made new or pointed elsewhere, of tracks that TIDAL lists or no longer does."""
    from_the_journal = entries_after(tmp_path / "journal", "symlink", listed)
    from_the_changes = entries_after(tmp_path / "changes", "of another kind", listed)
    assert from_the_journal == from_the_changes
    assert len(from_the_journal) == 2


def entries_after(folder: Path, kind: str, listed: tuple[str, ...]) -> list[tuple[object, ...]]:
    """The rows of two entries whose links were made."""
    folder.mkdir()
    paths = {"1": PATH, "2": LibPath("Playlists/Deep/two.mp3")}
    with open_store(folder) as store:
        save(store, {DEEP: items("1", "2")})
        save(store, {DEEP: items(*listed)})
        run = store.journal.begin_run("sync-execute", NOW, 2)
        one = StepRow(run, 1, "link", PATH, track="1", playlist=DEEP, kind=kind, named_for="a name")
        two = one._replace(seq=2, action="relink", path=paths["2"], track="2")
        store.journal.intent([one, two], NOW)
        changes = [link_is(DEEP, track, path) for track, path in paths.items()]
        store.journal.done(run, [Finished(1), Finished(2)], changes, NOW + DAY)
        query = """
            SELECT replace(symlink_path, ?, ''), path, is_primary, symlink_valid, link_kind,
                named_for, in_tidal, in_local, sync_status, updated_at, synced_at, added_to_local
            FROM playlist_tracks ORDER BY track_id
        """
        return list(store._connection.execute(query, (str(folder),)))


def test_a_batch_costs_two_commits_however_many_links_it_has(store: Store) -> None:
    def commits(count: int) -> int:
        run = store.journal.begin_run("sync-execute", NOW, count)
        seen: list[str] = []
        store._connection.set_trace_callback(seen.append)
        store.journal.intent(planned(run, count), NOW)
        store.journal.done(run, [Finished(n, PATH) for n in range(1, count + 1)], [], NOW)
        store._connection.set_trace_callback(None)
        return seen.count("COMMIT")

    assert commits(1) == commits(100) == 2


def test_a_finished_run_counts_its_steps_and_keeps_its_end(store: Store) -> None:
    run = store.journal.begin_run("sync-execute", NOW, 3)
    store.journal.intent(planned(run, 3), NOW)
    store.journal.done(run, [Finished(1, PATH), Finished(2, PATH)], [], NOW)
    store.journal.failed(run, [(3, "no")], NOW)
    store.journal.finish_run(run, RunStatus.PARTIAL, NOW + DAY)
    store.journal.finish_run(run, RunStatus.UNDONE, NOW + 2 * DAY)
    row = store.journal.run(run)
    assert row is not None
    assert (row.status, row.done, row.failed, row.finished_at) == ("undone", 2, 1, NOW + DAY)
    assert store.journal.open_runs() == []
    assert store.journal.run("nothing") is None


def test_another_program_that_writes_is_named_as_the_reason(store: Store, tmp_path: Path) -> None:
    store._connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(tmp_path / "strandline.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError, match=r"strandline\.db"):
        store.journal.begin_run("sync-execute", NOW, 1)
    other.close()
    store.journal.begin_run("sync-execute", NOW, 1)


def test_steps_of_a_replaced_id_are_read_as_the_new_ones(store: Store) -> None:
    """So an undo, a restore or a recovery speaks of the track that the ledger has now."""
    run = store.journal.begin_run("sync-execute", NOW, 1)
    step = StepRow(run, 1, "trash", PATH, track="1", because="left_every_playlist")
    store.journal.intent([step], NOW)
    store.apply([IdReplaced(TrackId("1"), TrackId("2"))], NOW)
    assert [row.track for row in store.journal.open_intents()] == ["2"]
    place = f"{run}/{PATH}"
    store.journal.done(run, [Finished(1, sha256="aa", trash_path=place)], [], NOW)
    assert [row.trash_path for row in store.journal.trashed([TrackId("2")])] == [place]
    assert store.journal.trashed([TrackId("1")]) == []
    store.apply([IdBack(TrackId("1"))], NOW)
    assert [row.track for row in store.journal.steps(run)] == ["1"]


def test_a_links_text_tells_for_which_track_it_was_made_last(store: Store) -> None:
    run = store.journal.begin_run("sync-execute", NOW, 3)
    common = {"run_id": run, "action": "link", "path": PATH, "playlist": DEEP, "kind": "symlink"}
    made = [
        StepRow(**common, seq=seq, source=source, track=track)
        for seq, source, track in [
            (1, "Playlists/B/one.mp3", "1"),
            (2, "Playlists/B/one.mp3", "2"),
            (3, "Playlists/B/two.mp3", "3"),
        ]
    ]
    store.journal.intent(made, NOW)
    store.journal.done(run, [Finished(1, PATH), Finished(2, PATH)], [], NOW)
    store.journal.skipped(run, [(3, "not done")], NOW)
    texts = ["../B/one.mp3", "../B/two.mp3", "../B/three.mp3"]
    made_here = store.links_made(texts)
    assert [(row.playlist, row.text, row.track) for row in made_here] == [
        (DEEP, "../B/one.mp3", "1"),
        (DEEP, "../B/one.mp3", "2"),
    ]


def test_a_link_is_told_from_its_copies_by_what_its_step_left(store: Store) -> None:
    """A database that an earlier version filled knows the link before it alone, or nothing."""
    run = store.journal.begin_run("sync-execute", NOW, 3)
    step = StepRow(run, 1, "link", PATH, "Playlists/B/one.mp3", "1", DEEP, "new_in_playlist")
    step = step._replace(kind="symlink")
    old = step._replace(seq=2, action="relink", target="../B/one.mp3", inode=7)
    store.journal.intent([step, old, old._replace(seq=3)], NOW)
    stamp = Stamp(2**64 - 1, 12, 10**18)
    store.journal.done(run, [Finished(1), Finished(2), Finished(3, stamp=stamp)], [], NOW)
    made = store.links_made({"../B/one.mp3"})
    assert [(row.path, row.stamp) for row in made] == [(PATH, None), (PATH, None), (PATH, stamp)]
