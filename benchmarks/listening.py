"""``python -m benchmarks.listening FOLDER``: the sound print of every file in it."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.linking import timed
from strandline.library.audio.sound_print import sound_print


def main() -> None:
    """One after the other, as a thread of ``import --listen`` does."""
    import numpy as np

    np.fft.rfft(np.zeros(8))  # loaded before the clock starts
    with timed():
        for file in sorted(Path(sys.argv[1]).iterdir()):
            sound_print(file)


if __name__ == "__main__":
    main()
