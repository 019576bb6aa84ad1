"""I14: one safe component from any name, on every file system at once."""

from __future__ import annotations

import re
import unicodedata

import pathvalidate
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strandline.core.ids import TrackId
from strandline.core.names import (
    MAX_BYTES,
    check_template,
    collision_key,
    free_name,
    full_title,
    is_name_for,
    safe_name,
    track_base,
)
from strandline.core.states import WantedTrack

HOSTILE = [
    "", " ", ".", "..", "...", "../../etc/passwd", "AC/DC", "a\\b", "C:\\x", "con", "CON.mp3",
    "nul .txt", "COM1", "lpt9.a", "com¹", "a\x00b", "a\nb", "a\x1b[31mred", "\u202egpj.exe",
    "zero\u200bwidth", "\ufeffbom", "trailing.", "trailing ", "trailing. .", " leading",
    ".hidden", "-rf", "~", "$HOME", "`id`", "%s%n", "a:b", 'say "hi"', "<html>", "what?*|",
    "é" * 400, "🎛️" * 200, "e\u0301" * 300, "ﬁ", "ß", "İ", "K", "ｆｕｌｌ", "\u3164", "\u2800",
    "\ud800", "x" * 239 + "é", "Fred again..", "…And Justice", "a\u2028b", "\u00a0", "∕", "．．",
    "שלום", "مرحبا", "日本語", "👨‍👩‍👧‍👦", "\U000e0041", "\u0085", "clock$", "a" * 300 + ".mp3",
    "lpt1.mp3" + "é" * 120,
]  # fmt: skip

text = st.text(max_size=300) | st.sampled_from(HOSTILE)


def assert_safe(name: str) -> None:
    assert name not in {"", ".", ".."}
    assert not set(name) & set('/\\:*?"<>|')
    assert len(name.encode()) <= MAX_BYTES
    assert name == name.strip(" .")
    assert unicodedata.is_normalized("NFC", name)
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    pathvalidate.validate_filename(name, platform="universal", max_len=255)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_becomes_one_harmless_component(hostile: str) -> None:
    assert_safe(safe_name(hostile))
    assert_safe(safe_name(f"{hostile} - {hostile}", suffix=" [123].mp3"))


@given(text, st.sampled_from(["", ".mp3", " [12345678].flac", " [abcdef01]"]))
def test_any_text_becomes_one_harmless_component(raw: str, suffix: str) -> None:
    name = safe_name(raw, suffix=suffix)
    assert_safe(name)
    assert name.endswith(suffix)


@given(text)
def test_a_safe_name_is_its_own_safe_name(raw: str) -> None:
    once = safe_name(raw)
    assert safe_name(once) == once


@given(st.lists(text, max_size=12))
def test_names_in_one_folder_never_collide(raws: list[str]) -> None:
    taken: set[str] = set()
    for number, raw in enumerate(raws):
        name = free_name(raw, ".mp3", str(number), taken)
        assert collision_key(name) not in taken
        taken.add(collision_key(name))


def test_hostile_names_all_live_in_one_folder() -> None:
    taken: set[str] = set()
    for number, raw in enumerate(HOSTILE * 14):
        name = free_name(raw, ".mp3", str(number), taken)
        assert_safe(name)
        taken.add(collision_key(name))
    assert len(taken) == len(HOSTILE) * 14


@pytest.mark.parametrize(
    ("title", "version", "full"),
    [
        ("Title", "Extended Mix", "Title (Extended Mix)"),
        ("Title (Extended Mix)", "Extended Mix", "Title (Extended Mix)"),
        ("Title (extended mix)", "Extended Mix", "Title (extended mix)"),
        ("Title", None, "Title"),
        ("Title", " ", "Title"),
    ],
)
def test_a_version_is_said_once(title: str, version: str | None, full: str) -> None:
    assert full_title(WantedTrack(TrackId("1"), "A", title, version, 1, None)) == full


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{artist}", "{title} or {id}"),
        ("{nope} - {title}", "{nope} is not a field; there are album, artist, id, isrc, title"),
        ("{title:>10}", "no format"),
        ("{title!r}", "no format"),
        ("a/{title}", "separator"),
        ("a\\{title}", "separator"),
        ("{title", "expected '}'"),
    ],
)
def test_a_template_that_cannot_name_tracks_is_refused(template: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        check_template(template)


@pytest.mark.parametrize("template", ["{artist} - {title}", "{id}", "{{{title}}} {album} {isrc}"])
def test_a_template_that_names_tracks_is_taken_as_it_is(template: str) -> None:
    assert check_template(template) == template


EVERYTHING = "{artist}|{title}|{album}|{isrc}|{id}"


def test_every_field_of_a_template_is_filled() -> None:
    track = WantedTrack(TrackId("7"), "Artist", "Title", "Live", 1, "QZ1", album="Album")
    assert track_base(track, EVERYTHING) == "Artist|Title (Live)|Album|QZ1|7"
    nothing = WantedTrack(TrackId("7"), "", "", None, 1, None)
    assert track_base(nothing, EVERYTHING) == "Unknown Artist|Untitled|||7"


def test_a_name_found_on_disk_is_known_for_ours() -> None:
    track = WantedTrack(TrackId("7"), "AC/DC", "T", None, 1, None)
    base = track_base(track, "{artist} - {title}")
    assert is_name_for("AC-DC - T.flac", base, "7")
    assert is_name_for("ac-dc - t [7].mp3", base, "7")
    assert not is_name_for("AC-DC - T2.flac", base, "7")
    assert not is_name_for("AC-DC - T [8].mp3", base, "7")
    assert is_name_for("AC-DC - T", base, "7"), "a folder has no extension"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a   b\t\n c", "a b c"),
        ("a\u2028b\u00a0c\u2029d", "a b c d"),
        ('AC/DC: live | "x" <y>?*', "AC-DC- live - 'x' (y)"),
        ("a\x00b\u200bc\u3164d\u0378e", "abcde"),
        ("con", "con_"),
        ("Con.mp3", "Con_.mp3"),
        ("nul .txt", "nul_.txt"),
        ("console", "console"),
        (" . ", "untitled"),
        ("XTC", "XTC"),
        ("a\\b", "a-b"),
        ("e\u0301", "é"),
    ],
)
def test_a_name_changes_no_more_than_it_must(text: str, name: str) -> None:
    assert safe_name(text) == name


@pytest.mark.parametrize(
    "device",
    [
        "CON",
        "prn",
        "Aux",
        "nul",
        "clock$",
        "conin$",
        "conout$",
        "com0",
        "COM9",
        "lpt1",
        "com¹",
        "lpt³",
    ],
)
def test_no_name_is_a_device_of_windows(device: str) -> None:
    assert safe_name(device) == f"{device}_"
    assert safe_name(f"{device} .x") == f"{device}_.x"
    assert safe_name(f"{device}X") == f"{device}X"


def test_a_long_name_keeps_as_much_as_there_is_room_for() -> None:
    assert safe_name("é" * 400, suffix=".mp3") == "é" * 118 + ".mp3"
    assert safe_name("x" * 240) == "x" * 240
    assert safe_name("x" * 241) == "x" * 240
    assert safe_name("x" * 239 + " y") == "x" * 239


def test_a_taken_name_gets_the_id_then_a_count_from_two() -> None:
    taken = {collision_key(name) for name in ("Song.mp3", "song [7].mp3", "SONG [7] (2).mp3")}
    assert free_name("Song", ".mp3", "7", set()) == "Song.mp3"
    assert free_name("Song", ".mp3", "7", {"song.mp3"}) == "Song [7].mp3"
    assert free_name("Song", ".mp3", "7", taken - {"song [7] (2).mp3"}) == "Song [7] (2).mp3"
    assert free_name("Song", ".mp3", "7", taken) == "Song [7] (3).mp3"


@pytest.mark.parametrize(("one", "other"), [("É", "e\u0301"), ("ß", "SS"), ("ﬁ", "FI"), ("Σ", "ς")])
def test_names_that_some_file_system_takes_for_one_are_one(one: str, other: str) -> None:
    assert collision_key(one) == collision_key(other)
