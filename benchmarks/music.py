"""``python -m benchmarks.music TRACKS MIB``: the stand-in TIDAL with FLAC of a given size.

Every track has the same sound, soft noise that hardly compresses, and no album has a cover; so
what is measured is bytes. The URL and a login are the one line on stdout.
"""

from __future__ import annotations

import io
import sys
import threading
from contextlib import suppress
from random import Random

import av

from strandline.demo import music
from strandline.demo.account import Account
from strandline.demo.model import RATE
from strandline.demo.server import StandIn

BYTES_A_SECOND = 93_000
"""Of a FLAC of such noise, about."""


def noise(seconds: int) -> bytes:
    """A FLAC file, 16 bit stereo; as hard to decode as loud music."""
    second = bytes(
        byte for sample in Random(1).randbytes(RATE * 2) for byte in (sample, 0xFF * (sample >> 7))
    )
    pcm = second[: RATE * 4] * seconds
    out = io.BytesIO()
    with av.open(out, "w", "flac") as file:
        stream = file.add_stream("flac", rate=RATE, layout="stereo")
        stream.codec_context.format = av.AudioFormat("s16")
        stream.codec_context.open()
        size = stream.codec_context.frame_size
        for at in range(0, seconds * RATE, size):
            count = min(size, seconds * RATE - at)
            frame = av.AudioFrame("s16", "stereo", count)
            frame.sample_rate, frame.pts = RATE, at
            frame.planes[0].update(
                pcm[at * 4 : (at + count) * 4].ljust(frame.planes[0].buffer_size, b"\0")
            )
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


def main() -> None:
    """Serve until ended."""
    tracks, of_bytes = int(sys.argv[1]), int(float(sys.argv[2]) * (1 << 20))
    seconds = max(1, of_bytes // BYTES_A_SECOND)
    sound = noise(seconds)
    music.flac = lambda _track, _seconds: sound
    account = Account()
    crate = account.album("Crate", (), cover=False)
    made = [account.track(f"Track {n:03d}", duration=seconds, album=crate) for n in range(tracks)]
    account.playlist("All", made)
    with StandIn(account) as server:
        login = server.logins.issue()
        print(server.url, login.access_token, login.refresh_token, flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
