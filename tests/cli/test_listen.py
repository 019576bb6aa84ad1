"""import --listen: a doubtful file is decided by its sound, and nothing wrong is taken."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from mutagen.flac import FLAC

from strandline.demo import music
from strandline.demo.effects import status
from strandline.demo.model import Availability, Blemish, Quality, Track
from strandline.library.audio import sound_print
from tests.cli.own_music import flac
from tests.cli.terminal import Said, Terminal

pytest.importorskip("numpy")
SECONDS = 80
SOUND, OTHER = 75, 72
INFO = "/v1/tracks/*/playbackinfopostpaywall"
SAME = "its first 57 s sound the same, and it is as long"


@pytest.fixture
def x(t: Terminal, monkeypatch: pytest.MonkeyPatch) -> Track:
    """The one track of a playlist that was read once."""
    (t.folder / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(t.folder / "tmp"))
    t.account.seconds = SECONDS
    x = t.track("x")
    x.audio_id = SOUND
    t.account.playlist("A", [x])
    assert t("sync-check").code == 0
    return x


@pytest.fixture
def twin(t: Terminal, x: Track) -> Track:
    """Another track of the same names and length, in a playlist that was read once."""
    twin = t.track("x")
    twin.audio_id = OTHER
    t.account.playlist("B", [twin])
    assert t("sync-check").code == 0
    return twin


def mine(t: Terminal, sound: int = SOUND, seconds: int = SECONDS, **tags: str) -> Path:
    """A file that does not name its artist."""
    return flac(t.folder / "mine" / "x.flac", sound, seconds, **({"title": "x"} | tags))


def looks(t: Terminal, *more: str) -> Said:
    return t("import", str(t.folder / "mine"), "--json", *more)


def hears(t: Terminal, *more: str) -> Any:
    said = looks(t, "--listen", *more)
    assert said.code in (0, 3), said.err
    return said.json


def fetches(t: Terminal) -> int:
    return len(t.tidal.asked(INFO))


def test_the_same_sound_is_taken_and_the_reason_says_so(t: Terminal, x: Track) -> None:
    file = mine(t)
    said = hears(t, "--yes")
    (taken,) = said["accepted"]
    assert (taken["file"], taken["method"], taken["because"]) == (str(file), "listened", SAME)
    assert (t.playlists / "A" / "Ana - x.flac").read_bytes() == file.read_bytes()
    (pair,) = said["listened"]["pairs"]
    assert (pair["heard"], pair["track"]) == ("same", str(x.id))
    assert pair["difference"] < 0.01


def test_another_sound_is_let_go_and_never_asked_about(t: Terminal, x: Track) -> None:
    mine(t, OTHER)
    said = hears(t, "--yes")
    (left,) = said["unmatched"]
    assert left["because"] == f"not track {x.id}: it sounds like another recording"
    assert (said["accepted"], said["review"]) == ([], [])
    assert looks(t, "--dry-run").json["review"] == []


def test_what_was_decided_holds_without_listening_under_other_names_and_tags(
    t: Terminal, x: Track
) -> None:
    file = mine(t)
    t.account.playlist("B", [t.track("y")])
    assert hears(t, "--yes")["accepted"]
    assert t("undo", "last", "--yes").code == 0
    tags = FLAC(file)
    tags["title"] = "something else"
    tags.save()
    file.rename(file.with_name("renamed.flac"))
    (taken,) = looks(t, "--dry-run").json["accepted"]
    assert (taken["method"], taken["because"]) == ("listened", SAME)


def test_nothing_is_fetched_twice_and_no_more_than_about_a_minute(t: Terminal) -> None:
    long = t.account.track("x", "Ana", duration=240, audio_id=SOUND)
    t.account.playlist("A", [long])
    assert t("sync-check").code == 0
    mine(t, seconds=240)
    first = hears(t, "--dry-run")["listened"]
    assert (first["fetched_tracks"], fetches(t)) == (1, 1)
    assert 700_000 < first["fetched_bytes"] < 1_500_000 < len(music.m4a(SOUND, 240, 96))
    again = hears(t, "--yes")
    assert len(again["accepted"]) == 1
    assert (again["listened"]["fetched_tracks"], fetches(t)) == (0, 1)


def test_a_stream_whose_index_comes_last_is_heard_as_well(
    t: Terminal, x: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(t)
    first = music.m4a(SOUND, SECONDS, 256)
    index, sound = first.index(b"moov") - 4, first.index(b"mdat") - 4
    assert index < sound
    last = first[:index] + moved_index(first[index:sound], first[sound:])
    monkeypatch.setattr(music, "m4a", lambda *_: last)
    (taken,) = hears(t, "--yes")["accepted"]
    assert SAME in taken["because"]


def moved_index(index: bytes, sound: bytes) -> bytes:
    """The sound before its index, which says where the sound is."""
    at = index.index(b"stco") + 8
    count = int.from_bytes(index[at : at + 4], "big")
    moved = b"".join(
        (int.from_bytes(index[i : i + 4], "big") - len(index)).to_bytes(4, "big")
        for i in range(at + 4, at + 4 + 4 * count, 4)
    )
    return sound + index[: at + 4] + moved + index[at + 4 + 4 * count :]


def test_a_dry_run_listens_and_decides_nothing_for_later(t: Terminal, x: Track) -> None:
    mine(t)
    before = t.tree()
    said = looks(t, "--listen", "--dry-run")
    assert (said.code, len(said.json["accepted"])) == (3, 1)
    assert t.tree() == before
    assert os.listdir(tempfile.gettempdir()) == []
    assert [it["open"] for it in t("review", "list", "--json").json["review"]] == [True]


@pytest.mark.parametrize(
    ("availability", "why"),
    [
        (Availability.GREYED_OUT, "TIDAL does not offer it now"),
        (Availability.GONE, "TIDAL does not give it out now"),
        (Availability.NOT_READY, "TIDAL does not give it out now"),
    ],
)
def test_a_track_that_cannot_be_heard_stays_to_be_reviewed_and_that_is_said(
    t: Terminal, x: Track, availability: Availability, why: str
) -> None:
    mine(t)
    x.availability = availability
    t.account.playlist("B", [x])
    assert t("sync-check").code in (0, 3)
    (left,) = hears(t, "--yes")["review"]
    assert left["because"] == f"it does not name its artist; not listened to: {why}"


def test_a_preview_is_no_proof(t: Terminal, x: Track) -> None:
    mine(t)
    x.blemishes |= dict.fromkeys(Quality, Blemish.PREVIEW)
    (left,) = hears(t, "--yes")["review"]
    assert "only a preview" in left["because"]


def test_without_tidal_everything_stays_to_be_reviewed(t: Terminal, x: Track) -> None:
    mine(t)
    t.tidal.faults.on("/v1/**", status(503), times=None)
    (left,) = hears(t, "--yes")["review"]
    assert "not listened to: " in left["because"]


def test_of_two_tracks_the_one_that_sounds_the_same_is_taken(
    t: Terminal, x: Track, twin: Track
) -> None:
    mine(t, artist="Ana")
    assert len(looks(t, "--dry-run").json["review"]) == 1
    (taken,) = hears(t, "--yes")["accepted"]
    assert (taken["track"], taken["method"]) == (str(x.id), "listened")


def test_two_tracks_of_one_sound_are_left_to_the_person(t: Terminal, x: Track, twin: Track) -> None:
    twin.audio_id = SOUND
    mine(t, artist="Ana")
    said = hears(t, "--yes")
    assert (said["accepted"], len(said["review"])) == ([], 1)


def test_one_of_two_that_cannot_be_heard_leaves_both_to_the_person(
    t: Terminal, x: Track, twin: Track
) -> None:
    twin.availability = Availability.GONE
    mine(t, artist="Ana")
    said = hears(t, "--yes")
    assert (said["accepted"], len(said["review"])) == ([], 1)


def test_words_that_may_come_later_are_not_proved_by_the_first_minute(
    t: Terminal, x: Track
) -> None:
    x.explicit = True
    t.account.playlist("B", [x])
    assert t("sync-check").code in (0, 3)
    mine(t)
    (left,) = hears(t, "--yes")["review"]
    assert left["because"].endswith("but the words that differ may come later")


def test_a_person_has_the_last_word(t: Terminal, x: Track) -> None:
    mine(t)
    hears(t, "--yes")
    assert t("undo", "last", "--yes").code == 0
    (decided,) = t("review", "list", "--all", "--json").json["review"]
    assert (decided["answer"], decided["heard"]) == (str(x.id), SAME)
    assert f"it is track {x.id} (listened: {SAME})" in t("review", "list", "--all").out
    assert t("review", "reject", "1").code == 0
    assert hears(t, "--dry-run")["accepted"] == []
    assert t("review", "forget", "1").code == 0
    assert len(hears(t, "--dry-run")["accepted"]) == 1


def test_what_was_heard_is_exported_with_the_other_decisions(t: Terminal, x: Track) -> None:
    mine(t)
    hears(t, "--yes")
    assert t("undo", "last", "--yes").code == 0
    kept = t.folder / "kept.json"
    assert t("review", "export", str(kept)).code == 0
    assert t("review", "forget", "1").code == 0
    assert t("review", "import", str(kept)).code == 0
    assert [it["method"] for it in looks(t, "--dry-run").json["accepted"]] == ["listened"]


def test_without_numpy_it_says_how_to_get_it_and_does_nothing(
    t: Terminal, x: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(t)
    monkeypatch.setattr(sound_print, "can_print", lambda: False)
    said = looks(t, "--listen", "--yes")
    assert said.code == 2
    assert "pip install 'strandline[fingerprint]'" in said.err
    assert looks(t, "--yes").code == 0


def test_without_a_login_nothing_is_looked_at(t: Terminal, x: Track) -> None:
    mine(t)
    assert t("auth", "logout").code == 0
    said = looks(t, "--listen", "--dry-run")
    assert (said.code, said.out.count('"error": "login"')) == (6, 1)
    assert looks(t, "--dry-run").code == 0


def test_what_is_fetched_is_said_before_it_is(t: Terminal, x: Track) -> None:
    mine(t)
    said = t("import", str(t.folder / "mine"), "--listen", "--dry-run")
    assert "the first minute of 1 track (about 900.0 kB) for 1 doubtful file" in said.err
    assert "Listened: 1 the same; fetched" in said.out


def test_who_says_no_to_that_decides_by_hand(
    t: Terminal, x: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(t)
    questions = list[str]()
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(
        "strandline.cli.importing.confirmed", lambda asked: bool(questions.append(asked))
    )
    said = t("import", str(t.folder / "mine"), "--listen")
    assert questions == ["Fetch the first minute of 1 track (about 900.0 kB) for 1 doubtful file?"]
    assert "1 to decide" in said.out
    assert fetches(t) == 0
