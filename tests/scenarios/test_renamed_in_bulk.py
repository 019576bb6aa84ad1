"""A person gives a playlist's folder and all that is in it other names between two syncs."""

from __future__ import annotations

from pathlib import Path

import pytest

from strandline.demo.model import Availability
from tests.scenarios.home import Home
from tests.scenarios.test_other_numbers import MODES, asked, shared


def rename_all(folder: Path, to: Path) -> None:
    """As a tool for bulk renaming does it, and then the folder as well."""
    for path in [*folder.iterdir()]:
        path.rename(path.with_name(path.name.replace(" ", "_")))
    folder.rename(to)


@MODES
@pytest.mark.parametrize("name", ["Alpha", "Beta"])
def test_the_folder_is_known_by_what_is_in_it_whatever_that_is_called(
    home: Home, mode: str, name: str
) -> None:
    shared(home, mode)
    downloads, before = asked(home), home.contents
    rename_all(home.playlists / name, home.playlists / "mine")
    done = home.sync()
    assert home.words(done)[0] == f"rename_folder {name} (renamed_on_disk)"
    paths = [line.split(" -> ")[0] for line in home.tree]
    assert f"{name}/Ana_-_x.flac" in paths, "the person's names of files stay"
    assert not [path for path in paths if path.startswith("mine")], "nothing of ours is left"
    assert len(paths) == 3
    assert all((home.playlists / path).exists() for path in paths)
    assert asked(home) == downloads
    assert home.contents == before
    assert home.words(home.check()) == []


def test_a_renamed_folder_of_a_playlist_that_is_left_out_is_known_as_well(home: Home) -> None:
    shared(home)
    rename_all(home.playlists / "Beta", home.playlists / "mine")
    home.configure('[audio]\nformat = "original"\n[sync]\nexclude = ["Beta"]\n')
    home.sync()
    home.configure('[audio]\nformat = "original"\n')
    home.sync()
    assert [line for line in home.tree if not line.startswith("Alpha")] == [
        "Beta/Ana_-_x.flac -> ../Alpha/Ana - x.flac"
    ]
    assert home.words(home.check()) == []


def test_a_renamed_link_is_known_after_a_run_of_the_playlist_alone_that_had_the_audio(
    home: Home,
) -> None:
    x, _ = shared(home)
    alpha = next(it for it in home.account.playlists.values() if it.title == "Alpha")
    for folder in home.playlists.iterdir():
        rename_all(folder, folder)
    home.account.remove(alpha, x)
    home.sync("Alpha")
    home.sync()
    assert [line for line in home.tree if line.startswith("Beta")] == ["Beta/Ana_-_x.flac"]
    assert home.words(home.check()) == []


def test_a_link_is_known_by_any_name_when_nothing_is_known_of_its_audio(home: Home) -> None:
    """By its text, which strandline wrote for this track in this playlist."""
    x = home.account.track("x", "Ana")
    home.account.playlist("Alpha", [x])
    home.account.playlist("Beta", [x])
    home.sync()
    alpha, beta = home.playlists / "Alpha", home.playlists / "Beta"
    (beta / "Ana - x.flac").rename(beta / "odd.flac")
    home.sync()
    (alpha / "Ana - x.flac").unlink()
    home.account.withhold(x, Availability.GREYED_OUT)
    home.configure('[audio]\nformat = "original"\n[sync]\nexclude = ["Beta"]\n')
    home.sync()
    (beta / "odd.flac").rename(beta / "mine.flac")
    home.account.withhold(x, Availability.AVAILABLE)
    home.configure('[audio]\nformat = "original"\n')
    home.sync()
    assert home.tree == ["Alpha/Ana - x.flac", "Beta/mine.flac -> ../Alpha/Ana - x.flac"]
    assert home.words(home.check()) == []


def test_a_new_playlist_of_the_name_of_a_deleted_one_takes_over_its_renamed_links(
    home: Home,
) -> None:
    """One link is not kept for the new playlist and taken away for the old one."""
    x, _ = shared(home)
    home.account.delete(next(it for it in home.account.playlists.values() if it.title == "Beta"))
    home.account.playlist("Beta", [x])
    rename_all(home.playlists / "Beta", home.playlists / "Beta")
    home.sync()
    assert [line for line in home.tree if line.startswith("Beta")] == [
        "Beta/Ana_-_x.flac -> ../Alpha/Ana - x.flac"
    ]
    assert home.words(home.check()) == []
