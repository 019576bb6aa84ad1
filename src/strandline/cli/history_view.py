"""Runs as a person reads them: how each ended, and what came and went, playlist by playlist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from strandline.cli.moments import lasted, local
from strandline.cli.output import Output, clean
from strandline.cli.plan_words import reason_by_names
from strandline.cli.run_view import done_words
from strandline.core.actions import TRASH, Because
from strandline.core.ids import LibPath, folder_of, name_of

if TYPE_CHECKING:
    from strandline.app.history import LookBack
    from strandline.db.history import PastRun, PastStep

SHOWN = 20
"""Lines of a playlist, unless all are asked for."""

_COLOURS = {"-": "31", "!": "33", "?": "33"}
_SWAPS = {
    Because.SAME_AUDIO,
    Because.SAME_RECORDING,
    Because.STALE_COPY,
    Because.LINK_MODE,
    Because.DAMAGED_ON_DISK,
}
"""Why a file goes to the trash while its track stays in the playlist."""


class Line(NamedTuple):
    """One thing that came (+), went (-), changed (~) or failed (!), in one playlist."""

    sign: str
    playlist: str
    text: str


def show_runs(back: LookBack, output: Output, *, verbose: bool = False) -> None:
    """A row a run; then, where steps were asked for, what came of all of them."""
    headings = ("run", "began", "command", ">took", "result")
    output.table(headings, [_row(run, back.counts.get(run.id, {})) for run in back.runs])
    if back.steps is not None and back.steps:
        show_changes(lasting(back.steps), output, back.folders, verbose=verbose)


def _row(run: PastRun, counts: Mapping[str, int]) -> tuple[str, ...]:
    took = lasted(run.ended_at - run.started_at) if run.ended_at else ""
    return run.short, local(run.started_at), run.command, took, result_of(run, counts)


def result_of(run: PastRun, counts: Mapping[str, int]) -> str:
    """How a run ended, in a line: what it did, what failed, what stopped it."""
    parts = [done_words(counts)]
    if run.failed:
        parts.append(f"{run.failed:,} failed")
    if run.command == "export usb":  # whose steps are on the stick, and told by its notes alone
        parts += run.notes
    parts.append(_ending(run, anything=any(parts)))
    return "; ".join(part for part in parts if part)


def _ending(run: PastRun, *, anything: bool) -> str:
    match run.status:
        case "running":
            return "still running"
        case "killed":
            return "killed; the next run finishes or takes back its last step"
        case "interrupted":
            return "interrupted"
        case "undone":
            return "undone since"
    code = f" (exit code {run.code})" if run.code else ""
    if run.message:
        return f"stopped{code}: {run.message}"
    if run.status == "stopped":
        return f"stopped{code}"
    if anything:
        return ""
    return "; ".join(run.notes) or ("nothing to do" if run.code == 0 else "nothing was done")


def show_run(back: LookBack, output: Output, *, verbose: bool = False) -> None:
    """One run: when, how it ended, and each of its steps under its playlist."""
    (run,) = back.runs
    output.line(output.strong(f"Run {run.id}: {run.command}"))
    ended = f", ended {local(run.ended_at, seconds=True)}" if run.ended_at else ""
    took = f" ({lasted(run.ended_at - run.started_at)})" if run.ended_at else ""
    output.line(f"Began {local(run.started_at, seconds=True)}{ended}{took}.")
    if run.undoes:
        output.line(f"Took back run {run.undoes}.")
    result = result_of(run, back.counts.get(run.id, {}))
    told = clean(result)
    output.line(f"{told[:1].upper()}{told[1:]}{'' if told.endswith('.') else '.'}")
    if run.hint:
        output.line(clean(run.hint))
    for note in run.notes:
        if note not in result:
            output.line(clean(note))
    show_changes(back.steps or (), output, back.folders, verbose=verbose)


def lasting(steps: Iterable[PastStep]) -> list[PastStep]:
    """Of several runs: without failures that came right later, each of the others once."""
    steps = list(steps)
    last = {(step.action, step.path): number for number, step in enumerate(steps)}
    return [
        step
        for number, step in enumerate(steps)
        if step.state == "done" or last[step.action, step.path] == number
    ]


def show_changes(
    steps: Iterable[PastStep],
    output: Output,
    folders: Mapping[str, str],
    *,
    verbose: bool = False,
) -> None:
    """What came and went, under the names of the playlists."""
    steps = list(steps)
    names, groups = FolderNames(steps, folders), defaultdict[str, list[Line]](list)
    for step in steps:
        for line in lines_of(step, names):
            groups[line.playlist].append(line)
    for name in sorted(groups, key=lambda name: (name.casefold(), name)):
        output.line()
        output.line(output.strong(clean(name)))
        shown = groups[name] if verbose else groups[name][:SHOWN]
        for line in shown:
            text = clean(f"  {line.sign} {line.text}")
            colour = _COLOURS.get(line.sign)
            output.line(output.strong(text, colour) if colour else text)
        if len(shown) < len(groups[name]):
            rest = len(groups[name]) - len(shown)
            output.line(f"    … and {rest:,} more (--verbose shows all)")


_DEEDS = {
    "download": ("+", "{what}: downloaded"),
    "link": ("+", "{what}: linked to {where}"),
    "relink": ("~", "{what}: link updated"),
    "unlink": ("-", "{what}: link removed"),
    "restore": ("+", "{what}: restored from the trash"),
    "trash": ("-", "{what}: moved to the trash"),
    "empty": ("-", "{what}: removed from the trash for good"),
    "reapply": ("~", "{what}: made anew"),
    "lyrics": ("~", "{what}: its file of lyrics put in place, or taken away"),
    "put_back": ("~", "{what}: the file before it is back"),
    "share": ("~", "{what}: replaced by a link to the same sound in {where}"),
    "create_folder": ("+", "folder created"),
    "rename_folder": ("~", "folder renamed from {old}"),
    "remove_folder": ("-", "folder removed"),
}
"""What a step means for its playlist; ``where`` is the playlist of its source."""


class FolderNames:
    """The playlists' names of folders: those of the run that is told of, else of any, or today's.

    A folder's own name is the playlist's made safe for every disk: "A / B" lies in "A - B".
    """

    def __init__(self, steps: Iterable[PastStep], today: Mapping[str, str]) -> None:
        self._names = {("", folder): name for folder, name in today.items()}
        for step in steps:
            if step.name:
                renamed = step.source if step.action == "rename_folder" else None
                for path in filter(None, (step.path, renamed)):
                    self._names["", _folder(path)] = step.name
                    self._names[step.run, _folder(path)] = step.name

    def of(self, step: PastStep, path: str | None) -> str:
        """The playlist in whose folder ``path`` lay in that run; its folder where none is known."""
        folder = _folder(path or "")
        names = self._names
        return names.get((step.run, folder)) or names.get(("", folder)) or folder


def lines_of(step: PastStep, names: FolderNames) -> list[Line]:
    """What one step means for a playlist; a move is told under both of them."""
    playlist, what = step.name or names.of(step, step.path), _what(step)
    if step.state != "done":
        return [Line("?" if step.state == "intent" else "!", playlist, f"{what}: {_failed(step)}")]
    if step.action == "move":
        return _moved(step, playlist, what, names)
    sign, deed = _DEEDS.get(step.action or "", ("~", "{what}: {action}"))
    if step.action == "trash" and step.because in {because.value for because in _SWAPS}:
        sign, deed = "~", "{what}: old file moved to the trash"
    source = step.source or ""
    text = deed.format(
        what=what,
        where=names.of(step, source),
        old=name_of(LibPath(source)),
        action=(step.action or "").replace("_", " "),
    )
    return [Line(sign, playlist, text + why_words(step.action, step.because))]


def _moved(step: PastStep, playlist: str, what: str, names: FolderNames) -> list[Line]:
    path, source, why = step.path or "", step.source or "", why_words(step.action, step.because)
    if source.startswith(TRASH):
        return [Line("+", playlist, f"{what}: taken back from the trash{why}")]
    if _folder(source) == _folder(path):
        old = name_of(LibPath(source))
        return [Line("~", playlist, f"{what}: renamed from {old}{why}")]
    left = names.of(step, source)
    here = Line("+", playlist, f"{what}: moved here from {left}{why}")
    return [here, Line("-", left, f"{what}: moved to {playlist}{why}")]


def _failed(step: PastStep) -> str:
    deed = (step.action or "").replace("_", " ")
    match step.state:
        case "intent":
            return f"{deed} began, and the run was cut off"
        case "skipped":
            return f"{deed} skipped: {step.error or 'no reason was kept'}"
        case "set_aside":
            return f"{deed} left half done: {step.error or 'no reason was kept'}"
        case _:
            return f"{deed} failed: {step.error or 'no reason was kept'}"


def _what(step: PastStep) -> str:
    if step.track and step.title:
        return f"{step.artist} - {step.title}"
    return name_of(LibPath(step.path or ""))


def why_words(action: str | None, because: str | None) -> str:
    """`` (new in the playlist)``; nothing where no reason is known."""
    words = reason_by_names(action, because)
    return f" ({words})" if words else ""


def _folder(path: str) -> str:
    if path.startswith("/"):  # an export that lies elsewhere
        return path.rpartition("/")[0] or "/"
    return folder_of(LibPath(path)) if path.count("/") else path or "?"
