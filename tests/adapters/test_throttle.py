"""The limit of bytes a second, on a clock of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from strandline.config.text import parse_config
from strandline.errors import ConfigError
from strandline.execute.throttle import Throttle


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_bytes_are_paid_for_one_after_the_other() -> None:
    throttle = Throttle(1000, Clock())
    assert throttle.wait_for(500) == pytest.approx(0.5)
    assert throttle.wait_for(500) == pytest.approx(1.0), "another thread waits behind the first"


def test_time_that_nobody_used_is_not_saved_up() -> None:
    clock = Clock()
    throttle = Throttle(1000, clock)
    throttle.wait_for(1000)
    clock.now += 60
    assert throttle.wait_for(1000) == pytest.approx(1.0)


def test_without_a_limit_nobody_waits() -> None:
    assert Throttle(0, Clock()).wait_for(1 << 40) == 0


@pytest.mark.parametrize(
    ("said", "meant"), [("0", 0), ('"4M"', 4 << 20), ('"500K"', 500 << 10), ("131072", 128 << 10)]
)
def test_a_limit_is_read_in_bytes(said: str, meant: int) -> None:
    values = parse_config(f"[download]\nlimit = {said}\n", Path("config.toml"))
    assert values["download.limit"] == meant


@pytest.mark.parametrize("said", ['"fast"', "-1", "true", '"4 MB"', "7"])
def test_what_is_no_number_of_bytes_is_refused(said: str) -> None:
    with pytest.raises(ConfigError, match=r"download\.limit"):
        parse_config(f"[download]\nlimit = {said}\n", Path("config.toml"))
