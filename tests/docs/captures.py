"""What strandline shows on a terminal of 80 columns: the captures of docs/terminal.md.

``./dev captures`` writes the page anew, with real commands against the stand-in TIDAL. What differs
from one run to the next (moments, ids of runs, free space) is put to the same each time.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.docs.screen import run_in_terminal, screen_after

from strandline.demo.account import Account
from strandline.demo.catalog import sample_account
from strandline.demo.large import large_account
from strandline.demo.server import StandIn
from strandline.tidal.login_store import TokenStore
from strandline.tidal.token import Token

PAGE = Path(__file__).parents[2] / "docs" / "terminal.md"

_HEAD = """# On a terminal

What the commands show in 80 columns, of a made-up account. `./dev captures` writes this page, and a
test compares it with what the commands print now. Colours are left out.
"""
_SAME: tuple[tuple[str, str], ...] = (
    (r"\d{8}-\d{6}-\d{6}-[0-9a-f]{8}", "20261122-213000-052114-0ab12cd3"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ", "2026-11-22T21:30:00Z"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", r"2026-11-22 21:30"),
    (r"\(\d+\.\d [kMGT]B free\)", "(84.2 GB free)"),
    (r"\((?:\d+m )?\d+s\)", "(3s)"),
    (r"/tmp/[^ ]*?/library", "/home/ana/Music/strandline"),
)  # fmt: skip


class Typist:
    """Somebody at a terminal; what is typed and shown is kept for the page."""

    def __init__(self, folder: Path, tidal: StandIn) -> None:
        self.account = tidal.account
        (folder / "config.toml").write_text('[audio]\nformat = "flac"\n')
        login = tidal.logins.issue()
        token = Token(login.access_token, login.refresh_token, "Bearer")
        TokenStore(folder / "state").save(token)
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("STRANDLINE_")},
            "HOME": str(folder),
            "PAGER": "cat",
            "NO_COLOR": "1",
            "TERM": "xterm",
            "TZ": "UTC",
            "STRANDLINE_CONFIG": str(folder / "config.toml"),
            "STRANDLINE_LIBRARY": str(folder / "library"),
            "STRANDLINE_STATE_DIR": str(folder / "state"),
            "STRANDLINE_TIDAL_URL": tidal.url,
        }

    def ticks(self, *words: str, keys: Sequence[tuple[str, str]]) -> str:
        """The list to tick after some keys, as a block of the page."""
        command = [sys.executable, "-m", "strandline", *words]
        screen = screen_after(command, self._environment, keys)
        return f"```console\n$ strandline {shlex.join(words)}\n{screen}\n```\n"

    def sees_a_bar(self) -> str:
        """A bar in the middle of a run, as a block of the page."""
        _, screen = run_in_terminal([sys.executable, "-m", "tests.docs.bars"], self._environment)
        return f"```console\n{screen}\n```\n"

    def types(self, *words: str, answer: str = "", code: int = 0) -> str:
        """The command and what the screen shows after it, as a block of the page."""
        command = [sys.executable, "-m", "strandline", *words]
        ended, screen = run_in_terminal(command, self._environment, answer=answer)
        if ended != code:
            raise AssertionError(f"{shlex.join(words)} ended with {ended}:\n{screen}")
        for pattern, same in _SAME:
            screen = re.sub(pattern, same, screen)
        typed = f"$ strandline {shlex.join(words)}"
        return f"```console\n{typed}\n{screen}\n```\n"


@contextmanager
def _at_work(account: Account) -> Iterator[Typist]:
    account.seconds = 1
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, StandIn(account) as tidal:
        yield Typist(Path(folder), tidal)


def page() -> str:
    """All of docs/terminal.md."""
    return "\n".join([_HEAD, *_first_days(), *_many_playlists()])


def _first_days() -> Iterator[str]:
    with _at_work(sample_account()) as typist:
        typist.types("sync-execute", "--yes")
        lists = {playlist.title: playlist for playlist in typist.account.playlists.values()}
        typist.account.rename(lists["Friday 🌒 Warm-up"], "Friday Warm-up")
        typist.account.remove(lists["Deep House"], 0)
        typist.account.delete(lists["House / Techno"])
        yield "## A short plan\n"
        yield typist.types("sync-check")
        yield "## A run\n"
        yield typist.types("sync-execute", "--yes")
        yield "## How things stand\n"
        yield typist.types("sync-status")
        yield "## What was done\n"
        yield typist.types("history", "last")


def _many_playlists() -> Iterator[str]:
    account = large_account(playlists=14, tracks=60, entries=90)
    with _at_work(account) as typist:
        yield "## Which playlists\n"
        yield "`init` asks for them with a list to tick; here `har` was typed.\n"
        yield typist.ticks(
            *("init", "--format", "flac", "--favorite-playlists"),
            *("--no-favorite-tracks", "--no-favorite-albums", "--library", "~/Music"),
            keys=[
                ("Log in again?", "\r"),
                ("enter: done", "har"),
                ("Filter: har", " \x1b[B "),
                ("12 of 14 ticked", ""),
            ],
        )
        yield "## A long plan\n"
        yield typist.types("sync-execute", answer="y")
        yield "## While it runs\n\nThe bar is gone once the tracks are there.\n"
        yield typist.sees_a_bar()
        _lose_many(account)
        yield "## A safety stop\n"
        yield typist.types("sync-execute", code=5)


def _lose_many(account: Account) -> None:
    playlists = list(account.playlists.values())
    account.clear(playlists[0])
    for playlist in playlists[1:6]:
        account.delete(playlist)


def words_of(text: str) -> list[str]:
    """A page without its spacing, which follows the width of what differs each time."""
    return re.sub(r"[\s─]+", " ", text).split()


def main(say: Callable[[str], object] = print) -> None:
    """Write the page."""
    PAGE.write_text(page())
    say(f"Wrote {PAGE}.")


if __name__ == "__main__":
    main()
