"""``python -m benchmarks.fetching WAY FOLDER URL ACCESS``: get every track of an account, durably.

``ours`` carries out the plan of a new library: checked, tagged, hashed, in the journal. ``bare``
does the least that keeps a file: four threads, requests, a temp file, sha256, fsync, rename.
``checked`` is bare, and checks each file before the rename, two at a time, as ours does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.home import Home
from benchmarks.linking import timed

if TYPE_CHECKING:
    import requests

WORKERS, ENCODERS = 4, 2
CHUNK = 1 << 18


def ours(home: Home, url: str) -> None:
    """The account was looked at before; only the executor is timed."""
    from strandline.app.library_folder import library_state
    from strandline.app.library_marker import learn_disk, mark
    from strandline.app.observe import observe
    from strandline.app.running import executor_for
    from strandline.app.session import open_session
    from strandline.app.source import audio_source
    from strandline.config import load_config
    from strandline.execute.ports import StopFlag
    from strandline.library.audio import probe  # noqa: F401
    from strandline.library.files import LibraryFiles
    from strandline.library.tags import write  # noqa: F401  # imported late otherwise

    home.playlists.mkdir(parents=True)
    config = load_config(home.environment(url))
    with open_session(config, locked=True) as session, LibraryFiles(home.library) as files:
        mark(session, files, library_state(home.library, session.store))
        learn_disk(session, files, anew=True)
        plan = observe(session, None).plan
        source = audio_source(session, session.client())
        executor = executor_for(session, files, StopFlag(), source)
        with timed():
            result = executor.run(plan, "benchmark")
    assert not result.exit, result


def bare(folder: Path, url: str, access: str, check: Callable[[Path], object]) -> None:
    """The same requests."""
    import requests

    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {access}"
    tracks = _tracks(session, url)
    folder.mkdir()

    def fetch(track: int) -> None:
        asked = "playbackmode=STREAM&assetpresentation=FULL&audioquality=LOSSLESS"
        info = session.get(f"{url}/v1/tracks/{track}/playbackinfopostpaywall?{asked}").json()
        place = json.loads(base64.b64decode(info["manifest"]))["urls"][0]
        digest = hashlib.sha256()
        temp = folder / f"part-{track}"
        with session.get(place, stream=True) as answer, temp.open("wb") as file:
            for chunk in answer.iter_content(CHUNK):
                file.write(chunk)
                digest.update(chunk)
            file.flush()
            os.fsync(file.fileno())
        check(temp)
        os.rename(temp, folder / f"{track}.flac")
        fd = os.open(folder, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)

    with timed(), ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(fetch, tracks))


def _tracks(session: requests.Session, url: str) -> list[int]:
    """The ids of the one playlist's tracks."""
    me = session.get(f"{url}/v1/sessions").json()["userId"]
    lists = f"{url}/v1/users/{me}/playlistsAndFavoritePlaylists?limit=50"
    uuid = session.get(lists).json()["items"][0]["playlist"]["uuid"]
    page = f"{url}/v1/playlists/{uuid}/items?limit=100&offset="
    tracks: list[int] = []
    while found := session.get(f"{page}{len(tracks)}").json()["items"]:
        tracks += [item["item"]["id"] for item in found]
    return tracks


def checked() -> Callable[[Path], object]:
    """The check that strandline makes, by two threads at a time."""
    from strandline.library.audio.check import check_audio

    turn = threading.Semaphore(ENCODERS)

    def check(path: Path) -> None:
        with turn:
            check_audio(path, expected_duration=None)

    return check


def main() -> None:
    """See above."""
    way, folder, url, access = sys.argv[1:]
    if way == "ours":
        ours(Home(Path(folder)), url)
    else:
        bare(Path(folder) / way, url, access, checked() if way == "checked" else lambda _: None)


if __name__ == "__main__":
    main()
