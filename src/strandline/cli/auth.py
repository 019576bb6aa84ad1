"""auth login, status, logout."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from strandline.cli.lazy import Lazy, LazyGroup
from strandline.cli.options import Call, command
from strandline.errors import LoginError, UsageError

if TYPE_CHECKING:
    from strandline.app.login import Who
    from strandline.tidal.auth import DeviceLink

DEVICE_ADVICE = (
    "This login was made with a short code: TIDAL sends it most tracks as AAC, or not at all."
    " `strandline auth login --pkce` gives full quality."
)

auth = LazyGroup(
    name="auth",
    help="Log in to TIDAL, out, or see who is.",
    table={
        "login": Lazy("auth", "login", "Log in through a link that TIDAL shows."),
        "status": Lazy("auth", "status", "Who is logged in?"),
        "logout": Lazy("auth", "logout", "Forget the login on this machine."),
    },
)


@command(
    "login",
    example="strandline auth login --pkce\nstrandline auth login --device --no-browser",
    json=True,
)
@click.option("--pkce", is_flag=True, help="On TIDAL's web page: full quality.")
@click.option("--device", is_flag=True, help="By a short code; most tracks then come as AAC.")
@click.option("--no-browser", is_flag=True, help="Only print the link; open nothing.")
def login(call: Call, pkce: bool, device: bool, no_browser: bool) -> None:
    """Log in to TIDAL.

    TIDAL plays lossless audio to a login made on its web page (--pkce): open the link, log in, and
    paste back the address of the page that says Oops. With --device it is a link and a short code,
    for any device; TIDAL then sends most tracks as AAC, or not at all. At a terminal you are asked.
    The login is kept in the desktop's keyring, or in a file that only you can read.
    """
    if pkce and device:
        raise UsageError("--pkce and --device are two ways to log in.", hint="Give one of them.")
    asks = not (pkce or device or no_browser) and sys.stdin.isatty()
    by_page = pkce or (asks and chosen_way(call) == "pkce")
    from strandline.app.documents import login_document
    from strandline.app.init import next_command

    call.start_log()
    who = log_in(call, by_page=by_page, no_browser=no_browser)
    if call.json:
        call.output.document("auth-login", login_document(who))
    _tell(call, who)
    call.output.talk(f"Next: `{next_command(call.config)}`.")


def log_in(call: Call, *, by_page: bool, no_browser: bool) -> Who:
    """Log in on TIDAL's web page or by a short code, with the person's help. LoginError."""
    return (_by_page if by_page else _by_code)(call, not no_browser and _has_desktop())


def chosen_way(call: Call, *more: str) -> str:
    """``pkce`` or ``device`` (or one ``more``), as the person answers; told why it matters."""
    call.output.warn(
        "pkce    on TIDAL's web page: the way to lossless audio.\n"
        "device  by a short code: TIDAL then sends most tracks as AAC, or not at all."
    )
    ways = click.Choice(("pkce", "device", *more))
    return str(click.prompt("Log in by", type=ways, default="pkce", err=True))


def _by_page(call: Call, opens_browser: bool) -> Who:
    from strandline.app.login import log_in_pkce

    def show(url: str) -> None:
        call.hide_progress()
        call.output.warn(
            f"Open  {url}\nand log in. It ends on a page that says Oops: that is right."
        )
        call.output.warn("Paste the whole address of that page here; it works only once.")
        if opens_browser:
            click.launch(url)

    tries = 3 if sys.stdin.isatty() else 1
    with call.showing() as progress:
        return log_in_pkce(call.config, show, _Addresses(call).read, progress, tries=tries)


class _Addresses:
    """Lines from the terminal, asked for; or from stdin as they are."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._read = 0

    def read(self) -> str:
        """The next line that is not empty; LoginError at the end of stdin."""
        self._read += 1
        if not sys.stdin.isatty():
            return self._piped()
        if self._read > 1:
            self._call.output.warn("That is not the address of the page that says Oops.")
        return str(click.prompt("Address", err=True))

    def _piped(self) -> str:
        for line in sys.stdin:
            if line.strip():
                return line
        raise LoginError(
            "No address came on stdin.",
            hint="Run it on a terminal, or send the whole address of the page that says Oops.",
            code="login_address",
        )


def _by_code(call: Call, opens_browser: bool) -> Who:
    from strandline.app.login import log_in
    from strandline.cli.output import plural

    def show(link: DeviceLink) -> None:
        call.hide_progress()
        minutes = max(1, round(link.expires_in / 60))
        call.output.warn(f"Open  {link.url}\nand check that it shows the code  {link.user_code}")
        call.output.warn(f"The link is good for {plural(minutes, 'minute')}. Waiting …")
        if opens_browser:
            click.launch(link.url)

    with call.showing() as progress:
        return log_in(call.config, show, progress)


def _tell(call: Call, who: Who) -> None:
    call.output.line(f"Logged in as TIDAL user {who.user_id} ({who.country}).")
    if who.way == "device":
        call.output.line(DEVICE_ADVICE)


def _has_desktop() -> bool:
    """Elsewhere the link would be opened in a browser within the terminal, or not at all."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform == "darwin" or any(os.environ.get(name) for name in screens)


@command("status", example="strandline auth status", json=True)
def status(call: Call) -> None:
    """Ask TIDAL who is logged in. Exits with 6 when nobody is."""
    from strandline.app.documents import login_document
    from strandline.app.login import who_is

    call.start_log()
    with call.showing() as progress:
        who = who_is(call.config, progress)
    if call.json:
        call.output.document("auth-status", login_document(who))
    _tell(call, who)


@command("logout", example="strandline auth logout", json=True)
def logout(call: Call) -> None:
    """Forget the login on this machine. The library and the database stay as they are."""
    from strandline.app.documents import logout_document
    from strandline.app.login import log_out

    there = log_out(call.config)
    if call.json:
        call.output.document("auth-logout", logout_document(was_logged_in=there))
    call.output.line("Logged out." if there else "There was no login.")
