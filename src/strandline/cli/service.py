"""service install, status, remove."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import click

from strandline.cli.lazy import Lazy, LazyGroup
from strandline.cli.moments import local
from strandline.cli.options import Call, command
from strandline.cli.output import clean
from strandline.errors import Exit

service = LazyGroup(
    name="service",
    help="Sync every night by itself: install, status, remove.",
    table={
        "install": Lazy("service", "install", "Sync every night from now on."),
        "status": Lazy("service", "status", "Whether it is enabled, and how it last ended."),
        "remove": Lazy("service", "remove", "Do not sync by itself any more."),
    },
)

manager_option = click.option(
    "--manager",
    type=click.Choice(["systemd", "launchd", "cron"]),
    help="Who runs it (default: what this computer has).",
)


class When(click.ParamType[Any]):
    """``nightly``, ``hourly``, ``04:30``."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A Schedule; click tells of what is none."""
        from strandline.app.units import Schedule

        try:
            return value if isinstance(value, Schedule) else Schedule.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@command(
    "install",
    json=True,
    example="strandline service install\nstrandline service install --schedule 05:15",
)
@click.option(
    "--schedule",
    metavar="WHEN",
    type=When(),
    default="nightly",
    help="nightly (the default: at some time from 4 to 5), hourly, or a time such as 05:15.",
)
@manager_option
def install(call: Call, schedule: Any, manager: str | None) -> int:
    """Sync by itself from now on, with the settings of this call.

    Writes a timer of systemd for your user, or an agent of launchd, checks and enables it. Where
    there is neither, the line for cron is printed. The same again changes nothing.
    """
    from strandline.app.documents import installed_document
    from strandline.app.service import install as install_task
    from strandline.app.service import manager_here, task_of

    task = task_of(call.config, schedule, os.environ, config_flag=bool(call.config_flag))
    done = install_task(call.config, task, manager_here(manager))
    output = call.output
    if call.json:
        output.document("service-install", installed_document(done))
    for path in done.files:
        output.line(f"{clean(str(path))}{'' if done.changed else ' (unchanged)'}")
    if done.verified:
        output.line("Checked by systemd-analyze.")
    if done.problem:
        output.warn(f"It is not enabled: {clean(done.problem)}")
    elif done.files:
        output.line("It is enabled. `strandline service status` says when it runs next.")
    for hint in done.hints:
        output.talk(clean(hint))
    if done.cron:
        output.line(clean(done.cron))
    return int(Exit.SOME_FAILED if done.problem else Exit.DONE)


@command("status", json=True, example="strandline service status")
@manager_option
def status(call: Call, manager: str | None) -> None:
    """Show whether it is enabled, when it runs next, and how the last sync ended."""
    from strandline.app.documents import service_document
    from strandline.app.service import manager_here
    from strandline.app.service import status as status_of

    found, output = status_of(call.config, manager_here(manager)), call.output
    if call.json:
        output.document("service-status", service_document(found))
    state = "enabled" if found.enabled else "not enabled" if found.installed else "not installed"
    output.line(f"{found.manager}: {state}")
    if found.next_run:
        output.line(f"next run: {found.next_run}")
    last = found.last_run
    if last.is_known:
        ended = "well" if last.code == 0 else f"with code {last.code}: {last.message}"
        at = local(datetime.fromisoformat(last.at).replace(tzinfo=None))
        output.line(clean(f"last sync: {at}, ended {ended}"))
    else:
        output.line("last sync: none yet")
    if found.installed and found.linger is False:
        output.line("It runs only while you are logged in: `loginctl enable-linger` changes that.")


@command("remove", json=True, example="strandline service remove")
@manager_option
def remove(call: Call, manager: str | None) -> None:
    """Take back what `service install` did; a line of cron is yours to remove."""
    from strandline.app.documents import removed_document
    from strandline.app.service import manager_here
    from strandline.app.service import remove as remove_task

    gone = remove_task(manager_here(manager))
    if call.json:
        call.output.document("service-remove", removed_document(gone))
    for path in gone:
        call.output.line(f"{clean(str(path))} is removed.")
    if not gone:
        call.output.line("Nothing was installed.")
