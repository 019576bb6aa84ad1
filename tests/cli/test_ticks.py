"""The list to tick, as a person presses keys: 500 playlists, long names, filters."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import termios
from collections.abc import Callable
from contextlib import suppress

import pytest

from strandline.cli.ticks import Row, TickList

UP, DOWN, HOME, END = "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F"
PAGE_UP, PAGE_DOWN = "\x1b[5~", "\x1b[6~"
END_OF_TEXT = "\x04"
PATIENCE = 20
"""Seconds until what should have come is missed."""
NAMES = [f"Set {number:03}" for number in range(500)]


def a_list(*names: str, ticked: set[int] | None = None) -> TickList:
    return TickList([Row(name, "3 tracks") for name in names], ticked or set())


def screen(ticks: TickList, width: int = 80, height: int = 24) -> list[str]:
    return ticks.lines("Which playlists?", width, height)


def press(ticks: TickList, *keys: str) -> bool:
    return [ticks.press(key) for key in keys][-1]


def test_the_cursor_stays_on_the_screen_wherever_it_goes() -> None:
    ticks = a_list(*NAMES)
    for keys, name in (
        ([], "Set 000"),
        ([UP], "Set 000"),
        ([PAGE_DOWN, DOWN], "Set 020"),
        ([END], "Set 499"),
        ([DOWN, PAGE_DOWN], "Set 499"),
        ([PAGE_UP], "Set 480"),
        ([HOME], "Set 000"),
    ):
        if keys:
            press(ticks, *keys)
        lines = screen(ticks)
        assert len(lines) == 24
        assert [line for line in lines if line.startswith(">")] == [f"> [ ] {name}   3 tracks"]


def test_ticks_outlive_the_filter_that_they_were_made_in() -> None:
    ticks = a_list(*NAMES)
    press(ticks, *"49", "\x01")
    assert len(ticks.ticked) == 15
    assert "15 shown" in screen(ticks)[1]
    press(ticks, "\x7f", "\x7f", DOWN, " ")
    assert {1, 49, 149, 490, 499} < ticks.ticked
    assert "16 of 500 ticked" in screen(ticks)[0]


def test_ctrl_a_takes_the_ticks_away_where_all_have_one() -> None:
    ticks = a_list(*NAMES, ticked=set(range(500)))
    press(ticks, *"00", "\x01")
    assert len(ticks.ticked) == 500 - len(ticks.shown)
    press(ticks, "\x01")
    assert len(ticks.ticked) == 500


@pytest.mark.parametrize("typed", ["cafe", "CAFÉ", "é", "mar"])
def test_a_filter_minds_neither_case_nor_accents(typed: str) -> None:
    ticks = a_list("Café del Mar", "Techno")
    press(ticks, *typed)
    assert ticks.shown[0] == 0


def test_where_nothing_matches_keys_do_no_harm() -> None:
    ticks = a_list("A")
    press(ticks, "z", " ", DOWN, UP, END, PAGE_DOWN, "\x01")
    assert ticks.ticked == set()
    assert any("Nothing matches" in line for line in screen(ticks))
    assert not press(ticks, "\r")
    assert "Tick at least one." in screen(ticks)
    press(ticks, "\x1b", " ")
    assert press(ticks, "\r")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 10), (20, 6), (5, 3)])
def test_no_line_is_wider_than_the_screen(width: int, height: int) -> None:
    from rich.cells import cell_len

    ticks = a_list("夜の音楽" * 20, "x" * 200, "\x1b[31mred", *NAMES)
    lines = screen(ticks, width, height)
    assert max(map(cell_len, lines)) < width
    assert not any("\x1b" in line for line in lines)


def test_a_pasted_escape_or_an_unknown_key_changes_nothing() -> None:
    ticks = a_list("A", "B")
    press(ticks, "\x1b[99~", "\x1b[1;5C", "\x1bOP", "\t", "\x1a")
    assert (ticks.filter, ticks.ticked, ticks.cursor) == ("", set(), 0)


def test_a_window_of_another_size_is_drawn_at_once() -> None:
    child, terminal = pty.fork()
    if not child:
        os.environ["TERM"] = "xterm"
        os.environ["NO_COLOR"] = "1"
        script = (
            "from strandline.cli.ticks import Row, tick;"
            "tick('Which?', [Row(f'number {n}') for n in range(50)], {1})"
        )
        os.execv(sys.executable, [sys.executable, "-c", script])
    try:
        termios.tcsetwinsize(terminal, (10, 40))
        _until(terminal, lambda text: "number 0" in text)
        termios.tcsetwinsize(terminal, (30, 40))
        _until(terminal, lambda text: "number 20" in text.rpartition("\x1b[2J")[2])
        os.write(terminal, b"\r")
        with suppress(OSError):  # how the end of it is told on Linux
            _until(terminal, lambda text: text.endswith(END_OF_TEXT))
        assert os.waitpid(child, 0)[1] == 0
        child = 0
    finally:
        if child:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        os.close(terminal)


def _until(terminal: int, enough: Callable[[str], bool]) -> str:
    told = ""
    while not enough(told):
        if not select.select([terminal], [], [], PATIENCE)[0]:
            raise AssertionError(f"nothing more was drawn after: {told[-500:]!r}")
        told += os.read(terminal, 65536).decode() or END_OF_TEXT
    return told
