"""A plan as a person reads it: a row a playlist, or every track, with what goes standing out."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING

from strandline.cli.output import Output, clean, duration, plural
from strandline.cli.pager import paged
from strandline.cli.plan_words import (
    DEEDS,
    deed,
    reason,
    reason_of_leaving,
    totals,
)
from strandline.core.actions import (
    Action,
    Because,
    Conflict,
    CreateFolder,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    Trash,
    Unlink,
)
from strandline.core.by_playlist import InPlaylist, by_playlist, path_changes, row_of
from strandline.core.ids import folder_of, folder_path, name_of
from strandline.core.plan import is_removal
from strandline.core.sizes import size

if TYPE_CHECKING:
    from strandline.app.check import CheckResult, Incomplete

SHOWN = 3
"""Names shown of each kind of action in a playlist, unless all are asked for."""
PLAYLISTS_SHOWN = 40
LONG = 60
"""Lines; a longer plan is shown as a row a playlist."""
PATH_CHANGES = "*"
NOTES = {"setting_for_new_files", "layout_differs"}
"""Codes of warnings that are no reason to worry."""


class Detail(Enum):
    """How much of a plan is shown."""

    FIT = "fit"
    """On a terminal a row a playlist where it is long; else a few tracks of each kind."""
    SHORT = "short"
    """The same, wherever it goes."""
    SUMMARY = "summary"
    """A row a playlist."""
    ALL = "all"
    """Every track."""


def detail_for(*, summary: bool, verbose: bool, playlists: Sequence[str]) -> Detail:
    """By what was asked for on the command line."""
    if summary:
        return Detail.SUMMARY
    return Detail.ALL if verbose or playlists else Detail.FIT


def show(
    found: CheckResult, output: Output, detail: Detail = Detail.FIT, *, alarms: bool = True
) -> None:
    """The whole answer of a check; what is longer than the screen by a pager.

    Its last lines are said once more after that: who has left it early has not read them. Without
    the ``alarms`` where whoever raises one tells of it.
    """
    with paged(output) as shown:
        _show_plan(found, output, detail)
        if alarms:
            _show_alarms(found, output)
    if shown.by_pager:
        for line in summary(found):
            output.line(line)


def _show_plan(found: CheckResult, output: Output, detail: Detail) -> None:
    plan, ledger = found.plan, found.observed.ledger
    groups = list(by_playlist(plan, ledger, found.names))
    if _as_table(groups, output, detail):
        _show_table(groups, found, output)
    else:
        _show_groups(groups, output, verbose=detail is Detail.ALL)
    _show_incomplete(found, output)
    show_unavailable(found, output, verbose=detail is Detail.ALL)
    show_warnings(found, output)
    for line in summary(found):
        output.line(line)


def _as_table(groups: list[InPlaylist], output: Output, detail: Detail) -> bool:
    if detail is Detail.SUMMARY:
        return True
    if detail is Detail.ALL or not (output.on_terminal or detail is Detail.SHORT):
        return False
    lines = Output()
    lines.page = io.StringIO()
    _show_groups(groups, lines, verbose=False)
    return lines.page.getvalue().count("\n") > LONG


# ---------------------------------------------------------------- a row a playlist


def _show_table(groups: list[InPlaylist], found: CheckResult, output: Output) -> None:
    headings = ("playlist", ">+ new", ">- gone", ">moved", ">links", "")
    rows = []
    for group in groups:
        row = row_of(group, found.observed.ledger)
        numbers = [f"{count:,}" if count else "" for count in row[1:5]]
        what = ", ".join(row.what)
        if row.changes_paths:
            what = f"{what} {PATH_CHANGES}".strip()
        rows.append((row.name, *numbers, what))
    output.table(headings, rows)
    if groups and output.on_terminal:
        output.line("`sync-check -v` shows every track, `--playlist NAME` those of a playlist.")


# ---------------------------------------------------------------- track by track


def _show_groups(groups: list[InPlaylist], output: Output, *, verbose: bool) -> None:
    shown = groups if verbose else _most_telling(groups)
    for group in shown:
        output.line(output.strong(clean(group.name)))
        for kind, because, alike in _alike(group.actions):
            _show_alike(kind, because, alike, output, verbose=verbose)
        _show_leaving(group.leaving, output, verbose=verbose)
    if len(shown) < len(groups):
        output.line(f"… and {plural(len(groups) - len(shown), 'more playlist')} (--verbose)")


def _most_telling(groups: list[InPlaylist]) -> list[InPlaylist]:
    """The first playlists, and every one that loses something or needs a decision."""
    return [
        group
        for number, group in enumerate(groups)
        if number < PLAYLISTS_SHOWN
        or group.leaving
        or any(is_removal(action) or isinstance(action, Conflict) for action in group.actions)
    ]


def _alike(actions: Iterable[Action]) -> Iterable[tuple[type[Action], Because, list[Action]]]:
    order = {kind: number for number, kind in enumerate(DEEDS)}
    reasons = {because: number for number, because in enumerate(Because)}

    def kind_of(action: Action) -> tuple[int, int]:
        return order[type(action)], reasons[action.because]

    for _, group in groupby(sorted(actions, key=kind_of), key=kind_of):
        alike = list(group)
        yield type(alike[0]), alike[0].because, alike


def _show_alike(
    kind: type[Action], because: Because, alike: list[Action], output: Output, *, verbose: bool
) -> None:
    sign, colour = _sign(kind, alike[0])
    line = f"  {sign} {deed(kind, len(alike))}: {reason(kind, because)}"
    output.line(output.strong(line, colour) if colour else line)
    if kind is not CreateFolder:
        _show_some([_what(action) for action in alike], output, verbose=verbose)


def _show_leaving(leaving: Sequence[Move], output: Output, *, verbose: bool) -> None:
    def why(move: Move) -> str:
        return reason_of_leaving(move.because)

    for because, group in groupby(sorted(leaving, key=why), key=why):
        moves = list(group)
        files = plural(len(moves), "file moves out", "files move out")
        output.line(f"  ~ {files}: {because}")
        _show_some([_what(move) for move in moves], output, verbose=verbose)


def _show_some(lines: list[str], output: Output, *, verbose: bool) -> None:
    shown = lines if verbose else lines[:SHOWN]
    for line in shown:
        output.line(f"      {line}")
    if len(shown) < len(lines):
        output.line(f"      … and {len(lines) - len(shown):,} more")


def _sign(kind: type[Action], example: Action) -> tuple[str, str]:
    if kind is Conflict:
        return "!", "33"
    if is_removal(example) or kind is RemoveFolder:
        return "-", "31"
    return ("~" if kind in (Move, RenameFolder, Relink, Trash, Unlink) else "+"), ""


def _what(action: Action) -> str:
    if isinstance(action, Conflict):
        return clean(action.message)
    if isinstance(action, (Move, RenameFolder)):
        return f"{_from(action)} -> {clean(_below(action.path))} {PATH_CHANGES}"
    return clean(name_of(action.path))


def _from(action: Move | RenameFolder) -> str:
    """The name is said once, where it stays."""
    source = action.source
    if isinstance(action, Move) and name_of(source) == name_of(action.path):
        return f"{clean(name_of(folder_path(folder_of(source))))}/…"
    return clean(_below(source))


def _below(path: str) -> str:
    return path.removeprefix("Playlists/")


# ---------------------------------------------------------------- what is beside the actions


def _show_incomplete(found: CheckResult, output: Output) -> None:
    for line in incomplete_lines(found.incomplete):
        output.line(output.strong(line, "33"))
    if found.incomplete:
        output.line("Nothing is removed on account of what could not be read.")


def incomplete_lines(items: Iterable[Incomplete]) -> Iterator[str]:
    """A line for each reason, with the name of every playlist that could not be read for it."""
    names: dict[str, list[str]] = {}
    for item in items:
        what = f"Playlist {item.name!r}" if item.name else "The list of playlists"
        names.setdefault(item.reason, []).append(what)
    for why, of in names.items():
        yield clean(f"{', '.join(of)} could not be read completely: {why}")


def show_unavailable(found: CheckResult, output: Output, *, verbose: bool = False) -> None:
    """The tracks that stay missing, so that nobody believes the library to be whole."""
    _show_not_asked(found, output)
    if not found.missing:
        return
    shown = found.missing if verbose else found.missing[:SHOWN]
    count = plural(len(found.missing), "track is", "tracks are")
    output.line(f"{count} not available from TIDAL now; a later run gets what comes back:")
    for track in shown:
        name = f"{track.artist} - {track.title} [{track.track}] ({', '.join(track.names)})"
        output.line(f"      {clean(name)}")
    if len(shown) < len(found.missing):
        output.line(f"      … and {len(found.missing) - len(shown):,} more (--verbose)")


def _show_not_asked(found: CheckResult, output: Output) -> None:
    if found.not_asked is not None:
        output.warn(clean(f"Not every unavailable track was asked for: {found.not_asked.message}"))
        output.warn(clean(found.not_asked.hint))


def show_warnings(found: CheckResult, output: Output, *, told: Collection[str] = ()) -> None:
    """What the settings leave out, and what they may have been meant to say.

    ``told`` are codes of what was said before.
    """
    for warning in found.warnings:
        if warning.code in told:
            continue
        word = "Note" if warning.code in NOTES else "Warning"
        output.line(output.strong(f"{word}: {clean(warning.message)}", "33"))
    if found.excluded:
        count = plural(len(found.excluded), "playlist is", "playlists are")
        output.line(f"{count} left out by the settings, and left as on disk.")
    if found.ignored:
        output.line(f"{plural(found.ignored, 'track is', 'tracks are')} ignored by the settings.")


def _show_alarms(found: CheckResult, output: Output) -> None:
    for alarm in found.alarms:
        output.line(output.strong(f"STOP: {clean(alarm.message)}", "1;31"))
        for line in alarm.hint.splitlines():
            output.line(clean(line))


# ---------------------------------------------------------------- the last lines


def summary(found: CheckResult) -> list[str]:
    """How much there is, and how much there is to do."""
    tally = found.plan.tally
    listed = len(found.observed.snapshot.playlists.keys() - found.observed.policy.left_out)
    line = (
        f"TIDAL: {plural(listed, 'playlist')}, "
        f"{plural(found.observed.extent.tracks, 'track')}. "
        f"Library: {plural(tally.playlists, 'playlist')}, {plural(tally.tracks, 'track')}, "
        f"{plural(tally.links, 'link')}."
    )
    if found.in_sync:
        return [line, "In sync: nothing to do."]
    if not found.plan.actions:
        return [line, "Nothing to do, as far as TIDAL could be read."]
    return [line, f"To do: {totals(found.plan.actions)}.", *_consequences(found)]


def _consequences(found: CheckResult) -> Iterator[str]:
    needs = found.needs
    if needs.bytes:
        free = "" if needs.free_bytes is None else f" ({size(needs.free_bytes)} free)"
        rate = "at the rate of earlier runs" if needs.measured else "at 5 MB/s"
        yield (
            f"The downloads take about {size(needs.bytes)}{free} and"
            f" {duration(needs.seconds)} {rate}."
        )
    if changed := len(path_changes(found.plan, found.observed.ledger)):
        yield (
            f"{PATH_CHANGES} {plural(changed, 'audio file gets', 'audio files get')} another path:"
            " DJ software that knows files by path loses their cue points until it is told."
        )
    if removals := sum(1 for action in found.plan.actions if is_removal(action)):
        entries = plural(removals, "file or link", "files or links")
        yield f"{entries} will be removed; audio goes to the trash, and can be restored from there."
