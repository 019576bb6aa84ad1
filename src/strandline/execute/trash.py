"""The trash as a person sees it: per run, what lies there, and bringing it back."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from strandline.core.actions import Action, Because, CreateFolder, EntryState, Link, Lyrics
from strandline.core.ids import LibPath, PlaylistId, TrackId, folder_of, folder_path
from strandline.core.ledger_facts import LedgerFact
from strandline.core.states import CachedEvidence, Evidence, Ledger
from strandline.db.journal import StepRow
from strandline.db.store import Store
from strandline.execute.later_changes import done_in, folders_since, ledger_today, path_today
from strandline.execute.owners import Owners
from strandline.execute.run_actions import Empty, Export, PutBack, Reapply, Restore
from strandline.execute.step_rows import DAMAGED, replaced_file
from strandline.library.files import LibraryFiles, TrashPath
from strandline.library.hashing.sha256 import sha256_file
from strandline.library.stamps import ctime_of, mtime_of

FORMS = (Reapply.name, PutBack.name)
IMPORT = "import"
"""The command whose runs' trash holds a person's own files: no age empties it."""


@dataclass(frozen=True, slots=True)
class Trashed:
    """A file in the trash."""

    run: str
    place: TrashPath
    path: LibPath
    """Where it was."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """Work for the executor: files from the trash back to where they were."""

    actions: list[Action] = field(default_factory=list)
    facts: tuple[LedgerFact, ...] = ()
    agreed: tuple[LedgerFact, ...] = ()
    forgone: tuple[Action, ...] = ()
    following: tuple[Link, ...] = ()


def trashed(files: LibraryFiles, store: Store, run: str | None = None) -> list[Trashed]:
    """What lies in the trash, of one run or of all, oldest run first."""
    listed: list[Trashed] = []
    for name in files.trash_runs() if run is None else [run]:
        rows = _by_place([*store.journal.steps(name), *_put_there(name, store)])
        for place, seen in files.trash_files(name).items():
            listed.append(Trashed(name, place, _home(place, rows.get(place)), seen.size))
    return listed


def taken_by(run: str, files: LibraryFiles, store: Store) -> dict[TrashPath, EntryState]:
    """What ``run`` took away, and its own trash: a person's files lie in that of their import."""
    found = files.trash_files(run)
    for row in done_in(store.journal.steps(run)):
        place = row.trash_path
        if place and place not in found and (seen := files.see_trashed(place)) is not None:
            found[TrashPath(place)] = seen
    return found


def _put_there(run: str, store: Store) -> list[StepRow]:
    """The steps of other runs that put something into the trash of ``run``, an import."""
    row = store.journal.run(run)
    return store.journal.trashed_in(run) if row and row.command == IMPORT else []


def restoration(
    files: LibraryFiles, store: Store, run: str, only: Collection[LibPath] | None = None
) -> Restoration:
    """Bring back what ``run`` trashed; ``only`` names files by where they were.

    A playlist's file goes to where the folder is now, should that have been renamed since.
    """
    steps, later = store.journal.steps(run), _put_there(run, store)
    done, then = done_in(steps), _by_place([*steps, *later])
    rows = _by_place([*done, *later])
    ledger, facts, *_ = ledger_today(files, store)
    work = Restoration(facts=facts)
    now = folders_since(run, done, ledger.playlists, store)
    folders: set[str] = set()
    coming: list[Restore] = []
    exports: list[Export | Lyrics] = []
    forms: list[PutBack] = []
    for place, seen in taken_by(run, files, store).items():
        row = rows.get(place)
        if row and row.action in (Export.name, Lyrics.name):
            if only is None or LibPath(row.path or "") in only:
                exports.append(export_back(files, row, gives_way=None))
        elif row and row.action in FORMS and (seen_now := _as_made(row, files)):
            if only is None or LibPath(row.path or "") in only:
                forms.append(form_back(row, seen_now, seen))
        elif only is None or _home(place, then.get(place)) in only:
            home = path_today(LibPath(row.path), now) if row and row.path else _home(place, row)
            folders.add(folder_of(home))
            coming.append(_restored(home, place, seen, row, ledger))
    owners = Owners(ledger, files, coming)
    work.actions.extend(it for action in coming for it in owners.of_today(action))
    work.actions.extend(forms)
    work.actions.extend(exports)
    work.actions[:0] = [
        _folder(name) for name in sorted(folders) if files.see(folder_path(name)) is None
    ]
    return work


def _restored(
    home: LibPath, place: TrashPath, seen: EntryState, row: StepRow | None, ledger: Ledger
) -> Restore:
    """Of a track that shares another one's file the next scan judges what comes back."""
    back = restore(home, place, seen, row)
    shares = back.track in ledger.shared
    return replace(back, playlist=None, primary=False) if shares else back


def export_back(files: LibraryFiles, row: StepRow, *, gives_way: str | None) -> Export | Lyrics:
    """The action that puts back what an export had in its place before; the journal knows it.

    ``gives_way``: the sha256 of what stands there now and was written in its stead.
    """
    place = row.trash_path
    kind = Lyrics if row.action == Lyrics.name else Export
    return kind(
        LibPath(row.path or ""),
        Because.LIBRARY_CHANGED,
        PlaylistId(row.playlist) if row.playlist else None,
        TrackId(row.track) if row.track else None,
        content=partial(files.read_trashed, place) if place else None,
        sha256=row.replaced,
        old=gives_way,
    )


def form_back(row: StepRow, here: EntryState, place: EntryState) -> PutBack:
    """The action that puts back what ``reapply`` (or its undo) had in its place before.

    ``here``: what stands there now and was made in its stead; ``place``: the old file in the trash.
    """
    _, sha256 = replaced_file(row)
    path = LibPath(row.path or "")
    home = row.target if row.action == PutBack.name else row.source
    return PutBack(
        LibPath(home or path),
        Because.ASKED_FOR,
        PlaylistId(row.playlist) if row.playlist else None,
        TrackId(row.track) if row.track else None,
        source=row.trash_path or "",
        expected=place,
        sha256=sha256,
        gives_way=path,
        replaces=here,
        replaced_sha256=row.sha256 or "",
        named_for=row.named_for,
    )


def restore(path: LibPath, place: str, seen: EntryState, row: StepRow | None) -> Restore:
    """The action that brings one file back; the journal knows whose entry it was."""
    primary = row is not None and row.source is None and row.action == "trash"
    damaged = row is not None and (
        row.because == Because.DAMAGED_ON_DISK.value or row.kind == DAMAGED
    )
    return Restore(
        path,
        Because.DAMAGED_ON_DISK if damaged else Because.MISSING_ON_DISK,
        PlaylistId(row.playlist) if row and row.playlist else None,
        TrackId(row.track) if row and row.track else None,
        source=place,
        expected=seen,
        sha256=_sha256_of(row) if row else None,
        primary=primary,
    )


def _sha256_of(row: StepRow) -> str | None:
    """Of the file in the trash."""
    return replaced_file(row)[1] if row.action in FORMS else row.sha256


def _as_made(row: StepRow, files: LibraryFiles) -> EntryState | None:
    """What stands where the run put it, if nobody has written to it since."""
    here = files.see(row.path or "")
    made = row.inode, row.size, row.mtime_ns
    return here if here and (here.ino, here.size, here.mtime_ns) == made else None


def tell_damaged(actions: Iterable[Action], files: LibraryFiles, store: Store) -> None:
    """Files that were taken away because they were damaged are no better for coming back.

    The next scan takes them for damaged, as long as nobody writes to them.
    """
    rows = []
    for action in actions:
        if isinstance(action, Restore) and action.because is Because.DAMAGED_ON_DISK:
            with suppress(OSError):
                here = files.root / "mp3" / action.path
                at = os.lstat(here)
                if at.st_ino == action.expected.ino:
                    stamp = at.st_ino, at.st_size, mtime_of(at), ctime_of(at)
                    told = Evidence(sha256=sha256_file(here), playable=False)
                    rows.append(CachedEvidence(action.path, *stamp, told))
    store.evidence.save(rows)


def emptied_from(run: str, store: Store) -> dict[str, str]:
    """Places in the trash of ``run`` that are empty for good, each with words for that."""
    return {
        place: f"it was removed from the trash for good on {at:%Y-%m-%d} by run {by}"
        for place, (by, at) in store.journal.emptied(run).items()
        if at is not None
    }


def emptying(files: LibraryFiles, store: Store, runs: Iterable[str]) -> Restoration:
    """Remove everything that these runs took away, for good: a person asked for it."""
    work = Restoration()
    for run in runs:
        rows = _by_place([*store.journal.steps(run), *_put_there(run, store)])
        for place, seen in files.trash_files(run).items():
            row = rows.get(place)
            track = TrackId(row.track) if row and row.track else None
            common = (_home(place, row), Because.ASKED_FOR, None, track)
            work.actions.append(Empty(*common, source=place, expected=seen))
    return work


def _folder(name: str) -> CreateFolder:
    return CreateFolder(folder_path(name), Because.MISSING_ON_DISK, named_for=name)


def _by_place(rows: Iterable[StepRow]) -> dict[str, StepRow]:
    return {row.trash_path: row for row in rows if row.trash_path}


def _home(place: TrashPath, row: StepRow | None) -> LibPath:
    return LibPath((row and row.path) or place.partition("/")[2])
