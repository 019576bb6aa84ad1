"""reapply --layout: all audio into mp3/Tracks, or back into the folders of playlists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.app.layout import layout_of, settle_layout
from strandline.app.observe import scanning
from strandline.core.layout import Layout
from strandline.core.ledger_facts import with_facts
from strandline.core.reapply import Proposal
from strandline.core.relayout import relayout
from strandline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from strandline.app.reapply import View
    from strandline.app.session import Session
    from strandline.core.reapply import Part


def require_alone(parts: Collection[Part], only: Collection[str]) -> None:
    """A library has one layout, and what else follows the settings does so at its new place."""
    if only:
        raise UsageError(
            "The layout is that of the whole library: leave --playlist out.", code="whole_library"
        )
    if len(parts) > 1:
        raise UsageError(
            "--layout is done by itself, for everything else happens at the new places.",
            hint="Run `strandline reapply --layout` first, then the rest.",
            code="layout_alone",
        )


def propose_layout(view: View) -> Proposal:
    """Every file that is not where the settings want it, with the links that follow."""
    session, goal, observed = view.session, _goal(view.session), view.observed
    ledger, scan = with_facts(observed.ledger, observed.plan.facts), observed.scan
    if not layout_of(session).has_pool:  # what others have in there is not seen by a sync
        scan = scanning(session, session.progress, pool=True).scan(ledger, observed.snapshot)
    begun = layout_of(session).is_changing
    states = observed.snapshot, ledger, scan, observed.policy
    return Proposal(relayout(*states, pool=goal.is_pool, begun=begun))


def begin_layout(session: Session) -> None:
    """From here on every run goes toward the layout in the settings, until it is reached."""
    layout, goal = layout_of(session), _goal(session)
    if layout is not goal:
        session.store.library.save_layout(layout.toward(goal))


def settle_at_once(session: Session) -> None:
    """Nothing has to move: the library has the layout in the settings from now on."""
    begin_layout(session)
    settle_layout(session)


def _goal(session: Session) -> Layout:
    return Layout(session.config.layout_audio)
