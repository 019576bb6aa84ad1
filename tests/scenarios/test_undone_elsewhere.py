"""An undo looks at where things are now: folders renamed since, links made since, damaged files."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest

from strandline.app.undo import undo
from strandline.app.verify import verify
from strandline.demo.model import Track
from strandline.errors import Exit
from strandline.execute.result import Result
from tests.scenarios.home import Home
from tests.scenarios.test_undone_later import run_of


@pytest.fixture
def x(home: Home) -> Track:
    return home.account.track("x", "Ana")


@pytest.fixture
def y(home: Home) -> Track:
    return home.account.track("y", "Ana")


def undone(home: Home, run: str) -> Result:
    result = undo(home.config, run)
    assert result
    dangling = [path for path in home.playlists.rglob("*") if not path.exists()]
    assert not dangling, home.tree
    return result


def named_for(home: Home) -> dict[str, str | None]:
    with closing(sqlite3.connect(home.folder / "state" / "strandline.db")) as db:
        rows = db.execute("SELECT path, named_for FROM playlist_tracks WHERE path IS NOT NULL")
        return dict(rows.fetchall())


def settles(home: Home) -> None:
    """One run is enough, and names follow TIDAL again."""
    home.sync()
    assert home.words(home.check()) == []
    assert all(named_for(home).values()), named_for(home)


def test_an_older_run_is_undone_where_the_renamed_playlists_are_now(
    home: Home, x: Track, y: Track
) -> None:
    a = home.account.playlist("Alpha", [x, y])
    b = home.account.playlist("Beta", [x])
    home.account.playlist("Gamma", [x])
    home.sync()
    home.account.remove(a, x)
    run = run_of(home.sync())  # x moves to Beta, Gamma's link follows
    home.account.rename(b, "Zeta")
    home.account.rename(a, "Omega")
    home.sync()
    before = home.contents
    result = undone(home, run)
    assert result.exit is Exit.DONE
    assert home.tree == [
        "Gamma/Ana - x.flac -> ../Omega/Ana - x.flac",
        "Omega/Ana - x.flac",
        "Omega/Ana - y.flac",
        "Zeta/Ana - x.flac -> ../Omega/Ana - x.flac",
    ]
    assert home.contents == before
    settles(home)
    home.account.rename(b, "Beta again")
    x.title = "x (new)"
    home.sync(full=True)
    assert "Beta again/Ana - x (new).flac" in [line.split(" -> ")[0] for line in home.tree]


def test_two_playlists_swapped_their_names_since(home: Home, x: Track, y: Track) -> None:
    a = home.account.playlist("Alpha", [x, y])
    b = home.account.playlist("Beta", [x])
    home.sync()
    home.account.remove(b, x)
    run = run_of(home.sync())  # Beta's link goes
    home.account.rename(a, "Beta")
    home.account.rename(b, "Alpha")
    home.sync()
    result = undone(home, run)
    assert result.exit is Exit.DONE
    assert "Alpha/Ana - x.flac -> ../Beta/Ana - x.flac" in home.tree
    settles(home)


def test_a_folder_renamed_again_since_is_named_and_its_links_stay_whole(
    home: Home, x: Track, y: Track
) -> None:
    a = home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    home.sync()
    home.account.rename(a, "Second")
    run = run_of(home.sync())
    home.account.rename(a, "Third")
    home.sync()
    tree = home.tree
    result = undone(home, run)
    assert [(item.action, item.error) for item in result.failed] == [
        ("rename_folder", "it was renamed again since, and is Playlists/Third now")
    ]
    assert home.tree == tree
    assert home.words(home.check()) == []


def test_a_folder_does_not_get_a_name_back_that_another_one_has_by_now(
    home: Home, x: Track, y: Track
) -> None:
    a, b = home.account.playlist("Alpha", [x, y]), home.account.playlist("Beta", [x])
    home.account.playlist("Gamma", [x])
    home.sync()
    home.account.rename(a, "Beta")
    home.account.rename(b, "Alpha")
    run = run_of(home.sync())
    (home.playlists / "Alpha" / "Ana - x.flac").unlink()
    (home.playlists / "Alpha").rmdir()
    (home.playlists / "Alpha of mine").mkdir()  # else the next one may get the number
    home.sync()
    before = home.tree
    assert len(undone(home, run).failed) > 1
    assert home.tree == before
    assert home.words(home.check()) == []


def test_a_folder_gets_its_old_name_and_links_made_since_follow_it(
    home: Home, x: Track, y: Track
) -> None:
    a = home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    home.sync()
    home.account.rename(a, "Omega")
    run = run_of(home.sync())
    home.account.playlist("Gamma", [y])
    home.sync()
    undone(home, run)
    assert home.tree == [
        "Alpha/Ana - x.flac",
        "Alpha/Ana - y.flac",
        "Beta/Ana - x.flac -> ../Alpha/Ana - x.flac",
        "Gamma/Ana - y.flac -> ../Alpha/Ana - y.flac",
    ]
    settles(home)


def test_links_made_since_to_a_download_that_is_undone_go_with_it(
    home: Home, x: Track, y: Track
) -> None:
    home.account.playlist("Alpha", [x])
    run = run_of(home.sync())
    home.account.playlist("Beta", [x, y])
    home.sync()
    assert undone(home, run).exit is Exit.DONE
    assert home.tree == ["Beta/Ana - y.flac"]
    settles(home)


def test_a_link_whose_audio_went_on_is_left_as_it_is_and_named(
    home: Home, x: Track, y: Track
) -> None:
    a = home.account.playlist("Alpha", [x, y])
    b = home.account.playlist("Beta", [x])
    c = home.account.playlist("Gamma", [x])
    home.sync()
    home.account.remove(a, x)
    run = run_of(home.sync())  # x moves to Beta, Gamma's link follows
    home.account.remove(b, x)
    home.sync()  # and on to Gamma
    assert home.tree == ["Alpha/Ana - y.flac", "Beta/", "Gamma/Ana - x.flac"]
    result = undone(home, run)
    assert {item.action for item in result.failed} == {"move", "relink"}
    assert home.tree == ["Alpha/Ana - y.flac", "Beta/", "Gamma/Ana - x.flac"]
    home.account.remove(c, x)
    settles(home)


def test_a_link_stays_where_its_audio_cannot_come_back(home: Home, x: Track, y: Track) -> None:
    a = home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    home.account.playlist("Gamma", [x])
    home.sync()
    home.account.remove(a, x)
    run = run_of(home.sync())  # x moves to Beta, Gamma's link follows
    moved = home.playlists / "Beta" / "Ana - x.flac"
    moved.unlink()
    moved.write_bytes(b"another file of the person's")
    tree = home.tree
    result = undone(home, run)
    assert ("relink", "the audio of its link is not at Playlists/Alpha/Ana - x.flac any more") in {
        (item.action, item.error) for item in result.failed
    }
    assert home.tree == tree


def test_folders_the_person_renamed_without_a_sync_are_found(
    home: Home, x: Track, y: Track
) -> None:
    home.account.playlist("Alpha", [x])
    home.account.playlist("Beta", [x, y])
    run = run_of(home.sync())
    (home.playlists / "Beta").rename(home.playlists / "Mine")
    assert undone(home, run).exit is Exit.DONE
    assert home.tree == []
    assert home.trash == ["Playlists/Alpha/Ana - x.flac", "Playlists/Mine/Ana - y.flac"]
    settles(home)


def test_a_folder_in_which_something_stays_is_not_given_up(home: Home, x: Track, y: Track) -> None:
    home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    home.sync()
    alpha = home.playlists / "Alpha"
    (alpha / "Ana - x.flac").rename(home.playlists / "Ana - x.flac")  # beside the folders
    (alpha / "Ana - y.flac").unlink()
    alpha.rmdir()
    run = run_of(home.sync())  # makes the folder, moves x home, fetches y
    result = undone(home, run)
    assert [item.action for item in result.failed] == ["move"]
    with closing(sqlite3.connect(home.folder / "state" / "strandline.db")) as db:
        (row,) = db.execute("SELECT local_folder_path FROM playlists WHERE name = 'Alpha'")
    assert row == ("mp3/Playlists/Alpha/",)
    settles(home)
    assert "Beta/Ana - x.flac -> ../Alpha/Ana - x.flac" in home.tree


# ---------------------------------------------------------------- a run that repaired a file


def test_an_undone_repair_leaves_a_damaged_file_and_says_so(home: Home, x: Track, y: Track) -> None:
    home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    home.sync()
    song = home.playlists / "Alpha" / "Ana - x.flac"
    stat = song.stat()
    data = bytearray(song.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 100] = bytes(100)
    song.write_bytes(data)
    os.utime(song, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert verify(home.config).corrupt == ("Playlists/Alpha/Ana - x.flac",)
    run = run_of(home.sync())
    assert verify(home.config).exit is Exit.DONE
    undone(home, run)
    assert song.read_bytes() == bytes(data), "undone"
    with closing(sqlite3.connect(home.folder / "state" / "strandline.db")) as db:
        (row,) = db.execute("SELECT download_status, file_hash FROM tracks WHERE title = 'x'")
    assert row == ("not_downloaded", None)
    assert home.words(home.check()) == home.words(home.check())
    assert home.check().plan.counts["download"] == 1
    home.sync()
    assert verify(home.config).exit is Exit.DONE
    assert song.read_bytes() != bytes(data)


@pytest.mark.parametrize("place", ["Ana - x.flac", "Beta/mine.flac"])
def test_a_damaged_file_is_one_wherever_the_person_moves_it(
    home: Home, x: Track, y: Track, place: str
) -> None:
    home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [y])
    home.sync()
    song = home.playlists / "Alpha" / "Ana - x.flac"
    stat = song.stat()
    data = bytearray(song.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 100] = bytes(100)
    song.write_bytes(data)
    os.utime(song, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    verify(home.config)
    song.rename(home.playlists / place)
    home.sync()
    home.sync()
    assert verify(home.config).exit is Exit.DONE
    assert home.words(home.check()) == []


def test_a_link_that_the_person_renamed_since_is_not_made_a_second_time(
    home: Home, x: Track
) -> None:
    """Its audio is gone as well, so that no check before the undo can tell of it."""
    home.account.playlist("Alpha", [x])
    home.account.playlist("Beta", [x])
    home.sync()
    alpha, beta = home.playlists / "Alpha", home.playlists / "Beta"
    damaged = alpha / "Ana - x.flac"
    damaged.write_bytes(damaged.read_bytes()[:2000])
    x.title = "y"
    run = run_of(home.sync(full=True))
    (beta / "Ana - y.flac").rename(beta / "mine.flac")
    (alpha / "Ana - y.flac").unlink()
    undo(home.config, run)
    assert [*beta.iterdir()] == [beta / "mine.flac"]
    home.sync()
    assert home.tree[-1] == "Beta/mine.flac -> ../Alpha/Ana - y.flac"
    assert [*beta.iterdir()] == [beta / "mine.flac"]
    assert home.words(home.check()) == []


def test_links_to_the_name_that_the_person_gave_a_folder_go_with_what_they_lead_to(
    home: Home, x: Track, y: Track
) -> None:
    home.account.playlist("Alpha", [x])
    home.account.playlist("Beta", [x])
    gamma = home.account.playlist("Gamma", [y])
    run = run_of(home.sync())
    home.account.add(gamma, x)
    home.sync()
    (home.playlists / "Alpha").rename(home.playlists / "Alpha of mine")
    undone(home, run)
    assert home.tree == []
    home.sync()
    assert home.words(home.check()) == []


def test_a_link_that_stands_again_follows_its_audio_when_the_rest_is_undone(
    home: Home, x: Track, y: Track
) -> None:
    """Undone a second time, for a file that was in the way of it; a run in between had the link."""
    alpha = home.account.playlist("Alpha", [x])
    home.account.playlist("Beta", [x])
    home.sync()
    x.title = "x (new)"
    home.account.add(alpha, y)
    run = run_of(home.sync(full=True))
    with (home.playlists / "Alpha" / "Ana - y.flac").open("ab") as song:
        song.write(b"retagged")
    assert [item.action for item in undone(home, run).failed] == ["download"]
    home.configure('[audio]\nformat = "original"\n[sync]\nexclude = ["Beta"]\n')
    home.sync()
    assert "Beta/Ana - x.flac -> ../Alpha/Ana - x (new).flac" in home.tree
    undone(home, run)
    assert "Beta/Ana - x.flac -> ../Alpha/Ana - x.flac" in home.tree


def test_a_link_that_came_back_to_a_folder_left_to_the_person_goes_under_any_name(
    home: Home, x: Track
) -> None:
    home.account.playlist("Alpha", [x])
    beta = home.account.playlist("Beta", [x])
    home.sync()
    folder = home.playlists / "Beta"
    (folder / "mine.txt").write_text("notes")
    (folder / "mine.flac").symlink_to((folder / "Ana - x.flac").readlink())
    home.account.remove(beta, x)
    run = run_of(home.sync())
    home.account.delete(beta)
    home.sync()
    undone(home, run)
    (folder / "Ana - x.flac").rename(folder / "odd.flac")
    home.sync()
    assert home.tree == ["Alpha/Ana - x.flac", "Beta/mine.flac -> ../Alpha/Ana - x.flac",
                         "Beta/mine.txt"]  # fmt: skip
    assert home.words(home.check()) == []


def test_a_file_whose_old_folder_is_gone_stays_and_links_follow_the_folder_it_is_in(
    home: Home, x: Track
) -> None:
    a = home.account.playlist("A", [x])
    b, _ = home.account.playlist("B", [x]), home.account.playlist("C", [x])
    home.sync()
    (home.playlists / "A" / "mine.txt").write_text("so the folder stays")
    home.account.delete(a)
    home.account.rename(b, "Bz")
    run = run_of(home.sync())
    (home.playlists / "A" / "mine.txt").unlink()
    (home.playlists / "A").rmdir()
    result = undone(home, run)
    assert [(it.path, it.error) for it in result.failed if it.action == "move"] == [
        ("Playlists/Bz/Ana - x.flac", "the folder Playlists/A is gone")
    ]
    assert home.tree == ["B/Ana - x.flac", "C/Ana - x.flac -> ../B/Ana - x.flac"]
    settles(home)
