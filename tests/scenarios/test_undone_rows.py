"""After an undo or a restore the database says what the disk has, whatever came in between."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from strandline.app.trash import restore
from strandline.app.undo import undo
from strandline.config import Config
from strandline.demo.model import Quality, Track
from strandline.errors import Exit
from tests.scenarios.home import Home
from tests.scenarios.test_undone_later import run_of

ROWS = """
    SELECT e.path, e.is_primary, tracks.file_path FROM playlist_tracks AS e
    JOIN tracks ON tracks.id = e.track_id WHERE e.path IS NOT NULL ORDER BY e.path
"""


@pytest.fixture
def x(home: Home) -> Track:
    return home.account.track("x", "Ana")


@pytest.fixture
def y(home: Home) -> Track:
    return home.account.track("y", "Ana")


def rows(home: Home) -> list[str]:
    """``A/x.flac`` is a primary, ``B/x.flac -> A/x.flac`` another entry; all as the disk is."""
    with closing(sqlite3.connect(home.folder / "state" / "strandline.db")) as db:
        found = db.execute(ROWS).fetchall()
    mp3, lines = home.library / "mp3", []
    for path, is_primary, file in found:
        assert os.path.lexists(mp3 / path), f"{path} is not there"
        assert file, f"{path} stands for no audio"
        assert not is_primary or file == path
        assert (mp3 / path).resolve() == (mp3 / file).resolve(), f"{path} leads elsewhere"
        entry, primary = (it.removeprefix("Playlists/") for it in (path, file))
        lines.append(entry if is_primary else f"{entry} -> {primary}")
    return lines


def settles(home: Home) -> None:
    """One run is enough."""
    home.sync()
    assert home.words(home.check()) == []
    rows(home)


def test_a_file_that_goes_back_into_a_folder_is_believed_there_under_its_old_name(
    home: Home, x: Track, y: Track
) -> None:
    """The person had moved Beta's file into Alpha's folder; the run took it home."""
    a = home.account.playlist("Alpha", [y])
    home.account.playlist("Beta", [x])
    home.account.playlist("Gamma", [x])
    home.sync()
    (home.playlists / "Beta/Ana - x.flac").rename(home.playlists / "Alpha/Ana - x.flac")
    home.account.rename(a, "Omega")
    run = run_of(home.sync())
    result = undo(home.config, run)
    assert result
    assert result.exit is Exit.DONE
    assert rows(home) == [
        "Alpha/Ana - x.flac",
        "Alpha/Ana - y.flac",
        "Gamma/Ana - x.flac -> Alpha/Ana - x.flac",
    ]
    settles(home)


def test_what_goes_is_the_entry_of_the_track_that_has_the_file_today(
    home: Home, x: Track, y: Track
) -> None:
    """TIDAL gave x another id since, and the file was taken over."""
    a = home.account.playlist("Alpha", [x, y])
    b = home.account.playlist("Beta", [x])
    run = run_of(home.sync())
    new = home.account.track("x", "Ana", album=x.album, isrc=x.isrc, audio_id=x.tune)
    home.account.replace(a, 0, new)
    home.account.replace(b, 0, new)
    home.sync()
    undo(home.config, run)
    assert home.tree == []
    assert rows(home) == []
    settles(home)


def test_a_damaged_file_that_comes_back_stands_for_the_track_as_it_is_called_today(
    home: Home, x: Track, y: Track
) -> None:
    """What was fetched in its stead was taken over under another id since, and links lead there."""
    a = home.account.playlist("Alpha", [x, y])
    b = home.account.playlist("Beta", [x])
    home.sync()
    damaged = home.playlists / "Alpha/Ana - x.flac"
    damaged.write_bytes(damaged.read_bytes()[:1000])
    run = run_of(home.sync())
    new = home.account.track("x", "Ana", album=x.album, isrc=x.isrc, audio_id=x.tune)
    home.account.replace(a, 0, new)
    home.account.replace(b, 0, new)
    home.sync()
    undo(home.config, run)
    assert damaged.stat().st_size == 1000
    assert "Beta/Ana - x.flac -> Alpha/Ana - x.flac" in rows(home)
    settles(home)


def test_a_link_that_the_person_renamed_follows_audio_that_goes_back(
    home: Home, x: Track, y: Track
) -> None:
    a = home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    home.account.playlist("Gamma", [x])
    home.sync()
    home.account.remove(a, x)
    run = run_of(home.sync())  # x moves to Beta, Gamma's link follows
    (home.playlists / "Gamma/Ana - x.flac").rename(home.playlists / "Gamma/mine.flac")
    undo(home.config, run)
    assert home.tree == [
        "Alpha/Ana - x.flac",
        "Alpha/Ana - y.flac",
        "Beta/Ana - x.flac -> ../Alpha/Ana - x.flac",
        "Gamma/mine.flac -> ../Alpha/Ana - x.flac",
    ]
    assert [line.split(" -> ")[0] for line in rows(home)] == [
        line.split(" -> ")[0] for line in home.tree
    ]
    settles(home)
    assert "Gamma/mine.flac -> ../Beta/Ana - x.flac" in home.tree


@pytest.mark.parametrize("back", [undo, restore])
def test_a_damaged_file_comes_back_by_a_persons_word_alone_where_its_track_is_whole(
    home: Home, x: Track, y: Track, back: Callable[[Config, str], object]
) -> None:
    """The person moved what was fetched in its stead back into the folder."""
    a = home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    home.sync()
    damaged = home.playlists / "Alpha/Ana - x.flac"
    damaged.write_bytes(damaged.read_bytes()[:1000])
    home.account.remove(a, x)
    run = run_of(home.sync())
    assert home.trash == ["Playlists/Alpha/Ana - x.flac"]
    (home.playlists / "Beta/Ana - x.flac").rename(home.playlists / "Alpha/mine.flac")
    home.account.add(a, x)
    home.sync()
    back(home.config, run)
    assert damaged.is_file() is (back is restore)
    assert rows(home) == [
        "Alpha/Ana - y.flac",
        "Alpha/mine.flac",
        "Beta/Ana - x.flac -> Alpha/mine.flac",
    ]
    settles(home)


def test_a_damaged_file_is_restored_where_its_folder_is_now(home: Home, x: Track, y: Track) -> None:
    home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    home.sync()
    damaged = home.playlists / "Alpha/Ana - x.flac"
    damaged.write_bytes(damaged.read_bytes()[:1000])
    run = run_of(home.sync())
    damaged.unlink()
    (home.playlists / "Alpha").rename(home.playlists / "aLPHA")
    restore(home.config, run)
    assert "aLPHA/Ana - x.flac" in home.tree
    assert not [line for line in home.tree if line.startswith("Alpha")]
    home.sync()
    assert home.words(home.check()) == []


def test_an_undone_repair_that_is_undone_itself_brings_the_whole_file_back(
    home: Home, x: Track, y: Track
) -> None:
    home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    home.sync()
    damaged = home.playlists / "Alpha/Ana - x.flac"
    damaged.write_bytes(damaged.read_bytes()[:1000])
    run = run_of(home.sync())
    whole = damaged.read_bytes()
    repair = undo(home.config, run)
    assert damaged.stat().st_size == 1000
    assert repair
    undo(home.config, repair.run)
    assert damaged.read_bytes() == whole
    assert home.words(home.check()) == []
    rows(home)


@pytest.mark.parametrize("names", [("Beta", "Alpha"), ("Omega", "Beta")])
def test_an_undo_of_renamed_folders_can_be_undone(
    home: Home, x: Track, y: Track, names: tuple[str, str]
) -> None:
    a = home.account.playlist("Alpha", [x, y])
    b = home.account.playlist("Beta", [x])
    home.account.playlist("Gamma", [x])
    home.sync()
    before = home.tree
    home.account.remove(a, x)
    for playlist, name in zip((a, b), names, strict=True):
        home.account.rename(playlist, name)
    run = run_of(home.sync())
    after = home.tree
    first = undo(home.config, run)
    assert first
    assert home.tree == before
    rows(home)
    undo(home.config, first.run)
    assert home.tree == after
    rows(home)
    assert home.words(home.check()) == []


@pytest.mark.parametrize("mode", ["copy", "hardlink"])
def test_copies_made_since_go_with_a_download_that_is_undone(
    home: Home, x: Track, y: Track, mode: str
) -> None:
    home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    run = run_of(home.sync())
    home.configure(f'[audio]\nformat = "original"\n[sync]\nlink_mode = "{mode}"\n')
    home.sync()
    before = home.contents
    undo(home.config, run)
    assert home.tree == []
    assert rows(home) == []
    assert home.contents == before
    home.sync()
    assert home.words(home.check()) == []


def test_a_copy_made_since_that_the_person_changed_stays(home: Home, x: Track, y: Track) -> None:
    home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    run = run_of(home.sync())
    home.configure('[audio]\nformat = "original"\n[sync]\nlink_mode = "copy"\n')
    home.sync()
    copy = home.playlists / "Beta/Ana - x.flac"
    stamp = copy.stat()
    copy.write_bytes(copy.read_bytes()[:-1] + b"!")
    os.utime(copy, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    undo(home.config, run)
    assert home.tree == ["Beta/Ana - x.flac"]
    home.sync()
    assert home.words(home.check()) == []


def test_a_link_comes_back_only_to_audio_that_its_track_has_again(home: Home, x: Track) -> None:
    """The damaged file was restored by itself, beside the new one: it is nobody's since."""
    x.quality = Quality.HIGH  # comes as m4a
    home.account.playlist("Alpha", [x])
    home.account.playlist("Beta", [x])
    home.configure('[audio]\nformat = "original"')
    home.sync()
    damaged = home.playlists / "Alpha/Ana - x.m4a"
    damaged.write_bytes(damaged.read_bytes()[:1000])
    home.configure('[audio]\nformat = "mp3"')
    run = run_of(home.sync())
    restore(home.config, run)
    undo(home.config, run)
    assert damaged.stat().st_size == 1000
    assert rows(home) == []
    assert not os.path.lexists(home.playlists / "Beta/Ana - x.m4a")
    settles(home)


def test_a_link_stays_with_the_file_that_became_its_tracks_audio(home: Home, x: Track) -> None:
    """A person put a file in the place of a link; it stayed when the first one's playlist went."""
    a = home.account.playlist("Alpha", [x])
    home.account.playlist("Beta", [x])
    home.account.playlist("Gamma", [x])
    home.sync()
    link = home.playlists / "Beta/Ana - x.flac"
    content = link.read_bytes()
    link.unlink()
    link.write_bytes(content)
    home.account.delete(a)
    run = run_of(home.sync())
    undo(home.config, run)
    assert (home.playlists / "Alpha/Ana - x.flac").read_bytes() == content
    assert rows(home) == ["Beta/Ana - x.flac", "Gamma/Ana - x.flac -> Beta/Ana - x.flac"]
    settles(home)
