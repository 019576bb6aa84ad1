"""The first plan of one long playlist, beside that of many short ones with as many tracks.

``python -m benchmarks.planning PLAYLISTS TRACKS`` decides once, in memory.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time

from benchmarks.measure import Took, measured, side_by_side
from benchmarks.report import Result, Row, at_most

TRACKS = 12_000
LISTS = 12
MOST = 2.0


def planning(_work: Path) -> Result:
    """12,000 tracks in one playlist, and in twelve."""
    runs = {
        f"{lists:,} x {TRACKS // lists:,} tracks": measured("planning", str(lists), str(each))
        for lists, each in ((1, TRACKS), (LISTS, TRACKS // LISTS))
    }
    took = side_by_side(runs, 5)
    long, many = (one.cpu for one in took.values())
    verdict = at_most(f"first plan of a playlist of 12,000: <= {MOST:.0f} x", long / many, MOST)
    rows = tuple(Row(what, one) for what, one in took.items())
    note = "CPU of the decision alone; nothing is on disk yet."
    return Result("first-plan", "The first plan of a long playlist", rows, (verdict,), note)


def decide(lists: int, each: int) -> Took:
    """What the decision takes."""
    from strandline.core.decide import SyncDecisionEngine
    from strandline.core.ids import PlaylistId, TrackId
    from strandline.core.policy import Policy
    from strandline.core.states import Ledger, Scan, Snapshot, WantedPlaylist, WantedTrack

    ids = [TrackId(str(number)) for number in range(lists * each)]
    tracks = {id: WantedTrack(id, f"Artist {id}", f"Title {id}", None, 200, None) for id in ids}
    playlists = {
        PlaylistId(f"{number:08d}"): WantedPlaylist(
            PlaylistId(f"{number:08d}"), f"List {number}", tuple(ids[number * each :][:each])
        )
        for number in range(lists)
    }
    engine = SyncDecisionEngine(Policy(audio_format="mp3"))
    wall, cpu = perf_counter(), process_time()
    engine.decide(Snapshot(playlists, tracks), Ledger({}, {}, {}), Scan({}, {}, {}))
    mib = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    return Took(perf_counter() - wall, process_time() - cpu, mib)


if __name__ == "__main__":
    print(json.dumps(decide(*map(int, sys.argv[1:]))._asdict()))
