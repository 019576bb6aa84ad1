"""Encoding MP3 beside ffmpeg's command line, both with two files at a time."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import Run, command, measured, side_by_side
from benchmarks.peers import require
from benchmarks.report import Result, Row, at_least, at_most

FILES, SECONDS, ROUNDS = 4, 30, 3
LAMEENC, PYAV, FFMPEG = "strandline with lameenc", "strandline with PyAV alone", "ffmpeg"
NOTE = (
    "CPU is the measure, for a busy machine changes it least; a share of 200 % is both cores. The "
    "README installs strandline with lameenc (the `fast` extra). PyAV's wheel, the fallback "
    "where lameenc has no wheel, holds a LAME that was compiled without optimisation."
)


def mp3(work: Path) -> Result:
    """Four FLACs of half a minute to 320 kbit/s."""
    from benchmarks.music import noise

    require("ffmpeg")
    folder = work / "mp3"
    folder.mkdir(exist_ok=True)
    sound = noise(SECONDS)
    for number in range(FILES):
        (folder / f"{number}.flac").write_bytes(sound)
    convert = "ffmpeg -loglevel error -nostdin -y -i {} -c:a libmp3lame -b:a 320k {}.mp3"
    every = f"find '{folder}' -name '*.flac' -print0 | xargs -0 -P 2 -I {{}} {convert}"
    runs: dict[str, Run] = {
        LAMEENC: measured("encoding", "lameenc", folder),
        PYAV: measured("encoding", "pyav", folder),
        FFMPEG: command("sh", "-c", every),
    }
    took = side_by_side(runs, ROUNDS)
    ours, theirs = took[LAMEENC], took[FFMPEG]
    verdicts = (
        at_most("MP3: <= 1.1 × the CPU of ffmpeg", ours.cpu / theirs.cpu, 1.1),
        at_least("MP3: both cores busy (>= 180 %)", 100 * ours.cpu / ours.wall, 180, " %"),
    )
    rows = tuple(Row(f"{name}, {FILES} × {SECONDS} s", of) for name, of in took.items())
    return Result("mp3", "MP3, 320 kbit/s, two files at a time", rows, verdicts, NOTE)
