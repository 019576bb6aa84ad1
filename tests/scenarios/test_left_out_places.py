"""What the settings leave out is not changed, but what the database says of it stays true."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from strandline.library.hashing.sha256 import sha256_file
from tests.scenarios.home import Home
from tests.scenarios.test_other_numbers import asked, shared

AUDIO = '[audio]\nformat = "original"\n'


def links(home: Home) -> list[str]:
    """Where the database has a symlink in Beta."""
    with closing(sqlite3.connect(home.folder / "state" / "strandline.db")) as db:
        rows = db.execute(
            "SELECT path FROM playlist_tracks WHERE path LIKE 'Playlists/Beta/%'"
            " AND coalesce(link_kind, 'symlink') = 'symlink'"
        )
        return [path for (path,) in rows]


def in_place_of_the_link(home: Home, data: bytes) -> Path:
    link = home.playlists / "Beta" / "Ana - x.flac"
    link.unlink()
    link.write_bytes(data)
    return link


@pytest.mark.parametrize("same", [True, False], ids=["the same audio", "another sound"])
def test_a_file_where_a_link_was_is_no_link_of_ours_any_more(home: Home, same: bool) -> None:
    shared(home)
    first = home.playlists / "Alpha" / ("Ana - x.flac" if same else "Ana - y.flac")
    home.configure(AUDIO + '[sync]\nexclude = ["Beta"]\n')
    mine = in_place_of_the_link(home, first.read_bytes())
    before, downloads, number = home.contents, asked(home), mine.stat().st_ino
    for full in (False, True):
        assert home.words(home.sync(full=full)) == []
    assert links(home) == []
    assert mine.stat().st_ino == number
    home.configure(AUDIO)
    home.sync()
    assert home.words(home.check()) == []
    assert home.contents == before
    assert asked(home) == downloads
    led = [line for line in home.tree if line.endswith("-> ../Alpha/Ana - x.flac")]
    assert len(led) == 1, home.tree
    assert mine.is_symlink() is same, home.tree


def test_a_version_of_the_persons_where_a_link_was_is_theirs(home: Home) -> None:
    from mutagen.flac import FLAC

    shared(home)
    home.configure(AUDIO + '[sync]\nexclude = ["Beta"]\n')
    mine = in_place_of_the_link(home, (home.playlists / "Alpha" / "Ana - x.flac").read_bytes())
    tags = FLAC(mine)
    tags["comment"] = "mine"
    tags.save()
    before, tree = home.contents, home.tree
    for full in (False, True):
        assert home.words(home.sync(full=full)) == []
    home.configure(AUDIO)
    assert home.words(home.sync()) == []
    assert (home.tree, home.contents) == (tree, before)


def test_a_file_kept_for_a_left_out_link_is_known_as_it_is(home: Home) -> None:
    """No playlist in scope lists it any more; the person changes its tags."""
    from mutagen.flac import FLAC

    shared(home)
    home.configure(AUDIO + '[sync]\nexclude = ["Beta"]\n')
    alpha = next(p for p in home.account.playlists.values() if p.title == "Alpha")
    home.account.remove(alpha, next(e.item for e in alpha.entries if e.item.title == "x"))
    home.sync()
    file = home.playlists / "Alpha" / "Ana - x.flac"
    tags = FLAC(file)
    tags["comment"] = "mine"
    tags.save()
    assert home.words(home.sync(full=True)) == []
    with closing(sqlite3.connect(home.folder / "state" / "strandline.db")) as db:
        known = db.execute("SELECT file_hash FROM tracks WHERE file_path LIKE '%/Ana - x.flac'")
        assert known.fetchall() in ([(None,)], [(sha256_file(file),)])
