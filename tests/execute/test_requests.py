"""From a track in the database to a request for its audio."""

from __future__ import annotations

import pytest

from strandline.core.ids import TrackId
from strandline.errors import DownloadError
from strandline.execute.requests import request_for
from tests.execute.things import A
from tests.stage import SECONDS, Stage, isrc_of


@pytest.fixture
def stage(stage: Stage) -> Stage:
    stage.lists(A, "Deep", "1")
    with stage.open() as store:
        stage.snapshot(store)
    return stage


@pytest.mark.parametrize(("stored", "explicit"), [(None, None), (0, False), (1, True)])
def test_an_order_has_what_the_checks_and_the_tags_need(
    stage: Stage, stored: int | None, explicit: bool | None
) -> None:
    with stage.open() as store:
        store._connection.execute("UPDATE tracks SET explicit = ?", (stored,))
        order = request_for(TrackId("1"), store)
    assert (order.track, order.duration, order.cover_url) == ("1", SECONDS, None)
    tags = order.tags
    assert (tags.title, tags.artist, tags.isrc) == ("Title 1", "Artist 1", isrc_of("1"))
    assert tags.explicit is explicit


@pytest.mark.parametrize("track", ["x1", "１", "", "99"])
def test_what_is_no_known_track_of_tidals_cannot_be_ordered(stage: Stage, track: str) -> None:
    with stage.open() as store, pytest.raises(DownloadError) as refused:
        request_for(TrackId(track), store)
    assert refused.value.code == "unknown_track"
