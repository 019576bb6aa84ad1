"""What a reapply would do, as a person reads it before the question."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from strandline.cli.output import Output, clean, plural
from strandline.cli.plan_words import DEEDS, REASONS
from strandline.core.actions import Because
from strandline.core.ids import name_of
from strandline.core.sizes import size

if TYPE_CHECKING:
    from strandline.app.reapply import Reapplied
    from strandline.core.actions import Action
    from strandline.core.reapply import Left

SHOWN, FEW = 30, 10
"""Lines of what is done, and of what is left, that are shown without --verbose."""


def show(found: Reapplied, output: Output, *, verbose: bool) -> None:
    """What would be done and why, what stays as it is, and the room that it takes."""
    proposal = found.proposal
    lines = list(_lines(proposal.actions))
    _list(lines, sys.maxsize if verbose else SHOWN, output)
    if proposal.left:
        number = len(proposal.left)
        stay = "1 file stays as it is:" if number == 1 else f"{number:,} files stay as they are:"
        output.line(output.strong(stay))
        _list(list(_left(proposal.left)), sys.maxsize if verbose else FEW, output)
    output.line(_totals(found))
    warn_of_room(found, output)


def _list(lines: Sequence[str], most: int, output: Output) -> None:
    for line in lines[:most]:
        output.line(f"  {clean(line)}")
    if len(lines) > most:
        output.line(f"  … and {len(lines) - most:,} more (--verbose shows all)")


def _lines(actions: Sequence[Action]) -> Iterator[str]:
    """Links follow their files, so they are only counted."""
    for action in actions:
        path, source = _short(action.path), _short(getattr(action, "source", None) or action.path)
        if action.name == "reapply":
            changes: tuple[str, ...] = getattr(action, "changes", ())
            to = "" if path == source else f" -> {name_of(action.path)}"
            why = "" if action.because is Because.SETTINGS_CHANGED else REASONS[action.because]
            told = "; ".join(filter(None, (", ".join(changes), why)))
            yield f"{source}{to}: {told}"
        elif action.name == "move":
            same = path.rpartition("/")[0] == source.rpartition("/")[0]
            yield f"{source} -> {name_of(action.path) if same else path}"


def _left(left: Sequence[Left]) -> Iterator[str]:
    """Those of one reason in one line, where there are many."""
    by_reason: dict[str, list[Left]] = {}
    for one in left:
        by_reason.setdefault(one.because, []).append(one)
    for because, several in by_reason.items():
        name = _short(several[0].path)
        more = f" and {len(several) - 1:,} more" if len(several) > 1 else ""
        yield f"{name}{more}: {because}"


def _short(path: str) -> str:
    return path.removeprefix("Playlists/")


def _totals(found: Reapplied) -> str:
    if not found.proposal.actions:
        return "Nothing to do: what can follow the settings does."
    counts = Counter(action.name for action in found.proposal.actions)
    fetched = sum(getattr(it, "fetch", None) is not None for it in found.proposal.actions)
    told = f"write {{}} anew ({fetched:,} from TIDAL)" if fetched else "write {} anew"
    words = {"reapply": (told, "file")}
    words |= {kind.name: told for kind, told in reversed(DEEDS.items())}
    todo = [told.format(plural(counts[name], thing)) for name, (told, thing) in words.items()
            if counts[name]]  # fmt: skip
    if not (needed := found.proposal.bytes):
        return f"To do: {', '.join(todo)}."
    free = f" of {size(found.free)} free" if found.free is not None else ""
    return f"To do: {', '.join(todo)}. It takes {size(needed)}{free}."


def warn_of_room(found: Reapplied, output: Output) -> None:
    """Before the first step, where the disk may be too full for all of it."""
    if found.little_room and found.free is not None:
        output.warn(
            f"Warning: the disk has {size(found.free)} free, and this may take"
            f" {size(found.proposal.bytes)}. It stops when the disk is nearly full, and goes on"
            " where it was when run again."
        )
