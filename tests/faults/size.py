"""How large a battery is: the gate's figure, or what ``soak`` asks for; and its seed."""

from __future__ import annotations

import os


def runs(battery: str, gate: int) -> int:
    """``STRANDLINE_RUNS_STATEFUL=20000`` for the battery ``stateful``."""
    return int(os.environ.get(f"STRANDLINE_RUNS_{battery.upper()}", gate))


def seed() -> int:
    """The same seed gives the same faults, names and moments."""
    return int(os.environ.get("STRANDLINE_SEED", "1"))
