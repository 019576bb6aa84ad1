"""``python -m benchmarks.linking WAY FOLDER``: make every link of a home that has lost all of them.

``ours`` carries out a plan with journal and fsync; ``bare`` makes as many links in new folders.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.home import Home


def ours(home: Home) -> None:
    """Look, then carry out the plan; only that is timed."""
    from strandline.app.observe import observe
    from strandline.app.running import executor_for, hold_library
    from strandline.app.session import open_session
    from strandline.config import load_config
    from strandline.core.actions import Link
    from strandline.execute.ports import StopFlag
    from strandline.library.files import LibraryFiles

    config = load_config(home.environment())
    with open_session(config, locked=True) as session:
        hold_library(session)
        plan = observe(session, None).plan
        assert all(isinstance(action, Link) for action in plan.actions)
        with LibraryFiles(config.library) as files, timed():
            result = executor_for(session, files, StopFlag()).run(plan, "benchmark")
    assert not result.failed, result.failed[:3]


def bare(home: Home) -> None:
    """The links that are there by now, once more in the second copy of the folders."""
    found: dict[str, list[tuple[str, str]]] = {}
    for folder in os.scandir(home.playlists):
        links = [entry for entry in os.scandir(folder) if entry.is_symlink()]
        found[folder.name] = [(entry.name, os.readlink(entry)) for entry in links]
    with timed():
        for folder, links in found.items():
            fd = os.open(home.mirror / folder, os.O_RDONLY)
            for name, target in links:
                os.symlink(target, name, dir_fd=fd)
            os.fsync(fd)
            os.close(fd)


@contextmanager
def timed() -> Iterator[None]:
    """Print what the block took."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    took["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(took))


if __name__ == "__main__":
    {"ours": ours, "bare": bare}[sys.argv[1]](Home(Path(sys.argv[2])))
