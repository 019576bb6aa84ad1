"""How large a battery is: the gate's figure, or what ``soak`` asks for; and its seed."""

from __future__ import annotations

import os

_ASKED = {name: int(value) for name, value in os.environ.items()
          if name.startswith(("STRANDLINE_RUNS_", "STRANDLINE_SEED"))}  # fmt: skip
"""As it was at the start: tests at a terminal have an environment of their own."""


def runs(battery: str, gate: int) -> int:
    """``STRANDLINE_RUNS_STATEFUL=20000`` for the battery ``stateful``."""
    return _ASKED.get(f"STRANDLINE_RUNS_{battery.upper()}", gate)


def seed() -> int:
    """The same seed gives the same faults, names and moments."""
    return _ASKED.get("STRANDLINE_SEED", 1)
