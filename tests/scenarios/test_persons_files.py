"""What is a person's stays a person's, end to end: purchases, own versions, links of their own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from mutagen.flac import FLAC

from strandline.app.verify import verify
from strandline.demo import music
from strandline.demo.model import Track
from tests.scenarios.accord import everything_agrees
from tests.scenarios.home import Home


@pytest.fixture
def x(home: Home) -> Track:
    return home.account.track("x", "Ana")


def downloads(home: Home) -> int:
    return len(home.tidal.asked("/v1/tracks/*/playbackinfopostpaywall"))


def purchase(path: Path, track: Track) -> Path:
    """The same recording, bought elsewhere: another file, with the recording's code."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(music.flac(track.id, 1))
    tags = FLAC(path)
    tags["ISRC"] = track.isrc
    tags["TITLE"] = track.title
    tags.save()
    return path


# ---------------------------------------------------------------- identity by file


def test_a_purchase_with_the_recordings_code_is_never_taken(home: Home, x: Track) -> None:
    a = home.account.playlist("A", [x])
    b = home.account.playlist("B", [x])
    mine = purchase(home.playlists / "A" / "bought.flac", x)
    before = mine.read_bytes(), mine.stat().st_ino
    [warning] = [it for it in home.check().warnings if it.code == "recording_of_yours"]
    assert "Playlists/A/bought.flac" in warning.message
    home.sync()
    assert home.check().warnings == ()
    assert home.tree == ["A/Ana - x.flac", "A/bought.flac", "B/Ana - x.flac -> ../A/Ana - x.flac"]
    home.account.rename(a, "C")
    home.account.remove(a, x)
    home.account.remove(b, x)
    home.sync()
    mine = home.playlists / "C" / "bought.flac"
    assert (mine.read_bytes(), mine.stat().st_ino) == before
    assert home.trash == ["Playlists/C/Ana - x.flac"]


@pytest.mark.parametrize("how", ["moved", "copied"])
def test_a_file_taken_over_and_then_renamed_by_the_person_is_not_fetched_again(
    home: Home, x: Track, how: str
) -> None:
    a = home.account.playlist("A", [x])
    home.sync()
    home.account.remove(a, x)
    home.account.add(a, home.account.track("x", "Ana", isrc=x.isrc))
    assert home.words(home.sync()) == []
    old, new = home.playlists / "A" / "Ana - x.flac", home.playlists / "A" / "mine.flac"
    if how == "moved":
        old.rename(new)
    else:
        shutil.copyfile(old, new)
        old.unlink()
    home.sync()
    assert home.tree == ["A/mine.flac"]
    assert downloads(home) == 1
    assert home.words(home.check()) == []


def test_an_id_that_comes_back_gets_a_file_of_its_own_once(home: Home, x: Track) -> None:
    a = home.account.playlist("A", [x])
    home.sync()
    heir = home.account.track("x", "Ana", isrc=x.isrc)
    home.account.remove(a, x)
    home.account.add(a, heir)
    home.sync()
    home.account.add(a, x)
    for _ in range(3):
        home.sync()
    assert len(home.tree) == 2
    assert downloads(home) == 2
    assert home.trash == []


def test_the_same_code_on_a_clean_version_is_fetched(home: Home, x: Track) -> None:
    a = home.account.playlist("A", [x])
    home.sync()
    heir = home.account.track("x", "Ana", isrc=x.isrc)
    heir.explicit = not x.explicit
    home.account.remove(a, x)
    home.account.add(a, heir)
    home.sync()
    assert downloads(home) == 2


# ---------------------------------------------------------------- versions in the place of links


def shared(home: Home, x: Track, *names: str, mode: str = "symlink") -> None:
    """x in several playlists, synced; the first one holds the audio."""
    home.configure(f'[audio]\nformat = "original"\n[sync]\nlink_mode = "{mode}"\n')
    for name in names or ("A", "B"):
        home.account.playlist(name, [x])
    home.sync()
    everything_agrees(home)


def at(home: Home, folder: str) -> Path:
    return home.playlists / folder / "Ana - x.flac"


def retag(path: Path, comment: str = "peak time") -> bytes:
    """As taggers save: a new file is written beside, and renamed over what stands there."""
    new = path.with_name(".tagger.tmp.flac")
    shutil.copyfile(path, new)
    tags = FLAC(new)
    tags["COMMENT"] = comment
    tags.save()
    os.replace(new, path)
    return path.read_bytes()


def still(home: Home, times: int = 2) -> None:
    """Nothing to do, nothing fetched, every command of one mind, however often it is asked."""
    for _ in range(times):
        done = home.sync()
        assert (home.words(done), done.exit) == ([], 0)
        everything_agrees(home)


@pytest.mark.parametrize("mode", ["symlink", "hardlink", "copy"])
def test_a_tagged_file_in_place_of_a_link_is_kept_and_counted_by_all(
    home: Home, x: Track, mode: str
) -> None:
    shared(home, x, "A", "B", "C", mode=mode)
    mine = retag(at(home, "B"))
    still(home)
    assert at(home, "B").read_bytes() == mine
    assert not at(home, "B").is_symlink()
    assert home.check().plan.tally.links == 1
    assert home.trash == []


def test_a_tagger_that_writes_through_a_link_changes_the_one_file(home: Home, x: Track) -> None:
    shared(home, x)
    tags = FLAC(at(home, "B"))
    tags["COMMENT"] = "through the link"
    tags.save()
    still(home)
    assert at(home, "B").is_symlink()
    assert FLAC(at(home, "A"))["COMMENT"] == ["through the link"]


@pytest.mark.parametrize("mode", ["hardlink", "copy"])
@pytest.mark.parametrize("checks", [0, 1, 2])
def test_a_primary_saved_by_rename_is_what_the_others_are_made_of_anew(
    home: Home, x: Track, mode: str, checks: int
) -> None:
    shared(home, x, "A", "B", "C", mode=mode)
    before = home.contents
    mine = retag(at(home, "A"))
    for _ in range(checks):
        home.check()
    home.sync()
    for folder in "ABC":
        assert at(home, folder).read_bytes() == mine
    if mode == "hardlink":
        assert len({at(home, folder).stat().st_ino for folder in "ABC"}) == 1
    assert home.contents >= before, "the old bytes are in the trash"
    assert home.trash == ["Playlists/B/Ana - x.flac", "Playlists/C/Ana - x.flac"]
    assert downloads(home) == 1
    still(home)
    assert len(home.trash) == 2, "once"


def test_hard_links_follow_a_primary_saved_by_rename_with_its_times_put_back(
    home: Home, x: Track
) -> None:
    """As Picard does it; the tags fit into the padding, so the size is the same, too."""
    shared(home, x, "A", "B", mode="hardlink")
    before = at(home, "A").stat()
    mine = retag(at(home, "A"))
    os.utime(at(home, "A"), ns=(before.st_atime_ns, before.st_mtime_ns))
    assert at(home, "A").stat().st_size == before.st_size
    verify(home.config, (), quick=False)
    home.sync()
    assert at(home, "B").read_bytes() == mine
    still(home)


def test_a_copy_put_in_place_of_a_link_gives_way_to_the_link(home: Home, x: Track) -> None:
    shared(home, x)
    data = at(home, "A").read_bytes()
    at(home, "B").unlink()
    at(home, "B").write_bytes(data)
    assert home.words(home.sync()) == [
        "trash B/Ana - x.flac (same_audio)",
        "link B/Ana - x.flac (same_audio)",
    ]
    assert at(home, "B").is_symlink()
    still(home)


def test_a_version_outlives_what_tidal_does_to_its_track(home: Home, x: Track) -> None:
    a = home.account.playlist("A", [x])
    b = home.account.playlist("B", [x])
    c = home.account.playlist("C", [x])
    home.sync()
    mine = retag(at(home, "B"))
    home.account.remove(a, x)
    home.sync()
    assert home.tree == ["A/", "B/Ana - x.flac", "C/Ana - x.flac"]
    still(home)
    home.account.rename(b, "D")
    home.sync()
    still(home)
    home.account.remove(b, x)
    home.account.remove(c, x)
    home.sync()
    assert at(home, "D").read_bytes() == mine
    assert downloads(home) == 1


# ---------------------------------------------------------------- links of the person's own


def annex(home: Home, folder: str, *, inside: bool = False) -> Path:
    """As git-annex does: the content goes to a store, a link to it stands in its place."""
    place = at(home, folder)
    top = home.playlists if inside else home.library
    key = top / ".git" / "annex" / "objects" / "K1" / "K1.flac"
    key.parent.mkdir(parents=True, exist_ok=True)
    place.resolve().rename(key)
    key.chmod(0o444)
    place.unlink(missing_ok=True)
    place.symlink_to(os.path.relpath(key, place.parent))
    return key


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("mode", ["symlink", "hardlink", "copy"])
def test_annexed_audio_is_a_place_of_the_persons(
    home: Home, x: Track, inside: bool, mode: str
) -> None:
    shared(home, x, mode=mode)
    key = annex(home, "A", inside=inside)
    text, before = os.readlink(at(home, "A")), (key.stat().st_ino, key.stat().st_mtime_ns)
    still(home)
    assert os.readlink(at(home, "A")) == text
    assert (key.stat().st_ino, key.stat().st_mtime_ns) == before
    home.account.playlist("C", [x])
    home.sync()
    assert at(home, "C").read_bytes() == key.read_bytes()
    still(home)
    assert downloads(home) == 1


def test_annexed_content_that_was_dropped_is_said_and_left(home: Home, x: Track) -> None:
    shared(home, x)
    key = annex(home, "A")
    home.sync()
    away = key.rename(key.with_name("dropped"))
    for _ in range(2):
        done = home.sync()
        assert home.words(done) == ["conflict A/Ana - x.flac (link_of_yours)"]
        assert (done.exit, len(done.conflicts)) == (4, 1)
        told = verify(home.config)
        assert told.links_of_yours == told.missing == ("Playlists/A/Ana - x.flac",)
        assert told.is_only_yours, "no sync could heal it"
        everything_agrees(home)
    assert at(home, "A").is_symlink()
    assert downloads(home) == 1
    away.rename(key)
    still(home)


def test_a_link_from_a_place_of_ours_to_the_persons_own_folder_stays(home: Home, x: Track) -> None:
    shared(home, x)
    theirs = purchase(home.folder / "My Music" / "x.flac", x)
    at(home, "B").unlink()
    at(home, "B").symlink_to(theirs)
    still(home)
    assert os.readlink(at(home, "B")) == str(theirs)
    assert home.check().plan.tally.links == 0
    theirs.unlink()
    assert home.words(home.sync()) == ["conflict B/Ana - x.flac (link_of_yours)"]


@pytest.mark.parametrize("way", ["full path", "a detour"])
def test_a_link_that_leads_right_by_another_way_is_straightened(
    home: Home, x: Track, way: str
) -> None:
    shared(home, x)
    at(home, "B").unlink()
    text = str(at(home, "A")) if way == "full path" else "../B/../A/Ana - x.flac"
    at(home, "B").symlink_to(text)
    home.sync()
    assert os.readlink(at(home, "B")) == "../A/Ana - x.flac"
    still(home)


# ---------------------------------------------------------------- edits that no stamp tells


def retag_unseen(path: Path) -> bytes:
    """In place, into the padding, and the times put back: number, size and time are the same."""
    was = path.stat()
    tags = FLAC(path)
    tags["COMMENT"] = "peak time"
    tags.save()
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    now = path.stat()
    assert (now.st_ino, now.st_size, now.st_mtime_ns) == (was.st_ino, was.st_size, was.st_mtime_ns)
    return path.read_bytes()


@pytest.mark.parametrize("edited", ["A", "B"], ids=["the_first", "the_second"])
@pytest.mark.parametrize("verified", [False, True])
def test_a_copy_edited_behind_its_stamp_stays_when_its_playlist_drops_it(
    home: Home, x: Track, edited: str, verified: bool
) -> None:
    shared(home, x, "A", "B", "C", mode="copy")
    mine = retag_unseen(at(home, edited))
    if verified:
        verify(home.config, (), quick=False)
    [left] = [it for it in home.account.playlists.values() if it.title == edited]
    home.account.remove(left, x)
    home.sync()
    assert mine in {path.read_bytes() for path in home.library.rglob("*.flac")}
    still(home)
    assert downloads(home) == 1


@pytest.mark.parametrize("mode", ["symlink", "hardlink"])
def test_a_copy_edited_behind_its_stamp_stays_when_links_are_to_stand_there(
    home: Home, x: Track, mode: str
) -> None:
    shared(home, x, "A", "B", mode="copy")
    mine = retag_unseen(at(home, "B"))
    home.configure(f'[audio]\nformat = "original"\n[sync]\nlink_mode = "{mode}"\n')
    home.sync()
    assert at(home, "B").read_bytes() == mine
    still(home)
    assert downloads(home) == 1


@pytest.mark.parametrize("unseen", [True, False], ids=["behind_its_stamp", "seen"])
@pytest.mark.parametrize("times", [1, 2])
def test_an_edit_of_the_first_reaches_its_copies_once_verify_has_read_it(
    home: Home, x: Track, unseen: bool, times: int
) -> None:
    shared(home, x, "A", "B", mode="copy")
    mine = retag_unseen(at(home, "A"))
    if not unseen:
        os.utime(at(home, "A"))
    for _ in range(times):
        verify(home.config)
    for _ in range(2):
        assert home.words(home.check()) == ["relink B/Ana - x.flac (stale_copy)"]
    home.sync()
    assert at(home, "B").read_bytes() == mine
    still(home)
    assert verify(home.config).changed == ()


@pytest.mark.parametrize("times", [1, 2])
def test_a_copy_edited_behind_its_stamp_is_the_persons_once_verify_has_read_it(
    home: Home, x: Track, times: int
) -> None:
    shared(home, x, "A", "B", mode="copy")
    mine = retag_unseen(at(home, "B"))
    told = [verify(home.config).changed for _ in range(times)]
    assert told == [("Playlists/B/Ana - x.flac",), ()][:times]
    assert home.check().plan.tally.links == 0
    assert home.words(home.sync()) == []
    assert at(home, "B").read_bytes() == mine
    still(home)
