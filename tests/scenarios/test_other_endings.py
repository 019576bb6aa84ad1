"""What came has another ending than TIDAL's tags promise, and so has what comes in its stead."""

from __future__ import annotations

import pytest

from strandline.demo.things import Quality
from tests.scenarios.accord import everything_agrees
from tests.scenarios.home import Home

M4A = "Ana - x.m4a"


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
