"""db upgrade, db status."""

from __future__ import annotations

from strandline.cli.lazy import Lazy, LazyGroup
from strandline.cli.options import Call, command
from strandline.cli.output import clean

db = LazyGroup(
    name="db",
    help="The database: its version, bring it up to date.",
    table={
        "upgrade": Lazy("database", "upgrade", "Bring the database up to date."),
        "status": Lazy("database", "status", "Show its version."),
    },
)


@command("upgrade", json=True, example="strandline db upgrade")
def upgrade(call: Call) -> None:
    """Bring the database up to date. An old one is copied first.

    Every command that works does this by itself; this one does nothing else.
    """
    from strandline.app.database import upgrade_database
    from strandline.app.documents import upgrade_document

    call.start_log()
    with call.showing() as progress:
        state, copy = upgrade_database(call.config, progress)
    if call.json:
        call.output.document("db-upgrade", upgrade_document(state, copy))
    call.output.line(f"{clean(str(state.path))} is up to date ({state.current}).")


@command("status", json=True, example="strandline db status")
def status(call: Call) -> None:
    """Show where the database is and which version it is of; change nothing."""
    from strandline.app.database import database_state
    from strandline.app.documents import database_document

    state = database_state(call.config)
    if call.json:
        call.output.document("db-status", database_document(state))
    call.output.line(f"Database: {clean(str(state.path))}")
    if not state.exists:
        call.output.line("It does not exist yet; the first command creates it.")
    elif state.up_to_date:
        call.output.line(f"It is up to date ({state.current}).")
    else:
        call.output.line(
            f"Its version is {state.current or 'unknown'}; this strandline uses {state.head}."
        )
        call.output.line("The next command upgrades it, or `strandline db upgrade` does now.")
