"""What is missing, or kept though no longer listed, is told: statuses, plan and reports agree."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from strandline.app.check import CheckOptions, CheckResult, check
from strandline.app.reports import status
from strandline.app.verify import verify
from strandline.demo.model import Availability
from strandline.events import Silent
from tests.scenarios.home import Home


def statuses(home: Home) -> dict[str, str]:
    return {item.name: item.status for item in status(home.config, (), Silent()).items}


def codes(found: CheckResult) -> list[str]:
    return [warning.code for warning in found.warnings]


@pytest.mark.parametrize("full", [True, False], ids=["read_anew", "found_out_when_fetched"])
@pytest.mark.parametrize("shared", [False, True])
def test_a_file_the_person_deleted_that_tidal_no_longer_offers_is_named(
    home: Home, shared: bool, full: bool
) -> None:
    x = home.account.track("x", "Ana")
    home.account.playlist("A", [x, home.account.track("y", "Ana")])
    if shared:
        home.account.playlist("B", [x])
    home.sync()
    home.account.withhold(x, Availability.GREYED_OUT)
    (home.playlists / "A" / "Ana - x.flac").unlink()
    done = home.sync(full=full)
    [missing] = done.checked.unavailable
    assert (missing.track, missing.on_disk, done.exit) == (str(x.id), False, 0)
    assert home.tree == ["A/Ana - y.flac", *(["B/"] if shared else [])]
    checked = verify(home.config, (), quick=False)
    assert (checked.missing, checked.broken_links, checked.exit) == ((), (), 0)
    assert set(statuses(home).values()) == {"in_sync"}
    assert home.check().plan.actions == ()
    home.account.withhold(x, Availability.AVAILABLE)
    assert "download A/Ana - x.flac (new_in_playlist)" in home.words(home.sync(full=True))


@pytest.mark.parametrize("how", [Availability.GREYED_OUT, Availability.NOT_READY])
def test_a_damaged_file_is_healed_once_tidal_offers_its_track_again(
    home: Home, how: Availability
) -> None:
    """The list does not move then; the track is asked for, as those that are missing are."""
    x = home.account.track("x", "Ana")
    home.account.playlist("A", [x, home.account.track("y", "Ana")])
    home.sync()
    home.account.withhold(x, how)
    there = home.playlists / "A" / "Ana - x.flac"
    there.write_bytes(there.read_bytes()[:5000])
    home.sync()
    assert home.words(home.check()) == ["conflict A/Ana - x.flac (damaged_on_disk)"]
    home.account.withhold(x, Availability.AVAILABLE)
    home.sync()
    assert home.words(home.check()) == []
    assert verify(home.config).exit == 0


def test_a_damaged_file_that_left_its_playlist_is_not_believed_to_be_the_tracks(
    home: Home,
) -> None:
    """Nothing comes in its stead for a playlist that the settings leave out."""
    x = home.account.track("x", "Ana")
    first = home.account.playlist("A", [x, home.account.track("y", "Ana")])
    home.account.playlist("B", [x])
    home.sync()
    there, mine = (home.playlists / name / "Ana - x.flac" for name in "AB")
    there.write_bytes(there.read_bytes()[:35_000])
    mine.unlink()
    mine.write_bytes(there.read_bytes())
    home.account.remove(first, 0)
    home.configure('[audio]\nformat = "original"\n[sync]\nexclude = ["B"]\n')
    home.sync()
    assert there.is_file()
    assert mine.is_file()
    with closing(sqlite3.connect(home.folder / "state" / "strandline.db")) as db:
        rows = "SELECT file_path, download_status FROM tracks WHERE tidal_id = ?"
        assert db.execute(rows, (str(x.id),)).fetchall() == [(None, "not_downloaded")]


def test_a_track_that_tidal_no_longer_offers_and_the_disk_has_is_named_as_on_disk(
    home: Home,
) -> None:
    x = home.account.track("x", "Ana")
    home.account.playlist("A", [x])
    home.sync()
    home.account.withhold(x, Availability.GREYED_OUT)
    [told] = check(home.config, CheckOptions(full=True, on_disk_too=True)).unavailable
    assert told.on_disk


@pytest.mark.parametrize(
    "name", ["Zed ", "Zed", " zed", "ZED", "Cafe\u0301 / Bar", "Caf\u00e9 / Bar", "café - bar"]
)
def test_a_playlist_is_found_by_any_spelling_of_its_name(home: Home, name: str) -> None:
    home.account.playlist("Zed ", [home.account.track("x", "Ana")])
    home.account.playlist("Caf\u00e9 / Bar", [home.account.track("y", "Ana")])
    found = home.check(name)
    assert len(home.words(found)) == 2


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize("setting", ["exclude", "include", "--playlist"])
def test_audio_that_a_playlist_out_of_scope_needs_stays_and_is_told(
    home: Home, deleted: bool, setting: str
) -> None:
    x = home.account.track("x", "Ana")
    a = home.account.playlist("A", [x, home.account.track("y", "Ana")])
    home.account.playlist("B", [x])
    home.sync()
    if deleted:
        home.account.delete(a)
    else:
        home.account.remove(a, x)
    settings = {"exclude": 'exclude = ["B"]', "include": 'include = ["A"]'}.get(setting)
    names = () if settings else ("A",)
    base = '[audio]\nformat = "original"\n'
    home.configure(f"{base}[sync]\n{settings}\n" if settings else base)

    found = home.check(*names)
    assert codes(found) == ["kept_for_others"]
    assert found.in_sync is (statuses(home)["A"] == "in_sync") is not deleted
    home.sync(*names)
    left = ["A/Ana - x.flac", "B/Ana - x.flac -> ../A/Ana - x.flac"]
    assert home.tree == (left if deleted else [left[0], "A/Ana - y.flac", left[1]])
    again = home.check(*names)
    assert (again.in_sync, codes(again)) == (True, ["kept_for_others"])
    assert statuses(home)["A"] == "in_sync"

    home.configure(base)
    assert "move B/Ana - x.flac" in " ".join(home.words(home.sync()))
    assert codes(home.check()) == []
