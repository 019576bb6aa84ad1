"""``python -m benchmarks.taking WAY URL ACCESS REFRESH [DATABASE]``: read an account once.

``ours`` stores it in a database that is made for it (or in an existing one, where nothing has
changed); ``bare`` asks for the same pages over as many connections with requests, decodes them
with ``.json()`` and keeps nothing.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CONNECTIONS = 8


def bare(url: str, access: str) -> int:
    """Both lists of playlists, 50 a page, then the items of each, 100 a page; the requests."""
    import requests

    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=CONNECTIONS))
    session.headers["Authorization"] = f"Bearer {access}"

    def page(path: str, **params: str | int) -> dict:
        return session.get(f"{url}/{path}", params={"countryCode": "DE", **params}).json()

    def pages(path: str, limit: int) -> list[dict]:
        first = page(path, limit=limit, offset=0)
        rest = range(limit, first["totalNumberOfItems"], limit)
        return [first, *(page(path, limit=limit, offset=offset) for offset in rest)]

    def folders() -> int:
        path, asked, cursor = "v2/my-collection/playlists/folders", 0, ""
        while cursor is not None:
            found = page(path, folderId="root", limit=50, **{"cursor": cursor} if cursor else {})
            asked, cursor = asked + 1, found["cursor"]
        return asked

    me = page("v1/sessions")["userId"]
    lists = pages(f"v1/users/{me}/playlistsAndFavoritePlaylists", 50)
    asked = 1 + len(lists) + folders()
    uuids = [item["playlist"]["uuid"] for one in lists for item in one["items"]]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        paths = (f"v1/playlists/{uuid}/items" for uuid in uuids)
        return asked + sum(pool.map(lambda path: len(pages(path, 100)), paths))


def ours(url: str, access: str, refresh: str, database: Path, state: Path) -> int:
    """The snapshot service with its store; the number of requests."""
    from strandline.db.sqlite.bulk import no_collection
    from strandline.db.store import Store
    from strandline.tidal.client import TidalClient
    from strandline.tidal.http import HttpSession
    from strandline.tidal.login_store import TokenStore
    from strandline.tidal.snapshot import TidalSnapshotService
    from strandline.tidal.token import Token

    tokens = TokenStore(state)
    tokens.save(Token(access, refresh, "Bearer"))
    client = TidalClient(tokens, HttpSession(origin=url, connections=CONNECTIONS))
    with Store.open(database, state / "library") as store:
        service = TidalSnapshotService(client, store.snapshots, workers=CONNECTIONS)
        with no_collection():  # as the commands do
            report = service.take()
    assert report.complete, report
    client.close()
    return report.requests


def timed(work: Callable[[], int]) -> None:
    """Print what it took, and the number of requests on stderr."""
    wall, cpu = time.perf_counter(), time.process_time()
    requests = work()
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    took["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(requests)
    print(json.dumps(took))


def main() -> None:
    """See above."""
    way, url, access, refresh, *database = sys.argv[1:]
    if way == "bare":
        timed(lambda: bare(url, access))
        return
    from strandline.db.schema.upgrade import create_fresh

    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        path = Path(database[0]) if database else state / "fresh.db"
        if not path.exists():
            create_fresh(path)
        timed(lambda: ours(url, access, refresh, path, state))


if __name__ == "__main__":
    main()
