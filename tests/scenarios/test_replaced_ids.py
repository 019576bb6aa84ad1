"""A release gets a new id in TIDAL: the same recording, wherever it is listed."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from strandline.app.trash import restore
from strandline.app.undo import undo
from strandline.app.verify import verify
from strandline.demo.model import Track
from tests.scenarios.home import Home


def downloads(home: Home) -> int:
    return len(home.tidal.asked("/v1/tracks/*/playbackinfopostpaywall"))


def give_new_id(home: Home, old: Track) -> Track:
    new = home.account.track(
        old.title, "Ana", album=old.album, isrc=old.isrc, audio_id=old.tune, explicit=old.explicit
    )
    for playlist in home.account.playlists.values():
        for at, entry in enumerate(playlist.entries):
            if entry.item is old:
                home.account.replace(playlist, at, new)
    return new


def entries(home: Home) -> list[tuple[str, str, str]]:
    """By the database: playlist, track, and what stands for it."""
    query = (
        "SELECT playlists.name, tracks.tidal_id,"
        " CASE WHEN is_primary THEN 'primary' ELSE link_kind END"
        " FROM playlist_tracks JOIN playlists ON playlists.id = playlist_id"
        " JOIN tracks ON tracks.id = track_id WHERE path IS NOT NULL ORDER BY 1, 2"
    )
    with closing(sqlite3.connect(home.folder / "state" / "strandline.db")) as db:
        return db.execute(query).fetchall()


def with_file(home: Home) -> list[str]:
    """The ids that have audio, by the database."""
    query = "SELECT tidal_id FROM tracks WHERE file_path IS NOT NULL"
    with closing(sqlite3.connect(home.folder / "state" / "strandline.db")) as db:
        return [id for (id,) in db.execute(query)]


def retag(home: Home, path: str) -> None:
    """A tagger writes a new file in the place of a link."""
    from mutagen.flac import FLAC

    place = home.playlists / path
    data = place.read_bytes()
    place.unlink()
    place.write_bytes(data)
    tags = FLAC(place)
    tags["comment"] = "mine"
    tags.save()


def test_links_and_the_persons_versions_go_over_to_the_new_id(home: Home) -> None:
    x = home.account.track("x", "Ana")
    for name in "ABC":
        home.account.playlist(name, [x])
    home.sync()
    retag(home, "B/Ana - x.flac")
    home.sync()
    before, fetched = home.fingerprint(), downloads(home)
    new = str(give_new_id(home, x).id)
    for full in (False, True):
        assert home.words(home.check(full=full)) == []
        assert home.words(home.sync(full=full)) == []
    assert entries(home) == [("A", new, "primary"), ("B", new, "yours"), ("C", new, "symlink")]
    assert home.fingerprint() == before
    assert downloads(home) == fetched
    assert not verify(home.config).missing


def test_a_run_of_before_is_undone_for_the_new_id(home: Home) -> None:
    """The link it made goes, and the entry with it: the database has what the disk has."""
    x = home.account.track("x", "Ana")
    home.account.playlist("A", [x])
    home.sync()
    home.account.playlist("B", [x])
    done = home.sync()
    new = str(give_new_id(home, x).id)
    home.sync()
    assert done.result
    undo(home.config, done.result.run)
    assert home.tree == ["A/Ana - x.flac"]
    assert entries(home) == [("A", new, "primary")]
    home.sync()
    assert entries(home) == [("A", new, "primary"), ("B", new, "symlink")]
    assert home.words(home.check()) == []


def test_audio_that_an_undo_puts_into_the_trash_comes_back_for_the_new_id(home: Home) -> None:
    x = home.account.track("x", "Ana")
    home.account.playlist("A", [x])
    done = home.sync()
    new = str(give_new_id(home, x).id)
    home.check()
    assert done.result
    undo(home.config, done.result.run)
    fetched = downloads(home)
    assert home.words(home.sync())[-1] == "move A/Ana - x.flac (in_trash)"
    assert downloads(home) == fetched
    assert entries(home) == [("A", new, "primary")]


def test_a_check_that_learns_of_a_new_id_finds_the_audio_in_the_trash_at_once(home: Home) -> None:
    x = home.account.track("x", "Ana")
    home.account.playlist("A", [x])
    home.account.playlist("B", [x])
    done = home.sync()
    link = home.playlists / "B" / "Ana - x.flac"
    link.unlink()
    link.symlink_to("../Gone/x.flac")  # no undo takes this, so its entry stays
    give_new_id(home, x)
    assert done.result
    undo(home.config, done.result.run)
    found = home.words(home.check())
    assert "move A/Ana - x.flac (in_trash)" in found
    assert home.words(home.check()) == found


@pytest.mark.parametrize("checked_first", [False, True])
def test_what_comes_back_under_the_old_id_is_the_new_ones_whatever_name_it_gets(
    home: Home, *, checked_first: bool
) -> None:
    """Two ids would claim one file: found by its inode, it would be the one's that came first."""
    x = home.account.track("x", "Ana")
    home.account.playlist("A", [x])
    made = home.sync().result
    undone = undo(home.config, made.run) if made else None
    assert undone
    new = str(give_new_id(home, x).id)
    home.sync()
    (home.playlists / "A" / "Ana - x.flac").unlink()
    restore(home.config, undone.run)
    if checked_first:
        home.check()
        assert with_file(home) == [new]
    fetched = downloads(home)
    (home.playlists / "A" / "Ana - x.flac").rename(home.playlists / "A" / "mine.flac")
    for _ in range(2):
        assert home.words(home.check()) == []
    assert home.words(home.sync()) == []
    assert entries(home) == [("A", new, "primary")]
    assert home.tree == ["A/mine.flac"]
    assert downloads(home) == fetched
