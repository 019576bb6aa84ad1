"""Sound prints beside Chromaprint's own fpcalc, of whole files."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import Run, command, measured, side_by_side
from benchmarks.peers import require
from benchmarks.report import Result, Row, at_most

FILES, SECONDS, LONG, ROUNDS = 4, 240, 3600, 3
OURS, FPCALC, HOUR = "strandline", "fpcalc -length 0", "strandline, an hour in one file"
NOTE = (
    "Both decode the whole file with FFmpeg. fpcalc ends with 3 at the end of an MP3. "
    "An hour takes no more memory than four minutes, but for the print itself."
)


def prints(work: Path) -> Result:
    """Four MP3s of four minutes; then one of an hour."""
    require("fpcalc")
    folder, long = work / "prints", work / "prints-long"
    for place in (folder, long):
        place.mkdir(exist_ok=True)
    for number in range(FILES):
        _made(folder / f"{number}.mp3", number, SECONDS)
    _made(long / "hour.mp3", 9, LONG)
    every = f"for file in '{folder}'/*; do fpcalc -raw -length 0 \"$file\"; done"
    runs: dict[str, Run] = {
        OURS: measured("listening", folder),
        FPCALC: command("sh", "-c", every, codes=(0, 3)),
        HOUR: measured("listening", long),
    }
    took = side_by_side(runs, ROUNDS)
    verdicts = (
        at_most("sound prints: <= 2.5 × the CPU of fpcalc", took[OURS].cpu / took[FPCALC].cpu, 2.5),
        at_most("sound prints: an hour in <= 1.25 × the memory of four minutes",
                took[HOUR].mib / took[OURS].mib, 1.25),
    )  # fmt: skip
    rows = tuple(Row(f"{name}, {FILES} × {SECONDS} s" if name != HOUR else name, of)
                 for name, of in took.items())  # fmt: skip
    return Result("prints", "Sound prints of whole files", rows, verdicts, NOTE)


def _made(file: Path, tune: int, seconds: int) -> None:
    """Half a minute of music, over and over."""
    if file.exists():
        return
    import av

    from strandline.demo import music

    source = file.with_suffix(".source.flac")
    source.write_bytes(music.flac(tune, 30))
    with av.open(str(file), "w") as made:
        stream = made.add_stream("libmp3lame", rate=44_100, layout="stereo")
        stream.bit_rate = 192_000
        resampler = av.AudioResampler("fltp", "stereo", 44_100, frame_size=1152)
        for _ in range(seconds // 30):
            with av.open(str(source)) as one:
                for frame in one.decode(audio=0):
                    frame.pts = None
                    for part in resampler.resample(frame):
                        made.mux(stream.encode(part))
        made.mux(stream.encode(None))
    source.unlink()
