"""The loudness in a playback answer. What is absent there stays absent."""

from __future__ import annotations

import math
from typing import Any

from strandline.core.loudness import HIGHEST_PEAK, LOUDEST_GAIN, ReplayGain


def replay_gain_in(answer: dict[str, Any]) -> ReplayGain | None:
    """None where no gain is told, or none that makes sense."""
    found = ReplayGain(
        _gain(answer.get("trackReplayGain")),
        _peak(answer.get("trackPeakAmplitude")),
        _gain(answer.get("albumReplayGain")),
        _peak(answer.get("albumPeakAmplitude")),
    )
    return found if found.tags() else None


def _gain(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and abs(number) <= LOUDEST_GAIN else None


def _peak(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and 0 < number <= HIGHEST_PEAK else None


def _number(value: Any) -> float | None:
    if value.__class__ is not int and value.__class__ is not float:
        return None
    return float(value) if math.isfinite(value) else None
