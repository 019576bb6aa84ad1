"""``python -m benchmarks.matching_work judge WAY PYTHON | many N | alike N | read N FOLDER``."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.core.matching_pairs import Pair, pairs

from strandline.core.ids import TrackId
from strandline.core.matching.files import FileTags, OwnFile
from strandline.core.names import full_title
from strandline.core.states import WantedTrack

NAMES = 10_000
"""Hard links to one file: no inode of ext4 has more than 65,000."""

_BEETS = """
import json, sys
from beets.autotag import TrackInfo
from beets.autotag.distance import track_distance
from beets.library import Item
for line in sys.stdin:
    mine, theirs = json.loads(line)
    found = track_distance(Item(**mine), TrackInfo(**theirs), incl_artist=True)
    print(float(getattr(found, "distance", found)))
"""


def _sides(pair: Pair) -> tuple[dict[str, object], dict[str, object]]:
    tags, track = pair.file.tags, pair.track
    mine = {
        "title": tags.title or "",
        "artist": ", ".join(tags.artists),
        "length": tags.duration or 0,
    }
    theirs = {"title": full_title(track), "artist": track.artist, "length": float(track.duration)}
    return mine, theirs


def _by_strandline(asked: list[Pair], _: str) -> Iterator[bool]:
    from strandline.core.matching.judge import OwnTrack, Verdict, judge

    for pair in asked:
        yield judge(pair.file, OwnTrack(pair.track)).verdict is Verdict.ACCEPT


def _by_ratio(asked: list[Pair], _: str) -> Iterator[bool]:
    from rapidfuzz import fuzz, utils

    for mine, theirs in map(_sides, asked):
        texts = [f"{side['artist']} {side['title']}" for side in (mine, theirs)]
        near = abs(float(str(mine["length"])) - float(str(theirs["length"]))) <= 2
        yield near and fuzz.WRatio(*texts, processor=utils.default_process) >= 90


def _by_beets(limit: float) -> Callable[[list[Pair], str], Iterator[bool]]:
    def judged(asked: list[Pair], python: str) -> Iterator[bool]:
        lines = "\n".join(json.dumps(_sides(pair)) for pair in asked)
        words = [python, "-c", _BEETS]
        done = subprocess.run(words, input=lines, capture_output=True, text=True, check=True)
        for line in done.stdout.split():
            yield float(line) <= limit

    return judged


WAYS = {
    "strandline": _by_strandline,
    "rapidfuzz": _by_ratio,
    "beets-strong": _by_beets(0.04),
    "beets-medium": _by_beets(0.25),
}


def judged(way: str, python: str) -> dict[str, int]:
    """How many pairs of each label there are, and are accepted."""
    asked = list(pairs())
    labels = Counter(pair.label for pair in asked)
    answers = WAYS[way](asked, python)
    accepted = Counter(it.label for it, yes in zip(asked, answers, strict=True) if yes)
    names = {"right": "same", "wrong": "different", "taken": "unsure"}
    return {**labels, **{name: accepted[label] for name, label in names.items()}}


def alike(number: int) -> dict[str, int]:
    """So many files against as many tracks of one artist, whose titles all begin alike."""
    from strandline.core.matching.matching import match_files

    tracks = [
        WantedTrack(TrackId(str(at)), "Nora Vale", f"Untitled {at}", None, 150 + at % 240, None)
        for at in range(number)
    ]
    files = [
        OwnFile(
            f"/m/{at}.flac",
            FileTags(
                title=track.title if at % 3 else f"{track.title} too",
                artists=(track.artist,),
                duration=track.duration + 0.3,
            ),
        )
        for at, track in enumerate(tracks)
    ]
    found = match_files(files, tracks)
    assert len(found.accepted) >= number // 2, len(found.accepted)
    return {"accepted": len(found.accepted)}


def many(number: int) -> dict[str, int]:
    """So many files against as many tracks, two thirds of which they are."""
    from strandline.core.matching.matching import match_files

    dice = random.Random(1)

    def name() -> str:
        return "".join(dice.choice("aeioubdklmnrst") for _ in range(dice.randint(4, 9))).title()

    tracks = [
        WantedTrack(
            TrackId(str(at)), name(),
            f"{name()} {name()}", None, 150 + at % 240, None,
        )
        for at in range(number)
    ]  # fmt: skip
    files = [
        OwnFile(
            f"/m/{at}.flac",
            FileTags(
                title=track.title if at % 3 else f"{track.title} too",
                artists=(track.artist,),
                duration=track.duration + 0.3,
            ),
        )
        for at, track in enumerate(tracks)
    ]
    found = match_files(files, tracks)
    assert len(found.accepted) >= number // 2, len(found.accepted)
    return {"accepted": len(found.accepted)}


def read(number: int, work: str) -> dict[str, int]:
    """The tags of so many files, as import reads them, in two processes."""
    from strandline.library.user_files import inspect_files

    folder = Path(work) / "many"
    files = [_named(folder, at) for at in range(number)]
    kept = [(it.file, it.seen, it.tags) for it in inspect_files(files) if it.tags]
    assert len(kept) == number
    return {"read": len(kept)}


def _named(folder: Path, at: int) -> str:
    from strandline.demo import music

    file, first = folder / f"{at}.m4a", folder / f"first {at // NAMES}.m4a"
    if not first.exists():
        folder.mkdir(parents=True, exist_ok=True)
        first.write_bytes(music.m4a(at // NAMES, 1, 96))
    if not file.exists():
        os.link(first, file)
    return str(file)


def main(kind: str, *words: str) -> None:
    """One line of JSON."""
    if kind == "read":
        for at in range(int(words[0])):
            _named(Path(words[1]) / "many", at)
    began, before = time.perf_counter(), _cpu()
    match kind:
        case "judge":
            found = judged(*words)
        case "alike":
            found = alike(int(words[0]))
        case "many":
            found = many(int(words[0]))
        case _:
            found = read(int(words[0]), words[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took = {"wall": time.perf_counter() - began, "cpu": _cpu() - before, "mib": peak}
    print(json.dumps({**took, "found": found}))


def _cpu() -> float:
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(it.ru_utime + it.ru_stime for it in map(resource.getrusage, whose))


if __name__ == "__main__":
    main(*sys.argv[1:])
