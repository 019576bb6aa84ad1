"""What the ledger holds after a step, the steps of an undo included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from strandline.core.actions import (
    Action,
    Because,
    EntryState,
    Link,
    Relink,
    RenameFolder,
    Trash,
)
from strandline.core.ids import PlaylistId, TrackId, in_pool, is_beside
from strandline.core.ledger_facts import (
    ActionResult,
    EntryGone,
    EntryIs,
    FileGone,
    FileIs,
    FolderGone,
    LedgerFact,
    facts_of,
    with_facts,
)
from strandline.core.states import Kind, Ledger, LedgerEntry, LedgerFile
from strandline.db.journal import Finished
from strandline.db.store import Store
from strandline.execute.handlers.apply import Applied, stamp_of
from strandline.execute.handlers.replace_form import after_form, sha256_of
from strandline.execute.run_actions import GiveBack, Import, PutBack, Replacement, Restore


class KnownFiles:
    """The tracks' files, as the ledger has them and as the steps of a run change them."""

    def __init__(self, store: Store, files: Mapping[TrackId, LedgerFile] | None = None) -> None:
        """``files``: what the ledger has, where the caller knows better than the store."""
        self._store = store
        self._playlists: set[PlaylistId] | None = None
        self._files = None if files is None else dict(files)

    def of(self, action: Action) -> LedgerFile | None:
        """The file of the action's track before it."""
        return self._read().get(action.track) if action.track else None

    def forget(self) -> None:
        """The ledger was changed past this."""
        self._files = None

    def after(self, action: Action, outcome: ActionResult) -> list[LedgerFact]:
        """What the ledger hears of a step that is done; the next ``of`` knows it, too."""
        if isinstance(action, (Link, Relink)):  # which file is theirs, the plan says itself
            return self._recordable(action, facts_of(action, outcome, None))
        changes = self._recordable(action, ledger_facts(action, outcome, self.of(action)))
        for change in changes:
            if isinstance(change, FileIs):
                self._read()[change.file.track] = change.file
            elif isinstance(change, FileGone):
                self._read().pop(change.track, None)
        if isinstance(action, RenameFolder):
            self._files = None  # every path below it is another now; read again once it is asked
        return changes

    def doubts(self, action: Action) -> list[LedgerFact]:
        """Of a track whose files differ though none seems changed no stamp is believed.

        So the next scan reads them, and the next plan knows which one is whole.
        """
        known = self.of(action)
        changes: list[LedgerFact] = []
        if known:
            changes.append(FileIs(known._replace(stamp=None, size=None)))
        changes += (
            EntryIs(entry._replace(stamp=None))
            for entry in self._store.load_ledger().entries.values()
            if entry.track == action.track and entry.kind is Kind.COPY
        )
        return changes

    def _recordable(self, action: Action, changes: list[LedgerFact]) -> list[LedgerFact]:
        """Of a playlist that the database no longer knows, what goes is noted, not what comes.

        What stands there then is for the next scan to judge.
        """
        if self._playlists is None:
            self._playlists = self._store.ledger.playlists()
        if action.playlist is None or action.playlist in self._playlists:
            return changes
        return [it for it in changes if isinstance(it, (EntryGone, FileGone, FolderGone))]

    def _read(self) -> dict[TrackId, LedgerFile]:
        if self._files is None:
            self._files = self._store.ledger.files()
        return self._files


def ledger_after(ledger: Ledger, actions: Iterable[Action], store: Store) -> Ledger:
    """The ledger once all of ``actions`` are done in their order, as the executor will note it."""
    known = KnownFiles(store, ledger.files)
    return with_facts(ledger, (it for a in actions for it in known.after(a, ActionResult(a.path))))


def ledger_facts(
    action: Action, outcome: ActionResult, known: LedgerFile | None
) -> list[LedgerFact]:
    """``known`` is the track's file before the step."""
    if isinstance(action, Restore):
        return _after_restore(action, outcome, known)
    if isinstance(action, Import):
        return _after_import(action, outcome)
    if isinstance(action, (Replacement, PutBack)):
        return after_form(action, outcome)
    if isinstance(action, GiveBack):
        return _after_giving_back(action, known)
    return facts_of(action, outcome, known)


def _after_import(action: Import, outcome: ActionResult) -> list[LedgerFact]:
    assert action.track
    at, stamp, sha256 = outcome.path, outcome.stamp, outcome.sha256
    size = stamp.size if stamp else None
    return _primary(action, LedgerFile(action.track, at, stamp, size, sha256))


def _primary(action: Import | Restore, file: LedgerFile) -> list[LedgerFact]:
    """In the pool a file is no playlist's entry."""
    if in_pool(file.path):
        return [FileIs(file)]
    assert action.playlist
    entry = LedgerEntry(action.playlist, file.track, file.path, Kind.PRIMARY, action.named_for)
    return [EntryIs(entry), FileIs(file)]


def _after_giving_back(action: GiveBack, known: LedgerFile | None) -> list[LedgerFact]:
    changes: list[LedgerFact] = []
    if action.playlist and action.track:
        changes.append(EntryGone(action.playlist, action.track))
    if action.track and known and known.path == action.path:
        changes.append(FileGone(action.track))
    return changes


def _after_restore(
    action: Restore, outcome: ActionResult, known: LedgerFile | None
) -> list[LedgerFact]:
    """A primary is one again; a second copy that comes back is for the next scan to judge.

    So is audio of a track that got another file in the meantime, and a file that was damaged, or
    changed by somebody before it went: neither its stamp nor its hash says that it is whole. A
    damaged second copy is still ours.
    """
    if is_beside(outcome.path) or not action.track:
        return []  # beside the folders: no place for an entry
    if not (action.playlist or in_pool(outcome.path)):
        return []
    stamp, sha256 = outcome.stamp, outcome.sha256
    damaged = action.because is Because.DAMAGED_ON_DISK
    if known is not None and known.path != outcome.path:
        if action.playlist is None:
            return []
        at = action.playlist, action.track, outcome.path
        return [EntryIs(LedgerEntry(*at, Kind.COPY, action.named_for))] if damaged else []
    if not action.primary:
        return []
    if damaged or sha256 is None:  # not the content that was believed: it is read first
        stamp = sha256 = None
    size = stamp.size if stamp else None
    return _primary(action, LedgerFile(action.track, outcome.path, stamp, size, sha256))


def forgotten(action: Action, known: LedgerFile | None) -> list[LedgerFact]:
    """A file of ours became the person's. Its audio is in the other file, of unknown content."""
    changes = facts_of(action, ActionResult(action.path), known)
    return [
        FileIs(it.file._replace(sha256=None)) if isinstance(it, FileIs) else it for it in changes
    ]


def finished_row(seq: int, action: Action, applied: Applied, known: KnownFiles) -> Finished:
    """With the content of what went to the trash, should it come back."""
    outcome, sha256 = applied.outcome, applied.outcome.sha256
    if isinstance(action, (Replacement, PutBack)):  # the old file's is in its intent
        return Finished(seq, None, outcome.stamp, sha256_of(action), applied.trash_path)
    before = known.of(action) if applied.trash_path else None
    if before and _is_it(before, action) and not _is_damaged(action):
        sha256 = before.sha256
    path = None if outcome.path == action.path else outcome.path
    return Finished(seq, path, outcome.stamp, sha256, applied.trash_path)


def _is_damaged(action: Action) -> bool:
    damaged = isinstance(action, Trash) and action.damaged
    return damaged or action.because is Because.DAMAGED_ON_DISK


def _is_it(known: LedgerFile, action: Action) -> bool:
    """Whether what goes is the very file that the ledger knows: else its hash is another's."""
    seen: EntryState | None = getattr(action, "expected", None)
    same = seen is None or known.stamp is None or known.stamp == stamp_of(seen)
    return known.path == action.path and same
