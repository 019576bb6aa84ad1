"""One tree of errors. Each says what happened, what to do next, and which exit code it ends in."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command (CONTRACT: a script may rely on them)."""

    DONE = 0
    BUG = 1
    USAGE = 2
    CHANGES_PENDING = 3
    SOME_FAILED = 4
    SAFETY_STOP = 5
    LOGIN = 6
    BUSY = 7
    UNREACHABLE = 8
    INTERRUPTED = 130


ODD_ANSWER = (
    "Try again later. If it stays so, look for a newer strandline (`pip install --upgrade"
    " strandline`), or for something on the way that answers in TIDAL's stead, such as a proxy."
)


class StrandlineError(Exception):
    """What a person reads: ``message`` (what, to which playlist or file) and ``hint`` (what now).

    ``code`` is the stable word for scripts (``error`` in the JSON document).
    """

    exit: Exit = Exit.BUG
    code: str = "error"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class UsageError(StrandlineError):
    """Wrong usage or configuration."""

    exit = Exit.USAGE
    code = "usage"


class ConfigError(UsageError):
    """A setting that is unknown, of the wrong type, or out of range."""

    code = "config"


class DatabaseError(UsageError):
    """The database cannot be opened, is damaged, or is of a newer version."""

    code = "database"


class RefusedRowError(DatabaseError):
    """The database can be used, but not for this: nothing of the transaction was written."""

    code = "row_refused"


class LibraryError(UsageError):
    """The library folder cannot be used as it is: not writable, full, a file in its place."""

    code = "library"


class ItemError(StrandlineError):
    """One item of a run failed; the rest goes on."""

    exit = Exit.SOME_FAILED
    code = "item"


class ChangedMeanwhileError(ItemError):
    """The disk is no longer what the plan saw; this item is skipped."""

    code = "changed_meanwhile"


class DiffersError(ChangedMeanwhileError):
    """A second file has other bytes than the first, though it looked the same: the person's."""

    code = "differs"


class DownloadError(ItemError):
    """A track's audio could not be had, or is not what TIDAL promised. ``code`` says which."""

    code = "download"
    tier: str | None = None
    """TIDAL's word for the tier it was asked at, where only what came at that tier is wrong."""


class UnavailableError(DownloadError):
    """TIDAL gave evidence that this very track cannot be had now; a later run asks again."""

    code = "unavailable"


class NotBetterError(DownloadError):
    """TIDAL gives no better audio than what is there already."""

    code = "not_better"


class SafetyStopError(StrandlineError):
    """Nothing was touched; ``code`` is one of CONTRACT's safety stops."""

    exit = Exit.SAFETY_STOP
    code = "safety_stop"


class LoginError(StrandlineError):
    """No login, or TIDAL no longer accepts it."""

    exit = Exit.LOGIN
    code = "login"


class BusyError(StrandlineError):
    """Another run holds the library."""

    exit = Exit.BUSY
    code = "busy"


class UnreachableError(StrandlineError):
    """TIDAL or the network is not there just now."""

    exit = Exit.UNREACHABLE
    code = "unreachable"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message, hint=hint or "Try again later.", code=code)


class TidalAnswerError(UnreachableError):
    """TIDAL answered with what its API does not say: HTML, another shape, something too large."""

    code = "tidal_answer"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message, hint=hint or ODD_ANSWER, code=code)


class InterruptedRunError(StrandlineError):
    """Ctrl-C: the current track was finished, the rest is for the next run."""

    exit = Exit.INTERRUPTED
    code = "interrupted"
