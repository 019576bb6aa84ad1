"""What is answered to a question: yes, no, and nothing at all."""

from __future__ import annotations

import io
import sys

import pytest

from strandline.cli.asking import confirmed


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("y\n", True), ("Yes\n", True), ("n\n", False), ("q\n", False), ("\n", False)],
)
def test_an_answer_means_what_a_person_means(
    typed: str, meant: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert confirmed("Go ahead?") is meant


def test_who_goes_away_at_a_question_interrupts_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-D is no bug that a log or a message tells of."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(KeyboardInterrupt):
        confirmed("Go ahead?")
