"""A plan as a person reads it: by playlist, in words, with what goes away standing out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from strandline.cli.output import Output, clean, plural, size
from strandline.core.actions import (
    Action,
    Because,
    Conflict,
    CreateFolder,
    Download,
    Link,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    TakeBack,
    Trash,
    Unlink,
)
from strandline.core.ids import PlaylistId, folder_of, name_of
from strandline.core.plan import is_removal

if TYPE_CHECKING:
    from strandline.app.check import CheckResult, Incomplete

SHOWN = 3
"""Names shown of each kind of action in a playlist, unless all are asked for."""
PLAYLISTS_SHOWN = 40

Group = tuple[str, list[Action]]
"""A playlist's name and what is to be done in it."""

_DEEDS: dict[type[Action], tuple[str, str]] = {
    CreateFolder: ("make", "folder"),
    RenameFolder: ("rename", "folder"),
    Download: ("download", "track"),
    Move: ("move", "track"),
    TakeBack: ("take back", "track"),
    Link: ("link", "track"),
    Relink: ("point anew", "link"),
    Unlink: ("remove", "link"),
    Trash: ("move to the trash", "file"),
    RemoveFolder: ("remove", "folder"),
    Conflict: ("leave alone", "place"),
}

REASONS = {
    Because.NEW_PLAYLIST: "a new playlist",
    Because.NEW_IN_PLAYLIST: "new in the playlist",
    Because.MISSING_ON_DISK: "missing on disk",
    Because.DAMAGED_ON_DISK: "damaged on disk",
    Because.RENAMED_IN_TIDAL: "renamed in TIDAL",
    Because.RENAMED_ON_DISK: "renamed on disk",
    Because.LEFT_PRIMARY_PLAYLIST: "it left the playlist that held it, others still have it",
    Because.LEFT_PLAYLIST: "no longer in this playlist",
    Because.LEFT_EVERY_PLAYLIST: "no longer in any playlist",
    Because.PLAYLIST_DELETED: "the playlist is gone from TIDAL",
    Because.MOVED_ON_DISK: "moved on disk",
    Because.PRIMARY_MOVED: "its file has moved",
    Because.BROKEN_LINK: "the link is broken",
    Because.WRONG_LINK: "the link leads elsewhere",
    Because.SAME_AUDIO: "the same audio is there already",
    Because.STALE_COPY: "the copy is out of date",
    Because.LINK_MODE: "by the setting link_mode",
    Because.LINK_OF_YOURS: "your own link leads to no audio now",
    Because.IN_TRASH: "it lies in the trash, and need not be fetched",
    Because.FOLDER_IN_THE_WAY: "something else stands there",
    Because.FOLDER_UNREADABLE: "the folder cannot be read",
    Because.FILE_UNREADABLE: "the file cannot be read",
}


def show(found: CheckResult, output: Output, *, verbose: bool = False) -> None:
    """The whole answer of a check."""
    groups = _by_playlist(found)
    shown = groups if verbose else _most_telling(groups)
    for name, actions in shown:
        output.line(output.strong(clean(name)))
        for kind, because, alike in _alike(actions):
            _show_alike(kind, because, alike, output, verbose=verbose)
    if len(shown) < len(groups):
        output.line(f"… and {plural(len(groups) - len(shown), 'more playlist')} (--verbose)")
    _show_incomplete(found, output)
    show_unavailable(found, output, verbose=verbose)
    show_warnings(found, output)
    _show_alarms(found, output)
    for line in summary(found):
        output.line(line)


def _most_telling(groups: list[Group]) -> list[Group]:
    """The first playlists, and every one that loses something or needs a decision."""
    return [
        (name, actions)
        for number, (name, actions) in enumerate(groups)
        if number < PLAYLISTS_SHOWN
        or any(is_removal(action) or isinstance(action, Conflict) for action in actions)
    ]


def _by_playlist(found: CheckResult) -> list[Group]:
    owners = {known.folder: id for id, known in found.seen.ledger.playlists.items()}

    def place(action: Action) -> tuple[str, str, str]:
        folder = folder_of(action.path)
        playlist = action.playlist or owners.get(folder, PlaylistId(""))
        name = found.names.get(playlist) or folder
        return name.casefold(), name, playlist

    ordered = sorted(found.plan.actions, key=place)
    return [(name, list(group)) for (_, name, _), group in groupby(ordered, key=place)]


def _alike(actions: list[Action]) -> Iterable[tuple[type[Action], Because, list[Action]]]:
    order = {kind: number for number, kind in enumerate(_DEEDS)}
    reasons = {because: number for number, because in enumerate(Because)}

    def kind_of(action: Action) -> tuple[int, int]:
        return order[type(action)], reasons[action.because]

    for _, group in groupby(sorted(actions, key=kind_of), key=kind_of):
        alike = list(group)
        yield type(alike[0]), alike[0].because, alike


def _show_alike(
    kind: type[Action], because: Because, alike: list[Action], output: Output, *, verbose: bool
) -> None:
    deed, thing = _DEEDS[kind]
    sign, colour = _sign(kind, alike[0])
    line = f"  {sign} {deed} {plural(len(alike), thing)}: {REASONS[because]}"
    output.line(output.strong(line, colour) if colour else line)
    if kind is CreateFolder:
        return
    shown = alike if verbose else alike[:SHOWN]
    for action in shown:
        output.line(f"      {_what(action)}")
    if len(shown) < len(alike):
        output.line(f"      … and {len(alike) - len(shown):,} more")


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
        return f"{clean(_below(action.source))} -> {clean(_below(action.path))}"
    return clean(name_of(action.path))


def _below(path: str) -> str:
    return path.removeprefix("Playlists/")


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
    for reason, of in names.items():
        yield clean(f"{', '.join(of)} could not be read completely: {reason}")


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


def show_warnings(found: CheckResult, output: Output) -> None:
    """What the settings leave out, and what they may have been meant to say."""
    for warning in found.warnings:
        output.line(output.strong(f"Warning: {clean(warning.message)}", "33"))
    if found.excluded:
        count = plural(len(found.excluded), "playlist is", "playlists are")
        output.line(f"{count} left out by the settings, and left as on disk.")
    if found.ignored:
        output.line(f"{plural(found.ignored, 'track is', 'tracks are')} ignored by the settings.")


def _show_alarms(found: CheckResult, output: Output) -> None:
    for alarm in found.alarms:
        output.line(output.strong(f"STOP: {clean(alarm.message)}", "1;31"))
        output.line(clean(alarm.hint))


def summary(found: CheckResult) -> list[str]:
    """How much there is, and how much there is to do."""
    tally = found.plan.tally
    listed = len(found.seen.snapshot.playlists.keys() - found.seen.policy.left_out)
    line = (
        f"TIDAL: {plural(listed, 'playlist')}, "
        f"{plural(found.seen.extent.tracks, 'track')}. "
        f"Library: {plural(tally.playlists, 'playlist')}, {plural(tally.tracks, 'track')}, "
        f"{plural(tally.links, 'link')}."
    )
    if found.in_sync:
        return [line, "In sync: nothing to do."]
    if not found.plan.actions:
        return [line, "Nothing to do, as far as TIDAL could be read."]
    return [line, f"To do: {_totals(found.plan.actions)}.", *_removals(found)]


def _totals(actions: Iterable[Action]) -> str:
    counts = Counter(type(action) for action in actions)
    parts = [
        f"{deed} {plural(counts[kind], thing)}"
        for kind, (deed, thing) in _DEEDS.items()
        if counts[kind]
    ]
    return ", ".join(parts)


def _removals(found: CheckResult) -> list[str]:
    lines = []
    if expected := found.expected_bytes:
        lines.append(f"The downloads will take about {size(expected)}.")
    removals = sum(1 for action in found.plan.actions if is_removal(action))
    if removals:
        entries = plural(removals, "entry", "entries")
        lines.append(
            f"{entries} will be removed; audio goes to the trash, from where it can be restored."
        )
    return lines
