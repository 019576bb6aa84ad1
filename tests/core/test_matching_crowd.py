"""Where many tracks have a key in common, no pair is lost that would be accepted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strandline.core.ids import TrackId
from strandline.core.matching.candidates import Tracks
from strandline.core.matching.files import FileTags, OwnFile
from strandline.core.matching.judge import OwnTrack, Verdict, judge
from strandline.core.states import WantedTrack
from tests.core.matching_pairs import pairs

ARTISTS = ["Nora Vale", "Nora Vales", "Nora Vale & Ion Bark", "Björk", "Bjork", "Somebody Else"]
TITLES = [
    "Untitled 1", "Untitled 2", "Untitled II", "Untitled", "Untitled Nocturne", "Untitled Nocturno",
    "Untitled Nocturne (Live)", "Untitled (Feat. Ion Bark)", "Untitl*d", "Nora Vale - Untitled 1",
    "Untitled Nocturne Extended Mix", "Untitled Pt. 2",
]  # fmt: skip
VERSIONS = [None, None, "Live", "Extended Mix", "2019 Remaster"]
LENGTHS = [0, 199, 200, 202, 203, 204, 205, 240]

tracks = st.lists(
    st.builds(
        lambda artist, title, version, seconds: (artist, title, version, seconds),
        st.sampled_from(ARTISTS), st.sampled_from(TITLES), st.sampled_from(VERSIONS),
        st.sampled_from(LENGTHS),
    ),
    min_size=1, max_size=12,
)  # fmt: skip
files = st.fixed_dictionaries(
    {
        "artist": st.sampled_from([*ARTISTS, None]),
        "title": st.sampled_from(TITLES),
        "version": st.sampled_from(VERSIONS),
        "glued": st.booleans(),
        "duration": st.sampled_from([None, *map(float, LENGTHS[1:]), 200.6, 203.9]),
        "cut": st.booleans(),
    }
)


def own_file(told: dict[str, Any]) -> OwnFile:
    title, version = told["title"], told["version"]
    if told["glued"] and version:
        title, version = f"{title}{version}", None
    artists = (told["artist"],) if told["artist"] else ()
    tags = FileTags(
        title=title, version=version, artists=artists, duration=told["duration"], cut=told["cut"]
    )
    return OwnFile("/m/1.flac", tags)


def accepted(index: Tracks, file: OwnFile) -> set[str]:
    found = index.of(file)
    return {track.id for track in found if judge(file, track).verdict is Verdict.ACCEPT}


@settings(max_examples=1500, deadline=None)
@given(tracks=tracks, file=files)
def test_a_crowd_loses_no_track_that_would_be_accepted(
    tracks: list[tuple[str, str, str | None, int]], file: dict[str, Any]
) -> None:
    own = [
        OwnTrack(WantedTrack(TrackId(str(at)), artist, title, version, seconds, None))
        for at, (artist, title, version, seconds) in enumerate(tracks)
    ]
    mine = own_file(file)
    roomy, crowded = Tracks(own, crowded=10**6), Tracks(own, crowded=0)
    assert accepted(crowded, mine) == accepted(roomy, mine)


@pytest.mark.parametrize("crowded", [0, 1, 5])
def test_the_labelled_set_is_told_the_same_in_a_crowd(crowded: int) -> None:
    asked = list(pairs())
    own = [OwnTrack(it.track._replace(id=TrackId(str(at)))) for at, it in enumerate(asked)]
    roomy, index = Tracks(own, crowded=10**6), Tracks(own, crowded=crowded)
    for pair in asked:
        assert accepted(index, pair.file) == accepted(roomy, pair.file), pair


def test_many_tracks_that_begin_alike_leave_few_to_look_at() -> None:
    own = [
        OwnTrack(WantedTrack(TrackId(str(at)), "Nora Vale", f"Untitled {at}", None, 200, None))
        for at in range(2_000)
    ]
    index = Tracks(own)
    mine = own_file({"title": "Untitled 77", "artist": "Nora Vale", "version": None,
                     "glued": False, "duration": 200.3, "cut": False})  # fmt: skip
    assert [track.id for track in index.of(mine)] == ["77"]
