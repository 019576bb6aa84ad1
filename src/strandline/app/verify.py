"""verify: every file against what was stored, every link against its target.

Files are read while the library is looked at; what is exactly as it was left needs no judging.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

from strandline.app.file_integrity import FileChecker, FileState, Finding, Known, is_fit
from strandline.app.library_folder import require_library
from strandline.app.qualities import learn_qualities
from strandline.app.scope import playlists_named
from strandline.app.session import Clock, Session, open_session
from strandline.app.unfinished_steps import UnfinishedStep, note_what_is_done, unfinished_steps
from strandline.core.actions import Because, Conflict
from strandline.core.changed_tracks import is_fresh_copy
from strandline.core.ids import LibPath, PlaylistId, TrackId, link_target
from strandline.core.ledger_facts import EntryIs, FileIs, LedgerFact
from strandline.core.states import Kind, LedgerEntry, LedgerFile
from strandline.db.store import utc_now
from strandline.db.verified import all_verified
from strandline.errors import Exit
from strandline.events import Silent
from strandline.library.hashing.hash_pairs import HashPairs
from strandline.library.hashing.parallel import Answer, read_whole, reading
from strandline.library.hashing.workers import many_small
from strandline.library.marker import LibraryVerdict

if TYPE_CHECKING:
    from strandline.app.observe import Observed
    from strandline.config import Config
    from strandline.core.folder_state import FolderState
    from strandline.core.states import FoundFolder
    from strandline.events import Progress
    from strandline.library.hashing.file_reader import FileFacts


_LEARNED_AT_ONCE = 1000
"""Files whose packets one run reads, so that none takes much longer than another."""


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """Paths of what is not as it should be; ``checked`` counts primaries."""

    checked: int
    ok: int
    corrupt: tuple[LibPath, ...] = ()
    missing: tuple[LibPath, ...] = ()
    broken_links: tuple[LibPath, ...] = ()
    changed: tuple[LibPath, ...] = ()
    """Changed by somebody, and whole: the new content is the stored one now."""
    unreadable: tuple[LibPath, ...] = ()
    odd_headers: tuple[LibPath, ...] = ()
    """Whole, though their headers promise more sound than there is; they are kept."""
    unsettled: tuple[UnfinishedStep, ...] = ()
    """Steps of runs that were cut off; the next run settles those that are still open."""

    links_of_yours: tuple[LibPath, ...] = ()
    """Of what is missing: where a person's own link leads to no audio, which no sync can heal."""

    @property
    def is_only_yours(self) -> bool:
        """Nothing is wrong but what a person's links lead to, and the links by way of those."""
        others = self.corrupt or self.unreadable or self.unsettled
        return bool(self.links_of_yours) and not others and self.missing == self.links_of_yours

    @property
    def exit(self) -> Exit:
        """4 when anything needs healing."""
        wrong = self.corrupt or self.missing or self.broken_links or self.unreadable
        is_open = any(step.is_open for step in self.unsettled)
        return Exit.SOME_FAILED if wrong or is_open else Exit.DONE


def verify(
    config: Config,
    playlists: tuple[str, ...] = (),
    *,
    quick: bool = False,
    progress: Progress | None = None,
    now: Clock = utc_now,
) -> VerifyResult:
    """Read the library; what is wrong is marked, so that the next sync heals it.

    Raises SafetyStopError, UsageError, BusyError, DatabaseError, LibraryError.
    """
    with open_session(config, progress, locked=True, now=now) as session:
        state = require_library(config.library, session.store)
        then = note_what_is_done(session) if state.verdict is LibraryVerdict.READY else None
        only = playlists_named(playlists, session.store.reports.playlist_names())
        whole, pairs = _Whole(session), HashPairs(session.store.content_hashes.load())
        observed = whole.observe() if only is None and not quick else None
        primaries = _primaries(session, only, whole)
        with _judging(session, primaries, pairs, quick=quick) as judged:
            from strandline.app.observe import observe, save  # takes its time; files are read

            observed = observed or observe(session, None, Silent(), anew=True)
            findings = _unknown(judged(), observed)
        yours = _yours(observed)
        findings = [found for found in findings if not _is_yours(found, yours, observed)]
        entries = [entry for entry in _entries(observed, only) if entry.path not in yours]
        with _judging(session, _copies(observed, entries), pairs, quick=quick) as judged:
            of_copies = _unknown(judged(), observed)
        broken = [entry.path for entry in entries if not _is_whole(entry, observed)]
        damaged = [found for found in (*findings, *of_copies) if found.state is FileState.CORRUPT]
        session.store.evidence.save(found.as_damaged() for found in damaged)
        if changes := list(_changes(findings, of_copies, observed)):
            session.store.apply(changes, session.now())
            observed = observe(session, None, Silent())
        session.store.content_hashes.learn(pairs.learned)
        if only is None and not quick:  # all were read, and what differs is among the findings
            wrong = {found.known.path for found in findings}
            _learn_packets(session, wrong)
            learn_qualities(session, wrong)
        if not quick and not whole.is_all:
            _note_verified(session, None if only is None else primaries, findings)
        save(session, observed, facts=state.verdict is LibraryVerdict.READY and then is None)
        found = _result(whole.files + len(primaries), findings, of_copies, broken)
        theirs = _links_of_theirs(observed).intersection(found.missing)
        return replace(
            found,
            unsettled=unfinished_steps(session.store),
            links_of_yours=tuple(path for path in found.missing if path in theirs),
        )


class _Whole:
    """The folders that were read to the last byte, and hold just what they should."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._folder_states: dict[str, FolderState] = {}
        self.is_all = False
        """No file is left to be read, and all of them are noted as verified."""

    def observe(self) -> Observed | None:
        """What is seen while the files are read folder by folder; None where that does not pay."""
        files, of_bytes = self._session.store.ledger.how_many()
        if not many_small(files, of_bytes):
            return None
        from strandline.app.observe import observe

        self._session.progress.phase("verify", total=files)
        self._session.progress.expect(of_bytes)
        read = partial(self._read, files)
        return observe(self._session, None, Silent(), anew=True, checker=read)

    def _read(
        self, files: int, folder_states: Iterable[FolderState]
    ) -> Iterator[tuple[FolderState, FoundFolder | None]]:
        config, progress, now = self._session.config, self._session.progress, self._session.now()
        with all_verified(config.database_url, now) as note:
            answers = read_whole(str(config.mp3_dir), folder_states, progress)
            self._folder_states = {
                folder_state.folder: folder_state for folder_state, folder in answers if folder
            }
            self.is_all = self.files == files
            if self.is_all:
                note()
        yield from answers

    @property
    def files(self) -> int:
        """How many."""
        return sum(len(folder_state.files) for folder_state in self._folder_states.values())

    def tracks(self) -> set[TrackId]:
        """Whose files."""
        return {
            track
            for folder_state in self._folder_states.values()
            for name, track in folder_state.tracks().items()
            if name in folder_state.files
        }


def _primaries(session: Session, only: Collection[PlaylistId] | None, whole: _Whole) -> list[Known]:
    """What is still to be read, by path; with ``only``, of what these playlists list or hold."""
    if whole.is_all:
        return []
    known, files = whole.tracks(), session.store.ledger.files(only).values()
    rest = (Known(*file) for file in files if file.track not in known)
    return sorted(rest, key=attrgetter("path"))


def _entries(observed: Observed, only: Collection[PlaylistId] | None) -> list[LedgerEntry]:
    """Those that may not be as they were left; what is settled was not even loaded."""
    entries = observed.ledger.entries.values()
    return [entry for entry in entries if only is None or entry.playlist in only]


def _copies(observed: Observed, entries: Iterable[LedgerEntry]) -> list[Known]:
    """Copies have the content of their primaries, unless they were made of an older one."""
    return [
        Known(entry.track, entry.path, entry.stamp, file.size, file.sha256 if fresh else None)
        for entry in entries
        if entry.kind is Kind.COPY and (file := observed.ledger.audio_of(entry.track))
        for fresh in [entry.stamp is not None and is_fresh_copy(entry.stamp, file.stamp)]
    ]


def _yours(observed: Observed) -> set[LibPath]:
    """Where a person's own versions and links stand, by the ledger and by what was just seen."""
    noted = (note.entry for note in observed.plan.facts if isinstance(note, EntryIs))
    entries = chain(observed.ledger.entries.values(), noted)
    return {entry.path for entry in entries if entry.kind is Kind.YOURS}


def _links_of_theirs(observed: Observed) -> set[LibPath]:
    """Where the plan leaves a person's link alone that leads nowhere."""
    actions = (action for action in observed.plan.actions if isinstance(action, Conflict))
    return {action.path for action in actions if action.because is Because.LINK_OF_YOURS}


def _is_yours(found: Finding, yours: Collection[LibPath], observed: Observed) -> bool:
    """A person's link that leads to audio stands for the file that is not there."""
    link = observed.scan.links.get(found.known.path)
    return link is not None and found.known.path in yours and not observed.scan.is_dangling(link)


@contextmanager
def _judging(
    session: Session, files: list[Known], pairs: HashPairs, *, quick: bool
) -> Iterator[Callable[[], list[Finding]]]:
    """Read while the caller does something else; the call gives what is not as it was left."""
    mp3, progress = str(session.config.mp3_dir), session.progress

    def differing(batch: list[Known], answer: Answer) -> list[tuple[Known, FileFacts | None]]:
        pairs = zip(batch, answer, strict=True)
        return [(file, facts) for file, facts in pairs if not file.is_as_left(facts)]

    if files:
        progress.phase("verify", total=len(files))
    if quick:
        unread = [file for file in files if not is_fit(mp3, file)]
        progress.advance(len(files) - len(unread))
        files = unread
    if files:
        progress.expect(sum(file.size or 0 for file in files))
    with reading(mp3, files, differing, progress, by=pairs.read) as read:
        yield lambda: _judged(session, list(chain.from_iterable(read())))


def _judged(session: Session, differing: list[tuple[Known, FileFacts | None]]) -> list[Finding]:
    """By path. Their sound is read by both cores: of most files there is nothing to judge."""
    if not differing:
        return []
    store = session.store
    packets = store.packets.of({file.sha256 for file, _ in differing if file.sha256})
    left = store.statuses.last_right({file.track for file, _ in differing})
    judge = FileChecker(str(session.config.mp3_dir), packets, left)
    with ThreadPoolExecutor(2) as pool:
        findings = list(pool.map(lambda pair: judge.judge(*pair), differing))
    store.packets.learn({f.sha256: f.packets for f in findings if f.sha256 and f.packets})
    return sorted(findings, key=lambda found: found.known.path)


def _learn_packets(session: Session, but: Collection[LibPath]) -> None:
    """Of files that are as they were, so that a later change of tags is told from decay."""
    from strandline.library.audio.packets import packets_or_none

    store, mp3 = session.store, session.config.mp3_dir
    files = [pair for pair in store.packets.unknown(_LEARNED_AT_ONCE) if pair[0] not in but]
    with ThreadPoolExecutor(2) as pool:
        read = pool.map(lambda pair: (pair[1], packets_or_none(mp3 / pair[0])), files)
        store.packets.learn(dict(read))


def _unknown(findings: Iterable[Finding], observed: Observed) -> list[Finding]:
    """What is behind a place that cannot be looked into is not missing: nobody knows."""
    return [
        found._replace(state=FileState.UNREADABLE)
        if found.state is FileState.MISSING and observed.scan.hides(found.known.path)
        else found
        for found in findings
    ]


def _is_whole(entry: LedgerEntry, observed: Observed) -> bool:
    """A symlink holds the right text and leads to a file; a hard link is that file."""
    primary, files = observed.ledger.audio_of(entry.track), observed.scan.files
    if (
        primary is None
        or entry.kind in (Kind.PRIMARY, Kind.COPY)
        or observed.scan.hides(entry.path)
    ):
        return True
    file = files.get(primary.path)
    if entry.kind is Kind.SYMLINK:
        link = observed.scan.links.get(entry.path)
        right = link is not None and link.target == link_target(entry.path, primary.path)
        return right and link is not None and not observed.scan.is_dangling(link)
    found = files.get(entry.path)
    if observed.scan.hides(primary.path):  # nobody could look at the primary
        return found is not None
    return found is not None and file is not None and found[1:3] == file[1:3]


def _changes(
    findings: Iterable[Finding], of_copies: Iterable[Finding], observed: Observed
) -> Iterator[LedgerFact]:
    """News of sound files. Without stamp and size the ledger does not vouch for a damaged one, nor
    for one that was changed behind its stamp and its copies: the next scan reads those."""
    for finding in findings:
        known, stamp = finding.known, finding.stamp
        if finding.state is FileState.CORRUPT:
            fact = LedgerFile(known.track, known.path, None, None, known.sha256)
        elif finding.news and stamp is not None:
            left = None if _is_behind(finding) else stamp
            size = left.size if left else None
            fact = LedgerFile(known.track, known.path, left, size, finding.sha256)
        else:
            continue
        if fact != LedgerFile(*known):
            yield FileIs(fact)
    other = {found.known.path for found in of_copies if found.state in _OTHER_CONTENT}
    for entry in observed.ledger.entries.values():
        if entry.path in other:
            yield EntryIs(entry._replace(stamp=None))


def _is_behind(finding: Finding) -> bool:
    """Changed while its stamp is what it was; or so before, and no scan has seen to it since."""
    known = finding.known
    changed = finding.state is FileState.CHANGED and finding.stamp == known.stamp
    return changed or (known.stamp is None and known.sha256 is not None)


_OTHER_CONTENT = (FileState.CORRUPT, FileState.CHANGED)
"""Of a copy: its primary's content is not in it any more."""


def _note_verified(
    session: Session, read: Iterable[Known] | None, findings: Iterable[Finding]
) -> None:
    """``read``: None for all."""
    bad = {found.known.track for found in findings if found.state not in _GOOD}
    tracks = None if read is None else [file.track for file in read]
    session.store.statuses.verified(tracks, session.now(), but=bad)


_GOOD = (FileState.OK, FileState.CHANGED)


def _result(
    checked: int, findings: list[Finding], of_copies: list[Finding], broken: list[LibPath]
) -> VerifyResult:
    def paths(state: FileState) -> tuple[LibPath, ...]:
        return tuple(found.known.path for found in (*findings, *of_copies) if found.state is state)

    return VerifyResult(
        checked=checked,
        ok=checked - sum(found.state not in _GOOD for found in findings),
        corrupt=paths(FileState.CORRUPT),
        missing=paths(FileState.MISSING),
        broken_links=tuple(sorted(broken)),
        changed=paths(FileState.CHANGED),
        unreadable=paths(FileState.UNREADABLE),
        odd_headers=tuple(f.known.path for f in (*findings, *of_copies) if f.told),
    )
