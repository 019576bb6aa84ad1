"""Playlists without a uuid: their ids say what they are, and what tells them apart in a name."""

from __future__ import annotations

from datetime import date

import pytest

from strandline.core.favorites import (
    FAVORITE_TRACKS,
    FavoriteSettings,
    album_of,
    album_playlist,
    days_of,
    is_favorite,
    is_mix,
    mix_of,
    mix_playlist,
    short_id,
)
from strandline.core.ids import PlaylistId
from strandline.core.policy import Policy

UUID = PlaylistId("5f0c2a3e-6b0f-4f52-8a57-7f2f3f1d9c11")
MIX = "0023ebda7f49d7922a56d1eed33cc7"
DAY = date(2026, 11, 28)


def test_ids_say_what_they_are() -> None:
    assert album_of(album_playlist("251380837")) == "251380837"
    assert mix_of(mix_playlist(MIX)) == (MIX, None)
    assert mix_of(mix_playlist(MIX, DAY)) == (MIX, "2026-11-28")
    assert [is_favorite(id) for id in (UUID, FAVORITE_TRACKS, album_playlist("1"))] == [
        False, True, True,
    ]  # fmt: skip
    assert is_mix(mix_playlist(MIX))
    assert not is_mix(UUID)
    assert not is_mix(PlaylistId("mix-../x"))


def test_albums_are_told_apart_by_the_whole_id_and_mixes_by_its_end() -> None:
    assert short_id(UUID) == "5f0c2a3e"
    assert short_id(album_playlist("251380837")) == "251380837"
    assert short_id(mix_playlist(MIX, DAY)) == "1eed33cc7"[1:]


@pytest.mark.parametrize(
    ("mixes", "plain", "dated"),
    [
        ("off", True, True),
        ("mirror", False, True),
        ("collect", False, True),
        ("dated", True, False),
    ],
)
def test_another_way_with_mixes_leaves_those_of_the_old_way_alone(
    mixes: str, plain: bool, dated: bool
) -> None:
    wishes = FavoriteSettings(mixes=mixes)
    assert wishes.leave_out(mix_playlist(MIX)) is plain
    assert wishes.leave_out(mix_playlist(MIX, DAY)) is dated
    assert not wishes.leave_out(UUID)


def test_the_days_of_a_mix_are_in_order() -> None:
    days = [mix_playlist(MIX, date(2026, 11, day)) for day in (30, 2, 10)]
    others = [mix_playlist("00ff"), mix_playlist("00ff", DAY), UUID]
    assert days_of(MIX, [*days, *others]) == [days[1], days[2], days[0]]


def test_mixes_hold_audio_last_unless_they_are_preferred() -> None:
    mix, policy = mix_playlist(MIX), Policy()
    assert policy.rank(UUID, "Zulu") < policy.rank(mix, "Alpha")
    assert Policy(primary_priority=("alpha",)).rank(mix, "Alpha") < policy.rank(UUID, "Zulu")
