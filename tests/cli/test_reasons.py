"""Every reason of an action has words for a person."""

from __future__ import annotations

import pytest

from strandline.cli.plan_words import DEEDS, deed, reason, reason_of_leaving
from strandline.core.actions import ACTIONS, Because


@pytest.mark.parametrize("because", list(Because))
def test_every_reason_can_be_said(because: Because) -> None:
    for kind in DEEDS:
        assert reason(kind, because)
    assert reason_of_leaving(because)


def test_every_action_has_words() -> None:
    assert set(ACTIONS) <= set(DEEDS)
    for kind in DEEDS:
        assert "2 " in deed(kind, 2)
