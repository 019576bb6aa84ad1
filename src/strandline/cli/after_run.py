"""What follows a sync: its command, health check and messages, and what went wrong with them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from strandline.cli.output import clean
from strandline.errors import StrandlineError, UsageError

if TYPE_CHECKING:
    from strandline.app.after_run import Ended
    from strandline.app.execute import ExecuteResult
    from strandline.cli.options import Call


def after_run(call: Call, result: ExecuteResult) -> None:
    """Of a run that came to its end; a plan that was declined is none."""
    from strandline.app.after_run import ended_of
    from strandline.app.documents import execute_document

    if not result.declined:
        wanted = bool(call.config.hooks_after_run)
        document = _whole("sync-execute", execute_document(result)) if wanted else {}
        _follow(call, ended_of(result, document))


@contextmanager
def after_failure(call: Call) -> Iterator[None]:
    """The same where an error ends the run, a bug included; the error goes on."""
    try:
        yield
    except StrandlineError as error:
        if not (isinstance(error, UsageError) and sys.stdin.isatty()):  # a slip of the fingers
            _failed(call, error)
        raise
    except Exception as error:
        bug = StrandlineError(f"A bug in strandline: {type(error).__name__}.", code="bug")
        _failed(call, bug)
        raise


def _failed(call: Call, error: StrandlineError) -> None:
    from strandline.app.after_run import failed_of
    from strandline.app.documents import failure_document

    call.hide_progress()
    document = failure_document(int(error.exit), error.code, error.message, error.hint)
    _follow(call, failed_of(error, _whole("error", document)))


def _follow(call: Call, ended: Ended) -> None:
    from strandline.app.after_run import follow

    for problem in follow(call.config, ended):
        call.output.warn(f"Warning: {clean(problem)}")


def _whole(name: str, document: dict[str, Any]) -> dict[str, Any]:
    return {"schema": f"strandline.{name}/1", **document}
