"""Which files are a track's: the strongest evidence first, and never a file of another track."""

from __future__ import annotations

from typing import Any

import pytest

from strandline.core.identity import Recognised, Recogniser
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.states import (
    Evidence,
    FoundFile,
    Identity,
    Kind,
    LedgerEntry,
    LedgerFile,
    Snapshot,
    Stamp,
    WantedTrack,
)

ONE, TWO = TrackId("1"), TrackId("2")
WANTED = WantedTrack(ONE, "Artist", "Song", None, 200, "ISRC1")
HERE, THERE = LibPath("Playlists/A/song.mp3"), LibPath("Playlists/B/other name.mp3")
ELSEWHERE = LibPath("Playlists/C/third.mp3")
STAMP = Stamp(7, 100, 5)


def found(path: LibPath, ino: int = 7, size: int = 100) -> FoundFile:
    return FoundFile(path, 1, ino, size, 5, 5)


def recogniser(
    files: list[FoundFile],
    evidence: dict[LibPath, Evidence] | None = None,
    *known: LedgerFile,
    entries: tuple[LedgerEntry, ...] = (),
) -> Recogniser:
    ledger = {file.track: file for file in known}
    snapshot = Snapshot({}, {ONE: WANTED}, complete=True)
    return Recogniser({f.path: f for f in files}, evidence or {}, ledger, entries, snapshot)


def known(track: TrackId = ONE, path: LibPath = HERE, stamp: Stamp | None = STAMP) -> LedgerFile:
    return LedgerFile(track, path, stamp, 100, "aa")


def answers(of: Recogniser, track: TrackId = ONE) -> list[tuple[LibPath, Identity]]:
    return [(copy.file.path, copy.identity) for copy in of.recognise(track)]


def test_a_file_as_the_ledger_left_it_is_ours_without_reading_it() -> None:
    assert recogniser([found(HERE)], {}, known()).recognise(ONE) == [
        Recognised(found(HERE), Identity.LEDGER, "aa")
    ]


def test_a_file_that_is_gone_is_nobodys() -> None:
    assert answers(recogniser([], {}, known())) == []
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
        (found(HERE, 9, 120), Evidence(TWO, "cc", "ISRC1"), True),
        (found(HERE, 9, 120), Evidence(TWO, "cc", "ISRC2"), False),
        (found(HERE, 9, 100), Evidence(sha256="aa"), True),
        (found(HERE, 9, 120), Evidence(sha256="cc"), False),
        (found(HERE, 7, 120), Evidence(sha256="cc", duration=202), True),
        (found(HERE, 7, 120), Evidence(sha256="cc", duration=203), False),
        (found(HERE, 7, 120), Evidence(sha256="cc"), True),
    ],
    ids=[
        "retagged",
        "another track",
        "the recording under a new id",
        "another recording",
        "written again",
        "another file",
        "changed in place",
        "changed in place, another length",
        "changed in place, length unknown",
    ],
)
def test_a_changed_file_at_our_path_is_ours_by_its_evidence(
    file: FoundFile, evidence: Evidence, ours: bool
) -> None:
    of = recogniser([file], {HERE: evidence}, known())
    assert ((HERE, Identity.LEDGER) in answers(of)) is ours


@pytest.mark.parametrize(
    ("evidence", "ours"),
    [
        (Evidence(sha256="cc", duration=300), True),
        (Evidence(ONE, "cc", duration=300), False),
        (Evidence(TWO, "cc"), True),
    ],
    ids=["changed in place", "another track's id", "its own id"],
)
def test_a_track_tidal_no_longer_tells_of_keeps_its_file(evidence: Evidence, ours: bool) -> None:
    of = recogniser([found(HERE, 7, 120)], {HERE: evidence}, known(TWO))
    assert ((HERE, Identity.LEDGER) in answers(of, TWO)) is ours


def test_a_file_of_an_old_database_without_a_stamp_is_ours() -> None:
    of = recogniser([found(HERE)], {}, known(stamp=None))
    assert answers(of) == [(HERE, Identity.LEDGER)]
    of = recogniser([found(HERE)], {HERE: Evidence(sha256="bb", duration=200)}, known(stamp=None))
    assert of.recognise(ONE)[0].sha256 == "bb"


@pytest.mark.parametrize(
    "now",
    [
        {"known": known(TWO, HERE, Stamp(9, 100, 5))},
        {"entry": LedgerEntry(PlaylistId("p"), TWO, HERE, Kind.COPY, None, Stamp(9, 100, 5))},
        {"entry": LedgerEntry(PlaylistId("p"), TWO, HERE, Kind.HARDLINK, None)},
    ],
    ids=["its audio", "its copy", "its hard link"],
)
def test_what_another_track_has_at_our_path_by_now_is_not_ours(now: dict[str, Any]) -> None:
    others = [now["known"]] if "known" in now else []
    entries = (now["entry"],) if "entry" in now else ()
    of = recogniser([found(HERE, 9)], {}, known(), *others, entries=entries)
    assert answers(of) == []


@pytest.mark.parametrize("kind", [Kind.COPY, Kind.SYMLINK])
def test_an_entry_that_no_longer_tells_of_the_file_takes_nothing_from_us(kind: Kind) -> None:
    entry = LedgerEntry(PlaylistId("p"), TWO, HERE, kind, None, Stamp(1, 1, 1))
    of = recogniser([found(HERE, 9)], {}, known(), entries=(entry,))
    assert answers(of) == [(HERE, Identity.LEDGER)]


def test_content_is_known_by_our_file_as_it_is_now_not_as_it_was() -> None:
    retagged = Evidence(ONE, "cc")
    files = [found(HERE, 7, 120), found(THERE, 9), found(ELSEWHERE, 10)]
    of = recogniser(
        files, {HERE: retagged, THERE: Evidence(sha256="cc"), ELSEWHERE: Evidence(sha256="aa")},
        known(),
    )  # fmt: skip
    assert answers(of) == [(HERE, Identity.LEDGER), (THERE, Identity.CONTENT)]


def test_the_content_of_a_file_that_is_gone_is_looked_for() -> None:
    of = recogniser([found(THERE, 9)], {THERE: Evidence(sha256="aa")}, known())
    assert answers(of) == [(THERE, Identity.CONTENT)]


def test_copies_are_found_by_the_content_of_a_file_with_the_id_in_it() -> None:
    evidence = {HERE: Evidence(ONE, "bb"), THERE: Evidence(sha256="bb")}
    of = recogniser([found(HERE), found(THERE, 9)], evidence)
    assert answers(of) == [(HERE, Identity.EMBEDDED_ID), (THERE, Identity.CONTENT)]


def test_a_file_that_is_not_ours_hides_no_other() -> None:
    evidence = {HERE: Evidence(TWO, "bb"), THERE: Evidence(sha256="aa")}
    lost = known(path=ELSEWHERE)
    of = recogniser([found(HERE, 8), found(THERE, 9)], evidence, lost)
    assert answers(of) == [(THERE, Identity.CONTENT)]


def test_only_tracks_on_which_a_read_file_bears_are_asked_about() -> None:
    other = LedgerFile(TWO, THERE, Stamp(8, 80, 8), 80, "bb")
    files = [found(HERE, 9), found(THERE, 8, 80)]
    assert recogniser(files, {}, known(), other).tracks_with_evidence() == set()
    of = recogniser(files, {HERE: Evidence()}, known(), other)
    assert of.tracks_with_evidence() == {ONE}


def test_evidence_of_a_file_that_is_gone_says_nothing() -> None:
    of = recogniser([], {THERE: Evidence(ONE, "aa", "ISRC1")}, known())
    assert answers(of) == []
    assert answers(of, TWO) == []


def test_the_hash_of_an_unchanged_file_is_remembered() -> None:
    [copy] = recogniser([found(HERE)], {HERE: Evidence()}, known()).recognise(ONE)
    assert copy.sha256 == "aa"


def test_the_code_of_a_recording_makes_no_file_ours() -> None:
    of = recogniser([found(THERE, 9)], {THERE: Evidence(isrc="ISRC1", duration=200)})
    assert answers(of) == []
    assert of.tracks_with_evidence() == set()


@pytest.mark.parametrize(
    ("at", "evidence", "identity"),
    [
        (found(THERE), Evidence(TWO), Identity.INODE),
        (found(THERE, 9), Evidence(TWO, "aa"), Identity.CONTENT),
    ],
    ids=["moved", "copied"],
)
def test_a_file_taken_over_is_known_whatever_old_id_is_in_it(
    at: FoundFile, evidence: Evidence, identity: Identity
) -> None:
    of = recogniser([at], {THERE: evidence}, known())
    assert answers(of) == [(THERE, identity)]
    assert answers(of, TWO) == []


@pytest.mark.parametrize("first", [ONE, TWO])
def test_a_file_that_two_tracks_claim_is_that_ones_which_a_playlist_lists(first: TrackId) -> None:
    both = [known(track) for track in sorted([ONE, TWO], key=lambda track: track != first)]
    of = recogniser([found(THERE)], {THERE: Evidence(TWO, "aa")}, *both)
    assert answers(of) == [(THERE, Identity.INODE)]
    assert answers(of, TWO) == []
