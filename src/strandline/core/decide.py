"""SyncDecisionEngine: three states go in, one plan comes out. Pure: the same in, the same out."""

from __future__ import annotations

from collections.abc import Iterable

from strandline.core.actions import (
    Action,
    Because,
    Conflict,
    Download,
    EntryState,
    Link,
    Move,
    RemoveFolder,
    RenameFolder,
    Trash,
    Unlink,
)
from strandline.core.aligned_states import AlignedStates
from strandline.core.changed_tracks import changed_tracks
from strandline.core.entry_paths import EntryPaths
from strandline.core.folder_names import unreadable_conflict
from strandline.core.ids import LibPath, TrackId, folder_of, folder_path
from strandline.core.ledger_facts import (
    EntryGone,
    FileGone,
    FolderGone,
    FolderIs,
    LedgerFact,
    renamed_fact,
)
from strandline.core.links_on_disk import Key, links_on_disk
from strandline.core.orphan_links import orphan_links
from strandline.core.plan import Plan, Tally, in_order
from strandline.core.policy import Policy
from strandline.core.pool import (
    POOL,
    by_playlists,
    folder_of_pool,
    of_no_playlist,
    without_pool,
)
from strandline.core.replaced_ids import with_new_ids
from strandline.core.states import Kind, Ledger, LedgerPlaylist, Scan, Snapshot
from strandline.core.track_cases import TrackCases
from strandline.core.track_decision import TrackDecision


class SyncDecisionEngine:
    """Compares what TIDAL wants with what strandline made and what is on disk."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def decide(self, snapshot: Snapshot, ledger: Ledger, scan: Scan) -> Plan:
        """The plan that makes the library equal to the snapshot, within the policy's scope."""
        ledger, scan, renumbered = with_new_ids(snapshot, ledger, scan, self.policy)
        states = AlignedStates(snapshot, ledger, scan, self.policy)
        changed = changed_tracks(states)
        track_cases = TrackCases(states, changed)
        entry_paths = EntryPaths(track_cases)
        claimed = {target.path for target in entry_paths.target.values()}
        shared = ledger.shared
        ordered = sorted(
            track_cases.cases.values(),
            key=lambda it: (it.leader is not None, it.track.id in shared),
        )
        decisions = [TrackDecision(track_cases, entry_paths, case, claimed) for case in ordered]
        actions: list[Action] = [*states.folders.actions, *states.folders.conflicts.values()]
        actions += _behind(states, track_cases)
        actions += (action for decision in decisions for action in decision.actions)
        actions += orphan_links(states, track_cases, entry_paths, actions)
        actions += folder_of_pool(states, actions, _leaving(actions))
        waiting = {decision.id for decision in decisions if decision.waits}
        with_mates = {mate for id in waiting for mate in states.mates.get(id, ())} - waiting
        waiting |= with_mates
        folders, agreed = _taken_over(states, actions)
        found_by = [v for v in decisions if v.id not in waiting and _is_found_by(v, agreed)]
        waiting |= {decision.id for decision in found_by}
        facts = [f for decision in decisions if decision.id not in waiting for f in decision.facts]
        removals, forgotten = _clear_deleted(states, track_cases, actions, facts)
        agreed += (fact for decision in found_by for fact in decision.facts)
        given = {action.path for action in actions if isinstance(action, (Download, Link, Move))}
        agreed += (f for v in decisions if v.id in waiting for f in v.yields(given))
        agreed += (
            f for v in decisions if v.id in with_mates and not v.case.leader for f in v.facts
        )
        agreed += _found_elsewhere(states)
        tally, absent = _tally(states, changed, track_cases, facts)
        facts = without_pool(facts)
        return Plan(
            in_order(of_no_playlist([*actions, *removals])),
            (*renumbered, *folders, *_until_followed(states, agreed, facts), *forgotten),
            tuple(without_pool(agreed)),
            _missing(track_cases),
            states.deleted,
            absent,
            tally,
            tuple(by_playlists(it for decision in decisions for it in decision.kept)),
            tuple(link for decision in decisions for link in decision.forgone),
            tuple(link for decision in decisions for link in decision.following),
        )


def _behind(states: AlignedStates, track_cases: TrackCases) -> Iterable[Conflict]:
    """Places behind which audio lies that is not seen, where no playlist's conflict names them."""
    for path in sorted({path for case in track_cases.cases.values() for path in case.unread}):
        message = f"{path} cannot be read ({states.unread[path]}); it may be a track's audio, so"
        message += " nothing is fetched in its place. Make it readable, or move it away."
        yield Conflict(path, Because.FILE_UNREADABLE, message=message)
    if not states.unknown:
        return
    known = [case.known.path for case in track_cases.cases.values() if case.unseen and case.known]
    named = {conflict.path for conflict in states.folders.conflicts.values()}
    for name in sorted({folder_of(path) for path in known} & states.unknown):
        if folder_path(name) not in named:
            yield unreadable_conflict(states.scan, name, None)


def _taken_over(
    states: AlignedStates, actions: Iterable[Action]
) -> tuple[list[LedgerFact], list[LedgerFact]]:
    """Facts about folders: those a check may save, and those that wait for a run in the folder."""
    at_work = {action.playlist for action in actions if not isinstance(action, Conflict)}
    waiting = at_work - states.ledger.playlists.keys()
    facts: list[LedgerFact] = [f for f in states.folders.facts if f.playlist.id not in waiting]
    agreed: list[LedgerFact] = [f for f in states.folders.facts if f.playlist.id in waiting]
    # what is out of scope for this once may be to be renamed back in the next plan for all, and a
    # link that is still to be made anew is known by the name that the folder had
    (agreed if at_work or states.policy.only else facts).extend(states.folders.followed)
    return facts, agreed


def _is_found_by(decision: TrackDecision, agreed: Iterable[LedgerFact]) -> bool:
    """Whether it lets go of what a folder is known by, while the ledger is not to hear of that."""
    waiting = {fact.playlist.id for fact in agreed if isinstance(fact, FolderIs)}
    lets_go = any(isinstance(fact, (EntryGone, FileGone)) for fact in decision.facts)
    return lets_go and not waiting.isdisjoint(decision.case.entries)


def _until_followed(
    states: AlignedStates, agreed: Iterable[LedgerFact], facts: Iterable[LedgerFact]
) -> Iterable[LedgerFact]:
    """Facts by the names that folders have in the ledger, where it is not yet to hear of others.

    Once it does, all that lies in them goes along; by two names it would not be known as one place.
    """
    names = {
        it.playlist.folder: states.ledger.playlists[it.playlist.id].folder
        for it in agreed
        if isinstance(it, FolderIs) and it in states.folders.followed
    }
    return [renamed_fact(names, fact) for fact in facts] if names else facts


def _found_elsewhere(states: AlignedStates) -> Iterable[FolderIs]:
    """Where the person renamed folders to that are to be renamed: before another gets their name.

    Believed at their old names, what lies in them would be taken for what lies in the other. Where
    no other folder is to have the old name, nothing needs to be believed before the rename is done.
    """
    taken = {action.path for action in states.folders.actions}
    for action in states.folders.actions:
        known = states.ledger.playlists.get(action.playlist) if action.playlist else None
        if not known or not isinstance(action, RenameFolder):
            continue
        old = folder_path(known.folder)
        if action.source != old and old in taken - {action.path}:
            name = folder_of(action.source)
            yield FolderIs(LedgerPlaylist(known.id, name, None, action.expected.ino))


def _clear_deleted(
    states: AlignedStates,
    track_cases: TrackCases,
    actions: Iterable[Action],
    facts: Iterable[LedgerFact],
) -> tuple[list[RemoveFolder], list[LedgerFact]]:
    """Folders of playlists deleted in TIDAL: removed where only what strandline made is in them."""
    removals: list[RemoveFolder] = []
    forgotten: list[LedgerFact] = []
    if not states.deleted:
        return removals, forgotten
    leaving = set(_leaving(actions))
    inside = states.paths_in({name for id in states.deleted if (name := states.folder(id))})
    gone = {(fact.playlist, fact.track) for fact in facts if isinstance(fact, EntryGone)}
    with_entries = {playlist for playlist, _ in states.entries.keys() - gone}
    for id in sorted(states.deleted):
        name = states.folder(id) or ""
        found = states.scan.folders.get(name)
        going = any(removal.path == folder_path(name) for removal in removals)
        if found is None or going or track_cases.is_anothers(name, id):
            if id not in with_entries:
                forgotten.append(FolderGone(id))
        elif found.is_folder and name not in states.scan.unreadable and leaving >= {*inside[name]}:
            seen = EntryState("folder", found.dev, found.ino)
            path = folder_path(name)
            removals.append(RemoveFolder(path, Because.PLAYLIST_DELETED, id, expected=seen))
        elif id not in with_entries:  # the user keeps things of their own in it
            forgotten.append(FolderGone(id))
    return removals, forgotten


def _leaving(actions: Iterable[Action]) -> Iterable[LibPath]:
    """Paths that are free once the actions are done."""
    for action in actions:
        if isinstance(action, Move):
            yield action.source
        elif isinstance(action, (Unlink, Trash)):
            yield action.path


def _missing(track_cases: TrackCases) -> frozenset[TrackId]:
    return frozenset(
        case.track.id
        for case in track_cases.cases.values()
        if case.holders and case.audio_path is None and not case.unseen
    )


def _tally(
    states: AlignedStates, changed: set[TrackId], track_cases: TrackCases, facts: list[LedgerFact]
) -> tuple[Tally, frozenset[Key]]:
    """What the library holds now (a file that is nobody's is foreign), and what is absent."""
    settled = [entry for entry in states.entries.values() if entry.track not in changed]
    ours = {entry.path for entry in settled if entry.kind is not Kind.SYMLINK}
    tracks = len({entry.track for entry in settled if entry.kind is Kind.PRIMARY})
    for case in track_cases.cases.values():
        ours |= case.files.keys() | case.damaged.keys()
        leaving = not case.holders and case.files
        own = case.leader is None and case.audio_path is not None
        tracks += bool(own or case.unseen or leaving)
    known = (states.wanted.keys() | states.ledger.playlists.keys()) - {POOL}
    folders = {states.folder(id) for id in known} & _folders_after(states)
    foreign = len(states.files.keys() - ours)
    links, absent = links_on_disk(states, settled, track_cases, facts)
    return Tally(len(folders), tracks, links, foreign), absent


def _folders_after(states: AlignedStates) -> set[str]:
    renamed = states.folders.renamed
    return {
        renamed.get(name, name) for name, found in states.scan.folders.items() if found.is_folder
    }
