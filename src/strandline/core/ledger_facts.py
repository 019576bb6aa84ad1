"""Facts for the ledger: what a finished action did, or what a scan recognised.

The executor commits these together with a step's "done"; the property tests apply the same ones
in memory. So there is one home for what strandline believes after each action.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from strandline.core.actions import (
    Action,
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
from strandline.core.ids import LibPath, PlaylistId, TrackId, folder_of, in_pool
from strandline.core.states import (
    Kind,
    Ledger,
    LedgerEntry,
    LedgerFile,
    LedgerPlaylist,
    Stamp,
)


@dataclass(frozen=True, slots=True)
class FolderIs:
    """This playlist's folder is that one; all paths in it follow a new name."""

    playlist: LedgerPlaylist


@dataclass(frozen=True, slots=True)
class FolderGone:
    """strandline no longer keeps a folder for this playlist."""

    playlist: PlaylistId


@dataclass(frozen=True, slots=True)
class EntryIs:
    """This track in this playlist is that file or link."""

    entry: LedgerEntry


@dataclass(frozen=True, slots=True)
class EntryGone:
    """This playlist has nothing on disk for this track."""

    playlist: PlaylistId
    track: TrackId


@dataclass(frozen=True, slots=True)
class FileIs:
    """The track's primary audio is that file."""

    file: LedgerFile


@dataclass(frozen=True, slots=True)
class FileGone:
    """The track has no audio in the library."""

    track: TrackId


@dataclass(frozen=True, slots=True)
class IdReplaced:
    """TIDAL gave a track a new id: in tags and in the journal the old one means the new one."""

    old: TrackId
    new: TrackId


@dataclass(frozen=True, slots=True)
class IdBack:
    """TIDAL lists a track again by an id that was replaced: it is a track of its own."""

    old: TrackId


@dataclass(frozen=True, slots=True)
class SharedIs:
    """The track's audio is the file of ``holder``: both are one recording.

    It ends once the track has a file of its own.
    """

    track: TrackId
    holder: TrackId


@dataclass(frozen=True, slots=True)
class SharedGone:
    """The track's audio is no other track's."""

    track: TrackId


LedgerFact = (
    FolderIs
    | FolderGone
    | EntryIs
    | EntryGone
    | FileIs
    | FileGone
    | IdReplaced
    | IdBack
    | SharedIs
    | SharedGone
)


class ActionResult(NamedTuple):
    """What a finished action left on disk, as far as the ledger wants to know.

    ``path`` is the real place (a download's extension may differ from the plan's), ``sha256`` is
    known for downloads and copies, ``ino`` is a folder's. A link's ``stamp`` is for the journal.
    ``keeper`` is the stamp of the equal file that stays, as it was when both were compared.
    """

    path: LibPath
    stamp: Stamp | None = None
    sha256: str | None = None
    ino: int | None = None
    keeper: Stamp | None = None


def facts_of(action: Action, outcome: ActionResult, known: LedgerFile | None) -> list[LedgerFact]:
    """What the ledger holds after ``action``; ``known`` is the track's file before it."""
    at, playlist, track = outcome.path, action.playlist, action.track
    match action:
        case Link() | Relink():  # first, for there may be a hundred thousand
            assert playlist
            assert track
            stamp = None if action.kind is Kind.SYMLINK else outcome.stamp
            return [EntryIs(LedgerEntry(playlist, track, at, action.kind, action.named_for, stamp))]
        case CreateFolder() | RenameFolder():
            if playlist is None:  # made for what comes back from the trash; the next scan judges
                return []
            folder = LedgerPlaylist(playlist, folder_of(at), action.named_for, outcome.ino)
            return [FolderIs(folder)]
        case RemoveFolder():
            return [FolderGone(playlist)] if playlist else []
        case Download() | Move() | TakeBack():
            assert track
            sha256 = outcome.sha256 or _still_its_hash(action, outcome, known)
            size = outcome.stamp.size if outcome.stamp else None
            file = FileIs(LedgerFile(track, at, outcome.stamp, size, sha256))
            if in_pool(at):  # no playlist's entry; where it was one, a link is owed to that
                return [file]
            assert playlist
            entry = LedgerEntry(playlist, track, at, Kind.PRIMARY, action.named_for)
            changes: list[LedgerFact] = [EntryIs(entry), file]
            if isinstance(action, Move) and action.leaves:
                changes.append(EntryGone(action.leaves, track))
            return changes
        case Unlink():
            return [EntryGone(playlist, track)] if playlist and track else []
        case Trash():
            return _after_trash(action, outcome, known)
        case _:
            return []


def _still_its_hash(
    action: Download | Move | TakeBack, outcome: ActionResult, known: LedgerFile | None
) -> str | None:
    """Of a file that was moved: what the plan knew of it, else the ledger if it is that file."""
    if isinstance(action, Move) and action.sha256:
        return action.sha256
    same = known is not None and known.stamp is not None and known.stamp == outcome.stamp
    return known.sha256 if known and same else None


def _after_trash(
    action: Trash, outcome: ActionResult, known: LedgerFile | None
) -> list[LedgerFact]:
    """A second copy that gives way leaves the track's primary where it is.

    Of a primary that gives way to its copy, the copy is the primary: it was found to be equal.
    """
    changes: list[LedgerFact] = []
    if action.playlist and action.track:
        changes.append(EntryGone(action.playlist, action.track))
    if action.is_replaced:  # the successor is the track's file by now
        return changes
    if action.track and known and known.path == action.path:
        heir = _heir(known, action, outcome.keeper) if action.keeper else None
        changes.append(FileIs(heir) if heir else FileGone(action.track))
    return changes


def _heir(known: LedgerFile, action: Trash, stamp: Stamp | None) -> LedgerFile:
    """The equal of what went; the ledger's hash is of the file that it knew.

    Its ``stamp`` goes with that hash, or the track's other copies would be read again.
    """
    assert action.keeper
    gone = Stamp(action.expected.ino, action.expected.size, action.expected.mtime_ns)
    if known.stamp != gone:
        return LedgerFile(known.track, action.keeper, None, gone.size, None)
    return LedgerFile(known.track, action.keeper, stamp, gone.size, known.sha256)


def with_facts(  # noqa: C901 - one case a fact
    ledger: Ledger, changes: Iterable[LedgerFact]
) -> Ledger:
    """The ledger after ``changes``, as a new value."""
    playlists, entries, files = dict(ledger.playlists), dict(ledger.entries), dict(ledger.files)
    renames = Renames()
    replaced, shared = ledger.replaced, ledger.shared

    def follow() -> None:
        folders = ((id, known.folder) for id, known in playlists.items())
        _follow(renames.ended(folders), entries, files)

    for change in changes:
        if not isinstance(change, FolderIs):
            follow()
        match change:
            case FolderIs(playlist):
                if old := playlists.get(playlist.id):
                    renames.add(old, playlist)
                playlists[playlist.id] = playlist
            case FolderGone(playlist=gone):
                playlists.pop(gone, None)
            case EntryIs(entry):
                entries[entry.playlist, entry.track] = entry
            case EntryGone(playlist=gone, track=track):
                entries.pop((gone, track), None)
            case FileIs(file):
                files[file.track] = file
                shared = {it: by for it, by in shared.items() if it != file.track}
            case FileGone(track=track):
                files.pop(track, None)
            case IdReplaced() | IdBack():
                replaced = _ids_after(change, replaced)
                shared = _shared_after(change, shared)
            case SharedIs(track=track, holder=holder):
                files.pop(track, None)
                shared = shared | {track: holder}
            case SharedGone(track=track):
                shared = {it: by for it, by in shared.items() if it != track}
    follow()
    return replace(
        ledger, playlists=playlists, entries=entries, files=files, replaced=replaced, shared=shared
    )


def _shared_after(
    change: IdReplaced | IdBack, shared: dict[TrackId, TrackId]
) -> dict[TrackId, TrackId]:
    """What was shared under the old id is under the new one."""
    if isinstance(change, IdBack):
        return shared
    named = {change.old: change.new}
    after = {named.get(it, it): named.get(by, by) for it, by in shared.items()}
    return {it: by for it, by in after.items() if it != by}


def _ids_after(
    change: IdReplaced | IdBack, replaced: dict[TrackId, TrackId]
) -> dict[TrackId, TrackId]:
    """No id stands for another that is itself replaced."""
    rest = {old: new for old, new in replaced.items() if old != change.old}
    if isinstance(change, IdBack):
        return rest
    rest = {old: change.new if new == change.old else new for old, new in rest.items()}
    rest.pop(change.new, None)
    return rest | {change.old: change.new}


def renamed_path(path: LibPath, old: str, new: str) -> LibPath:
    """``path`` after its playlist folder was renamed from ``old`` to ``new``."""
    head, tail = f"Playlists/{old}/", f"Playlists/{new}/"
    return LibPath(tail + path[len(head) :]) if path.startswith(head) else path


class Rename(NamedTuple):
    """A folder's old name and its new one."""

    old: str
    new: str
    only: PlaylistId | None = None
    """Whose entries alone are believed under the new name: its folder was gone, and made anew, or
    another playlist is believed in a folder of the old name, for a run was cut off."""


class Renames:
    """Neighbouring facts about folders: those renamed have got their new names at once.

    So two playlists may swap names, and all that lies in a folder goes along, whoever it is of.
    """

    def __init__(self) -> None:
        self._of: dict[PlaylistId, tuple[LedgerPlaylist, LedgerPlaylist]] = {}

    def add(self, old: LedgerPlaylist, new: LedgerPlaylist) -> None:
        """One more of them."""
        first, _ = self._of.get(old.id, (old, new))
        self._of[old.id] = first, new

    def ended(self, others: Iterable[tuple[PlaylistId, str]]) -> list[Rename]:
        """One of each old name; the next to be added belong to another moment.

        ``others``: all playlists with their folders; of those that were added any name will do.
        """
        if not self._of:
            return []
        names = Counter(folder for id, folder in others if id not in self._of)
        names.update(old.folder for old, _ in self._of.values())
        renames = [
            Rename(old.folder, new.folder, old.id if alone else None)
            for old, new in self._of.values()
            if old.folder != new.folder
            for alone in [names[old.folder] > 1 or _is_made_anew(old, new)]
        ]
        self._of.clear()
        return renames


def _is_made_anew(old: LedgerPlaylist, new: LedgerPlaylist) -> bool:
    """Another folder than the one that had the old name, as far as both are known."""
    return None not in (old.ino, new.ino) and old.ino != new.ino


def _follow(
    renames: Iterable[Rename],
    entries: dict[tuple[PlaylistId, TrackId], LedgerEntry],
    files: dict[TrackId, LedgerFile],
) -> None:
    """Each path as it is once its folder has its new name."""
    along = {rename.old: rename.new for rename in renames if rename.only is None}
    own = {rename.only: along | {rename.old: rename.new} for rename in renames if rename.only}
    if not along and not own:
        return
    of_files: dict[TrackId, Mapping[str, str]] = {}
    for key, entry in entries.items():
        new_names, file = own.get(key[0], along), files.get(key[1])
        if key[0] in own and entry.kind is Kind.PRIMARY and file and file.path == entry.path:
            of_files[key[1]] = new_names
        entries[key] = entry._replace(path=renamed_in(new_names, entry.path))
    for track, file in files.items():
        files[track] = file._replace(path=renamed_in(of_files.get(track, along), file.path))


def renamed_in(renames: Mapping[str, str], path: LibPath) -> LibPath:
    """``path`` after its folder was renamed, if that is one of ``renames``."""
    new = renames.get(folder := folder_of(path))
    return renamed_path(path, folder, new) if new else path


def renamed_fact(renames: Mapping[str, str], fact: LedgerFact) -> LedgerFact:
    """``fact`` with its path after the renames."""
    match fact:
        case EntryIs(entry):
            return EntryIs(entry._replace(path=renamed_in(renames, entry.path)))
        case FileIs(file):
            return FileIs(file._replace(path=renamed_in(renames, file.path)))
        case _:
            return fact
