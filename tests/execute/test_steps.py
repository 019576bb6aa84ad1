"""The journal holds a whole action: what a killed run meant is known again from its rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strandline.core.actions import Action, Because, EntryState
from strandline.core.states import Kind
from strandline.execute.run_actions import Publish, Restore
from strandline.execute.step_rows import action_of, row_of
from tests.execute.things import (
    FILE,
    FOLDER,
    LINK,
    NEW,
    ONE,
    RUN,
    A,
    B,
    at,
    download,
    folder,
    link,
    move,
    relink,
    removes,
    renames,
    trash,
    unlink,
)
from tests.stage import Stage, Ticks

OLD = EntryState("link", 0, 0, target="../A/x.mp3")
"""Of a link that gives way, its text is all that is kept."""

PUBLISH = Publish(
    at("A/x.flac"), NEW, A, ONE, named_for="x", replaces=OLD, expected=FILE, sha256="a" * 64
)
RESTORE = Restore(
    at("A/x.mp3"), Because.MISSING_ON_DISK, A, ONE,
    source=f"{RUN}/Playlists/A/x.mp3", expected=FILE, sha256="b" * 64, primary=True,
)  # fmt: skip
ACTIONS: dict[str, Action] = {
    "create_folder": folder("A"),
    "rename_folder": renames("A", "B"),
    "rename by way of another name": renames("A", "B", parked=True),
    "remove_folder": removes("A"),
    "download": download("A/x.mp3"),
    "download over a link": download("A/x.mp3", OLD),
    "download that came": PUBLISH,
    "download that came to an empty place": replace(PUBLISH, replaces=None),
    "move": move("A/x.mp3", "B/x.mp3"),
    "move over a link": move("A/x.mp3", "B/x.mp3", replaces=OLD, leaves=B),
    "link": link("B/x.mp3", "A/x.mp3"),
    "hard link": link("B/x.mp3", "A/x.mp3", Kind.HARDLINK),
    "relink": relink("B/x.mp3", "A/x.mp3"),
    "copy anew": relink("B/x.mp3", "A/x.mp3", FILE, Kind.COPY),
    "unlink": unlink("B/x.mp3"),
    "trash": trash("A/x.mp3"),
    "trash a second copy": trash("A/x.mp3", FILE, "B/x.mp3"),
    "trash a link": trash("A/x.mp3", LINK),
    "restore": RESTORE,
    "restore a second copy": replace(RESTORE, primary=False, sha256=None),
}


@pytest.mark.parametrize("what", ACTIONS)
def test_an_intent_read_from_the_journal_is_the_action_it_was_made_from(what: str) -> None:
    assert action_of(row_of(RUN, 7, ACTIONS[what])) == ACTIONS[what]


def test_the_database_keeps_every_field_of_an_intent(stage: Stage) -> None:
    with stage.open() as store:
        run = store.journal.begin_run("sync-execute", Ticks()(), len(ACTIONS))
        rows = [row_of(run, seq, action) for seq, action in enumerate(ACTIONS.values(), 1)]
        store.journal.intent(rows, Ticks()())
        assert [action_of(row) for row in store.journal.open_intents()] == [*ACTIONS.values()]


def test_device_numbers_are_not_kept_because_they_change_between_mounts() -> None:
    there = FILE._replace(dev=99)
    assert action_of(row_of(RUN, 1, trash("A/x.mp3", there))) == trash("A/x.mp3", FILE)


def test_a_row_tells_which_step_of_which_run_it_is() -> None:
    row = row_of(RUN, 7, move("A/x.mp3", "B/x.mp3", leaves=B))
    assert (row.run_id, row.seq, row.action, row.state) == (RUN, 7, "move", "intent")
    assert (row.path, row.source) == (at("B/x.mp3"), at("A/x.mp3"))
    assert (row.track, row.playlist, row.because) == (ONE, A, "new_in_playlist")


def test_a_folder_has_no_size_that_could_be_taken_for_a_files() -> None:
    row = row_of(RUN, 1, removes("A", FOLDER._replace(size=4096, mtime_ns=5)))
    assert (row.inode, row.size, row.mtime_ns) == (12, None, None)


@pytest.mark.parametrize("action", [trash("A/x.mp3"), unlink("B/x.mp3"), removes("A")])
def test_a_row_without_an_inode_recognises_nothing_on_disk(action: Action) -> None:
    row = row_of(RUN, 1, action)._replace(inode=None, mtime_ns=None)
    there: EntryState = action_of(row).expected  # type: ignore[attr-defined]
    assert (there.ino, there.mtime_ns) == (0, 0)
