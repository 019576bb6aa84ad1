"""Every reason of an action has words for a person."""

from __future__ import annotations

import pytest

from strandline.cli.plan_view import _REASONS
from strandline.core.actions import Because


@pytest.mark.parametrize("because", list(Because))
def test_every_reason_can_be_said(because: Because) -> None:
    assert _REASONS[because]
