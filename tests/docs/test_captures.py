"""docs/terminal.md shows what the commands print now."""

from __future__ import annotations

from tests.docs.captures import PAGE, page, words_of
from tests.docs.screen import shown


def test_the_captures_are_those_of_today() -> None:
    assert words_of(page()) == words_of(PAGE.read_text()), "write them anew with ./dev captures"


def test_a_screen_shows_what_was_not_erased() -> None:
    bars = "one\r\n\x1b[?25lbar 1\r\nname\x1b[1A\r\x1b[2Kbar 2\r\n\x1b[2K\x1b[1A\x1b[2K\r"
    assert shown(bars + "\x1b[1mdone\x1b[0m\r\n") == "one\ndone"
