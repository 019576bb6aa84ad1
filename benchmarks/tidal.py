"""``python -m benchmarks.tidal PLAYLISTS TRACKS ENTRIES``: the stand-in TIDAL, till it is ended."""

from __future__ import annotations

import sys
import threading
from contextlib import suppress

from strandline.demo.large import large_account
from strandline.demo.server import StandIn


def main() -> None:
    """Serve a large account; the URL is the one line on stdout."""
    playlists, tracks, entries = map(int, sys.argv[1:4])
    account = large_account(playlists=playlists, tracks=tracks, entries=entries)
    with StandIn(account) as server:
        login = server.logins.issue()
        print(server.url, login.access_token, login.refresh_token, flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


main()
