"""Which playlist holds a track's audio, and which of its files that is."""

from __future__ import annotations

import pytest

from strandline.core.ids import LibPath, PlaylistId
from strandline.core.primary import ElectedBecause, Election, TrackFile, elect
from strandline.core.states import Identity

A, B, C = PlaylistId("a"), PlaylistId("b"), PlaylistId("c")
RANKS = {A: (1, "a", "a"), B: (1, "b", "b"), C: (0, "c", "c")}  # C is in the priority list


def copy(
    path: str,
    home: PlaylistId | None,
    identity: Identity = Identity.CONTENT,
    *,
    primary: bool = False,
) -> TrackFile:
    return TrackFile(LibPath(path), identity, home, primary)


def elected(*copies: TrackFile, candidates: tuple[PlaylistId, ...] = (A, B, C)) -> Election | None:
    return elect(copies, [C, A, B], RANKS, candidates)


def audio_of(*copies: TrackFile) -> str | None:
    election = elected(*copies)
    return election and election.audio


def test_the_ledgers_primary_stays_whatever_ranks_before_it() -> None:
    election = elected(copy("1", C), copy("2", B, primary=True), copy("0", A, Identity.INODE))
    assert election == Election(B, LibPath("2"), ElectedBecause.HOLDS_IT, (C, A))


def test_a_primary_that_was_moved_keeps_its_place_before_other_copies() -> None:
    election = elected(copy("1", C, Identity.LEDGER), copy("2", B, Identity.INODE))
    assert election == Election(B, LibPath("2"), ElectedBecause.HOLDS_IT, (C, A))


def test_of_other_copies_the_one_in_the_first_playlist_stays() -> None:
    election = elected(copy("1", B, Identity.EMBEDDED_ID), copy("2", C), copy("0", A))
    assert election == Election(C, LibPath("2"), ElectedBecause.HOLDS_IT, (A, B))


def test_in_one_playlist_the_strongest_evidence_then_the_path_decides() -> None:
    strong = copy("2", A, Identity.EMBEDDED_ID)
    assert audio_of(copy("1", A, Identity.CONTENT), strong) == "2"
    assert audio_of(copy("3", A), copy("1", A), copy("2", A)) == "1"


def test_audio_at_home_comes_before_any_that_strayed() -> None:
    election = elected(copy("1", None, Identity.INODE, primary=True), copy("2", B))
    assert election == Election(B, LibPath("2"), ElectedBecause.HOLDS_IT, (C, A))


@pytest.mark.parametrize(("candidates", "first"), [((A, B, C), C), ((A, B), A)])
def test_audio_that_strayed_comes_to_the_first_playlist_that_may_be_changed(
    candidates: tuple[PlaylistId, ...], first: PlaylistId
) -> None:
    strays = copy("1", None), copy("2", None, Identity.EMBEDDED_ID)
    election = elected(*strays, candidates=candidates)
    assert election is not None
    assert (election.primary, election.audio, election.because) == (
        first,
        "2",
        ElectedBecause.FIRST,
    )


def test_without_audio_the_first_playlist_is_to_get_it() -> None:
    assert elected() == Election(C, None, ElectedBecause.FIRST, (A, B))


def test_where_no_playlist_may_be_changed_only_audio_at_home_is_elected() -> None:
    assert elected(candidates=()) is None
    assert elected(copy("1", None), candidates=()) is None
    assert elected(copy("1", B), candidates=()) == Election(
        B, LibPath("1"), ElectedBecause.HOLDS_IT, (C, A)
    )
