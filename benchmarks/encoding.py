"""``python -m benchmarks.encoding WAY FOLDER``: every FLAC of a folder to MP3, two at a time.

``lameenc`` or ``pyav``: the encoder that strandline then uses.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.linking import timed
from strandline.library.audio.encode import encode_mp3

WORKERS = 2


def main() -> None:
    """As the executor's two encoders do."""
    lame, folder = sys.argv[1] == "lameenc", Path(sys.argv[2])

    def encode(source: Path) -> None:
        encode_mp3(source, source.with_suffix(f".{sys.argv[1]}.mp3"), lame=lame)

    with timed(), ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(encode, folder.glob("*.flac")))


if __name__ == "__main__":
    main()
