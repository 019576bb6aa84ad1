"""Progress: named tracks and the time left on a terminal, few lines in the mail of a timer."""

from __future__ import annotations

import re

import pytest

from strandline.cli.output import Output
from strandline.cli.progress import Lines
from tests.cli.terminal import Terminal
from tests.cli.test_output import on_a_terminal


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_run_of_ten_hours_is_a_short_mail(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    lines = Lines(Output(), clock)
    lines.phase("download", total=3600)
    for number in range(3600):  # one in ten seconds
        lines.begin(str(number), f"Ana - {number}")
        clock.now += 10
        lines.advance(1, of_bytes=10_000_000)
        lines.end(str(number))
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "Downloading (3,600 tracks) …"
    assert said[1] == (
        "Downloading: 6 of 3,600, 60.0 MB at 1.0 MB/s, about 9 h 59 min left, now Ana - 5"
    )
    assert len(said) < 30


def test_a_short_run_says_no_more_than_its_phases(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(Output(), Clock())
    lines.phase("download", total=2)
    lines.advance(2, of_bytes=5)
    assert capsys.readouterr().err == "Downloading (2 tracks) …\n"


def test_on_a_terminal_the_current_tracks_are_named(t: Terminal) -> None:
    t.account.seconds = 20
    t.account.playlist("A", [t.track(f"Title {number}") for number in range(12)])
    t.settings.write_text('[audio]\nformat = "original"\n[download]\nlimit = "1M"\n')
    code, text = on_a_terminal(t, "sync-execute", answer=b"y\n", LINES="30")
    assert code == 0
    assert re.search(r"Ana - Title \d+", text.rpartition("Go ahead?")[2])
    assert "MB/s" in text or "kB/s" in text
    assert "part-" not in text
