"""What each action does to the disk, and what it refuses to do."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from strandline.core.actions import Action
from strandline.core.plan import Plan
from strandline.core.states import Kind
from strandline.errors import Exit, ItemError
from strandline.execute.result import Result
from tests.execute.things import (
    ONE,
    A,
    B,
    at,
    folder,
    link,
    move,
    relink,
    removes,
    seen,
    trash,
    unlink,
)
from tests.stage import Stage


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """Two playlists on disk; A has the audio of track 1."""
    stage.lists(A, "A", "1").lists(B, "B", "1")
    with stage.open() as store:
        stage.snapshot(store)
    stage.put("A/x.mp3", b"music")
    (stage.shelf / "B").mkdir()
    return stage


def do(stage: Stage, *actions: Action) -> Result:
    with stage.open() as store, stage.files() as files:
        return stage.executor(files, store).run(Plan(actions), "sync-execute")


def in_trash(stage: Stage, run: str) -> dict[str, bytes]:
    top = stage.root / ".strandline" / "trash" / run
    return {
        str(path.relative_to(top)): b"a link" if path.is_symlink() else path.read_bytes()
        for path in top.rglob("*")
        if not path.is_dir()
    }


def trash_paths(stage: Stage, run: str) -> list[str | None]:
    with stage.open() as store:
        return [row.trash_path for row in store.journal.steps(run)]


# ---------------------------------------------------------------- folders


def test_a_folder_someone_made_in_the_meantime_is_as_good(stage: Stage) -> None:
    (stage.shelf / "C").mkdir()
    assert do(stage, folder("C")).done == {"create_folder": 1}
    assert stage.ledger().playlists[A].ino == seen(stage.shelf / "C").ino
    assert (stage.ledger().playlists[A].folder, stage.ledger().playlists[A].named_for) == ("C", "C")


def test_a_folder_that_holds_the_users_files_stays_and_that_is_said(stage: Stage) -> None:
    stage.put("B/cues.txt", b"the user's")
    result = do(stage, removes("B", seen(stage.shelf / "B")))
    assert result.exit is Exit.DONE
    assert result.done == {}
    (left,) = result.skipped
    assert (left.code, left.error) == (
        "not_empty",
        "Playlists/B holds files of yours, so it stays",
    )
    with stage.open() as store:
        assert [row.state for row in store.journal.steps(result.run)] == ["done"]


def test_an_empty_folder_goes(stage: Stage) -> None:
    assert do(stage, removes("B", seen(stage.shelf / "B"))).done == {"remove_folder": 1}
    assert not (stage.shelf / "B").exists()


# ---------------------------------------------------------------- links


@pytest.mark.parametrize("kind", [Kind.SYMLINK, Kind.HARDLINK, Kind.COPY])
def test_a_link_of_each_kind(stage: Stage, kind: Kind) -> None:
    assert do(stage, link("B/x.mp3", "A/x.mp3", kind)).done == {"link": 1}
    made, primary = stage.shelf / "B" / "x.mp3", stage.shelf / "A" / "x.mp3"
    assert made.read_bytes() == b"music"
    assert made.is_symlink() is (kind is Kind.SYMLINK)
    assert (seen(made).ino == seen(primary).ino) is (kind is Kind.HARDLINK)
    (entry,) = stage.ledger().entries.values()
    there = seen(made)
    stamp = (there.ino, there.size, there.mtime_ns) if kind is not Kind.SYMLINK else None
    assert (entry.kind, entry.stamp, entry.path) == (kind, stamp, at("B/x.mp3"))


@pytest.mark.parametrize("primary", ["gone", "a link", "a folder"])
@pytest.mark.parametrize("again", [False, True])
def test_no_link_is_made_or_pointed_to_what_is_no_audio(
    stage: Stage, primary: str, again: bool
) -> None:
    place = stage.shelf / "A" / "x.mp3"
    place.unlink()
    if primary == "a link":
        place.symlink_to("y.mp3")
        stage.put("A/y.mp3", b"music")
    elif primary == "a folder":
        place.mkdir()
    old = stage.shelf / "B" / "x.mp3"
    if again:
        old.symlink_to("../A/old.mp3")
        result = do(stage, relink("B/x.mp3", "A/x.mp3", seen(old)))
    else:
        result = do(stage, link("B/x.mp3", "A/x.mp3"))
    (item,) = result.skipped
    assert (item.code, item.error) == (
        "changed_meanwhile",
        "Playlists/A/x.mp3: the audio to link to is not there.",
    )
    assert old.is_symlink() is again


@pytest.mark.parametrize("meanwhile", ["as it was", "another link", "dangling", "a file"])
def test_a_link_is_led_by_way_of_a_persons_only_while_that_is_the_one_seen(
    stage: Stage, meanwhile: str
) -> None:
    place, theirs = stage.shelf / "A" / "x.mp3", stage.home / "annex"
    theirs.write_bytes(place.read_bytes())
    place.unlink()
    text = str(theirs) if meanwhile != "another link" else "y.mp3"
    stage.put("A/y.mp3", b"other music")
    if meanwhile == "a file":
        place.write_bytes(b"music")
    else:
        place.symlink_to(text)
    if meanwhile == "dangling":
        theirs.unlink()
    made = replace(link("B/x.mp3", "A/x.mp3"), through=str(theirs))
    result = do(stage, made)
    assert result.done == ({"link": 1} if meanwhile == "as it was" else {})
    assert os.path.lexists(stage.shelf / "B" / "x.mp3") is (meanwhile == "as it was")


def _standing(stage: Stage, form: str) -> Path:
    """What stands at B/x.mp3 before it is made anew."""
    place = stage.shelf / "B" / "x.mp3"
    if form == "link":
        place.symlink_to("../A/old.mp3")
    else:
        place.write_bytes(b"old copy")
    return place


@pytest.mark.parametrize("kind", [Kind.SYMLINK, Kind.HARDLINK, Kind.COPY])
@pytest.mark.parametrize("form", ["link", "file"])
def test_whatever_stood_there_a_link_made_anew_leads_to_the_primary(
    stage: Stage, form: str, kind: Kind
) -> None:
    place = _standing(stage, form)
    result = do(stage, relink("B/x.mp3", "A/x.mp3", seen(place), kind))
    assert result.done == {"relink": 1}
    assert place.read_bytes() == b"music"
    assert place.is_symlink() is (kind is Kind.SYMLINK)
    assert place.samefile(stage.shelf / "A" / "x.mp3") is (kind is not Kind.COPY)
    old = {"Playlists/B/x.mp3": b"old copy"} if form == "file" else {}
    assert in_trash(stage, result.run) == old, "an old copy is kept, a link is not"
    (entry,) = stage.ledger().entries.values()
    assert (entry.kind, entry.stamp is not None) == (kind, kind is not Kind.SYMLINK)


def test_a_symlink_is_pointed_elsewhere_in_one_instant(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = _standing(stage, "link")
    with stage.open() as store, stage.files() as files:
        gone = "it was gone for a moment"
        monkeypatch.setattr(files, "remove_link", lambda *_: pytest.fail(gone))
        plan = Plan((relink("B/x.mp3", "A/x.mp3", seen(place)),))
        result = stage.executor(files, store).run(plan, "sync-execute")
    assert result.done == {"relink": 1}


def test_an_old_copy_stays_until_the_new_one_is_whole(stage: Stage) -> None:
    def full(*_: object) -> None:
        raise ItemError("no permission")

    place = _standing(stage, "file")
    with stage.open() as store, stage.files() as files:
        files._copy_into = full  # type: ignore[method-assign,assignment]
        plan = Plan((relink("B/x.mp3", "A/x.mp3", seen(place), Kind.COPY),))
        result = stage.executor(files, store).run(plan, "sync-execute")
    assert [item.error for item in result.failed] == ["no permission"]
    assert place.read_bytes() == b"old copy"


def test_the_journal_knows_where_what_gave_way_to_another_kind_lies(stage: Stage) -> None:
    place = _standing(stage, "file")
    result = do(stage, relink("B/x.mp3", "A/x.mp3", seen(place), Kind.HARDLINK))
    assert trash_paths(stage, result.run) == [f"{result.run}/Playlists/B/x.mp3"]


@pytest.mark.parametrize("kind", [Kind.SYMLINK, Kind.HARDLINK, Kind.COPY])
@pytest.mark.parametrize("form", ["link", "file"])
def test_what_changed_meanwhile_does_not_give_way(
    stage: Stage, caplog: pytest.LogCaptureFixture, form: str, kind: Kind
) -> None:
    place = _standing(stage, form)
    action = relink("B/x.mp3", "A/x.mp3", seen(place), kind)
    place.unlink()
    place.write_bytes(b"the user's own")
    result = do(stage, action)
    assert [item.code for item in result.skipped] == ["changed_meanwhile"]
    assert place.read_bytes() == b"the user's own"
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_our_link_goes_and_a_file_in_its_place_stays(stage: Stage) -> None:
    place = _standing(stage, "link")
    action = unlink("B/x.mp3", seen(place))
    assert do(stage, action).done == {"unlink": 1}
    assert not place.is_symlink()
    place.write_bytes(b"the user's")
    assert do(stage, action).done == {}
    assert place.read_bytes() == b"the user's"


def test_what_a_person_renamed_meanwhile_is_not_forgotten_as_if_it_had_gone(stage: Stage) -> None:
    place = stage.shelf / "B" / "x.mp3"
    made = do(stage, replace(folder("B"), playlist=B), link("B/x.mp3", "A/x.mp3"))
    assert made.done == {"create_folder": 1, "link": 1}
    going = [unlink("B/x.mp3", seen(place)), replace(removes("B", seen(place.parent)), playlist=B)]
    place.parent.rename(stage.shelf / "Mine")
    assert do(stage, *going).done == do(stage, going[1]).done == {}
    ledger = stage.ledger()
    assert (B, ONE) in ledger.entries
    assert B in ledger.playlists


# ---------------------------------------------------------------- audio


def test_a_moved_file_is_known_at_its_new_place(stage: Stage) -> None:
    there = seen(stage.shelf / "A" / "x.mp3")
    assert do(stage, move("A/x.mp3", "B/y.mp3", there)).done == {"move": 1}
    known = stage.ledger().files[ONE]
    assert (known.path, known.stamp) == (at("B/y.mp3"), (there.ino, there.size, there.mtime_ns))


def test_a_move_that_replaces_our_link(stage: Stage) -> None:
    place = _standing(stage, "link")
    there = seen(stage.shelf / "A" / "x.mp3")
    action = move("A/x.mp3", "B/x.mp3", there, replaces=seen(place), leaves=B)
    assert do(stage, action).done == {"move": 1}
    assert place.read_bytes() == b"music"
    assert not place.is_symlink()


def test_a_first_copy_that_is_a_link_or_folder_keeps_the_second(stage: Stage) -> None:
    copy = stage.put("B/copy.mp3", b"music")
    stage.put("A/y.mp3", b"music")
    (stage.shelf / "A" / "link.mp3").symlink_to("y.mp3")
    (stage.shelf / "A" / "folder.mp3").mkdir()
    for keeper in ("A/link.mp3", "A/folder.mp3", "A/gone.mp3"):
        result = do(stage, trash("B/copy.mp3", seen(copy), keeper))
        (item,) = result.skipped
        assert item.error == f"Playlists/{keeper}: the copy to keep is not there."
    assert copy.exists()


def test_a_second_copy_goes_when_the_first_is_its_equal(stage: Stage) -> None:
    copy = stage.put("B/copy.mp3", b"music")
    result = do(stage, trash("B/copy.mp3", seen(copy), "A/x.mp3"))
    assert result.done == {"trash": 1}
    assert trash_paths(stage, result.run) == [f"{result.run}/Playlists/B/copy.mp3"]
    assert in_trash(stage, result.run) == {"Playlists/B/copy.mp3": b"music"}


def test_one_of_two_names_of_a_file_may_go_but_not_its_only_one(stage: Stage) -> None:
    song = stage.shelf / "A" / "x.mp3"
    action = trash("A/x.mp3", seen(song), "A/x.mp3")
    (item,) = do(stage, action).skipped
    assert item.error == "Playlists/A/x.mp3 and Playlists/A/x.mp3 are one and the same file."
    os.link(song, stage.shelf / "B" / "x.mp3")
    assert do(stage, replace(action, keeper=at("B/x.mp3"))).done == {"trash": 1}


def test_a_second_copy_that_cannot_be_read_stays(stage: Stage) -> None:
    copy = stage.put("B/copy.mp3", b"music")
    action = trash("B/copy.mp3", seen(copy), "A/x.mp3")
    copy.unlink()
    copy.mkdir()
    (item,) = do(stage, action).skipped
    assert item.error == "Playlists/B/copy.mp3: cannot be read: Is a directory."


def test_what_went_to_the_trash_is_known_by_its_content(stage: Stage) -> None:
    stage.source.asked.clear()
    assert stage.sync().exit is Exit.DONE
    known = next(iter(stage.ledger().files.values()))
    stage.lists(A, "A").lists(B, "B")
    run = stage.sync().run
    with stage.open() as store:
        rows = [row for row in store.journal.steps(run) if row.action == "trash"]
    assert known.sha256 in {row.sha256 for row in rows}
