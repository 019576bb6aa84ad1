"""A plan by playlist: what it does in each, and a row of numbers for each. A move is in both."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.actions import (
    Action,
    Because,
    Conflict,
    CreateFolder,
    Download,
    Link,
    Move,
    RemoveFolder,
    RenameFolder,
    TakeBack,
    Trash,
)
from strandline.core.ids import PlaylistId, TrackId, folder_of, folder_path, name_of
from strandline.core.plan import is_removal
from strandline.core.states import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from strandline.core.plan import Plan
    from strandline.core.states import Ledger

REPAIRS = {
    Because.MISSING_ON_DISK: "missing on disk",
    Because.DAMAGED_ON_DISK: "damaged on disk",
    Because.BROKEN_LINK: "with a broken link",
}
"""Each with the words for what is wrong."""
_NEW = (Because.NEW_PLAYLIST, Because.NEW_IN_PLAYLIST)


class InPlaylist(NamedTuple):
    """What a plan does in one playlist; what belongs to none has a folder's name and no id."""

    playlist: PlaylistId | None
    name: str
    actions: tuple[Action, ...]
    leaving: tuple[Move, ...]
    """Audio that moves from its folder into another playlist's; it is among that one's actions."""


class PlaylistRow(NamedTuple):
    """How many tracks or entries of one playlist a plan is about; ``what`` names what is rare."""

    name: str
    new: int
    gone: int
    """Files and links that are removed; all rows together say how many the plan removes."""
    moved: int
    """Files that move into its folder or out of it."""
    links: int
    """Links made or updated for a track that was in the playlist before."""
    renamed: int
    """Files that get another name in the same folder."""
    what: tuple[str, ...]
    changes_paths: bool
    """Audio gets another path: by a move, a new name, or with its folder."""


def by_playlist(
    plan: Plan, ledger: Ledger, names: Mapping[PlaylistId, str]
) -> Iterator[InPlaylist]:
    """Each playlist that the plan touches, by name."""
    owners = _owners(plan, ledger)
    actions: dict[tuple[PlaylistId | None, str], list[Action]] = {}
    leaving: dict[tuple[PlaylistId | None, str], list[Move]] = {}
    for action in plan.actions:
        playlist = action.playlist or owners.get(folder_of(action.path))
        here = playlist, "" if playlist else name_of(folder_path(folder_of(action.path)))
        actions.setdefault(here, []).append(action)
        if isinstance(action, Move):
            left = action.leaves or owners.get(folder_of(action.source))
            if left and left != playlist:
                leaving.setdefault((left, ""), []).append(action)
    found = [
        InPlaylist(
            playlist,
            (names.get(playlist) if playlist else None) or folder or _folder(playlist, ledger),
            tuple(actions.get((playlist, folder), ())),
            tuple(leaving.get((playlist, folder), ())),
        )
        for playlist, folder in actions.keys() | leaving.keys()
    ]
    yield from sorted(found, key=lambda it: (it.name.casefold(), it.name, it.playlist or ""))


def _folder(playlist: PlaylistId | None, ledger: Ledger) -> str:
    known = ledger.playlists.get(playlist) if playlist else None
    return known.folder if known else playlist or ""


def _owners(plan: Plan, ledger: Ledger) -> dict[str, PlaylistId]:
    """Folder -> playlist, once the plan's renames are done: that is how its paths are written."""
    owners = {known.folder: id for id, known in ledger.playlists.items()}
    for action in plan.actions:
        if isinstance(action, RenameFolder) and action.playlist:
            owners[folder_of(action.path)] = action.playlist
    return owners


def path_changes(plan: Plan, ledger: Ledger) -> frozenset[TrackId]:
    """Tracks whose audio gets another path: what knows files by path has to look for them anew."""
    moved = {a.track for a in plan.actions if isinstance(a, Move) and a.track}
    renamed = {a.playlist for a in plan.actions if isinstance(a, RenameFolder)}
    if renamed:
        leaving = {a.path for a in plan.actions if isinstance(a, Trash)}
        moved |= {
            entry.track
            for entry in ledger.entries.values()
            if entry.playlist in renamed and entry.kind is Kind.PRIMARY
            if entry.path not in leaving
        }
    return frozenset(moved)


# ---------------------------------------------------------------- a row of numbers


def row_of(group: InPlaylist, ledger: Ledger) -> PlaylistRow:
    """The group's numbers. A track that takes two steps (a copy, then a link) counts once."""
    found: dict[str, set[str | None]] = defaultdict(set)
    for action in group.actions:
        for column in _columns(action, ledger):
            found[column].add(action.track or action.path)
    for move in group.leaving:
        found["moved"].add(move.track)
    found["links"] -= found["moved"].union(*(found[why] for why in REPAIRS.values()))
    found["spare"] -= found["links"]
    return PlaylistRow(
        group.name,
        len(found["new"]),
        len(found["gone"]),
        len(found["moved"]),
        len(found["links"]),
        len(found["renamed"]),
        (*_what(group), *(f"{len(found[name]):,} {word}" for name, word in _RARE if found[name])),
        bool(group.leaving) or any(isinstance(a, (Move, RenameFolder)) for a in group.actions),
    )


_RARE = (
    ("renamed", "renamed"),
    *((words, words) for words in REPAIRS.values()),
    ("merged", "merged with the same recording"),
    ("spare", "duplicate to the trash"),
    ("conflict", "left alone"),
)


def _columns(action: Action, ledger: Ledger) -> tuple[str, ...]:
    """Where an action on an entry counts; one on a folder is said in words."""
    match action:
        case CreateFolder() | RenameFolder() | RemoveFolder():
            return ()
        case Conflict():
            return ("conflict",)
        case Move():
            return _columns_of_move(action, ledger)
        case TakeBack():
            return ("new",)
        case _:
            return (_column(action),)


def _columns_of_move(move: Move, ledger: Ledger) -> tuple[str, ...]:
    if folder_of(move.source) == folder_of(move.path):
        return ("renamed",)
    known = (move.playlist, move.track) in ledger.entries
    return ("moved",) if known else ("moved", "new")


def _column(action: Action) -> str:
    because = action.because
    if isinstance(action, (Download, Link)) and because in _NEW:
        return "new"
    if because in REPAIRS:
        return REPAIRS[because]
    if because is Because.SAME_RECORDING:
        return "merged"
    if is_removal(action):
        return "gone"
    if isinstance(action, Trash):
        return "spare"
    return "renamed" if because is Because.RENAMED_IN_TIDAL else "links"


def _what(group: InPlaylist) -> Iterator[str]:
    for action in group.actions:
        match action:
            case CreateFolder():
                new = action.because is Because.NEW_PLAYLIST
                yield "new playlist" if new else "folder created again"
            case RenameFolder():
                yield f"renamed from {folder_of(action.source)!r}"
            case RemoveFolder():
                yield "folder removed"
