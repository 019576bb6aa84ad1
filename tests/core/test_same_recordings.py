"""One recording under several ids: by its code and all that TIDAL says, never by words alone."""

from __future__ import annotations

import pytest

from strandline.core.ids import TrackId
from strandline.core.same_recordings import recordings_in
from strandline.core.states import WantedTrack

CODE = "GBAYE0601498"
ONE = WantedTrack(TrackId("100"), "Ana", "Dawn", None, 200, CODE, album="Dawn", explicit=False)


def found(*tracks: WantedTrack, on_disk: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    """The ids of each recording, its primary first, and why others are apart."""
    same, apart = recordings_in({it.id: it for it in tracks}, {TrackId(id) for id in on_disk})
    told = [" ".join([it.primary, *(id for id in it.tracks if id != it.primary)]) for it in same]
    return told, [it.because for it in apart]


def other(id: str, **changes: object) -> WantedTrack:
    return ONE._replace(**{"id": TrackId(id), "album": "Best of", **changes})  # type: ignore[arg-type]


def test_single_and_album_are_one_recording_and_the_one_on_disk_stands_for_it() -> None:
    assert found(ONE, other("99")) == (["99 100"], [])
    assert found(ONE, other("99"), on_disk=("100",)) == (["100 99"], [])
    assert found(ONE, other("101", duration=202, artist="Ana, Ben")) == (["100 101"], [])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"explicit": True}, "explicit"),
        ({"mode": "DOLBY_ATMOS"}, "Atmos"),
        ({"duration": 203}, "lengths differ by 3 s"),
        ({"duration": 0}, "length of one is not known"),
        ({"artist": "Ben"}, "artists differ"),
        ({"version": "Live"}, "different titles or versions"),
        ({"version": "2019 Remaster"}, "different titles or versions"),
        ({"title": "Dusk"}, "different titles or versions"),
        ({"album": "Dawn"}, "two tracks of one album"),
    ],
)
def test_what_differs_keeps_them_apart_and_is_told(changes: dict[str, object], why: str) -> None:
    same, apart = found(ONE, other("101", **changes))
    assert same == []
    assert why in apart[0]


@pytest.mark.parametrize("code", [None, "", "GBAYE0000000", "nonsense"])
def test_words_alone_and_codes_that_are_none_prove_nothing(code: str | None) -> None:
    assert found(ONE._replace(isrc=code), other("101", isrc=code)) == ([], [])


def test_another_track_with_the_code_burns_it_for_all() -> None:
    same, apart = found(ONE, other("101"), other("102", title="Dusk", album="Dusk"))
    assert (same, len(apart)) == ([], 1)


def test_of_three_only_those_that_agree_with_each_other_are_one() -> None:
    tracks = (ONE, other("101", duration=202), other("102", duration=204, album="Third"))
    same, apart = found(*tracks)
    assert same == ["100 101"]
    assert "differ by 4 s" in apart[0]
