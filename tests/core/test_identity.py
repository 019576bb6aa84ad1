"""Which files are a track's: the strongest evidence first, and never a file of another track."""

from __future__ import annotations

import pytest

from strandline.core.identity import Recognised, Recogniser
from strandline.core.ids import LibPath, TrackId
from strandline.core.states import (
    Evidence,
    FoundFile,
    Identity,
    LedgerFile,
    Snapshot,
    Stamp,
    WantedTrack,
)

ONE, TWO = TrackId("1"), TrackId("2")
WANTED = WantedTrack(ONE, "Artist", "Song", None, 200, "ISRC1")
HERE, THERE = LibPath("Playlists/A/song.mp3"), LibPath("Playlists/B/other name.mp3")


def found(path: LibPath, ino: int = 7, size: int = 100) -> FoundFile:
    return FoundFile(path, 1, ino, size, 5, 5)


def recogniser(
    files: list[FoundFile],
    evidence: dict[LibPath, Evidence] | None = None,
    known: LedgerFile | None = None,
) -> Recogniser:
    ledger = {known.track: known} if known else {}
    snapshot = Snapshot({}, {ONE: WANTED}, complete=True)
    return Recogniser({f.path: f for f in files}, evidence or {}, ledger, (), snapshot)


def known() -> LedgerFile:
    return LedgerFile(ONE, HERE, Stamp(7, 100, 5), 100, "aa")


def answers(of: Recogniser, track: TrackId = ONE) -> list[tuple[LibPath, Identity]]:
    return [(copy.file.path, copy.identity) for copy in of.recognise(track)]


def test_a_file_as_the_ledger_left_it_is_ours_without_reading_it() -> None:
    assert recogniser([found(HERE)], known=known()).recognise(ONE) == [
        Recognised(found(HERE), Identity.LEDGER, "aa")
    ]


def test_a_file_that_is_gone_is_nobodys() -> None:
    assert answers(recogniser([], known=known())) == []
    assert answers(recogniser([found(THERE)])) == []


def test_a_file_that_went_elsewhere_is_known_by_its_inode() -> None:
    of = recogniser([found(THERE)], {THERE: Evidence(sha256="aa")}, known())
    assert answers(of) == [(THERE, Identity.INODE)]
    assert of.tracks_with_evidence() == {ONE}


def test_a_file_is_known_by_the_id_in_it() -> None:
    of = recogniser([found(THERE, 9)], {THERE: Evidence(ONE, "bb")})
    assert answers(of) == [(THERE, Identity.EMBEDDED_ID)]
    assert answers(of, TWO) == []
    assert of.tracks_with_evidence() == {ONE}


def test_a_byte_equal_file_is_known_by_its_content() -> None:
    of = recogniser([found(HERE), found(THERE, 9)], {THERE: Evidence(sha256="aa")}, known())
    assert answers(of) == [(HERE, Identity.LEDGER), (THERE, Identity.CONTENT)]
    assert of.tracks_with_evidence() == {ONE}


@pytest.mark.parametrize(
    "evidence",
    [Evidence(TWO, "aa"), Evidence(sha256="aa", playable=False), Evidence(sha256="bb"), Evidence()],
    ids=["another track's", "damaged", "other content", "nothing known"],
)
def test_a_file_without_good_evidence_is_not_taken(evidence: Evidence) -> None:
    of = recogniser([found(HERE), found(THERE, 9)], {THERE: evidence}, known())
    assert answers(of) == [(HERE, Identity.LEDGER)]


def test_our_file_that_no_longer_plays_is_ours_and_damaged() -> None:
    damaged = Evidence(sha256="cc", playable=False)
    [copy] = recogniser([found(HERE, 9)], {HERE: damaged}, known()).recognise(ONE)
    assert copy == Recognised(found(HERE, 9), Identity.LEDGER, "cc", playable=False)


@pytest.mark.parametrize(
    ("file", "evidence", "ours"),
    [
        (found(HERE, 9, 120), Evidence(ONE, "cc"), True),
        (found(HERE, 9, 120), Evidence(TWO, "cc"), False),
        (found(HERE, 9, 100), Evidence(sha256="aa"), True),
        (found(HERE, 9, 120), Evidence(sha256="cc"), False),
    ],
    ids=["retagged", "another track", "written again", "another file"],
)
def test_a_changed_file_at_our_path_is_ours_by_its_evidence(
    file: FoundFile, evidence: Evidence, ours: bool
) -> None:
    of = recogniser([file], {HERE: evidence}, known())
    assert ((HERE, Identity.LEDGER) in answers(of)) is ours


def test_the_hash_of_an_unchanged_file_is_remembered() -> None:
    [copy] = recogniser([found(HERE)], {HERE: Evidence()}, known()).recognise(ONE)
    assert copy.sha256 == "aa"


@pytest.mark.parametrize(
    ("evidence", "same"),
    [
        (Evidence(isrc="ISRC1", duration=200), True),
        (Evidence(isrc="ISRC1", duration=201.9), True),
        (Evidence(isrc="ISRC1", duration=203), False),
        (Evidence(isrc="ISRC2", duration=200), False),
        (Evidence(TWO, isrc="ISRC1", duration=200), False),
        (Evidence(isrc="ISRC1", duration=200, playable=False), False),
    ],
)
def test_a_recording_of_another_tool_is_known_by_isrc_and_length(
    evidence: Evidence, same: bool
) -> None:
    of = recogniser([found(THERE, 9)], {THERE: evidence})
    assert [copy.file.path for copy in of.by_isrc(WANTED)] == ([THERE] if same else [])
    assert (ONE in of.tracks_with_evidence()) is (evidence.isrc == "ISRC1" and evidence.playable)
