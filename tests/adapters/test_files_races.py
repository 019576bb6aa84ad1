"""Something is swapped between look and act: the user's entry survives, whoever is quicker."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from disk import A, B, FastOs, OldKernel, contents, tree
from hypothesis import given, settings
from hypothesis import strategies as st
from steps import NEW, STEPS, Step, at_crash_point, build, passed

from strandline.core.actions import EntryState
from strandline.core.ids import LibPath
from strandline.errors import StrandlineError
from strandline.library.files import LibraryFiles, Syscalls

Swap = Callable[[Path, Path], None]


def away(path: Path) -> None:
    """The entry goes out of the way, not out of the world."""
    if os.path.lexists(path):
        names = (path.with_name(f"{path.name}.away{n}") for n in itertools.count())
        os.rename(path, next(name for name in names if not os.path.lexists(name)))


def by_a_file(path: Path, outside: Path) -> None:
    away(path)
    path.write_text("the user's file")


def by_a_link(path: Path, outside: Path) -> None:
    away(path)
    path.symlink_to(outside / "x.mp3")


def by_a_folder(path: Path, outside: Path) -> None:
    away(path)
    path.mkdir()
    (path / "inside").write_text("the user's file in a folder")


def by_nothing(path: Path, outside: Path) -> None:
    away(path)


def by_other_bytes(path: Path, outside: Path) -> None:
    if path.is_file() and not path.is_symlink():
        with path.open("a") as file:
            file.write("edited")


def parent_by_a_link(path: Path, outside: Path) -> None:
    if path.parent.name != "Playlists":
        away(path.parent)
        path.parent.symlink_to(outside)


SWAPS = [by_a_file, by_a_link, by_a_folder, by_nothing, by_other_bytes, parent_by_a_link]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
@pytest.mark.parametrize("swap", SWAPS, ids=lambda swap: swap.__name__)
@pytest.mark.parametrize("kind", [FastOs, OldKernel], ids=lambda kind: kind.__name__)
def test_an_entry_swapped_at_any_moment_survives(
    tmp_path: Path, step: Step, swap: Swap, kind: type[Syscalls]
) -> None:
    rehearsal = tmp_path / "rehearsal"
    sight = build(rehearsal)
    with LibraryFiles(rehearsal, kind()) as files:
        points = passed(step, rehearsal, files, sight)
    moments = [number for number, name in enumerate(points) if not name.startswith("flush")]
    paths = sorted({A, B, NEW, step.takes or NEW})
    for number, path in itertools.product(moments, paths):
        folder = tmp_path / f"{number}-{path.replace('/', '-')}"
        race(folder, step, kind(), swap, number, path)


def race(folder: Path, step: Step, calls: Syscalls, swap: Swap, number: int, path: LibPath) -> None:
    root, outside = folder / "library", folder / "outside"
    sight = build(root)
    outside.mkdir()
    (outside / "x.mp3").write_text("audio")
    known: set[str] = set()
    countdown = itertools.count()

    def hook(_: str) -> None:
        if next(countdown) == number:
            with suppress(FileNotFoundError):  # its folder has just got another name
                swap(root / "mp3" / path, outside)
            known.update(contents(root))

    with at_crash_point(hook), LibraryFiles(root, calls) as files:
        try:
            step.do(files, sight)
            files.flush()
        except StrandlineError:
            pass
        files.sweep_temps()
    assert contents(root) >= known
    assert tree(outside) == {"x.mp3": "audio"}


# ---------------------------------------------------------------- anything in any order

PLACES = [LibPath(f"Playlists/{folder}/{name}") for folder in "AB" for name in ("x", "y")]
place = st.sampled_from(PLACES)
folders = st.sampled_from([LibPath("Playlists/A"), LibPath("Playlists/B"), LibPath("Playlists/C")])
orders = st.lists(
    st.one_of(
        st.tuples(st.just("move"), place, place),
        st.tuples(st.just("make_link"), place, place),
        st.tuples(st.just("replace_link"), place, place),
        st.tuples(st.just("remove_link"), place, place),
        st.tuples(st.just("publish"), place, place),
        st.tuples(st.just("make_copy"), place, place),
        st.tuples(st.just("to_trash"), place, place),
        st.tuples(st.just("rename_folder"), folders, folders),
        st.tuples(st.just("remove_folder"), folders, folders),
        st.tuples(st.just("the user writes"), place, place),
    ),
    max_size=12,
)


def link_at(files: LibraryFiles, path: LibPath) -> EntryState | None:
    """What may give way there."""
    there = files.see(path)
    return there if there and there.type == "link" else None


def publish(files: LibraryFiles, path: LibPath, text: str) -> None:
    with files.new_temp() as temp:
        os.write(temp.fd, text.encode())
        files.publish(temp, path, link_at(files, path))


def obey(files: LibraryFiles, what: str, one: LibPath, two: LibPath, text: str) -> None:
    """Carries out one step of a random sequence, if there is anything to take."""
    match what:
        case "publish":
            publish(files, one, text)
        case "make_link":
            files.make_link(one, "../A/x")
        case "make_copy":
            files.make_copy(one, two)
        case "the user writes" if files.see(one) is None:
            (files.root / "mp3" / one).write_text(text)
        case _ if (sight := files.see(one)) is not None:
            take(files, what, one, two, sight)


def take(files: LibraryFiles, what: str, one: LibPath, two: LibPath, sight: EntryState) -> None:
    match what:
        case "move":
            files.move(one, two, sight, link_at(files, two))
        case "replace_link":
            files.replace_link(one, "../B/y", sight)
        case "remove_link":
            files.remove_link(one, sight)
        case "to_trash":
            files.to_trash(one, "run1", sight)
        case "rename_folder":
            files.rename_folder(one, two, sight)
        case "remove_folder":
            files.remove_folder(one, sight)


@settings(max_examples=150, deadline=None)
@given(orders, st.sampled_from([FastOs, OldKernel]))
def test_no_sequence_of_steps_ever_loses_content(
    tmp_path_factory: pytest.TempPathFactory,
    sequence: list[tuple[str, LibPath, LibPath]],
    kind: type[Syscalls],
) -> None:
    root = tmp_path_factory.mktemp("library")
    build(root)
    with LibraryFiles(root, kind()) as files:
        known = contents(root)
        for number, (what, one, two) in enumerate(sequence):
            try:
                obey(files, what, one, two, f"text {number}")
            except StrandlineError:
                pass
            except (FileNotFoundError, NotADirectoryError):
                assert what == "the user writes"
            assert contents(root) >= known
            known = contents(root)
        files.sweep_temps()
    assert contents(root) >= known
