"""verify: every file against what was stored, every link against its target."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strandline.app.judge import Finding, Judge, Known, State
from strandline.app.observe import observe, save
from strandline.app.place import require_library
from strandline.app.scope import playlists_named
from strandline.app.session import Clock, Session, open_session
from strandline.core.ids import LibPath, PlaylistId, TrackId, link_target
from strandline.core.ledger import EntryIs, FileIs, LedgerChange
from strandline.core.states import Kind, Ledger, LedgerEntry, LedgerFile
from strandline.db.store import utc_now
from strandline.errors import Exit
from strandline.events import Silent
from strandline.library.marker import Verdict

if TYPE_CHECKING:
    from strandline.config import Config
    from strandline.events import Progress

THREADS = 2
AT_ONCE = 32
"""Files a thread takes at a time: a task for each would cost more than hashing small ones."""


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """Paths of what is not as it should be; ``checked`` counts primaries."""

    checked: int
    ok: int
    corrupt: tuple[LibPath, ...] = ()
    missing: tuple[LibPath, ...] = ()
    broken_links: tuple[LibPath, ...] = ()
    changed: tuple[LibPath, ...] = ()
    """Changed by somebody, and playable: the new content is the stored one now."""
    unreadable: tuple[LibPath, ...] = ()

    @property
    def exit(self) -> Exit:
        """4 when anything needs healing."""
        wrong = self.corrupt or self.missing or self.broken_links or self.unreadable
        return Exit.SOME_FAILED if wrong else Exit.DONE


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
        only = playlists_named(playlists, session.store.reports.playlist_names())
        ledger = session.store.load_ledger()
        entries = [e for e in ledger.entries.values() if only is None or e.playlist in only]
        primaries = _primaries(ledger, entries, only)
        findings = _judged(session, primaries + _copies(ledger, entries), quick=quick)
        broken = _broken_links(str(config.mp3_dir), ledger, entries)
        _mark(session, ledger, entries, findings)
        save(session, observe(session, None, Silent()), notes=state.verdict is Verdict.READY)
        return _result(findings, len(primaries), broken)


def _primaries(
    ledger: Ledger, entries: Iterable[LedgerEntry], only: Collection[PlaylistId] | None
) -> list[Known]:
    listed = {entry.track for entry in entries}
    files = sorted(ledger.files.values(), key=lambda file: file.path)
    return [Known(*file) for file in files if only is None or file.track in listed]


def _copies(ledger: Ledger, entries: Iterable[LedgerEntry]) -> list[Known]:
    """Copies have the content of their primaries."""
    return [
        Known(entry.track, entry.path, entry.stamp, file.size, file.sha256)
        for entry in entries
        if entry.kind is Kind.COPY and (file := ledger.files.get(entry.track))
    ]


def _judged(session: Session, files: list[Known], *, quick: bool) -> list[Finding]:
    session.progress.phase("verify", total=len(files))
    if not quick:
        session.progress.expect(sum(file.size or 0 for file in files))
    judge = Judge(str(session.config.mp3_dir), session.store.evidence.load(), quick=quick)

    def judge_all(batch: list[Known]) -> list[Finding]:
        found = [judge.judge(file) for file in batch]
        size = 0 if quick else sum(file.size or 0 for file in batch)
        session.progress.advance(len(batch), of_bytes=size)
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        return [finding for batch in pool.map(judge_all, _batches(files)) for finding in batch]


def _batches(files: list[Known]) -> Iterator[list[Known]]:
    return (files[at : at + AT_ONCE] for at in range(0, len(files), AT_ONCE))


def _broken_links(mp3: str, ledger: Ledger, entries: Iterable[LedgerEntry]) -> list[LibPath]:
    broken = []
    for entry in entries:
        primary = ledger.files.get(entry.track)
        if primary and not _is_whole(mp3, entry, primary):
            broken.append(entry.path)
    return sorted(broken)


def _is_whole(mp3: str, entry: LedgerEntry, primary: LedgerFile) -> bool:
    """A symlink holds the right text and leads to a file; a hard link is that file."""
    link, file = f"{mp3}/{entry.path}", f"{mp3}/{primary.path}"
    try:
        if entry.kind is Kind.SYMLINK:
            right = os.readlink(link) == link_target(entry.path, primary.path)
            return right and os.path.isfile(link)
        if entry.kind is Kind.HARDLINK:
            return os.path.samestat(os.lstat(link), os.lstat(file))
    except OSError:
        return False
    return True


def _mark(
    session: Session, ledger: Ledger, entries: Iterable[LedgerEntry], findings: list[Finding]
) -> None:
    now = session.now()
    copies = {entry.path: entry for entry in entries if entry.kind is Kind.COPY}
    corrupt = [finding for finding in findings if finding.state is State.CORRUPT]
    session.store.evidence.save(finding.as_damaged() for finding in corrupt)
    changes = [_doubted(finding, ledger, copies) for finding in corrupt]
    for finding in findings:
        if finding.news and finding.known.path not in copies:
            assert finding.stamp is not None
            track, path, stamp = finding.known.track, finding.known.path, finding.stamp
            changes.append(FileIs(LedgerFile(track, path, stamp, stamp.size, finding.sha256)))
    session.store.apply(changes, now)
    session.store.statuses.verified(_read_and_good(findings, copies), now)


def _doubted(finding: Finding, ledger: Ledger, copies: dict[LibPath, LedgerEntry]) -> LedgerChange:
    """Without stamp and size the ledger does not vouch for it: the next scan asks the evidence."""
    if entry := copies.get(finding.known.path):
        return EntryIs(entry._replace(stamp=None))
    return FileIs(ledger.files[finding.known.track]._replace(stamp=None, size=None))


def _read_and_good(findings: Iterable[Finding], copies: Collection[LibPath]) -> Iterator[TrackId]:
    for finding in findings:
        good = finding.state in (State.OK, State.CHANGED)
        if good and finding.sha256 and finding.known.path not in copies:
            yield finding.known.track


def _result(findings: list[Finding], primaries: int, broken: list[LibPath]) -> VerifyResult:
    def paths(state: State) -> tuple[LibPath, ...]:
        return tuple(finding.known.path for finding in findings if finding.state is state)

    good = (State.OK, State.CHANGED)
    return VerifyResult(
        checked=primaries,
        ok=sum(1 for finding in findings[:primaries] if finding.state in good),
        corrupt=paths(State.CORRUPT),
        missing=paths(State.MISSING),
        broken_links=tuple(broken),
        changed=paths(State.CHANGED),
        unreadable=paths(State.UNREADABLE),
    )
