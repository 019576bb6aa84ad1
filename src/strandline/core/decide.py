"""SyncDecisionEngine: three states go in, one plan comes out. Pure: the same in, the same out."""

from __future__ import annotations

from collections.abc import Iterable

from strandline.core.actions import (
    Action,
    Because,
    Conflict,
    Download,
    Link,
    Move,
    RemoveFolder,
    RenameFolder,
    Seen,
    Trash,
    Unlink,
)
from strandline.core.cases import Docket
from strandline.core.folders import unreadable_conflict
from strandline.core.ids import LibPath, TrackId, folder_of, folder_path
from strandline.core.ledger import (
    EntryGone,
    FileGone,
    FolderGone,
    FolderIs,
    LedgerChange,
    renamed_fact,
)
from strandline.core.places import Places
from strandline.core.plan import Plan, Tally, in_order
from strandline.core.policy import Policy
from strandline.core.pool import (
    POOL,
    by_playlists,
    folder_of_pool,
    of_no_playlist,
    without_pool,
)
from strandline.core.questions import tracks_in_question
from strandline.core.replaced import with_new_ids
from strandline.core.spare import spare_links
from strandline.core.standing import Key, links_there
from strandline.core.states import Kind, Ledger, LedgerPlaylist, Scan, Snapshot
from strandline.core.verdict import Verdict
from strandline.core.world import World


class SyncDecisionEngine:
    """Compares what TIDAL wants with what strandline made and what is on disk."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def decide(self, snapshot: Snapshot, ledger: Ledger, scan: Scan) -> Plan:
        """The plan that makes the library equal to the snapshot, within the policy's scope."""
        ledger, scan, renumbered = with_new_ids(snapshot, ledger, scan, self.policy)
        world = World(snapshot, ledger, scan, self.policy)
        questions = tracks_in_question(world)
        docket = Docket(world, questions)
        places = Places(docket)
        claimed = {place.path for place in places.places.values()}
        shared = ledger.shared
        ordered = sorted(
            docket.cases.values(), key=lambda it: (it.leader is not None, it.track.id in shared)
        )
        verdicts = [Verdict(docket, places, case, claimed) for case in ordered]
        actions: list[Action] = [*world.folders.actions, *world.folders.conflicts.values()]
        actions += _behind(world, docket)
        actions += (action for verdict in verdicts for action in verdict.actions)
        actions += spare_links(world, docket, places, actions)
        actions += folder_of_pool(world, actions, _leaving(actions))
        waiting = {verdict.id for verdict in verdicts if verdict.waits}
        with_mates = {mate for id in waiting for mate in world.mates.get(id, ())} - waiting
        waiting |= with_mates
        folders, agreed = _taken_over(world, actions)
        found_by = [v for v in verdicts if v.id not in waiting and _is_found_by(v, agreed)]
        waiting |= {verdict.id for verdict in found_by}
        notes = [f for verdict in verdicts if verdict.id not in waiting for f in verdict.notes]
        removals, forgotten = _clear_deleted(world, docket, actions, notes)
        agreed += (fact for verdict in found_by for fact in verdict.notes)
        given = {action.path for action in actions if isinstance(action, (Download, Link, Move))}
        agreed += (f for v in verdicts if v.id in waiting for f in v.yields(given))
        agreed += (f for v in verdicts if v.id in with_mates and not v.case.leader for f in v.notes)
        agreed += _found_elsewhere(world)
        tally, absent = _tally(world, questions, docket, notes)
        notes = without_pool(notes)
        return Plan(
            in_order(of_no_playlist([*actions, *removals])),
            (*renumbered, *folders, *_until_followed(world, agreed, notes), *forgotten),
            tuple(without_pool(agreed)),
            _missing(docket),
            world.deleted,
            absent,
            tally,
            tuple(by_playlists(it for verdict in verdicts for it in verdict.kept)),
            tuple(link for verdict in verdicts for link in verdict.forgone),
            tuple(link for verdict in verdicts for link in verdict.following),
        )


def _behind(world: World, docket: Docket) -> Iterable[Conflict]:
    """Places behind which audio lies that is not seen, where no playlist's conflict names them."""
    for path in sorted({path for case in docket.cases.values() for path in case.unread}):
        message = f"{path} cannot be read ({world.unread[path]}); it may be a track's audio, so"
        message += " nothing is fetched in its place. Make it readable, or move it away."
        yield Conflict(path, Because.FILE_UNREADABLE, message=message)
    if not world.unknown:
        return
    known = [case.known.path for case in docket.cases.values() if case.unseen and case.known]
    named = {conflict.path for conflict in world.folders.conflicts.values()}
    for name in sorted({folder_of(path) for path in known} & world.unknown):
        if folder_path(name) not in named:
            yield unreadable_conflict(world.scan, name, None)


def _taken_over(
    world: World, actions: Iterable[Action]
) -> tuple[list[LedgerChange], list[LedgerChange]]:
    """Facts about folders: those a check may save, and those that wait for a run in the folder."""
    at_work = {action.playlist for action in actions if not isinstance(action, Conflict)}
    waiting = at_work - world.ledger.playlists.keys()
    facts: list[LedgerChange] = [f for f in world.folders.notes if f.playlist.id not in waiting]
    agreed: list[LedgerChange] = [f for f in world.folders.notes if f.playlist.id in waiting]
    # what is out of scope for this once may be to be renamed back in the next plan for all, and a
    # link that is still to be made anew is known by the name that the folder had
    (agreed if at_work or world.policy.only else facts).extend(world.folders.followed)
    return facts, agreed


def _is_found_by(verdict: Verdict, agreed: Iterable[LedgerChange]) -> bool:
    """Whether it lets go of what a folder is known by, while the ledger is not to hear of that."""
    waiting = {fact.playlist.id for fact in agreed if isinstance(fact, FolderIs)}
    lets_go = any(isinstance(note, (EntryGone, FileGone)) for note in verdict.notes)
    return lets_go and not waiting.isdisjoint(verdict.case.entries)


def _until_followed(
    world: World, agreed: Iterable[LedgerChange], notes: Iterable[LedgerChange]
) -> Iterable[LedgerChange]:
    """Facts by the names that folders have in the ledger, where it is not yet to hear of others.

    Once it does, all that lies in them goes along; by two names it would not be known as one place.
    """
    names = {
        it.playlist.folder: world.ledger.playlists[it.playlist.id].folder
        for it in agreed
        if isinstance(it, FolderIs) and it in world.folders.followed
    }
    return [renamed_fact(names, note) for note in notes] if names else notes


def _found_elsewhere(world: World) -> Iterable[FolderIs]:
    """Where the person renamed folders to that are to be renamed: before another gets their name.

    Believed at their old names, what lies in them would be taken for what lies in the other. Where
    no other folder is to have the old name, nothing needs to be believed before the rename is done.
    """
    taken = {action.path for action in world.folders.actions}
    for action in world.folders.actions:
        known = world.ledger.playlists.get(action.playlist) if action.playlist else None
        if not known or not isinstance(action, RenameFolder):
            continue
        old = folder_path(known.folder)
        if action.source != old and old in taken - {action.path}:
            name = folder_of(action.source)
            yield FolderIs(LedgerPlaylist(known.id, name, None, action.seen.ino))


def _clear_deleted(
    world: World, docket: Docket, actions: Iterable[Action], notes: Iterable[LedgerChange]
) -> tuple[list[RemoveFolder], list[LedgerChange]]:
    """Folders of playlists deleted in TIDAL: removed where only what strandline made is in them."""
    removals: list[RemoveFolder] = []
    forgotten: list[LedgerChange] = []
    if not world.deleted:
        return removals, forgotten
    leaving = set(_leaving(actions))
    inside = world.paths_in({name for id in world.deleted if (name := world.folder(id))})
    gone = {(note.playlist, note.track) for note in notes if isinstance(note, EntryGone)}
    with_entries = {playlist for playlist, _ in world.entries.keys() - gone}
    for id in sorted(world.deleted):
        name = world.folder(id) or ""
        found = world.scan.folders.get(name)
        going = any(removal.path == folder_path(name) for removal in removals)
        if found is None or going or docket.is_anothers(name, id):
            if id not in with_entries:
                forgotten.append(FolderGone(id))
        elif found.is_folder and name not in world.scan.unreadable and leaving >= {*inside[name]}:
            seen = Seen("folder", found.dev, found.ino)
            path = folder_path(name)
            removals.append(RemoveFolder(path, Because.PLAYLIST_DELETED, id, seen=seen))
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


def _missing(docket: Docket) -> frozenset[TrackId]:
    return frozenset(
        case.track.id
        for case in docket.cases.values()
        if case.holders and case.audio_path is None and not case.unseen
    )


def _tally(
    world: World, questions: set[TrackId], docket: Docket, notes: list[LedgerChange]
) -> tuple[Tally, frozenset[Key]]:
    """What the library holds now (a file that is nobody's is foreign), and what is absent."""
    settled = [entry for entry in world.entries.values() if entry.track not in questions]
    ours = {entry.path for entry in settled if entry.kind is not Kind.SYMLINK}
    tracks = len({entry.track for entry in settled if entry.kind is Kind.PRIMARY})
    for case in docket.cases.values():
        ours |= case.copies.keys() | case.damaged.keys()
        leaving = not case.holders and case.copies
        own = case.leader is None and case.audio_path is not None
        tracks += bool(own or case.unseen or leaving)
    known = (world.wanted.keys() | world.ledger.playlists.keys()) - {POOL}
    folders = {world.folder(id) for id in known} & _folders_after(world)
    foreign = len(world.files.keys() - ours)
    links, absent = links_there(world, settled, docket, notes)
    return Tally(len(folders), tracks, links, foreign), absent


def _folders_after(world: World) -> set[str]:
    renamed = world.folders.renamed
    return {
        renamed.get(name, name) for name, found in world.scan.folders.items() if found.is_folder
    }
