"""auth login, status, logout."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from strandline.cli.lazy import Lazy, LazyGroup
from strandline.cli.options import Call, command

if TYPE_CHECKING:
    from strandline.tidal.auth import DeviceLink

auth = LazyGroup(
    name="auth",
    help="Log in to TIDAL, out, or see who is.",
    table={
        "login": Lazy("auth", "login", "Log in through a link that TIDAL shows."),
        "status": Lazy("auth", "status", "Who is logged in?"),
        "logout": Lazy("auth", "logout", "Forget the login on this machine."),
    },
)


@command("login", example="strandline auth login\nstrandline auth login --no-browser", json=True)
@click.option("--no-browser", is_flag=True, help="Only print the link; open nothing.")
def login(call: Call, no_browser: bool) -> None:
    """Log in to TIDAL.

    Prints a link and a code, and waits until you have opened the link (on any device) and agreed.
    The login is kept in the desktop's keyring, or in a file that only you can read.
    """
    from strandline.app.login import log_in

    def show(link: DeviceLink) -> None:
        call.hide_progress()
        minutes = max(1, round(link.expires_in / 60))
        call.output.warn(f"Open  {link.url}\nand check that it shows the code  {link.user_code}")
        call.output.warn(f"The link is good for {minutes} minutes. Waiting …")
        if not no_browser and _has_desktop():
            click.launch(link.url)

    call.start_log()
    with call.showing() as progress:
        who = log_in(call.config, show, progress)
    if call.json:
        call.output.document("auth-login", {"logged_in": True, **asdict(who)})
    call.output.line(f"Logged in as TIDAL user {who.user_id} ({who.country_code}).")


def _has_desktop() -> bool:
    """Elsewhere the link would be opened in a browser within the terminal, or not at all."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform == "darwin" or any(os.environ.get(name) for name in screens)


@command("status", example="strandline auth status", json=True)
def status(call: Call) -> None:
    """Ask TIDAL who is logged in. Exits with 6 when nobody is."""
    from strandline.app.login import who_is

    call.start_log()
    with call.showing() as progress:
        who = who_is(call.config, progress)
    if call.json:
        call.output.document("auth-status", {"logged_in": True, **asdict(who)})
    call.output.line(f"Logged in as TIDAL user {who.user_id} ({who.country_code}).")


@command("logout", example="strandline auth logout", json=True)
def logout(call: Call) -> None:
    """Forget the login on this machine. The library and the database stay as they are."""
    from strandline.app.login import log_out

    there = log_out(call.config)
    if call.json:
        call.output.document("auth-logout", {"logged_in": False, "was_logged_in": there})
    call.output.line("Logged out." if there else "There was no login.")
