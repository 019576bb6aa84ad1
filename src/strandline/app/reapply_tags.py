"""reapply --tags: what the tags of files lack, or have too much, by today's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.core.reapply import Proposal

if TYPE_CHECKING:
    from strandline.app.reapply import View


def propose_tags(_view: View) -> Proposal:
    """Nothing yet."""
    return Proposal()
