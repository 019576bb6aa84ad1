"""``python -m benchmarks.phases HOME``: each phase of looking at a library, one after the other.

Prints one JSON object: the phase's name, its wall and CPU seconds, and the peak so far in MiB. The
states are made in full, as where something has happened to a large part of the library.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.home import Home

T = TypeVar("T")


class Phases:
    """What has been timed so far."""

    def __init__(self) -> None:
        self.took: dict[str, tuple[float, float, float]] = {}

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        """Do and time one phase."""
        wall, cpu = time.perf_counter(), time.process_time()
        done = work()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.took[name] = (time.perf_counter() - wall, time.process_time() - cpu, peak)
        return done


def main() -> None:
    """See above."""
    from strandline.app.observe import observe, save
    from strandline.app.scope import policy_for
    from strandline.app.session import open_session
    from strandline.config import load_config
    from strandline.core.decide import SyncDecisionEngine
    from strandline.library.scan.service import FilesystemScanService

    config = load_config(Home(Path(sys.argv[1])).environment())
    phase = Phases()
    with open_session(config, locked=True) as session:
        store = session.store
        seen = phase("look, nothing to do", lambda: observe(session, None))
        phase("save the statuses", lambda: save(session, seen))
        phase("sync-status", store.reports.status)
        snapshot = phase("load the whole snapshot", store.load_snapshot)
        ledger = phase("load the whole ledger", store.load_ledger)
        service = FilesystemScanService(config.mp3_dir, store.evidence)
        scan = phase("scan the whole library", lambda: service.scan(ledger, snapshot))
        engine = SyncDecisionEngine(policy_for(session, None))
        phase("decide on all of it", lambda: engine.decide(snapshot, ledger, scan))
    print(json.dumps(phase.took))


if __name__ == "__main__":
    main()
