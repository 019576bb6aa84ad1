"""What is ticked is synced, and nothing else, whatever the patterns were before."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strandline.core.countries import country_name
from strandline.core.policy import literal, matches
from strandline.core.selection import Selection, only, selected

NAMES = st.text("ab*?[]! ", min_size=1, max_size=4)
PATTERNS = st.lists(NAMES, max_size=3).map(tuple)


@given(
    st.lists(NAMES, unique=True, min_size=1, max_size=6),
    st.data(),
    PATTERNS,
    PATTERNS,
    st.booleans(),
)
def test_just_the_ticked_playlists_are_synced(
    names: list[str],
    data: st.DataObject,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    new_ones: bool,
) -> None:
    ticked = set(data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True)))
    chosen = selected(names, ticked, Selection(include, exclude), new_ones=new_ones)
    assert {name for name in names if chosen.has(name)} == ticked
    if new_ones:
        assert chosen.include == ()


@given(NAMES, NAMES)
def test_a_literal_matches_its_name_alone(name: str, other: str) -> None:
    assert matches(name, (literal(name),))
    assert matches(other, (literal(name),)) == (other == name)


@given(st.lists(NAMES, min_size=1, max_size=3), PATTERNS)
def test_playlists_that_are_named_are_synced_whatever_was_left_out(
    names: list[str], exclude: tuple[str, ...]
) -> None:
    chosen = only(names, Selection((), exclude))
    assert all(chosen.has(name) for name in names)


def test_patterns_that_still_say_what_is_meant_stay() -> None:
    before = Selection(("DJ *",), ("* old", "Podcast*"))
    names = ["DJ A", "DJ B old", "Chill"]
    assert selected(names, {"DJ A", "Chill"}, before, new_ones=False) == Selection(
        ("DJ *", "Chill"), ("* old", "Podcast*")
    )
    assert selected(names, {"DJ A"}, before, new_ones=True) == Selection(
        (), ("* old", "Podcast*", "Chill")
    )


TABLE = Path("/usr/share/zoneinfo/iso3166.tab")


@pytest.mark.skipif(not TABLE.exists(), reason="needs the system's table of countries")
def test_every_country_has_a_name() -> None:
    codes = [line[:2] for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    assert [code for code in codes if country_name(code) == code] == []


def test_an_unknown_country_is_its_code() -> None:
    assert (country_name("no"), country_name("XX")) == ("Norway", "XX")
