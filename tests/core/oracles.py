"""What holds of a story after a sync, whatever was before."""

from __future__ import annotations

from strandline.app.statuses import exceptions_in
from strandline.core.actions import Download, Move
from strandline.core.aligned_states import ignored_in
from strandline.core.decide import SyncDecisionEngine
from strandline.core.ids import PlaylistId, TrackId, folder_of, in_pool, link_target
from strandline.core.ledger_facts import IdReplaced
from strandline.core.plan import Plan
from strandline.core.pool import POOL
from strandline.core.states import Kind
from tests.core.memory import Story


def content_of(story: Story, ino: int) -> str:
    everything = [*story.library.files.values(), *story.library.trash]
    return next((file.content for file in everything if file.ino == ino), "")


def every_wanted_track_is_there(story: Story) -> None:
    """What TIDAL lists and offers is in its folder: audio once, links to it elsewhere."""
    for key, tracks in story.playlists.items():
        if not in_scope(story, PlaylistId(key)):
            continue
        for track in map(TrackId, tracks):
            if track in ignored_in(story.policy, story.ledger):
                continue
            entry = story.ledger.entries.get((PlaylistId(key), track))
            if entry is None:
                assert not story.tracks[track].available or _own_version(story, key, track)
                continue
            files, shared = story.ledger.files, story.ledger.shared
            if entry.kind is Kind.YOURS and story.policy.pool and track not in files:
                assert not story.tracks[track].available  # it stays theirs, and no other is had
                continue
            primary = (files.get(track) or files[shared[track]]).path
            audio = story.library.files.get(primary)
            if audio is None or "broken" in audio.content:
                assert not story.tracks[track].available
                continue
            if entry.kind is Kind.SYMLINK and entry.path in story.library.links:
                target = story.library.links[entry.path][1]
                assert target == link_target(entry.path, primary)
            else:
                assert entry.path in story.library.files or _own_version(story, key, track)


def in_scope(story: Story, playlist: PlaylistId) -> bool:
    known = story.ledger.playlists.get(playlist)
    name = story.names.get(playlist, playlist)
    if playlist not in story.playlists and story.policy.keep_deleted:
        return False
    if playlist not in story.playlists and known:
        name = known.named_for or known.folder
    return story.policy.in_scope(playlist, name)


def _own_version(story: Story, key: str, track: TrackId) -> bool:
    """The user's own bytes with the track's id stand in that folder."""
    folder = story.ledger.playlists[PlaylistId(key)].folder
    ids = {track, *(old for old, new in story.ledger.replaced.items() if new == track)}
    ids.add(story.ledger.shared.get(track, track))
    return any(
        folder_of(path) == folder and file.embedded in ids
        for path, file in story.library.files.items()
    )


def names_never_collide(story: Story) -> None:
    """I14, for what strandline named: one entry, one path; one playlist, one folder."""
    paths = [entry.path for entry in story.ledger.entries.values()]
    assert len(paths) == len(set(paths))
    # the folder of a deleted one may be another's by now, while audio that others need stays there
    folders = [
        known.folder
        for id, known in story.ledger.playlists.items()
        if id in story.playlists or not in_scope(story, id)
    ]
    assert len(folders) == len(set(folders))


def no_link_is_forgotten(story: Story) -> None:
    """Every link that strandline made is an entry's, or it would dangle one day (I21)."""
    if not story.complete or story.policy.only:  # what is left alone now is for a later run
        return
    known = {entry.path for entry in story.ledger.entries.values()}
    ours = {path for path, (ino, _) in story.library.links.items() if ino in story.library.made}
    ours -= {path for path in ours if folder_of(path) in _left_out(story)}
    assert ours <= known, ours - known


def _left_out(story: Story) -> set[str]:
    """Folders of playlists that the settings leave out: a link renamed there is found later."""
    playlists = story.ledger.playlists.items()
    return {known.folder for id, known in playlists if not in_scope(story, id)}


def statuses_tell_the_plan(story: Story) -> None:
    """A playlist needs something just where the plan does something about it.

    In its folder, or elsewhere to bring back what its links lead to.
    """
    scan = story.library.scan(story.ledger, story.snapshot)
    plan = SyncDecisionEngine(story.policy).decide(story.snapshot, story.ledger, scan)
    scope = {id for id in story.playlists if in_scope(story, id)}
    told = exceptions_in(plan, story.snapshot, scan, story.ledger, scope)
    at_work = {a.playlist for a in plan.actions} | {
        getattr(a, "leaves", None) for a in plan.actions
    }
    comes = {a.track for a in plan.actions if isinstance(a, (Download, Move))}
    numbered = {note.old: note.new for note in plan.facts if isinstance(note, IdReplaced)}
    waiting = {
        entry.playlist
        for entry in story.ledger.entries.values()
        if entry.path in told.broken and numbered.get(entry.track, entry.track) in comes
    }
    needs = {id for id, status in told.playlists.items() if status.value.startswith("needs_")}
    assert needs <= at_work | waiting, "needs something, and nothing is done"
    made = {path for path, (ino, _) in story.library.links.items() if ino in story.library.made}
    entries = {entry.path: entry.playlist for entry in story.ledger.entries.values()}
    for path in told.broken & made:
        playlist = entries.get(path)
        excused = playlist is None or not in_scope(story, playlist) or playlist in told.playlists
        assert excused or playlist in at_work, f"{path} dangles in a playlist that is in sync"


def playlists_hold_links_alone(story: Story, plan: Plan) -> None:
    """In the pool: its files stay under their names, and nothing else is a primary of ours."""
    assert not [a for a in plan.actions if isinstance(a, Move) and in_pool(a.source)]
    assert not [action for action in plan.actions if action.playlist == POOL]
    left = {
        id for id in story.ledger.playlists if not in_scope(story, id) or id not in story.playlists
    }
    of_left = {it.path for it in story.ledger.entries.values() if it.playlist in left}
    for entry in story.ledger.entries.values():
        known = story.ledger.files.get(entry.track)
        if entry.playlist in left or entry.track in ignored_in(story.policy, story.ledger):
            continue
        if any(kept.track == entry.track for kept in story.check().kept):
            continue
        assert entry.kind is not Kind.PRIMARY
        away = known is None or known.path in of_left or known.path in story.library.links
        assert away or (known and in_pool(known.path))


def hashes_are_true(story: Story) -> None:
    """What the ledger says of a file as it left it is what is in that file."""
    for known in story.ledger.files.values():
        file = story.library.files.get(known.path)
        if file and known.stamp == (file.ino, len(file.content), file.mtime_ns):
            assert known.sha256 in {None, file.sha256}
