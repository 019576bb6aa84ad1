"""What became of a run: how many of each action are done, and every one that is not, with why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from strandline.core.actions import Action
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.quality import Quality
from strandline.errors import (
    DiffersError,
    Exit,
    NotBetterError,
    StrandlineError,
    UnavailableError,
)

NOT_EMPTY = "not_empty"
FOR_GOOD = (
    NOT_EMPTY,
    UnavailableError.code,
    DiffersError.code,
    "cannot_carry",
    NotBetterError.code,
)


@dataclass(frozen=True, slots=True)
class NotDone:
    """An action that was not carried out. ``code`` is the error's word for scripts."""

    action: str
    path: LibPath
    error: str
    code: str
    track: TrackId | None = None
    playlist: PlaylistId | None = None

    @classmethod
    def of(cls, action: Action, error: str, code: str) -> NotDone:
        """The report of ``action`` and why it was not carried out."""
        return cls(action.name, action.path, error, code, action.track, action.playlist)


class FetchedTrack(NamedTuple):
    """A track that was fetched: where it is, and in which quality it came."""

    track: TrackId
    path: LibPath
    quality: Quality


@dataclass(slots=True)
class Result:
    """One run. ``failed`` were tried; ``skipped`` were not, or the disk had changed."""

    run: str
    done: Counter[str] = field(default_factory=Counter)
    failed: list[NotDone] = field(default_factory=list)
    skipped: list[NotDone] = field(default_factory=list)
    items: list[FetchedTrack] = field(default_factory=list)
    """What was fetched."""
    notes: list[str] = field(default_factory=list)
    """Lines a person should read; none of them is a failure."""
    interrupted: bool = False
    stopped: StrandlineError | None = None
    """What ended the run early (a full disk, an unmounted library, a login that is gone)."""

    @property
    def lower(self) -> list[FetchedTrack]:
        """What came in lower quality than was asked for."""
        return [item for item in self.items if item.quality.lower]

    @property
    def exit(self) -> Exit:
        """The exit code this run ends in; a disk that fails on the way is no wrong usage."""
        if self.interrupted:
            return Exit.INTERRUPTED
        if self.stopped and self.stopped.exit is not Exit.USAGE:
            return self.stopped.exit
        return Exit.SOME_FAILED if self.stopped or self.failed or self.missed else Exit.DONE

    @property
    def missed(self) -> list[NotDone]:
        """The skipped ones a next run should still do: not folders the user keeps files in, nor
        what TIDAL does not have.
        """
        return [item for item in self.skipped if item.code not in FOR_GOOD]

    @property
    def status(self) -> str:
        """The word the journal keeps for it."""
        if self.interrupted:
            return "interrupted"
        if self.stopped:
            return "stopped"
        return "partial" if self.failed or self.missed else "done"
