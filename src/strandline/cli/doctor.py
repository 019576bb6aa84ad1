"""doctor."""

from __future__ import annotations

import click

from strandline.cli.options import Call, command
from strandline.cli.output import clean
from strandline.errors import Exit

_COLOURS = {"ok": "32", "warn": "33", "fail": "31"}


@command("doctor", json=True, example="strandline doctor")
@click.option("--offline", is_flag=True, help="Do not ask TIDAL about the login.")
def doctor(call: Call, offline: bool) -> int:
    """Check login, folders, disk and database; say what to do about each problem.

    Exits with 4 when something does not work.
    """
    from strandline.app.doctor import Health, examine
    from strandline.app.documents import doctor_document

    call.start_log()
    parts = list(examine(call.config, offline=offline))
    failed = any(part.health is Health.FAIL for part in parts)
    if call.json:
        call.output.document("doctor", doctor_document(parts, ok=not failed))
    for part in parts:
        word = call.output.strong(f"{part.health.value:4}", _COLOURS[part.health.value])
        call.output.line(f"{word}  {part.name:8}  {clean(part.message)}")
        if part.hint:
            call.output.line(f"{'':16}{clean(part.hint)}")
    return Exit.SOME_FAILED if failed else Exit.DONE
