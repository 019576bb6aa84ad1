"""A run as a person reads it: what was done, and each thing that was not, with why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from strandline.cli.output import Output, clean, plural
from strandline.cli.plan_view import incomplete_lines, show_unavailable, show_warnings
from strandline.core.ids import name_of, stem_of
from strandline.core.sizes import size

if TYPE_CHECKING:
    from strandline.app.execute import ExecuteResult
    from strandline.errors import StrandlineError
    from strandline.execute.result import NotDone, Result

_DONE = {
    "create_folder": ("folder", "created"),
    "rename_folder": ("folder", "renamed"),
    "download": ("track", "downloaded"),
    "move": ("file", "moved"),
    "link": ("link", "created"),
    "relink": ("link", "updated"),
    "unlink": ("link", "removed"),
    "trash": ("file", "moved to the trash"),
    "remove_folder": ("folder", "removed"),
    "restore": ("file", "restored"),
    "import": ("file", "imported"),
    "share": ("file", "replaced by a link"),
    "reapply": ("file", "made anew"),
    "lyrics": ("lyrics file", "put in place or taken away"),
    "put_back": ("file", "put back as it was"),
    "give_back": ("file", "put back in place"),
    "empty": ("file", "removed from the trash for good"),
    "export": ("export", "updated"),
    "copy": ("track", "copied"),
    "convert": ("track", "converted"),
    "write_playlist": ("playlist", "written"),
    "remove": ("file", "removed from the stick"),
}
_PLAIN = ("download", "link", "relink")
"""Of these it goes without saying what was to be done with them."""
_FULL = (": the disk is full", ": your quota on this disk is used up")
LISTED = 50
"""Kinds of problems listed, a line each; the JSON document has every item."""


def show(result: Result, output: Output) -> None:
    """What the run did, on stdout; what it did not, on stderr."""
    output.line(f"Run {result.run}: {done_words(result.done) or 'nothing was done'}.")
    for note in result.notes:
        output.line(clean(note))
    show_not_done(result, output)


def show_not_done(result: Result, output: Output) -> None:
    """What failed, was skipped, or ended the run early."""
    ended_by = result.stopped.code if result.stopped else None
    _list("failed", [item for item in result.failed if item.code != ended_by], output)
    if not result.interrupted:
        _list("skipped", [item for item in result.skipped if item.code != ended_by], output)
    if result.interrupted:
        rest = plural(len(result.skipped), "item")
        output.warn(f"Interrupted: {rest} left for the next run.")
    if result.stopped:
        _show_stopped(result, result.stopped, output)


def _show_stopped(result: Result, error: StrandlineError, output: Output) -> None:
    """What ended the run, in one line with the number of all that it kept from being done."""
    undone = [item for item in (*result.failed, *result.skipped) if item.code == error.code]
    cause = next((_cause(item) for item in undone if item.error == error.message), error.message)
    if cause.endswith(_FULL):  # whatever was to be written just then
        cause = cause.rpartition(": ")[2]
    cause = cause[:1].upper() + cause[1:].rstrip(".")
    output.warn(f"Error: the run ended early. {clean(cause)}.")
    if undone:
        output.warn(f"Left for the next run: {_things(undone)}.")
    if error.hint:
        output.warn(clean(error.hint))


def _things(items: list[NotDone]) -> str:
    """``12 tracks, 3 links``: what was not done, by kind."""
    counts = Counter(item.action for item in items)
    known = [
        plural(counts[kind], thing) + ("" if kind in _PLAIN else f" not {verb}")
        for kind, (thing, verb) in _DONE.items()
        if counts[kind]
    ]
    return ", ".join(known) or plural(len(items), "item")


def _named(items: list[NotDone]) -> str:
    """``12 tracks``, or items where they are of several kinds."""
    things = {_DONE.get(item.action, ("item", ""))[0] for item in items}
    return plural(len(items), things.pop() if len(things) == 1 else "item")


def show_emptied(ended: ExecuteResult, output: Output) -> None:
    """What was removed from the trash for good, by ``trash_keep_days``."""
    if (gone := ended.emptied) is not None:
        files, runs = plural(gone.files, "file"), plural(len(gone.runs), "run")
        output.line(f"{files} of {runs} removed from the trash for good, {size(gone.bytes)} freed.")


def done_words(counts: Mapping[str, int]) -> str:
    """``2 tracks downloaded, 1 link created``; nothing where nothing was done."""
    return ", ".join(
        f"{plural(counts[kind], thing)} {verb}"
        for kind, (thing, verb) in _DONE.items()
        if counts.get(kind)
    )


def show_left(ended: ExecuteResult, output: Output) -> None:
    """What TIDAL did not tell whole, what a person has to decide, and what links save."""
    if ended.result and ended.result.failed and not ended.result.stopped:
        output.warn(_again(ended.result.failed))
    if ended.saved and ended.saved.links:
        saved = size(ended.saved.bytes_saved)
        output.line(f"{plural(ended.saved.links, 'link saves', 'links save')} {saved} in all.")
    _show_quality(ended, output)
    _list("in conflict", ended.conflicts, output)
    show_unavailable(ended.checked, output)
    show_warnings(ended.checked, output, told={"little_room"})
    for line in incomplete_lines(ended.checked.incomplete):
        output.warn(line)


def _again(failed: list[NotDone]) -> str:
    """What becomes of what failed, and where it is listed."""
    if any(item.action == "download" for item in failed):
        return "The next sync tries again; `strandline tracks --status error` lists the tracks."
    return "The next sync tries again."


def _show_quality(ended: ExecuteResult, output: Output) -> None:
    """What came in lower quality than asked, in one line, with what helps."""
    if ended.kept_lossy:
        files = plural(len(ended.kept_lossy), "track is", "tracks are")
        output.warn(f"{files} not {ended.form.upper()}: what TIDAL sends lossy is kept as it came.")
    if not ended.lower:
        return
    kinds = Counter(f"{it.quality.got} ({it.quality.codec})" for it in ended.lower)
    came = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
    count = plural(len(ended.lower), "track")
    output.warn(clean(f"{count} came in lower quality than {ended.asked}: {came}. {_help(ended)}"))


def _help(ended: ExecuteResult) -> str:
    match ended.way.value if ended.way else None:
        case "device":
            return "`strandline auth login --pkce` is the way to full quality; what is here stays."
        case "pkce":
            return "TIDAL gives this account nothing better of them now; what is here stays."
        case _:
            return "What is here stays."


def _list(what: str, items: list[NotDone], output: Output) -> None:
    if not items:
        return
    output.warn(f"{_named(items)} {what}:")
    lines = _alike(items)
    for alike in lines[:LISTED]:
        output.warn(f"  {_line(alike)}")
    if len(lines) > LISTED:
        rest = sum(map(len, lines[LISTED:]))
        output.warn(f"  … and {rest:,} more (see --json)")


def _alike(items: list[NotDone]) -> list[list[NotDone]]:
    """What failed in the same way, wherever it stands in the list."""
    groups: dict[tuple[str, str], list[NotDone]] = {}
    for item in items:
        groups.setdefault((item.action, _cause(item)), []).append(item)
    return list(groups.values())


def _line(alike: list[NotDone]) -> str:
    item = alike[0]
    if len(alike) == 1:
        return f"{item.action} {clean(item.path)}: {clean(_cause(item))}"
    count = plural(len(alike), _DONE.get(item.action, ("item", ""))[0])
    example = clean(stem_of(name_of(item.path)))
    return f"{count} ({example} and {len(alike) - 1:,} more): {clean(_cause(item))}"


def _cause(item: NotDone) -> str:
    """The error without the name of what it befell."""
    stem = stem_of(name_of(item.path))
    for own in (item.path, stem):
        if own and item.error.startswith(f"{own}: "):
            return item.error[len(own) + 2 :]
    return item.error
