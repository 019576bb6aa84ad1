"""service: the sync runs by itself, by systemd or launchd; elsewhere there is a line for cron."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from strandline.app import last_run, units
from strandline.app.units import LABEL, SERVICE, TIMER, Schedule, Task
from strandline.errors import UsageError

if TYPE_CHECKING:
    from strandline.config import Config

SYSTEMD, LAUNCHD, CRON = "systemd", "launchd", "cron"
_PATIENCE = 30.0
"""Seconds for a system's own command to answer."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What was written, and what is left for the person to do."""

    manager: str
    files: tuple[Path, ...] = ()
    changed: bool = False
    """Whether any of the files is another one than before."""
    enabled: bool = False
    verified: bool | None = None
    """By systemd-analyze; None where that is not there."""
    problem: str = ""
    """Why it does not run by itself now."""
    hints: tuple[str, ...] = ()
    cron: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """How the installed sync stands."""

    manager: str
    installed: bool
    enabled: bool
    next_run: str | None
    """ISO 8601 in UTC, where the manager tells."""
    linger: bool | None
    """Whether it also runs while the person is not logged in (systemd)."""
    files: tuple[Path, ...] = ()
    last_run: last_run.LastRun = field(default_factory=last_run.LastRun)


def manager_here(wanted: str | None = None) -> str:
    """Who runs things at a time on this computer, unless the person says who."""
    if wanted:
        return wanted
    if sys.platform == "darwin":
        return LAUNCHD
    return SYSTEMD if shutil.which("systemctl") else CRON


def task_of(
    config: Config, schedule: Schedule, environ: Mapping[str, str], *, config_flag: bool
) -> Task:
    """The sync with the settings of this very call, whoever set them, by full paths.

    A timer knows nothing of what the shell says of folders.
    """
    environment: dict[str, str] = {}
    if config.tidal_url:
        environment["STRANDLINE_TIDAL_URL"] = config.tidal_url
    if environ.get("STRANDLINE_STATE_DIR") or environ.get("XDG_DATA_HOME"):
        environment["STRANDLINE_STATE_DIR"] = str(config.state_dir)
    if config_flag or environ.get("STRANDLINE_CONFIG") or environ.get("XDG_CONFIG_HOME"):
        environment["STRANDLINE_CONFIG"] = str(config.path)
    if config.sources.get("library") in ("flag", "environment"):
        environment["STRANDLINE_LIBRARY"] = str(config.library)
    if config.sources.get("database_url") in ("flag", "environment"):
        environment["STRANDLINE_DATABASE_URL"] = config.database_url
    return Task(program(), environment, schedule)


def program() -> tuple[str, ...]:
    """This very strandline: the script beside its Python, which pipx and venvs keep, or a module.

    Links are not followed: what an upgrade replaces is found again under the same path.
    """
    script = Path(sys.executable).with_name("strandline")
    if script.is_file() and os.access(script, os.X_OK):
        return (str(script),)
    return (sys.executable, "-m", "strandline")


# ---------------------------------------------------------------- install


def install(config: Config, task: Task, manager: str) -> Installed:
    """Write, check and enable it; the same again changes nothing. UsageError, when that fails."""
    cron = units.cron_line(task)
    if manager == CRON:
        return Installed(CRON, cron=cron, hints=("Add this line with `crontab -e`.",))
    if manager == LAUNCHD:
        return _install_agent(config, task, cron)
    return _install_units(task, cron)


def _install_units(task: Task, cron: str) -> Installed:
    folder = _units_folder()
    texts = {SERVICE: units.service_unit(task), TIMER: units.timer_unit(task)}
    verified = _verify(texts)
    changed = [_write(folder / name, text.encode()) for name, text in texts.items()]
    problem = _run("systemctl", "--user", "daemon-reload") or _run(
        "systemctl", "--user", "enable", "--now", TIMER
    )
    hints = []
    if problem:
        hints.append(
            "Log in as this user (not by su), then run `strandline service install` again."
            " Or add this line with `crontab -e`:"
        )
    elif any(changed):
        problem = _run("systemctl", "--user", "restart", TIMER)
    if _linger() is not True:
        hints.insert(
            0,
            "It runs only while you are logged in. To have it run always:"
            f" `sudo loginctl enable-linger {_user()}`.",
        )
    files = tuple(folder / name for name in texts)
    on = not problem
    line = cron if problem else ""
    return Installed(SYSTEMD, files, any(changed), on, verified, problem, tuple(hints), line)


def _verify(texts: Mapping[str, str]) -> bool | None:
    """Whether systemd itself understands the units, before any of them is put in place.

    UsageError where it does not; None without systemd-analyze.
    """
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return None
    with tempfile.TemporaryDirectory(prefix="strandline-") as folder:
        paths = [Path(folder, name) for name in texts]
        for path, text in zip(paths, texts.values(), strict=True):
            path.write_text(text, encoding="utf-8")
        words = [analyze, "--user", "--man=no", "verify", *map(str, paths)]
        try:
            done = _started(words, XDG_RUNTIME_DIR=os.environ.get("XDG_RUNTIME_DIR", folder))
        except (OSError, subprocess.TimeoutExpired):
            return None
    said = [line for line in done.stderr.splitlines() if "strandline" in line]
    if done.returncode and said:
        raise UsageError(
            f"systemd does not accept the units: {'; '.join(said)}",
            hint="Nothing was installed. Please report this with the output.",
            code="service",
        )
    return done.returncode == 0 or None


def _install_agent(config: Config, task: Task, cron: str) -> Installed:
    path = _agent_path()
    log = config.state_dir / "logs" / "service.log"
    with suppress(OSError):
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    changed = _write(path, units.agent(task, str(log)))
    loaded = not _run("launchctl", "print", _agent())
    problem = ""
    if changed or not loaded:
        if loaded:
            _run("launchctl", "bootout", _agent())
        problem = _run("launchctl", "bootstrap", _domain(), str(path))
    hints = ("Run it again in a terminal of your own session.",) if problem else ()
    line = cron if problem else ""
    return Installed(LAUNCHD, (path,), changed, not problem, None, problem, hints, line)


def _write(path: Path, data: bytes) -> bool:
    """Whether the file is another one now. UsageError."""
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        temp = path.with_name(f".{path.name}.{os.getpid()}")
        handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temp.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", code="service") from error
    return True


# ---------------------------------------------------------------- status and remove


def status(config: Config, manager: str) -> Status:
    """What is installed, whether it is enabled, when it runs next, and how it last ended."""
    last = last_run.load(config.state_dir)
    if manager == CRON:
        nothing = Status(CRON, installed=False, enabled=False, next_run=None, linger=None)
        return replace(nothing, last_run=last)
    if manager == LAUNCHD:
        path = _agent_path()
        loaded = path.is_file() and not _run("launchctl", "print", _agent())
        agents = (path,) if path.is_file() else ()
        return Status(LAUNCHD, path.is_file(), loaded, None, None, agents, last)
    files = tuple(path for path in _unit_paths() if path.is_file())
    whole = len(files) == len(_unit_paths())
    enabled = whole and not _run("systemctl", "--user", "is-active", TIMER)
    next_run = _next_run() if enabled else None
    return Status(SYSTEMD, whole, enabled, next_run, _linger(), files, last)


def _next_run() -> str | None:
    """From systemd's own words: ``Sun 2026-11-29 04:51:12 CET``, in local time."""
    try:
        shown = _started(
            ["systemctl", "--user", "show", "--property=NextElapseUSecRealtime", "--value", TIMER]
        )
        _, day, time, *_ = shown.stdout.split()
        at = datetime.fromisoformat(f"{day}T{time}").astimezone(UTC)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def remove(manager: str) -> tuple[Path, ...]:
    """Disable it and remove its files; none where nothing was installed. UsageError."""
    if manager == CRON:
        return ()
    paths = (_agent_path(),) if manager == LAUNCHD else _unit_paths()
    there = tuple(path for path in paths if path.is_file())
    if not there:
        return ()
    if manager == LAUNCHD:
        _run("launchctl", "bootout", _agent())
    else:
        _run("systemctl", "--user", "disable", "--now", TIMER)
    for path in there:
        try:
            path.unlink()
        except OSError as error:
            raise UsageError(
                f"{path} cannot be removed: {error.strerror}.", code="service"
            ) from error
    if manager == SYSTEMD:
        _run("systemctl", "--user", "daemon-reload")
    return there


# ---------------------------------------------------------------- the system's own commands


def _units_folder() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(base, "systemd", "user")


def _unit_paths() -> tuple[Path, ...]:
    return tuple(_units_folder() / name for name in (SERVICE, TIMER))


def _agent_path() -> Path:
    return Path(os.path.expanduser("~/Library/LaunchAgents"), f"{LABEL}.plist")


def _domain() -> str:
    return f"gui/{os.getuid()}"


def _agent() -> str:
    return f"{_domain()}/{LABEL}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _linger() -> bool | None:
    """None where nobody tells."""
    try:
        done = _started(["loginctl", "show-user", _user(), "--property=Linger", "--value"])
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() == "yes" if done.returncode == 0 else None


def _run(*words: str) -> str:
    """What went wrong, in a line; empty when it is done."""
    try:
        done = _started(words)
    except FileNotFoundError:
        return f"there is no {words[0]} here"
    except OSError as error:
        return f"{words[0]} cannot be started: {error.strerror}"
    except subprocess.TimeoutExpired:
        return f"{words[0]} did not answer"
    if done.returncode == 0:
        return ""
    said = (done.stderr or done.stdout).strip().splitlines()
    return said[-1] if said else f"{' '.join(words)} ended with {done.returncode}"


def _started(words: Sequence[str], **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C", **more}
    return subprocess.run(  # noqa: S603 - the system's own, without a shell
        words, check=False, capture_output=True, text=True, timeout=_PATIENCE, env=environment,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
