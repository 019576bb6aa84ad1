"""How a command fails: in words on stderr, with ``--json`` as a document, by its exit code."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

import click

from strandline.cli.output import Output, clean
from strandline.errors import Exit, StrandlineError

_GENERIC_HINT = "Look into the log: {log}. If it is a bug, please report it with the last lines."


def fail(error: StrandlineError, *, json: bool) -> int:
    """Tell of an error that a person can act on."""
    message, hint = _redacted(error.message), _redacted(error.hint)
    return _tell(int(error.exit), error.code, message, hint, json=json)


def fail_usage(error: click.ClickException, *, json: bool) -> int:
    """Tell of a command line that click could not read."""
    hint = ""
    context = getattr(error, "ctx", None)
    if context is not None:
        hint = f"{_advice(error)}See `{context.command_path} --help`."
    message = " ".join(error.format_message().split())  # click lists choices by tabs
    return _tell(int(Exit.USAGE), "usage", message, hint, json=json)


def _advice(error: click.ClickException) -> str:
    """Where an option is to be had that this command lacks, and nothing in it is called alike."""
    from strandline.cli.main import cli
    from strandline.cli.near import option_advice

    if not isinstance(error, click.NoSuchOption) or error.possibilities:
        return ""
    command = error.ctx.command_path.partition(" ")[2] if error.ctx else ""
    advice = option_advice(error.option_name, command, cli)
    return f"{advice}\n" if advice else ""


def fail_interrupted(error: BaseException, *, json: bool) -> int:
    """Ctrl-C outside of a run's steps, with the words of whoever raised it."""
    told = error.__cause__ if isinstance(error, click.Abort) else error
    said = str(told) if isinstance(told, KeyboardInterrupt) else ""
    message = said or "Interrupted; nothing is left half done."
    return _tell(int(Exit.INTERRUPTED), "interrupted", message, "", json=json)


def fail_broken_off(*, json: bool) -> int:
    """A second Ctrl-C, in the middle of a step, perhaps in the middle of a line on stderr."""
    message = "Aborted. The next run settles what was in progress."
    code = int(Exit.INTERRUPTED)
    output = Output(json=json)
    if json:
        output.document("error", _document(code, "interrupted", message, ""))
    with suppress(RuntimeError):  # what a stream raises that is being written to
        output.warn(f"Error: {message}")
        note_end(code, message)
    return code


def fail_bug(error: BaseException, flags: dict[str, Any], *, json: bool) -> int:
    """Tell of a bug; the traceback is for the log alone."""
    log = _logged(error, flags)
    hint = _GENERIC_HINT.format(log=log) if log else "Please report it."
    message = f"A bug in strandline: {type(error).__name__}."
    return _tell(int(Exit.BUG), "bug", message, hint, json=json)


def _tell(code: int, word: str, message: str, hint: str, *, json: bool) -> int:
    note_end(code, message)
    output = Output(json=json)
    output.warn(f"Error: {_lines(message)}")
    if hint:
        output.warn(_lines(hint))
    if json:
        output.document("error", _document(code, word, message, hint))
    return code


def _document(code: int, word: str, message: str, hint: str) -> dict[str, Any]:
    from strandline.app.documents import failure_document

    return failure_document(code, word, message, hint)


def note_end(code: int, message: str = "") -> None:
    """Log how the command ended, if it logs at all."""
    if "strandline.app.logs" in sys.modules:
        from strandline.app.logs import log_end

        log_end(code, message)


def _lines(text: str) -> str:
    return "\n".join(map(clean, text.splitlines()))


def _redacted(text: str) -> str:
    if "strandline.tidal" not in sys.modules:  # nothing that knows a secret was ever loaded
        return text
    from strandline.app.logs import redacted

    return redacted(text)


def _logged(error: BaseException, flags: dict[str, Any]) -> str | None:
    """The log's path, once the traceback is in it."""
    from strandline.app.logs import log_bug
    from strandline.cli.options import load

    try:
        state_dir = load(flags).state_dir
    except StrandlineError:
        return None
    try:
        return os.fspath(log_bug(state_dir, error))
    except (StrandlineError, OSError):
        return None
