"""What is a person's stays a person's, end to end: purchases, own versions, links of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from mutagen.flac import FLAC

from strandline.demo import music
from strandline.demo.things import Track
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
    home.sync()
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
