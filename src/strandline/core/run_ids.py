"""Which run a person means: by its id, its short form, a beginning of either, or ``last``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

LAST = "last"


class KnownRun(NamedTuple):
    """As much of a run as choosing one needs."""

    id: str
    changed: bool = True
    """It carried out at least one step that can be taken back."""
    is_undo: bool = False
    is_undone: bool = False


def short_of(run: str) -> str:
    """The last part of a run's id: ``ab12cd34`` of ``20261122-153000-004711-ab12cd34``."""
    return run.rpartition("-")[2]


def runs_meant(word: str, runs: Sequence[KnownRun], *, to_undo: bool = False) -> list[str]:
    """The runs that ``word`` may mean, newest first; one where it is clear, none if unknown.

    ``runs`` are all there are, newest first. ``to_undo``: ``last`` is the newest that changed
    something, is no undo and is not undone.
    """
    if word == LAST:
        wanted = [run.id for run in runs if not to_undo or _can_be_undone(run)]
        return wanted[:1]
    exact = [run.id for run in runs if run.id == word]
    return exact or _named(word.casefold(), [run.id for run in runs])


def _can_be_undone(run: KnownRun) -> bool:
    return run.changed and not run.is_undo and not run.is_undone


def _named(word: str, ids: Iterable[str]) -> list[str]:
    """By the whole short form where there is one, else by a beginning."""
    ids = list(ids)
    whole = [run for run in ids if short_of(run) == word]
    begun = [
        run for run in ids if word and (run.startswith(word) or short_of(run).startswith(word))
    ]
    return whole or begun
