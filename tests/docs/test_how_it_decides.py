"""docs/how-it-decides.md is what strandline does."""

from __future__ import annotations

import pytest
from tests.docs.decided import PAGE, examples, told_again

from strandline.core.actions import Because

PAGE_NOW = PAGE.read_text()
ELSEWHERE = {
    Because.IN_TRASH, Because.OWN_FILE, Because.TRASH_KEEP_DAYS, Because.ASKED_FOR,
    Because.LIBRARY_CHANGED, Because.NO_LONGER_EXPORTED, Because.SETTINGS_CHANGED,
    Because.BETTER_QUALITY, Because.FILE_UNREADABLE,
}  # fmt: skip
"""Reasons of other commands, and of what a library in memory has not: a trash that is asked first,
files that are there and cannot be read."""


@pytest.mark.parametrize("example", examples(PAGE_NOW))
def test_an_example_of_the_page_is_what_happens(example: str) -> None:
    assert told_again(example) == example


def test_every_reason_of_a_sync_has_its_example() -> None:
    told = "".join(examples(PAGE_NOW))
    assert {it for it in Because if f"({it.value})" not in told} == ELSEWHERE
