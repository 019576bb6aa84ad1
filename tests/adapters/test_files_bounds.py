"""LibraryFiles goes nowhere beyond the playlists, by no path and through no link."""

from __future__ import annotations

from pathlib import Path

import pytest
from disk import FOLDER, A, B, at, open_descriptors, playlists, seen, tree

from strandline.core.ids import LibPath
from strandline.errors import ChangedMeanwhileError, LibraryError
from strandline.library.files import LibraryFiles, OutsideLibraryError


@pytest.mark.parametrize(
    "path",
    ["", "/", "/etc/passwd", "Playlists", "Playlists/", "Playlists//x", "Playlists/../x.mp3",
     "Playlists/A/../../x", "Playlists/./x", "Other/A/x.mp3", "../.strandline/library.json",
     "Playlists/A/x\0.mp3", ".strandline/tmp/x", "Playlists/A/", "playlists/A/x"],
)  # fmt: skip
def test_no_path_leaves_the_playlists(files: LibraryFiles, path: str) -> None:
    entry = seen(at(files, A))
    bad = LibPath(path)
    attempts = (
        lambda: files.see(bad),
        lambda: files.make_folder(bad),
        lambda: files.rename_folder(FOLDER, bad, seen(at(files, FOLDER))),
        lambda: files.remove_folder(bad, entry),
        lambda: files.publish(files.new_temp(), bad),
        lambda: files.move(A, bad, entry),
        lambda: files.move(bad, A, entry),
        lambda: files.make_link(bad, "x"),
        lambda: files.remove_link(bad, seen(at(files, B))),
        lambda: files.replace_link(bad, "x", seen(at(files, B))),
        lambda: files.make_hardlink(bad, A),
        lambda: files.make_copy(bad, A),
        lambda: files.make_copy(B, bad),
        lambda: files.to_trash(bad, "run1", entry),
        lambda: files.verify_file(bad, 5, ""),
    )
    before = playlists(files)
    for attempt in attempts:
        with pytest.raises(OutsideLibraryError):
            attempt()
    assert playlists(files) == before


def test_an_entry_is_not_put_beside_the_playlist_folders(files: LibraryFiles) -> None:
    with pytest.raises(OutsideLibraryError):
        files.make_link(LibPath("Playlists/x.mp3"), "A/x.mp3")


def test_a_playlist_folder_that_is_a_link_is_never_entered(
    files: LibraryFiles, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.mp3").write_text("audio")
    at(files, "Playlists/C").symlink_to(outside)
    inside, here = LibPath("Playlists/C/x.mp3"), seen(outside / "x.mp3")
    assert files.see(inside) is None
    assert files.verify_file(inside, 5, "") is None
    with files.new_temp() as temp:
        for attempt in (
            lambda: files.publish(temp, LibPath("Playlists/C/new.mp3")),
            lambda: files.make_link(LibPath("Playlists/C/new.mp3"), "x"),
            lambda: files.move(inside, LibPath("Playlists/A/y.mp3"), here),
            lambda: files.move(A, LibPath("Playlists/C/new.mp3"), seen(at(files, A))),
            lambda: files.to_trash(inside, "run1", here),
        ):
            with pytest.raises(ChangedMeanwhileError):
                attempt()
    assert tree(outside) == {"x.mp3": "audio"}


@pytest.mark.parametrize("linked", [".strandline", "mp3", "mp3/Playlists"])
def test_a_link_in_place_of_a_top_folder_stops_the_run(
    root: Path, tmp_path: Path, linked: str
) -> None:
    real = tmp_path / "elsewhere"
    if (root / linked).exists():
        (root / linked).rename(real)
    else:
        real.mkdir()
    (root / linked).symlink_to(real)
    before = tree(real)
    stops = pytest.raises(LibraryError, match="not a folder of its own")
    with LibraryFiles(root) as files, stops:
        files.publish(files.new_temp(), LibPath("Playlists/A/new.mp3"))
    assert {name: text for name, text in tree(real).items() if "part-" not in name} == before


def test_the_root_may_be_a_link_and_is_resolved_once(root: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(root)
    with LibraryFiles(tmp_path / "shortcut") as files:
        assert files.root == root.resolve()
        (tmp_path / "shortcut").unlink()
        (tmp_path / "shortcut").symlink_to("/nowhere")
        files.make_link(LibPath("Playlists/B/y.mp3"), "../A/x.mp3")
        assert files.still_there()


def test_a_library_that_went_away_is_noticed(root: Path) -> None:
    with LibraryFiles(root) as files:
        root.rename(root.with_name("unplugged"))
        assert not files.still_there()
        root.mkdir()
        assert not files.still_there()


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for root in (tmp_path / "file", tmp_path / "missing"):
        with pytest.raises(LibraryError, match="not a folder"):
            LibraryFiles(root)


def test_opening_and_looking_changes_nothing_and_leaks_nothing(root: Path) -> None:
    before = tree(root)
    with LibraryFiles(root) as files:
        assert files.see(A) == seen(at(files, A))
        assert files.see(B) == seen(at(files, B))
        assert files.see(FOLDER) == seen(at(files, FOLDER))
        assert files.trash_runs() == []
        assert files.sweep_temps() == 0
        assert files.free_bytes() > 0
    assert tree(root) == before
    assert open_descriptors(root) == []
