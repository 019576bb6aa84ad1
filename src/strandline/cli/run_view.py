"""A run as a person reads it: what was done, and each thing that was not, with why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.cli.output import Output, clean, plural, size
from strandline.cli.plan_view import show_unavailable

if TYPE_CHECKING:
    from strandline.app.execute import ExecuteResult
    from strandline.execute.result import Result, Undone

_DONE = {
    "create_folder": ("folder", "made"),
    "rename_folder": ("folder", "renamed"),
    "download": ("track", "downloaded"),
    "move": ("file", "moved"),
    "link": ("link", "made"),
    "relink": ("link", "pointed anew"),
    "unlink": ("link", "removed"),
    "trash": ("file", "moved to the trash"),
    "remove_folder": ("folder", "removed"),
    "restore": ("file", "restored"),
}
LISTED = 50
"""Problems listed one by one; the JSON document has them all."""


def show(result: Result, output: Output) -> None:
    """What the run did, on stdout; what it did not, on stderr."""
    done = [
        f"{plural(result.done[kind], thing)} {verb}"
        for kind, (thing, verb) in _DONE.items()
        if result.done[kind]
    ]
    output.line(f"Run {result.run}: {', '.join(done) or 'nothing was done'}.")
    for note in result.notes:
        output.line(clean(note))
    _list("failed", result.failed, output)
    _list("skipped", result.skipped if not result.interrupted else [], output)
    if result.interrupted:
        rest = plural(len(result.skipped), "item")
        output.warn(f"Interrupted: {rest} left for the next run.")
    if result.stopped:
        output.warn(f"Error: the run ended early. {clean(result.stopped.message)}")
        if result.stopped.hint:
            output.warn(clean(result.stopped.hint))


def show_left(ended: ExecuteResult, output: Output) -> None:
    """What TIDAL did not tell whole, what a person has to decide, and what links save."""
    if ended.saved and ended.saved.links:
        saved = size(ended.saved.bytes_saved)
        output.line(f"{plural(ended.saved.links, 'link saves', 'links save')} {saved} in all.")
    _list("in conflict", ended.conflicts, output)
    show_unavailable(ended.checked, output)
    for item in ended.checked.incomplete:
        what = f"Playlist {item.name!r}" if item.name else "The list of playlists"
        output.warn(clean(f"{what} could not be read whole: {item.reason}"))


def _list(what: str, items: list[Undone], output: Output) -> None:
    if not items:
        return
    output.warn(f"{plural(len(items), 'item')} {what}:")
    for item in items[:LISTED]:
        output.warn(f"  {item.action} {clean(item.path)}: {clean(item.error)}")
    if len(items) > LISTED:
        output.warn(f"  … and {len(items) - LISTED:,} more (see --json)")
