"""A file is a track's only if every part of the title says so; what is unsure is asked."""

from __future__ import annotations

from collections import Counter

import pytest

from strandline.core.ids import TrackId
from strandline.core.matching.files import FileTags, Maker, OwnFile, name_parts
from strandline.core.matching.judge import Method, OwnTrack, Verdict, judge
from strandline.core.matching.matching import Decided, match_files
from strandline.core.matching.text import words_of
from strandline.core.matching.titles import parse_title
from strandline.core.states import WantedTrack
from tests.core.matching_pairs import Pair, pairs

SET = list(pairs())


def verdict_of(pair: Pair) -> Verdict:
    return judge(pair.file, OwnTrack(pair.track)).verdict


def test_the_labelled_set_is_large_and_has_every_answer() -> None:
    labels = Counter(pair.label for pair in SET)
    assert len(SET) >= 600
    assert min(labels[label] for label in ("same", "different", "unsure")) >= 100


def test_not_one_different_recording_is_accepted() -> None:
    wrong = [
        (pair.kind, pair.file.tags.title, pair.track.title)
        for pair in SET
        if pair.label == "different" and verdict_of(pair) is Verdict.ACCEPT
    ]
    assert wrong == []


def test_nearly_every_same_recording_is_accepted() -> None:
    same = [pair for pair in SET if pair.label == "same"]
    missed = [
        (pair.kind, pair.file.tags.title, judge(pair.file, OwnTrack(pair.track)).because)
        for pair in same
        if verdict_of(pair) is not Verdict.ACCEPT
    ]
    assert len(missed) <= 0.03 * len(same), missed


def test_every_doubt_is_put_to_the_person() -> None:
    elsewhere = [
        (pair.kind, pair.file.tags.title, pair.track.title, judge(pair.file, OwnTrack(pair.track)))
        for pair in SET
        if pair.label == "unsure" and verdict_of(pair) is not Verdict.REVIEW
    ]
    assert elsewhere == []


def wanted(id: str, title: str = "Slow Tide", **more: object) -> WantedTrack:
    return WantedTrack(TrackId(id), "Harbour Lights", title, None, 214, None)._replace(**more)


def own(path: str, title: str = "Slow Tide", **more: object) -> OwnFile:
    tags = FileTags(title=title, artists=("Harbour Lights",), duration=214.0)
    return OwnFile(path, tags._replace(**more))


def test_of_two_tracks_that_fit_equally_well_neither_is_taken() -> None:
    found = match_files([own("/m/a.mp3")], [wanted("1"), wanted("2")])
    assert not found.accepted
    assert [it.track for it in found.doubtful[0].candidates] == ["1", "2"]


def test_an_id_outweighs_words_that_fit_another_track_as_well() -> None:
    found = match_files([own("/m/a.mp3", tidal_id=TrackId("2"))], [wanted("1"), wanted("2")])
    assert [(it.track, it.method) for it in found.accepted] == [("2", Method.TIDAL_ID)]


def test_of_several_files_of_one_track_the_best_is_taken_and_the_others_are_named() -> None:
    files = [
        own("/m/low.mp3", bitrate=128_000),
        own("/m/best.flac", lossless=True, bits=16, sample_rate=44_100, bitrate=900_000),
        own("/m/high.mp3", bitrate=320_000),
    ]
    found = match_files(files, [wanted("1")])
    assert [it.file.path for it in found.accepted] == ["/m/best.flac"]
    assert {it.file.path for it in found.duplicates} == {"/m/low.mp3", "/m/high.mp3"}


def test_what_a_person_said_is_not_asked_again() -> None:
    file, tracks = own("/m/a.mp3"), [wanted("1"), wanted("2")]
    yes = match_files([file], tracks, {file.path: Decided(TrackId("2"))})
    no = match_files([file], tracks, {file.path: Decided(None, frozenset({TrackId("1")}))})
    assert [(it.track, it.method) for it in yes.accepted] == [("2", Method.REVIEW)]
    assert [it.track for it in no.accepted] == ["2"]


def test_who_said_no_to_the_likelier_track_is_not_asked_about_the_others() -> None:
    file = own("/m/a.mp3", artists=())
    near, exact = wanted("1", "Slow Tidy"), wanted("2")
    asked = match_files([file], [near, exact]).doubtful[0].candidates
    assert [it.track for it in asked] == ["2", "1"]
    no = {file.path: Decided(None, frozenset({TrackId("2")}))}
    assert match_files([file], [near, exact], no).unmatched
    no = {file.path: Decided(None, frozenset({TrackId("1")}))}
    assert [it.track for it in match_files([file], [near, exact], no).doubtful[0].candidates] == [
        "2"
    ]


def test_a_code_on_different_music_proves_nothing() -> None:
    code = "QZX012400037"
    tracks = [wanted("1", isrc=code), wanted("2", "Rain Song", isrc=code)]
    found = match_files([own("/m/a.mp3", isrc=code)], tracks)
    assert [(it.track, it.method) for it in found.accepted] == [("1", Method.WORDS)]


@pytest.mark.parametrize("version", ["Extended Mix", "Live", "Harbour Remix", "Pt. 2"])
def test_a_code_does_not_outweigh_a_title_of_another_version(version: str) -> None:
    """Labels send one code for several versions."""
    code = "QZX012400037"
    file = own("/m/a.mp3", f"Slow Tide ({version})", isrc=code)
    assert judge(file, OwnTrack(wanted("1", isrc=code))).verdict is Verdict.REJECT


def test_an_id_in_the_tags_does_not_outweigh_a_title_of_another_version() -> None:
    file = own("/m/a.mp3", "Slow Tide (Live)", tidal_id=TrackId("1"))
    assert judge(file, OwnTrack(wanted("1"))).verdict is not Verdict.ACCEPT


def test_the_code_of_a_file_whose_sound_came_from_elsewhere_proves_nothing() -> None:
    """The words, the artist's name written otherwise, are to be asked about as without it."""
    code = "QZX012400037"
    track = OwnTrack(wanted("1", isrc=code))
    name = {"artists": ("The Harbor Lights",)}
    for maker in Maker:
        made = own("/m/a.mp3", isrc=code, maker=maker, **name)
        without = own("/m/a.mp3", maker=maker, **name)
        assert judge(made, track).method is not Method.ISRC
        assert judge(made, track).verdict is judge(without, track).verdict
    assert judge(own("/m/a.mp3", isrc=code, **name), track).method is Method.ISRC


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("01 - Ravine - Granite.mp3", ("Ravine", "Granite")),
        ("03. Granite.flac", ("", "Granite")),
        ("8065021_Granite_Original_Mix.mp3", ("", "Granite Original Mix")),
        ("7 Rings.mp3", ("", "7 Rings")),
        ("1987.mp3", ("", "1987")),
        ("A1 - Granite.aiff", ("", "Granite")),
        ("1-07 Ravine - Granite.mp3", ("Ravine", "Granite")),
    ],
)
def test_a_files_name_tells_what_its_tags_do_not(name: str, parts: tuple[str, str]) -> None:
    assert name_parts(f"/music/{name}") == parts


def test_two_titles_of_signs_alone_are_equal_only_if_they_are_the_same() -> None:
    assert words_of("🌊") != words_of("🔥")
    assert words_of("") == ()
    assert parse_title("🌊").letters
