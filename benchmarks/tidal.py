"""``python -m benchmarks.tidal PLAYLISTS TRACKS ENTRIES [SECONDS]``: the stand-in, till ended.

With SECONDS each request waits so long for its answer, as one does that has far to go.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress

from strandline.demo.large import large_account
from strandline.demo.server import StandIn


def main() -> None:
    """Serve a large account; the URL is the one line on stdout."""
    playlists, tracks, entries = map(int, sys.argv[1:4])
    latency = float(sys.argv[4]) if len(sys.argv) > 4 else 0.0
    account = large_account(playlists=playlists, tracks=tracks, entries=entries)
    with StandIn(account) as server:
        if latency:
            server.faults.on("**", before=lambda: time.sleep(latency), times=None)
        login = server.logins.issue()
        print(server.url, login.access_token, login.refresh_token, flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


main()
