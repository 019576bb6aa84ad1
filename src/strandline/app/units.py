"""The sync as a systemd timer, a launchd agent or a line of a crontab: their texts, and no more."""

from __future__ import annotations

import plistlib
import re
import shlex
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SERVICE, TIMER = "strandline.service", "strandline.timer"
LABEL = "strandline.sync"
"""Of the launchd agent."""
ARGUMENTS = ("sync-execute", "--yes", "--quiet")
NIGHTLY, HOURLY = "nightly", "hourly"
_NIGHT = 4
"""The hour in which a nightly sync begins."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When to sync: each hour, or at a time of the day; ``spread`` in minutes after that."""

    hour: int | None
    """None for every hour."""
    minute: int
    spread: int

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """``nightly``, ``hourly`` or ``HH:MM``, which is kept to the minute. ValueError."""
        if text == NIGHTLY:
            return cls(_NIGHT, 0, spread=60)
        if text == HOURLY:
            return cls(None, 0, spread=15)
        match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
        if not match:
            raise ValueError(f"{text!r} is neither nightly, hourly nor a time such as 04:30")
        return cls(int(match[1]), int(match[2]), spread=0)

    def moved(self, seed: str) -> Schedule:
        """A fixed time within the spread, the same for the same ``seed``: where none is random."""
        later = zlib.crc32(seed.encode()) % self.spread if self.spread else 0
        return Schedule(self.hour, self.minute + later, spread=0)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be run: the words of the program itself, its settings, and when."""

    program: tuple[str, ...]
    """Full paths."""
    environment: Mapping[str, str]
    schedule: Schedule

    @property
    def words(self) -> tuple[str, ...]:
        """The whole command."""
        return (*self.program, *ARGUMENTS)


# ---------------------------------------------------------------- systemd


def service_unit(task: Task) -> str:
    """``strandline.service``."""
    settings = [
        f"Environment={_quoted(f'{name}={value}')}"
        for name, value in sorted(task.environment.items())
    ]
    words = task.words
    if re.search(r"[\"'\\]", words[0]):  # systemd takes none of these in a program's own name
        words = ("/usr/bin/env", *words)
    first, *rest = words
    command = " ".join([_quoted(first), *(_quoted(word).replace("$", "$$") for word in rest)])
    return "\n".join(
        [
            "[Unit]",
            "Description=Sync the music library with TIDAL (strandline)",
            "",
            "[Service]",
            "Type=oneshot",
            *settings,
            f"ExecStart={command}",
            "# The current track is finished before it stops.",
            "TimeoutStopSec=5min",
            "Nice=10",
            "",
        ]
    )


def timer_unit(task: Task) -> str:
    """``strandline.timer``."""
    when = task.schedule
    hour = "*" if when.hour is None else f"{when.hour:02}"
    spread = [f"RandomizedDelaySec={when.spread}min"] if when.spread else []
    return "\n".join(
        [
            "[Unit]",
            "Description=When to sync the music library with TIDAL (strandline)",
            "",
            "[Timer]",
            f"OnCalendar=*-*-* {hour}:{when.minute:02}:00",
            *spread,
            "# A night that the computer slept through is made up for.",
            "Persistent=true",
            "",
            "[Install]",
            "WantedBy=timers.target",
            "",
        ]
    )


def _quoted(word: str) -> str:
    """A word in a unit: in quotes, with nothing in it that systemd would replace."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    escaped = escaped.replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"' if re.search(r"[^\w@%+=:,./-]", escaped) or not escaped else escaped


# ---------------------------------------------------------------- launchd


def agent(task: Task, log: str) -> bytes:
    """The property list of the agent; ``log`` is the file that gets what it prints."""
    when = task.schedule.moved(repr(task.words))
    at = {"Minute": when.minute} | ({} if when.hour is None else {"Hour": when.hour})
    document: dict[str, Any] = {
        "Label": LABEL,
        "ProgramArguments": list(task.words),
        "EnvironmentVariables": dict(task.environment),
        "StartCalendarInterval": at,
        "ProcessType": "Background",
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
    return plistlib.dumps(document)


# ---------------------------------------------------------------- cron


def cron_line(task: Task) -> str:
    """A line for ``crontab -e``; a percent sign would end the command there."""
    when = task.schedule.moved(repr(task.words))
    settings = [f"{name}={shlex.quote(value)}" for name, value in sorted(task.environment.items())]
    command = " ".join([*settings, *map(shlex.quote, task.words)]).replace("%", r"\%")
    return f"{when.minute} {'*' if when.hour is None else when.hour} * * *  {command}"
