"""What changed after a run: later renames of folders, and links that were made later.

A journal's paths are those of its time. An undo and a restore work with the places of today.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from strandline.core.actions import (
    Action,
    Because,
    EntryState,
    Link,
    Move,
    Relink,
    RenameFolder,
    Trash,
    Unlink,
)
from strandline.core.folder_names import folders_today
from strandline.core.ids import (
    LibPath,
    PlaylistId,
    TrackId,
    folder_of,
    folder_path,
    is_entry,
    link_target,
)
from strandline.core.ledger_facts import EntryIs, FolderIs, LedgerFact, renamed_path, with_facts
from strandline.core.states import Kind, Ledger, LedgerEntry, LedgerPlaylist, Scan
from strandline.db.journal import StepRow, StepState
from strandline.db.store import Store
from strandline.events import Silent
from strandline.execute.run_actions import PutBack, Reapply
from strandline.execute.stray_links import knowing_strays
from strandline.library.files import LibraryFiles
from strandline.library.scan.service import walk

Key = tuple[PlaylistId, TrackId]


class LedgerToday(NamedTuple):
    """The ledger with what the person renamed since, folders and links; what is new; the disk."""

    ledger: Ledger
    facts: tuple[LedgerFact, ...]
    scan: Scan
    texts: Mapping[Key, Collection[str]]
    """Of each link, what it holds if it is as strandline made it."""


def ledger_today(files: LibraryFiles, store: Store) -> LedgerToday:
    """What an undo or a restore starts from.

    Raises LibraryError when the playlists cannot be read.
    """
    scan = walk(files.root / "mp3", Silent(), pool=files.pool).scan({})
    then = knowing_strays(store.load_ledger(), scan, store)
    folders = tuple(
        FolderIs(LedgerPlaylist(id, found.name, None, found.ino))
        for id, found in folders_today(then, scan).items()
        if found.is_folder and found.name != then.playlists[id].folder
    )
    ledger = with_facts(then, folders)
    links = tuple(_links_renamed(then, ledger, scan))
    return LedgerToday(with_facts(ledger, links), (*folders, *links), scan, _texts(then, ledger))


def _texts(then: Ledger, ledger: Ledger) -> dict[Key, set[str]]:
    """What each link may hold: where its audio was, and is, by the names of the folders."""
    return {
        key: {
            link_target(of.entries[key].path, audio.path)
            for of in (then, ledger)
            if (audio := of.audio_of(entry.track))
        }
        for key, entry in ledger.entries.items()
        if entry.kind is Kind.SYMLINK
    }


def _links_renamed(then: Ledger, ledger: Ledger, scan: Scan) -> Iterator[EntryIs]:
    """Links under other names: the only ones in their folders that lead to the track's audio.

    ``then``: the ledger with the names of folders to which links made before lead.
    """
    missing = [
        entry
        for entry in ledger.entries.values()
        if entry.kind is Kind.SYMLINK and not (entry.path in scan.links or entry.path in scan.files)
    ]
    if not missing:
        return
    known = {entry.path for entry in ledger.entries.values()}
    found: dict[tuple[str, LibPath | None], list[LibPath]] = {}
    made: dict[tuple[str, PlaylistId, TrackId], LibPath] = {}
    for path, link in sorted(scan.links.items()):
        if path not in known and is_entry(path):
            found.setdefault((folder_of(path), scan.pointed_at(link)), []).append(path)
            for id in ledger.playlists:
                if track := ledger.made.get((id, link.target)):
                    made.setdefault((folder_of(path), id, track), path)
    for entry in missing:
        if stray := made.get((folder_of(entry.path), entry.playlist, entry.track)):
            yield EntryIs(entry._replace(path=stray, named_for=None))
            continue
        places = {it.path for of in (then, ledger) if (it := of.audio_of(entry.track))}
        here = [path for at in places for path in found.get((folder_of(entry.path), at), ())]
        if len(here) == 1:
            yield EntryIs(entry._replace(path=here[0], named_for=None))


def folders_since(
    run: str, rows: Iterable[StepRow], playlists: Mapping[PlaylistId, LedgerPlaylist], store: Store
) -> dict[str, str]:
    """Folder names as they were when ``run`` ended -> today's, where they differ."""
    now: dict[str, str] = {}
    for _, of_run in groupby(store.journal.renamed_since(run), key=lambda step: step[0]):
        renamed = {
            folder_of(LibPath(old)): folder_of(LibPath(new)) for _, old, new in of_run
        }  # at once: two playlists may have swapped their names
        now = {then: renamed.get(at, at) for then, at in now.items()} | {
            old: new for old, new in renamed.items() if old not in now and old not in now.values()
        }
    for row in rows:  # the ledger also knows what the person renamed
        known = playlists.get(PlaylistId(row.playlist or ""))
        if known and row.path and row.path.startswith("Playlists/"):
            now[folder_of(LibPath(row.path))] = known.folder
    return {then: at for then, at in now.items() if then != at}


def taken_back(
    run: str, playlists: Mapping[PlaylistId, LedgerPlaylist], store: Store
) -> set[tuple[str | None, str | None]]:
    """The actions of undos of ``run`` before this one, each with the place that it changed.

    Places are as of today; of what was moved or renamed it is the one that was left.
    """
    found = set()
    for undo in store.journal.undos(run):
        done = done_in(store.journal.steps(undo.id))
        now = folders_since(undo.id, done, playlists, store)
        for row in (row_today(row, now) for row in done):
            moves = row.action in (Move.name, RenameFolder.name)
            found.add((row.action, row.source if moves else row.path))
    return found


def done_in(rows: Iterable[StepRow]) -> list[StepRow]:
    """What a run did, with the names that folders had when it ended.

    An undo renames folders after it has worked in them; its steps before that have the old names.
    """
    done = [row for row in rows if row.state == StepState.DONE.value]
    renames = [row for row in done if row.action == RenameFolder.name]
    first = min((row.seq for row in renames), default=0)
    names = {
        folder_of(LibPath(row.source or "")): folder_of(LibPath(row.path or "")) for row in renames
    }
    return [row_today(row, names) if row.seq < first else row for row in done]


def row_today(row: StepRow, now: Mapping[str, str]) -> StepRow:
    """The row with the paths of today; a rename's stay what they were."""
    if row.action == RenameFolder.name or not now:
        return row
    source = row.source
    if row.action in (Move.name, Link.name, Relink.name, Trash.name) and source:
        source = path_today(LibPath(source), now)
    if row.action == Reapply.name and source:
        source = path_today(LibPath(source), now)
    if row.action == PutBack.name and row.target:
        row = row._replace(target=path_today(LibPath(row.target), now))
    path = path_today(LibPath(row.path), now) if row.path else row.path
    return row._replace(path=path, source=source)


def path_today(path: LibPath, now: Mapping[str, str]) -> LibPath:
    """A path of the run's time, today."""
    then = folder_of(path)
    if path == folder_path(then):
        return folder_path(now.get(then, then))
    return renamed_path(path, then, now[then]) if then in now else path


def links_since(
    actions: Sequence[Action],
    back: Mapping[str, str],
    today: LedgerToday,
    after: Ledger,
    files: LibraryFiles,
) -> Iterator[Relink | Unlink | Trash]:
    """What links and copies made since need, so that none of them stands for nothing afterwards.

    ``back``: today's folder names -> those that they get back; ``after``: the ledger as it will be
    without them. A link follows its track's audio; where that is taken away, links and copies go
    as well.
    """
    ours = {action.path for action in actions if isinstance(action, (Link, Unlink, Trash))}
    ledger = today.ledger
    for key, entry in ledger.entries.items():
        known, then = ledger.audio_of(entry.track), after.audio_of(entry.track)
        if known is None or entry.path in ours:
            continue
        if entry.kind in (Kind.COPY, Kind.HARDLINK):
            if then is None and (seen := files.see(entry.path)) and seen.type == "file":
                yield _trash(entry, seen, known.path)
            continue
        if then and then.path == known.path:
            continue
        seen = files.see(entry.path) if entry.kind is Kind.SYMLINK else None
        if seen is None or seen.target not in today.texts[key]:
            continue
        at = final(entry.path, back)
        if then is None:
            yield _unlink(entry, seen)
        elif link_target(at, then.path) != seen.target:
            yield _relink(entry, at, then.path, seen)


def final(path: LibPath, back: Mapping[str, str]) -> LibPath:
    """A path of today, once the folders have their old names back."""
    return path_today(path, back)


def _unlink(entry: LedgerEntry, seen: EntryState) -> Unlink:
    return Unlink(entry.path, Because.PRIMARY_MOVED, entry.playlist, entry.track, expected=seen)


def _trash(entry: LedgerEntry, seen: EntryState, primary: LibPath) -> Trash:
    """Before the primary, which is compared with it: what the person changed stays."""
    why = Because.PRIMARY_MOVED
    return Trash(entry.path, why, entry.playlist, entry.track, expected=seen, keeper=primary)


def _relink(entry: LedgerEntry, at: LibPath, to: LibPath, seen: EntryState) -> Relink:
    return Relink(
        at,
        Because.PRIMARY_MOVED,
        entry.playlist,
        entry.track,
        source=to,
        kind=Kind.SYMLINK,
        named_for=entry.named_for,
        expected=seen,
    )


def renamed_back(actions: Iterable[Action]) -> dict[str, str]:
    """Today's folder names -> those that they get back."""
    return {
        folder_of(action.source): folder_of(action.path)
        for action in actions
        if isinstance(action, RenameFolder)
    }


def put_back(action: Link, back: Mapping[str, str]) -> Link:
    """A link in its folder as that is called in the end."""
    return replace(action, path=final(action.path, back))
