"""The trash as a person sees it: what lies there, from where, and how it comes back."""

from __future__ import annotations

import pytest

from strandline.core.actions import Because
from strandline.core.ids import LibPath
from strandline.errors import Exit
from strandline.execute.result import Result
from strandline.execute.trash import restoration, trashed
from tests.execute.things import A, B, at
from tests.stage import Stage, copies

SONG = "Artist 1 - Title 1.flac"


@pytest.fixture
def emptied(stage: Stage) -> tuple[Stage, str]:
    """All of Alpha's and Beta's audio, and then their folders, went in one run."""
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "3")
    stage.sync()
    stage.lists("cccccccc-3", "Gamma", "4").drops(A).drops(B)
    return stage, stage.sync().run


def restored(stage: Stage, run: str, only: list[LibPath] | None = None) -> Result:
    with stage.open() as store, stage.files() as files:
        work = restoration(files, store, run, only)
        return stage.executor(files, store).run(work, "trash-restore")


def test_each_file_is_listed_with_its_run_its_old_place_and_its_size(
    emptied: tuple[Stage, str],
) -> None:
    stage, run = emptied
    with stage.open() as store, stage.files() as files:
        listed = trashed(files, store)
        assert trashed(files, store, run) == listed
        assert trashed(files, store, "20260101-000000-none") == []
    assert {item.path for item in listed} == {
        at(f"Alpha/{SONG}"),
        at("Alpha/Artist 2 - Title 2.flac"),
        at("Beta/Artist 3 - Title 3.flac"),
    }
    for item in listed:
        assert item.run == run
        lies = stage.root / ".strandline" / "trash" / item.place
        assert item.size == lies.stat().st_size


def test_a_whole_run_comes_back_with_its_folders(emptied: tuple[Stage, str]) -> None:
    stage, run = emptied
    result = restored(stage, run)
    assert result.exit is Exit.DONE
    assert result.done == {"create_folder": 2, "restore": 3}
    assert f"Alpha/{SONG}" in stage.tree()
    with stage.open() as store, stage.files() as files:
        assert trashed(files, store) == []


def test_only_what_was_named_comes_back_and_folders_that_are_there_are_kept(
    emptied: tuple[Stage, str],
) -> None:
    stage, run = emptied
    (stage.shelf / "Alpha").mkdir()
    assert restored(stage, run, [at(f"Alpha/{SONG}")]).done == {"restore": 1}
    assert "Beta" not in stage.tree()


def test_a_file_that_got_a_number_in_the_trash_goes_back_to_its_own_name(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1")
    stage.sync()
    with stage.open() as store, stage.files() as files:
        stage.lists(A, "Alpha")
        stage.snapshot(store)
        plan = stage.plan(store)
        executor = stage.executor(files, store)
        real = files.to_trash

        def taken_first(path: str, run: str, seen: object) -> str:
            place = stage.root / ".strandline" / "trash" / run / path
            place.parent.mkdir(parents=True)
            place.write_bytes(b"another")
            return real(path, run, seen)  # type: ignore[arg-type]

        files.to_trash = taken_first  # type: ignore[method-assign,assignment]
        run = executor.run(plan, "sync-execute").run
        places = {item.place: item.path for item in trashed(files, store, run)}
        assert places[f"{run}/{at('Alpha/Artist 1 - Title 1~2.flac')}"] == at(f"Alpha/{SONG}")  # type: ignore[index]


def test_a_primary_is_its_tracks_file_again_with_what_is_known_of_it(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1")
    stage.sync()
    before = stage.ledger().files
    stage.lists(A, "Alpha")
    run = stage.sync().run
    assert not stage.ledger().files
    restored(stage, run)
    assert stage.ledger().files == before


def test_a_second_copy_that_comes_back_is_no_primary(stage: Stage) -> None:
    stage.policy = copies(stage.policy)
    stage.lists(A, "Alpha", "1").lists(B, "Beta", "1")
    stage.sync()
    stage.lists(B, "Beta")
    run = stage.sync()
    assert run.done == {"trash": 1}
    before = stage.ledger()
    assert restored(stage, run.run).done == {"restore": 1}
    assert stage.ledger() == before, "the next scan judges it"


def test_what_no_journal_knows_comes_back_to_where_its_path_says(stage: Stage) -> None:
    place = stage.root / ".strandline" / "trash" / "rescued" / "Playlists" / "Alpha" / "x.mp3"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"rescued")
    with stage.open() as store, stage.files() as files:
        (folder, file) = restoration(files, store, "rescued").actions
    assert (folder.path, folder.because) == (at("Alpha"), Because.MISSING_ON_DISK)
    assert (file.path, file.track, file.playlist) == (at("Alpha/x.mp3"), None, None)
    assert restored(stage, "rescued").done == {"create_folder": 1, "restore": 1}
    assert (stage.shelf / "Alpha" / "x.mp3").read_bytes() == b"rescued"
