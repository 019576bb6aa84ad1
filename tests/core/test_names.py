"""I14: one safe component from any name, on every file system at once."""

from __future__ import annotations

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
    "template", ["{artist}", "{nope} - {title}", "{title:>10}", "{title!r}", "a/{title}", "{title"]
)
def test_a_template_that_cannot_name_tracks_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_template(template)


def test_a_name_found_on_disk_is_known_for_ours() -> None:
    track = WantedTrack(TrackId("7"), "AC/DC", "T", None, 1, None)
    base = track_base(track, "{artist} - {title}")
    assert is_name_for("AC-DC - T.flac", base, "7")
    assert is_name_for("ac-dc - t [7].mp3", base, "7")
    assert not is_name_for("AC-DC - T2.flac", base, "7")
