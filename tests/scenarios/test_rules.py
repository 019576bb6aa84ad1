"""The rules of the collection, end to end: the tree before, what happens, the tree after."""

from __future__ import annotations

import pytest

from strandline.app.check import CheckOptions
from strandline.app.execute import SyncRequest, execute
from strandline.demo.model import Availability, Playlist, Track
from tests.scenarios.accord import everything_agrees
from tests.scenarios.home import Home


@pytest.fixture
def x(home: Home) -> Track:
    return home.account.track("x", "Ana")


@pytest.fixture
def y(home: Home) -> Track:
    return home.account.track("y", "Ana")


def in_sync(home: Home) -> None:
    """Nothing left to do, and a second run writes no byte (I10)."""
    before = home.fingerprint()
    assert home.words(home.check()) == []
    done = home.sync()
    assert done.result is None
    assert home.fingerprint() == before
    everything_agrees(home)


def test_a_shared_track_is_downloaded_once_and_linked_elsewhere(
    home: Home, x: Track, y: Track
) -> None:
    home.account.playlist("Deep House", [x, y])
    home.account.playlist("Sunday", [x])
    home.sync()
    assert home.tree == [
        "Deep House/Ana - x.flac",
        "Deep House/Ana - y.flac",
        "Sunday/Ana - x.flac -> ../Deep House/Ana - x.flac",
    ]
    assert (home.playlists / "Sunday" / "Ana - x.flac").read_bytes()[:4] == b"fLaC"
    assert len(home.tidal.asked("/v1/tracks/*/playbackinfopostpaywall")) == 2
    in_sync(home)


def test_a_track_that_left_its_primary_playlist_moves_to_the_next(
    home: Home, x: Track, y: Track
) -> None:
    a = home.account.playlist("A", [x, y])
    home.account.playlist("B", [x])
    home.account.playlist("C", [x])
    home.sync()
    inode = (home.playlists / "A" / "Ana - x.flac").stat().st_ino
    home.account.remove(a, x)
    assert home.words(home.sync()) == [
        "move B/Ana - x.flac (left_primary_playlist)",
        "relink C/Ana - x.flac (primary_moved)",
    ]
    assert home.tree == [
        "A/Ana - y.flac",
        "B/Ana - x.flac",
        "C/Ana - x.flac -> ../B/Ana - x.flac",
    ]
    assert (home.playlists / "B" / "Ana - x.flac").stat().st_ino == inode
    in_sync(home)


def test_a_track_that_left_every_playlist_is_in_the_trash(home: Home, x: Track, y: Track) -> None:
    a = home.account.playlist("A", [x, y])
    b = home.account.playlist("B", [x])
    home.sync()
    before = home.contents
    home.account.remove(a, x)
    home.account.remove(b, x)
    home.sync()
    assert home.tree == ["A/Ana - y.flac", "B/"]
    assert home.trash == ["Playlists/A/Ana - x.flac"]
    assert home.contents == before
    in_sync(home)


def test_a_renamed_playlist_keeps_its_folder_and_whatever_is_in_it(
    home: Home, x: Track, y: Track
) -> None:
    a = home.account.playlist("Warm-up", [x, y])
    home.account.playlist("Zebra", [x])
    home.sync()
    (home.playlists / "Warm-up" / "cues.txt").write_text("mine")
    home.account.rename(a, "Friday: Warm/up")
    assert home.words(home.sync()) == [
        "rename_folder Friday- Warm-up (renamed_in_tidal)",
        "relink Zebra/Ana - x.flac (primary_moved)",
    ]
    assert home.tree == [
        "Friday- Warm-up/Ana - x.flac",
        "Friday- Warm-up/Ana - y.flac",
        "Friday- Warm-up/cues.txt",
        "Zebra/Ana - x.flac -> ../Friday- Warm-up/Ana - x.flac",
    ]
    in_sync(home)


def test_two_playlists_swap_their_names(home: Home, x: Track, y: Track) -> None:
    a = home.account.playlist("A", [x])
    b = home.account.playlist("B", [x, y])
    home.sync()
    home.account.rename(a, "B")
    home.account.rename(b, "A")
    done = home.sync()
    assert done.checked.plan.counts["rename_folder"] == 2
    assert done.checked.plan.counts["download"] == 0
    assert home.tree == ["A/Ana - x.flac -> ../B/Ana - x.flac", "A/Ana - y.flac", "B/Ana - x.flac"]
    in_sync(home)


def test_a_deleted_playlist_is_cleared_but_for_the_users_own_files(
    home: Home, x: Track, y: Track
) -> None:
    a = home.account.playlist("A", [x, y])
    home.account.playlist("B", [x])
    c = home.account.playlist("C", [x])
    home.sync()
    (home.playlists / "A" / "flyer.pdf").write_bytes(b"mine")
    home.account.delete(a)
    home.account.delete(c)
    home.sync()
    assert home.tree == ["A/flyer.pdf", "B/Ana - x.flac"]
    assert home.trash == ["Playlists/A/Ana - y.flac"]
    in_sync(home)


def test_broken_and_wrong_links_are_made_again(home: Home, x: Track, y: Track) -> None:
    home.account.playlist("A", [x, y])
    home.account.playlist("B", [x, y])
    home.sync()
    tree = home.tree
    for name, target in (("x", "../Gone/x.flac"), ("y", "../A/Ana - x.flac")):
        link = home.playlists / "B" / f"Ana - {name}.flac"
        link.unlink()
        link.symlink_to(target)
    assert home.words(home.check()) == [
        "relink B/Ana - x.flac (broken_link)",
        "relink B/Ana - y.flac (wrong_link)",
    ]
    home.sync()
    assert home.tree == tree
    in_sync(home)


def test_a_track_that_cannot_be_had_now_is_named_and_asked_for_again_next_time(
    home: Home, x: Track
) -> None:
    y = home.account.track("y", "Ana")
    home.account.playlist("A", [x, y])
    home.account.withhold(x, Availability.NOT_READY)
    done = execute(home.config, SyncRequest(CheckOptions()))
    assert done.result is not None
    assert [one.title for one in done.checked.unavailable] == ["x"]
    assert done.exit == 0
    assert home.tree == ["A/Ana - y.flac"]
    home.account.withhold(x, Availability.AVAILABLE)
    home.sync()
    assert home.tree == ["A/Ana - x.flac", "A/Ana - y.flac"]
    in_sync(home)


def test_a_track_tidal_lists_but_never_hands_out_costs_a_run_one_question(
    home: Home, x: Track, y: Track
) -> None:
    a = home.account.playlist("A", [x, y])
    home.account.withhold(x, Availability.NOT_READY)
    assert [execute(home.config, SyncRequest(CheckOptions())).exit for _ in range(4)] == [
        0,
        0,
        0,
        0,
    ]
    asked = f"/v1/tracks/{x.id}/playbackinfopostpaywall"
    assert len(home.tidal.asked(asked)) == 3 + 3, "each tier once, then one question a run"
    home.account.withhold(x, Availability.AVAILABLE)
    home.account.add(a, home.account.track("z", "Ana"))
    home.sync()
    assert home.tree == ["A/Ana - x.flac", "A/Ana - y.flac", "A/Ana - z.flac"]


def test_the_users_own_files_stay_as_they_are(home: Home, x: Track) -> None:
    (home.playlists / "A").mkdir(parents=True)
    mine = home.playlists / "A" / "Ana - x.flac"
    mine.write_bytes(b"my own recording")
    home.account.playlist("A", [x])
    home.sync()
    assert mine.read_bytes() == b"my own recording"
    assert home.tree == [f"A/Ana - x [{x.id}].flac", "A/Ana - x.flac"]
    in_sync(home)


@pytest.mark.parametrize("to", ["A/renamed by hand.flac", "B/moved by hand.flac", "Misc/x.flac"])
@pytest.mark.parametrize("how", ["rename", "copy and delete"])
def test_a_file_the_user_moved_is_recognised(home: Home, x: Track, to: str, how: str) -> None:
    home.account.playlist("A", [x])
    home.account.playlist("B", [x])
    home.sync()
    source, target = home.playlists / "A" / "Ana - x.flac", home.playlists / to
    target.parent.mkdir(exist_ok=True)
    if how == "rename":
        source.rename(target)
    else:
        target.write_bytes(source.read_bytes())
        source.unlink()
    home.sync()
    assert len(home.tidal.asked("/v1/tracks/*/playbackinfopostpaywall")) == 1
    assert len([line for line in home.tree if "->" not in line and not line.endswith("/")]) == 1
    in_sync(home)


def test_the_same_track_twice_is_one_entry_and_two_positions(
    home: Home, x: Track, y: Track
) -> None:
    import sqlite3

    home.account.playlist("A", [x, y, x])
    home.sync()
    assert home.tree == ["A/Ana - x.flac", "A/Ana - y.flac"]
    with sqlite3.connect(home.folder / "state" / "strandline.db") as rows:
        found = rows.execute(
            "SELECT position FROM playlist_positions p JOIN tracks t ON t.id = p.track_id "
            "WHERE t.tidal_id = ? ORDER BY position",
            (str(x.id),),
        ).fetchall()
    rows.close()
    assert [position for (position,) in found] == [0, 2]
    in_sync(home)


def test_an_unavailable_track_keeps_file_name_and_metadata(home: Home, x: Track) -> None:
    home.account.playlist("A", [x])
    home.sync()
    home.account.withhold(x, Availability.PLACEHOLDER)
    gone = home.account.track("never", "Ana")
    home.account.withhold(gone, Availability.PLACEHOLDER)
    home.account.playlist("B", [x, gone])
    home.sync(full=True)
    assert home.tree == ["A/Ana - x.flac", "B/Ana - x.flac -> ../A/Ana - x.flac"]
    in_sync(home)


def test_a_library_that_is_moved_elsewhere_keeps_working(home: Home, x: Track) -> None:
    home.account.playlist("A", [x])
    home.account.playlist("B", [x])
    home.sync()
    (home.folder / "library").rename(home.folder / "elsewhere")
    (home.folder / "library").symlink_to("elsewhere")
    assert (home.playlists / "B" / "Ana - x.flac").exists()
    assert home.words(home.check()) == []


def test_byte_equal_copies_of_older_tools_become_one_file_and_links(home: Home, x: Track) -> None:
    home.account.playlist("A", [x])
    home.sync()
    audio = (home.playlists / "A" / "Ana - x.flac").read_bytes()
    for folder, name in (("B", "07 - x.flac"), ("C", "Ana - x.flac")):
        (home.playlists / folder).mkdir()
        (home.playlists / folder / name).write_bytes(audio)
        home.account.playlist(folder, [x])
    before = home.contents
    home.sync()
    assert home.tree == [
        "A/Ana - x.flac",
        "B/07 - x.flac -> ../A/Ana - x.flac",
        "C/Ana - x.flac -> ../A/Ana - x.flac",
    ]
    assert home.contents == before
    in_sync(home)


def test_the_database_lost_nothing_is_downloaded_again(home: Home, x: Track, y: Track) -> None:
    home.account.playlist("A", [x, y])
    home.account.playlist("B", [x])
    home.sync()
    tree, asked = home.tree, len(home.tidal.asked("/v1/tracks/*/playbackinfopostpaywall"))
    for path in (home.folder / "state").glob("strandline.db*"):
        path.unlink()
    home.sync()
    assert home.tree == tree
    assert len(home.tidal.asked("/v1/tracks/*/playbackinfopostpaywall")) == asked
    in_sync(home)


def test_playlists_in_folders_and_followed_ones_are_synced(home: Home, x: Track, y: Track) -> None:
    inside: Playlist = home.account.playlist("Inside", [x])
    home.account.put_into(home.account.folder("Gigs"), inside)
    home.account.follow("Theirs", [y])
    home.sync()
    assert home.tree == ["Inside/Ana - x.flac", "Theirs/Ana - y.flac"]
    home.configure('[audio]\nformat = "original"\n[tidal]\nfavorite_playlists = false\n')
    home.sync()
    assert home.tree == ["Inside/Ana - x.flac", "Theirs/Ana - y.flac"]


def test_a_short_page_adds_but_never_removes(home: Home, x: Track, y: Track) -> None:
    from strandline.demo import effects

    a = home.account.playlist("A", [x, y])
    home.sync()
    home.account.add(a, home.account.track("z", "Ana"))
    home.tidal.faults.on(f"/v1/playlists/{a.uuid}/items", effects.short_page(), times=None)
    found = home.check(full=True)
    assert [gap.name for gap in found.incomplete] == ["A"]
    assert found.exit == 4
    assert found.plan.counts["trash"] == 0


def test_a_recording_that_gets_a_new_id_in_tidal_is_not_fetched_again(home: Home, x: Track) -> None:
    a = home.account.playlist("A", [x])
    home.sync()
    heir = home.account.track("x", "Ana", isrc=x.isrc)
    home.account.remove(a, x)
    home.account.add(a, heir)
    assert home.words(home.sync()) == []
    assert home.tree == ["A/Ana - x.flac"]
    assert home.words(home.check()) == []


def test_excluded_playlists_are_left_as_they_are(home: Home, x: Track, y: Track) -> None:
    a = home.account.playlist("A", [x])
    b = home.account.playlist("B", [x, y])
    home.sync()
    home.configure('[audio]\nformat = "original"\n[sync]\nexclude = ["a*"]\n')
    home.account.remove(a, x)
    home.account.remove(b, y)
    home.sync()
    assert home.tree == ["A/Ana - x.flac", "B/Ana - x.flac -> ../A/Ana - x.flac"]
