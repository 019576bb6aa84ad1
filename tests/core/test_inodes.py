"""An inode number is no identity: reused for the person's own folder, or changed at every mount."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strandline.core.actions import Trash
from strandline.core.states import Kind, Stamp
from tests.core.disk import File, MemoryLibrary
from tests.core.memory import Story, synced

FORMS = pytest.mark.parametrize("kind", [Kind.SYMLINK, Kind.COPY, Kind.HARDLINK])


def removes_folder(library: MemoryLibrary, name: str) -> int:
    """All of it; the inode number that is free now."""
    for path in [*library.files, *library.links]:
        if path.startswith(f"Playlists/{name}/"):
            library.delete(path.removeprefix("Playlists/"))
    return library.folders.pop(name)


@pytest.mark.parametrize("own", ["My own mixes/set 1.mp3", None])
@FORMS
def test_a_folder_of_the_persons_that_got_the_number_of_a_removed_one_is_theirs(
    kind: Kind, own: str | None
) -> None:
    story = synced(kind, Classics=["x", "y"], Others=["z", "x"])
    library = story.library
    library.folders["My own mixes"] = removes_folder(library, "Classics")
    if own:
        library.put(own, "my own recording")
    plan = story.sync()
    assert plan.counts["rename_folder"] == 0
    assert "Classics/Artist - y.mp3" in library.tree
    assert [line for line in library.tree if line.startswith("My own")] == [own or "My own mixes/"]
    assert story.check().actions == ()


def test_not_even_when_the_playlist_is_renamed_or_deleted_in_the_same_night() -> None:
    story = synced(Classics=["x"], Others=["y"])
    story.library.folders["Mine"] = removes_folder(story.library, "Classics")
    story.library.put("Mine/set.mp3", "my own recording")
    story.names["Classics"] = "Evergreens"
    assert story.sync().counts["rename_folder"] == 0
    story.library.folders["Mine too"] = removes_folder(story.library, "Evergreens")
    del story.playlists["Classics"]
    plan = story.sync()
    assert {action.name for action in plan.actions} <= {"unlink"}
    assert {"Mine/set.mp3", "Mine too/"} <= set(story.library.tree)
    assert story.check().actions == ()


def test_an_own_file_under_the_name_of_ours_makes_no_folder_ours() -> None:
    """The next file, too, may get the number of one that was removed."""
    story = synced(Classics=["x"])
    library = story.library
    (file,) = library.files.values()
    library.folders["Mine"] = removes_folder(library, "Classics")
    own = File(file.ino, "my own recording", file.mtime_ns + 7)
    library.files["Playlists/Mine/Artist - x.mp3"] = own  # type: ignore[index]
    story.sync()
    assert library.files["Playlists/Mine/Artist - x.mp3"] == own  # type: ignore[index]
    assert "Classics/Artist - x.mp3" in library.tree
    assert story.check().actions == ()


@FORMS
def test_a_renamed_folder_is_known_by_what_is_in_it(kind: Kind) -> None:
    """Even if all but one of its entries are gone."""
    story = synced(kind, A=["x"], B=["x", "y"])
    library = story.library
    library.folders["B old"] = library.folders.pop("B")
    library.rename("B/Artist - x.mp3", "B old/Artist - x.mp3")
    library.delete("B/Artist - y.mp3")
    plan = story.sync()
    assert story.words(plan)[0] == "rename_folder B (renamed_on_disk)"
    assert story.check().actions == ()


def test_a_renamed_folder_whose_files_were_all_retagged_is_known_by_their_ids() -> None:
    story = synced(A=["x"], B=["y"])
    library = story.library
    library.folders["A old"] = library.folders.pop("A")
    library.delete("A/Artist - x.mp3")
    folder = library.folders["A old"]
    library.put("A old/Artist - x.mp3", "id:x|fetched and retagged")
    assert library.folders["A old"] == folder
    assert story.sync().counts["rename_folder"] == 1
    assert story.check().actions == ()


def test_a_copy_of_our_folder_is_a_copy() -> None:
    story = synced(A=["x"], B=["x"])
    library = story.library
    library.put("A copy/Artist - x.mp3", library.files["Playlists/A/Artist - x.mp3"].content)  # type: ignore[index]
    assert story.sync().actions == ()
    assert "A copy/Artist - x.mp3" in library.tree


# ---------------------------------------------------------------- other numbers for everything


def other_disk(story: Story) -> None:
    """``cp -a`` to another disk, or FAT at the next mount: times stay, all numbers are others."""
    library, numbers = story.library, {}
    for path, file in library.files.items():
        numbers.setdefault(file.ino, next(library.ids))
        library.files[path] = replace(file, ino=numbers[file.ino])
    library.folders = {name: next(library.ids) for name in library.folders}
    library.links = {path: (next(library.ids), to) for path, (_, to) in library.links.items()}


def without_ids(story: Story) -> None:
    """Audio of another tool: nothing in the tags tells whose it is."""
    library, ledger = story.library, story.ledger
    for track in list(ledger.files):
        known = ledger.files[track]
        content = f"plain {track}, and as long as the others"
        was = library.files[known.path]
        for path, file in library.files.items():
            if file.content == was.content:
                library.files[path] = replace(file, content=content)
        now = library.files[known.path]
        stamp = Stamp(now.ino, len(content), now.mtime_ns)
        ledger.files[track] = known._replace(stamp=stamp, size=stamp.size, sha256=now.sha256)
    for key, entry in ledger.entries.items():
        if entry.stamp:
            file = library.files[entry.path]
            stamp = Stamp(file.ino, len(file.content), file.mtime_ns)
            ledger.entries[key] = entry._replace(stamp=stamp)
    assert story.check().actions == ()


@pytest.mark.parametrize("ids", [True, False])
@FORMS
def test_a_library_on_another_disk_is_the_same_library(kind: Kind, ids: bool) -> None:
    story = synced(kind, A=["x", "y"], B=["x", "z"], C=["x", "y", "z"])
    if not ids:
        without_ids(story)
    tree = story.library.tree
    for _mount in range(3):
        other_disk(story)
        plan = story.sync()
        assert plan.actions == ()
        assert plan.tally.foreign_files == 0
    assert story.library.tree == tree


@pytest.mark.parametrize("ids", [True, False])
@FORMS
def test_what_is_to_be_done_after_that_is_done_to_ours_as_ever(kind: Kind, ids: bool) -> None:
    story = synced(kind, A=["x", "y"], B=["x", "z"], C=["x", "y", "z"])
    if not ids:
        without_ids(story)
    other_disk(story)
    story.playlists = {"A": ["y"], "B": ["z"], "C": ["x"]}
    plan = story.sync()
    assert plan.counts["download"] == 0
    assert sorted(line.split(" -> ")[0] for line in story.library.tree) == [
        "A/Artist - y.mp3",
        "B/Artist - z.mp3",
        "C/Artist - x.mp3",
    ]
    assert plan.tally.foreign_files == 0
    assert story.check().actions == ()


def test_a_copy_the_person_changed_on_the_way_stays_theirs() -> None:
    story = synced(Kind.COPY, A=["x"], B=["x", "y"])
    other_disk(story)
    path = "Playlists/B/Artist - x.mp3"
    was = story.library.files[path]  # type: ignore[index]
    story.library.files[path] = replace(was, content="id:x|retagged", mtime_ns=1)  # type: ignore[index]
    story.playlists["B"] = ["y"]
    plan = story.sync()
    assert not [a for a in plan.actions if isinstance(a, Trash)]
    assert path.removeprefix("Playlists/") in story.library.tree
