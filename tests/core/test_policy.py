"""What the person's settings mean for deciding."""

from __future__ import annotations

import pytest

from strandline.core.ids import LibPath, PlaylistId, TrackId, link_target, resolve, stem_of
from strandline.core.policy import Policy
from strandline.core.remote import ItemKind, Origin, RemoteTrack
from strandline.core.states import Kind, WantedTrack

P = PlaylistId("p")


@pytest.mark.parametrize(
    ("policy", "name", "inside"),
    [
        (Policy(), "Deep House", True),
        (Policy(include=("deep*",)), "Deep House", True),
        (Policy(include=("deep*",)), "Acid", False),
        (Policy(exclude=("*HOUSE",)), "Deep House", False),
        (Policy(exclude=("*house",)), "Acid", True),
        (Policy(include=("deep*",), exclude=("*house",)), "Deep House", False),
        (Policy(only=frozenset({P})), "Deep House", True),
        (Policy(only=frozenset({PlaylistId("another")})), "Deep House", False),
        (Policy(only=frozenset({P}), exclude=("*house",)), "Deep House", False),
        (Policy(only=frozenset()), "Deep House", False),
    ],
)
def test_scope_is_what_is_included_and_not_excluded(
    policy: Policy, name: str, *, inside: bool
) -> None:
    assert policy.in_scope(P, name) is inside


def test_playlists_rank_by_the_priority_list_then_the_alphabet_then_the_id() -> None:
    policy = Policy(primary_priority=("Warm-up", "peak"))
    names = {"3": "acid", "2": "Acid", "1": "Beach", "5": "PEAK", "4": "warm-up"}
    ranked = sorted(names, key=lambda id: policy.rank(PlaylistId(id), names[id]))
    assert ranked == ["4", "5", "2", "3", "1"]


@pytest.mark.parametrize(
    ("audio_format", "asked", "offered", "extension"),
    [
        ("mp3", True, True, ".mp3"),
        ("flac", True, True, ".flac"),
        ("original", True, True, ".flac"),
        ("original", True, False, ".m4a"),
        ("original", False, True, ".m4a"),
    ],
)
def test_the_extension_to_come_follows_format_and_quality(
    audio_format: str, extension: str, *, asked: bool, offered: bool
) -> None:
    track = WantedTrack(TrackId("1"), "A", "T", None, 1, None, lossless=offered)
    assert Policy(audio_format=audio_format, lossless=asked).extension(track) == extension


LINK = LibPath("Playlists/B/x.mp3")


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("../A/x.mp3", "Playlists/A/x.mp3"),
        ("y.mp3", "Playlists/B/y.mp3"),
        (".//deep/../y.mp3", "Playlists/B/y.mp3"),
        ("/music/mp3/Playlists/A/x.mp3", "Playlists/A/x.mp3"),
        ("/music/mp3/../mp3/Playlists/A/x.mp3", None),
        ("/music/mp30/Playlists/A/x.mp3", None),
        ("/elsewhere/x.mp3", None),
        ("/", None),
        ("..", None),
        ("../A", None),
        ("../../Other/A/x.mp3", None),
        ("../../../mp3/Playlists/A/x.mp3", None),
        ("../../../Playlists/A/x.mp3", None),
        ("../../../../../../etc/passwd", None),
    ],
)
def test_a_link_leads_to_a_path_below_playlists_or_nowhere(
    target: str, leads_to: str | None
) -> None:
    assert resolve(LINK, target, "/music/mp3") == leads_to


def test_full_paths_lead_nowhere_while_the_library_is_not_known() -> None:
    assert resolve(LINK, "/Playlists/A/x.mp3") is None


@pytest.mark.parametrize(
    "primary", ["Playlists/A/x.mp3", "Playlists/B/y.mp3", "Playlists/A/d/x.mp3"]
)
def test_a_link_of_ours_leads_to_its_primary(primary: str) -> None:
    assert resolve(LINK, link_target(LINK, LibPath(primary))) == primary


def test_the_stem_of_a_name_without_extension_is_the_name() -> None:
    assert [stem_of(name) for name in ("x.mp3", "a.b.mp3", "x")] == ["x", "a.b", "x"]


def test_words_that_stand_in_databases_stay_what_they_are() -> None:
    assert [kind.value for kind in Kind] == [
        "primary", "symlink", "hardlink", "copy", "yours",
    ]  # fmt: skip
    assert [kind.value for kind in ItemKind] == ["track", "video", "unknown"]
    assert [origin.value for origin in Origin] == ["own", "followed", "favorites"]


def test_a_placeholder_is_no_description_of_a_track() -> None:
    track = RemoteTrack(TrackId("1"), "Unavailable", "Unknown", available=False)
    assert track._replace(unavailable_reason="placeholder").placeholder
    assert not track._replace(unavailable_reason="not_ready").placeholder
    assert not track.placeholder
