"""ReplayGain: how much louder or softer a player should play a track, as TIDAL measured it."""

from __future__ import annotations

from typing import NamedTuple

LOUDEST_GAIN = 60.0
"""dB, either way; no music is farther from the others than that."""
HIGHEST_PEAK = 16.0


class ReplayGain(NamedTuple):
    """Gains in dB; peaks, where 1.0 is full scale. None: TIDAL does not say, so it is no tag."""

    track_gain: float | None = None
    track_peak: float | None = None
    album_gain: float | None = None
    album_peak: float | None = None

    def tags(self) -> dict[str, str]:
        """By the names and in the form of the ReplayGain specification: ``-9.62 dB``, ``0.988312``.

        A peak without its gain is of no use to a player.
        """
        found = {}
        for of, gain, peak in (
            ("TRACK", self.track_gain, self.track_peak),
            ("ALBUM", self.album_gain, self.album_peak),
        ):
            if gain is not None:
                found[f"REPLAYGAIN_{of}_GAIN"] = f"{gain:.2f} dB"
                if peak is not None:
                    found[f"REPLAYGAIN_{of}_PEAK"] = f"{peak:.6f}"
        return found
