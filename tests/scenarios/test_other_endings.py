"""What came has another ending than TIDAL's tags promise, and so has what comes in its stead."""

from __future__ import annotations

import shutil

import pytest

from strandline.demo.model import Quality
from tests.scenarios.accord import everything_agrees
from tests.scenarios.home import Home

FLAC, M4A = "Ana - x.flac", "Ana - x.m4a"


@pytest.fixture
def lower(home: Home) -> Home:
    """``x`` in A, with a link in B: asked for as FLAC, come as AAC."""
    home.account.highest_quality = Quality.HIGH
    x = home.account.track("x", "Ana")
    for name in "AB":
        home.account.playlist(name, [x])
    home.sync()
    assert home.tree == [f"A/{M4A}", f"B/{M4A} -> ../A/{M4A}"]
    return home


def test_a_damaged_file_gives_way_to_what_comes_to_its_very_place(lower: Home) -> None:
    there, tree = lower.playlists / "A" / M4A, lower.tree
    there.write_bytes(there.read_bytes()[:5000])
    before = lower.contents
    done = lower.sync()
    assert lower.words(done) == [
        f"download A/{M4A} (damaged_on_disk)",
        f"trash A/{M4A} (damaged_on_disk)",
    ]
    assert lower.tree == tree
    assert before <= lower.contents
    everything_agrees(lower)


def test_audio_comes_to_the_place_of_our_own_link(lower: Home) -> None:
    (lower.playlists / "A" / M4A).unlink()
    lower.configure('[audio]\nformat = "original"\n[sync]\nprimary_priority = ["B"]\n')
    lower.sync()
    assert lower.tree == [f"A/{M4A} -> ../B/{M4A}", f"B/{M4A}"]
    everything_agrees(lower)


@pytest.mark.parametrize("lost", [False, True])
def test_links_follow_the_ending_of_what_comes_in_the_same_run(home: Home, lost: bool) -> None:
    """FLAC came once; by now the account gets AAC, and the file is damaged or lost."""
    x = home.account.track("x", "Ana")
    for name in "ABC":
        home.account.playlist(name, [x])
    home.sync()
    home.account.highest_quality = Quality.HIGH
    there = home.playlists / "A" / FLAC
    there.unlink() if lost else there.write_bytes(there.read_bytes()[:5000])
    (home.playlists / "C" / FLAC).unlink()
    done = home.sync()
    assert home.tree == [f"A/{M4A}", f"B/{M4A} -> ../A/{M4A}", f"C/{M4A} -> ../A/{M4A}"]
    assert done.result
    assert (done.result.done["unlink"], done.result.done["link"]) == (1, 2)
    before = home.fingerprint()
    assert home.words(home.sync()) == []
    assert home.fingerprint() == before
    everything_agrees(home)


def test_links_that_are_led_to_what_comes_have_its_ending_in_the_same_run(home: Home) -> None:
    """The folder of the primary is gone, so the audio is fetched for another one."""
    x = home.account.track("x", "Ana")
    a, *_ = [home.account.playlist(name, [x]) for name in "ABC"]
    home.sync()
    home.account.highest_quality = Quality.HIGH
    shutil.rmtree(home.playlists / "A")  # noqa: TID251
    home.account.remove(a, x)
    home.sync()
    assert home.tree == ["A/", f"B/{M4A}", f"C/{M4A} -> ../B/{M4A}"]
    assert home.words(home.check()) == []
    everything_agrees(home)


def test_links_that_the_settings_leave_out_lead_to_what_came_under_whatever_name(
    home: Home,
) -> None:
    """The format changes to and fro, and each time the audio is lost."""
    x = home.account.track("x", "Ana")
    for name in "AB":
        home.account.playlist(name, [x])
    home.sync()
    for wanted, came in (("mp3", "Ana - x.mp3"), ("original", FLAC)):
        home.configure(f'[audio]\nformat = "{wanted}"\n[sync]\nexclude = ["B"]\n')
        [lost] = (home.playlists / "A").iterdir()
        lost.unlink()
        home.sync()
        assert home.tree == [f"A/{came}", f"B/{FLAC} -> ../A/{came}"]
        assert home.words(home.sync()) == []
        everything_agrees(home)


def test_a_damaged_copy_gets_the_ending_of_the_audio_it_is_made_of(home: Home) -> None:
    """Both files are damaged, and what is fetched in their stead comes as AAC by now."""
    home.configure('[audio]\nformat = "original"\n[sync]\nlink_mode = "copy"\n')
    x = home.account.track("x", "Ana")
    for name in "AB":
        home.account.playlist(name, [x])
    home.sync()
    home.account.highest_quality = Quality.HIGH
    for name in "AB":
        there = home.playlists / name / FLAC
        there.write_bytes(there.read_bytes()[:5000])
    before = home.contents
    home.sync()
    assert home.tree == [f"A/{M4A}", f"B/{M4A}"]
    assert before <= home.contents
    everything_agrees(home)
