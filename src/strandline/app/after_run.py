"""What follows a sync once its locks are released: the command, the health check, the messages.

None of it changes how the run ended. What goes wrong is returned in words, without any address.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from strandline.app import last_run
from strandline.app.logs import hide, redacted
from strandline.core.notices import Ending, Notice, notice_of
from strandline.db.store import utc_now
from strandline.errors import Exit

if TYPE_CHECKING:
    from strandline.app.execute import ExecuteResult
    from strandline.app.session import Clock
    from strandline.config import Config
    from strandline.errors import StrandlineError

log = logging.getLogger(__name__)

COMMAND_TIMEOUT = 600.0
"""Seconds; then the command is killed with all that it started."""
PING_TIMEOUT, PING_TRIES = 10.0, 3
SHOWN = 3
"""Items named in a message."""
_NOT_A_RUN = (Exit.BUSY, Exit.INTERRUPTED)
"""Ends that say nothing about whether the next run will succeed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A sync that has ended: its document, its exit code, and what there is to say of it."""

    document: Mapping[str, Any]
    code: int
    ending: Ending
    message: str


def ended_of(result: ExecuteResult, document: Mapping[str, Any]) -> Ended:
    """Of a run that came to its end, with the items that failed."""
    run, codes = result.result, set()
    lines = []
    if run is not None:
        for item in (*run.failed, *run.missed):
            codes.add(item.code)
            lines.append(f"{item.path}: {item.error}")
        if run.stopped:
            codes.add(run.stopped.code)
            lines.insert(0, run.stopped.message)
    for item in result.conflicts:
        codes.add(item.code)
        lines.append(f"{item.path}: {item.error}")
    for left in result.checked.incomplete:
        codes.add("incomplete")
        lines.append(f"{left.name or 'The list of playlists'}: {left.reason}")
    if result.checked.not_asked:
        codes.add(result.checked.not_asked.code)
        lines.append(result.checked.not_asked.message)
    code = int(result.exit)
    reason = ":".join([str(code), *sorted(codes)]) if code else ""
    done = sum(run.done.values()) if run else 0
    return Ended(document, code, Ending(reason, done > 0), _said(lines, done))


def _said(lines: Sequence[str], done: int) -> str:
    more = [f"… and {len(lines) - SHOWN:,} more"] if len(lines) > SHOWN else []
    return "\n".join([*lines[:SHOWN], *more]) or f"{done:,} changes were made."


def failed_of(error: StrandlineError, document: Mapping[str, Any]) -> Ended:
    """Of a run that an error ended."""
    code = int(error.exit)
    said = f"{error.message}\n{error.hint}".strip()
    return Ended(document, code, Ending(f"{code}:{error.code}"), said)


def follow(config: Config, ended: Ended, *, now: Clock = utc_now) -> list[str]:
    """Run the command, ask the health check, send a message; what went wrong, a line each."""
    hide(lambda: _secrets(config))
    problems = _run_command(config, ended) if config.hooks_after_run else []
    if ended.code in _NOT_A_RUN:
        return problems
    if config.notify_healthcheck:
        problems += _ping(config.notify_healthcheck, failed=bool(ended.code))
    return problems + _tell(config, ended, now)


# ---------------------------------------------------------------- the command


def _run_command(config: Config, ended: Ended) -> list[str]:
    """Its exit code and what it prints are only logged."""
    words = [os.path.expanduser(config.hooks_after_run[0]), *config.hooks_after_run[1:]]
    document = json.dumps(ended.document, ensure_ascii=False).encode()
    environment = {**os.environ, "STRANDLINE_EXIT_CODE": str(ended.code)}
    try:
        process = subprocess.Popen(  # noqa: S603 - the person's own command, without a shell
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return [f"The command in hooks.after_run could not be started: {why}."]
    try:
        with process:
            said = _said_by(process, document)
    except subprocess.TimeoutExpired:
        limit = f"{COMMAND_TIMEOUT:g} seconds"
        return [f"The command in hooks.after_run took longer than {limit} and was stopped."]
    log.info("hooks.after_run ended with %d", process.returncode)
    if said:
        log.info("hooks.after_run printed: %s", said[-2000:].decode(errors="replace").strip())
    return []


def _said_by(process: subprocess.Popen[bytes], document: bytes) -> bytes:
    """What it printed. TimeoutExpired once it is killed, with all that it started."""
    try:
        return process.communicate(document, timeout=COMMAND_TIMEOUT)[0]
    except subprocess.TimeoutExpired:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        raise


# ---------------------------------------------------------------- the health check


def failing_address(url: str) -> str:
    """Where healthchecks.io hears of a failure: the address itself and ``/fail``."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))


def _ping(url: str, *, failed: bool) -> list[str]:
    import requests

    address, why = failing_address(url) if failed else url, ""
    for _ in range(PING_TRIES):
        try:
            answer = requests.get(address, timeout=PING_TIMEOUT)
        except requests.RequestException as error:  # its text holds the address
            why = type(error).__name__
            continue
        if answer.ok:
            log.info("the health check was told of %s", "a failure" if failed else "a success")
            return []
        why = f"HTTP {answer.status_code}"
        if answer.status_code < 500:
            break
    return [f"The address in notify.healthcheck could not be reached ({why})."]


# ---------------------------------------------------------------- messages

NO_APPRISE = (
    "notify.urls needs apprise, which is not installed: install strandline with its extra notify"
    " (`pipx install 'strandline[notify]'`, or `pipx inject strandline apprise`)."
)
_TITLES = {
    Notice.FAILED: "strandline: the sync failed",
    Notice.RECOVERED: "strandline: the sync works again",
    Notice.CHANGED: "strandline: the library has changed",
}


def _tell(config: Config, ended: Ended, now: Clock) -> list[str]:
    """Send what is worth a message; one that could not be sent is due again after the next run."""
    before = last_run.load(config.state_dir)
    message = redacted(ended.message)
    at = f"{now():%Y-%m-%dT%H:%M:%SZ}"
    run = last_run.LastRun(
        at, ended.code, ended.ending.reason, message if ended.code else "", before.told
    )
    notice = notice_of(before.told, ended.ending, config.notify_on)
    problems: list[str] = []
    if notice is None or not config.notify_urls:
        told = before.told if notice or ended.ending.reason else ""
        last_run.save(config.state_dir, run.but_told(told))
        return problems
    text = f"{message}\n\nLibrary: {config.library}"
    problems = _send(config.notify_urls, _TITLES[notice], text)
    told = before.told if problems else ended.ending.reason
    last_run.save(config.state_dir, run.but_told(told))
    return problems


def _send(urls: Sequence[str], title: str, body: str) -> list[str]:
    try:
        from apprise import Apprise
    except ImportError:
        return [NO_APPRISE]
    problems = []
    for number, url in enumerate(urls, 1):
        service = Apprise()
        if not service.add(url):
            problems.append(f"Address {number} of notify.urls is not one that apprise knows.")
            continue
        try:
            sent = bool(service.notify(body=body, title=title))
        except Exception as error:  # noqa: BLE001 - a hundred services, each with its own
            log.error("a message could not be sent: %s", type(error).__name__)
            sent = False
        if not sent:
            problems.append(f"The message to address {number} of notify.urls was not delivered.")
    return problems


def _secrets(config: Config) -> set[str]:
    """The addresses and their parts, any of which may be a password."""
    found: set[str] = set()
    for url in (*config.notify_urls, config.notify_healthcheck):
        rest = url.partition("://")[2]
        found.update({url, rest}, rest.replace("@", "/").replace(":", "/").split("/"))
        found.update(part.rpartition("=")[2] for part in rest.partition("?")[2].split("&"))
    return found - {""}
