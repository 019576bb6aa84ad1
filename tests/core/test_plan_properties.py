"""Whatever happened to the account, the library and the ledger: one sync mends it, for good.

A random person's library is synced, then perturbed in all three states at once, then synced again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from strandline.app.statuses import exceptions_in
from strandline.core.actions import Action, Conflict, Download, Move, RenameFolder
from strandline.core.decide import SyncDecisionEngine
from strandline.core.ids import LibPath, PlaylistId, TrackId, folder_of, link_target, resolve
from strandline.core.ledger import with_changes
from strandline.core.plan import Plan
from strandline.core.policy import Policy
from strandline.core.states import Kind
from tests.core.memory import EMPTY, Story
from tests.faults.tally import tally

pytestmark = pytest.mark.battery("planner")

EXAMPLES = int(os.environ.get("STRANDLINE_TEST_EXAMPLES", "10000"))
SEED = int(os.environ.get("STRANDLINE_SEED", "1"))
SHARDS = 8

KEYS = ["11111111-a", "22222222-b", "33333333-c", "44444444-d"]
NAMES = ["A", "B", "a", "Mix/1", "Mix-1", "..", "Ä", "A\u0308", "C"]
TRACKS = ["1", "2", "3", "4", "5"]
TITLES = ["Song", "song", "So/ng", "Other", "Song (Live)"]
FILES = ["mine.txt", "Artist - Song.mp3", "cover.jpg", "sub/deep.mp3"]

playlists = st.dictionaries(
    st.sampled_from(KEYS), st.lists(st.sampled_from(TRACKS), max_size=5), max_size=4
)
names = st.fixed_dictionaries(dict.fromkeys(KEYS, st.sampled_from(NAMES)))
titles = st.fixed_dictionaries(dict.fromkeys(TRACKS, st.sampled_from(TITLES)))
policies = st.builds(
    Policy,
    link_kind=st.sampled_from([Kind.SYMLINK, Kind.SYMLINK, Kind.COPY, Kind.HARDLINK]),
    audio_format=st.sampled_from(["mp3", "original"]),
    primary_priority=st.sampled_from([(), ("C",), ("a", "B")]),
    exclude=st.sampled_from([(), (), (), ("B",), ("A", "Ä")]),
    include=st.sampled_from([(), (), (), ("[ab]",)]),
    keep_deleted=st.sampled_from([False, False, False, True]),
)
edits = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "delete",
                "rename",
                "copy",
                "truncate",
                "own",
                "link",
                "retag",
                "move",
                "folder",
                "rename link",
                "retag link",
            ]
        ),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=6,
)
worlds = st.fixed_dictionaries(
    {
        "playlists": playlists,
        "names": names,
        "titles": titles,
        "policy": policies,
        "away": st.sets(st.sampled_from(TRACKS), max_size=2),
        "incomplete": st.sets(st.sampled_from(KEYS), max_size=1),
        "complete": st.sampled_from([True, True, True, False]),
        "only": st.none() | st.sets(st.sampled_from(KEYS), min_size=1, max_size=2),
        "new_ids": st.dictionaries(st.sampled_from(TRACKS), st.booleans(), max_size=3),
    }
)


def dress(story: Story, world: dict[str, Any]) -> None:
    """TIDAL and the config as ``world`` says; some have new ids, of those some new titles."""
    ids = {track: f"{track}0" if track in world["new_ids"] else track for track in TRACKS}
    story.playlists = {
        key: [ids[track] for track in tracks] for key, tracks in world["playlists"].items()
    }
    story.names = dict(world["names"])
    story.complete = bool(world["complete"])
    story.incomplete = dict.fromkeys(world["incomplete"], "short page")
    only = world["only"]
    story.policy = replace(
        world["policy"],
        only=frozenset(PlaylistId(key) for key in only) if only else None,
    )
    for track, title in world["titles"].items():
        known = story.tracks.get(track)
        if known and not world["new_ids"].get(track, True):
            title = known.title  # noqa: PLW2901
        code = f"QZAAA260000{track}"
        story.track(ids[track], title=title, isrc=code, available=track not in world["away"])


def everything(policy: Policy) -> Policy:
    """With nothing left out."""
    return replace(policy, only=None, include=(), exclude=(), keep_deleted=False)


def edit(story: Story, what: str, which: int, other: int) -> set[LibPath]:  # noqa: C901
    """The user's hand; returns files that are theirs alone from now on."""
    library = story.library
    files, links = sorted(library.files), sorted(library.links)
    folders = sorted(library.folders)
    pick = files[which % len(files)] if files else None
    folder = folders[other % len(folders)] if folders else "Own"
    name = FILES[other % len(FILES)]
    match what:
        case "delete" if pick:
            del library.files[pick]
        case "rename" if pick:
            to = f"{folder_of(pick)}/renamed {which}.mp3"
            if LibPath(f"Playlists/{to}") not in library.files:
                library.rename(pick.removeprefix("Playlists/"), to)
        case "move" if pick:
            to = LibPath(f"Playlists/{folder}/{pick.rpartition('/')[2]}")
            if to not in library.files and to not in library.links:
                library.rename(pick.removeprefix("Playlists/"), to.removeprefix("Playlists/"))
        case "copy" if pick:
            to = LibPath(f"Playlists/{folder}/copy {which}.mp3")
            if to not in library.files:
                library.put(to.removeprefix("Playlists/"), library.files[pick].content)
        case "truncate" if pick:
            library.put(pick.removeprefix("Playlists/"), "broken")
        case "retag" if pick:
            content = library.files[pick].content
            library.put(pick.removeprefix("Playlists/"), f"{content} retagged {which}")
        case "own":
            to = LibPath(f"Playlists/{folder}/{name}")
            if to not in library.files and to not in library.links:
                return {library.put(f"{folder}/{name}", f"my own {which}")}
        case "link" if links:
            at = links[which % len(links)]
            library.links[at] = (next(library.ids), "../nowhere/x.mp3")
        case "retag link" if links:
            at = links[which % len(links)]
            target = resolve(at, library.links[at][1])
            if target in library.files:
                content = library.files[target].content
                del library.links[at]
                library.put(at.removeprefix("Playlists/"), f"{content} retagged {which}")
        case "rename link" if links:
            at = links[which % len(links)]
            new = f"{folder_of(at)}/moved {which}.mp3"
            if LibPath(f"Playlists/{new}") not in library.links:
                library.rename(at.removeprefix("Playlists/"), new)
        case "folder" if folders:
            old, new = folder, f"user's {which}"
            if new not in library.folders:
                library.folders[new] = library.folders.pop(old)
                for path in [p for p in [*files, *links] if folder_of(p) == old]:
                    library.rename(
                        path.removeprefix("Playlists/"),
                        f"{new}/{path.removeprefix(f'Playlists/{old}/')}",
                    )
    return set()


def shards(share: int) -> Callable[[Callable[..., None]], Callable[[int], None]]:
    """Makes a property a test that runs in parts, side by side; each part has its own seed."""

    def decorate(check: Callable[..., None]) -> Callable[[int], None]:
        checked = settings(
            max_examples=max(1, EXAMPLES // (SHARDS * share)),
            deadline=None,
            database=None,
            phases=[phase for phase in settings.default.phases if phase is not Phase.explain],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )(check)

        def part(shard: int) -> None:
            tally("planner").count(EXAMPLES // (SHARDS * share))
            seed(SEED * 1000 + shard)(checked)()

        part.__name__ = check.__name__
        return pytest.mark.parametrize("shard", range(SHARDS))(part)

    return decorate


@shards(1)
@given(first=worlds, second=worlds, hand=edits, lost=st.sampled_from([False, False, False, True]))
def test_one_sync_mends_everything_and_the_next_finds_nothing(
    first: dict[str, object],
    second: dict[str, object],
    hand: list[tuple[str, int, int]],
    lost: bool,
) -> None:
    story = Story()
    dress(story, first)
    story.policy = everything(story.policy)
    story.sync()
    own: set[LibPath] = set()
    for what, which, other in hand:
        own |= edit(story, what, which, other)
    if lost:
        story.ledger = EMPTY
        story.library.made.clear()
    dress(story, second)
    contents_before = set(story.library.contents)
    owners = {path: story.library.files[path].ino for path in own if path in story.library.files}

    statuses_tell_the_plan(story)
    plan = story.sync()

    assert set(story.library.contents) >= contents_before, "a file was lost (I1)"
    inodes = {file.ino for file in story.library.files.values()}
    mine = {ino for path, ino in owners.items() if "my own" in content_of(story, ino)}
    assert mine <= inodes, "a file of the user's was taken away"
    again = story.check()
    assert [action for action in again.actions if not isinstance(action, Conflict)] == [], (
        story.words(plan),
        story.words(again),
    )
    story.ledger = with_changes(story.ledger, again.notes)
    settled = story.check()
    assert settled.notes == (), "what was recognised stays recognised"
    assert settled.actions == again.actions
    every_wanted_track_is_there(story)
    names_never_collide(story)
    hashes_are_true(story)
    no_link_is_forgotten(story)
    statuses_tell_the_plan(story)


def content_of(story: Story, ino: int) -> str:
    everything = [*story.library.files.values(), *story.library.trash]
    return next((file.content for file in everything if file.ino == ino), "")


def every_wanted_track_is_there(story: Story) -> None:
    """What TIDAL lists and offers is in its folder: audio once, links to it elsewhere."""
    for key, tracks in story.playlists.items():
        if not in_scope(story, PlaylistId(key)):
            continue
        for track in map(TrackId, tracks):
            entry = story.ledger.entries.get((PlaylistId(key), track))
            if entry is None:
                assert not story.tracks[track].available or _own_version(story, key, track)
                continue
            primary = story.ledger.files[track].path
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
    return any(
        folder_of(path) == folder and file.embedded in ids
        for path, file in story.library.files.items()
    )


def names_never_collide(story: Story) -> None:
    """I14, for what strandline named: one entry, one path; one playlist, one folder."""
    paths = [entry.path for entry in story.ledger.entries.values()]
    assert len(paths) == len(set(paths))
    folders = [known.folder for known in story.ledger.playlists.values()]
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
    """A playlist needs something just where the plan does something about it (K17).

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
    waiting = {
        entry.playlist
        for entry in story.ledger.entries.values()
        if entry.path in told.broken and entry.track in comes
    }
    needs = {id for id, status in told.playlists.items() if status.value.startswith("needs_")}
    assert needs <= at_work | waiting, "needs something, and nothing is done"
    made = {path for path, (ino, _) in story.library.links.items() if ino in story.library.made}
    entries = {entry.path: entry.playlist for entry in story.ledger.entries.values()}
    for path in told.broken & made:
        playlist = entries.get(path)
        excused = playlist is None or not in_scope(story, playlist) or playlist in told.playlists
        assert excused or playlist in at_work, f"{path} dangles in a playlist that is in sync"


def hashes_are_true(story: Story) -> None:
    """What the ledger says of a file as it left it is what is in that file."""
    for known in story.ledger.files.values():
        file = story.library.files.get(known.path)
        if file and known.stamp == (file.ino, len(file.content), file.mtime_ns):
            assert known.sha256 in {None, file.sha256}


@shards(5)
@given(first=worlds, second=worlds, hand=edits)
def test_a_run_cut_off_after_any_step_is_finished_by_the_next(
    first: dict[str, object], second: dict[str, object], hand: list[tuple[str, int, int]]
) -> None:
    story = Story()
    dress(story, first)
    story.policy = everything(story.policy)
    story.sync()
    for what, which, other in hand:
        edit(story, what, which, other)
    dress(story, second | {"only": None})
    before = set(story.library.contents)
    plan = story.check()
    story.ledger = with_changes(story.ledger, (*plan.notes, *plan.agreed))
    steps: list[Action] = [a for a in plan.actions if not isinstance(a, RenameFolder)]
    if len(steps) == len(plan.actions):
        for action in steps[: len(steps) // 2]:
            story.ledger = story.library.do(action, story.ledger)
    story.sync()
    assert set(story.library.contents) >= before
    again = story.check()
    assert [a for a in again.actions if not isinstance(a, Conflict)] == []
    every_wanted_track_is_there(story)


def steps_of(plan: Plan) -> list[Action]:
    """Without the hash of what moves: a file is read once it is known to be ours."""
    return [replace(a, sha256=None) if isinstance(a, Move) else a for a in plan.actions]


@shards(2)
@given(first=worlds, second=worlds, hand=edits, lost=st.sampled_from([False, False, False, True]))
def test_a_check_leaves_the_next_plan_as_it_was(
    first: dict[str, object],
    second: dict[str, object],
    hand: list[tuple[str, int, int]],
    lost: bool,
) -> None:
    """I21: what it saves presupposes nothing that was not done."""
    story = Story()
    dress(story, first)
    story.policy = everything(story.policy)
    story.sync()
    for what, which, other in hand:
        edit(story, what, which, other)
    if lost:
        story.ledger = EMPTY
    dress(story, second)
    plan = story.check()
    story.ledger = with_changes(story.ledger, plan.notes)
    again = story.check()
    assert steps_of(again) == steps_of(plan), (story.words(plan), story.words(again), plan.notes)
    assert again.notes == (), plan.notes


def story_of(playlists: dict[str, list[str]], names: dict[str, str]) -> Story:
    """Synced once; every track is called Song."""
    story = Story()
    story.playlists, story.names = playlists, names
    for track in {track for tracks in playlists.values() for track in tracks}:
        story.track(track, title="Song")
    story.sync()
    return story


def test_damage_in_a_folder_that_the_next_playlist_takes_over_gives_way_to_the_download() -> None:
    story = story_of(
        {"11111111-a": [], "22222222-b": ["1"]}, {"11111111-a": "B", "22222222-b": "A"}
    )
    story.library.put("A/Artist - Song.mp3", "broken")
    story.playlists = {"11111111-a": [], "33333333-c": ["1"]}
    story.names = {"11111111-a": "A", "33333333-c": "A"}
    story.sync()
    assert story.library.tree == ["A [11111111]/", "A/Artist - Song.mp3"]
    assert "broken" in {file.content for file in story.library.trash}
    assert story.check().actions == ()


def test_a_link_renamed_in_a_playlist_left_out_is_known_by_its_new_name() -> None:
    story = story_of(
        {"11111111-a": ["1"], "22222222-b": ["1"]}, {"11111111-a": "A", "22222222-b": "B"}
    )
    story.library.delete("A/Artist - Song.mp3")
    story.library.rename("B/Artist - Song.mp3", "B/mine.mp3")
    story.policy = replace(story.policy, exclude=("A", "B"))
    story.sync()
    no_link_is_forgotten(story)


def test_an_incomplete_playlist_forgets_no_track_whose_old_name_another_one_gets() -> None:
    """I6, while its folder is renamed and the person renamed the file."""
    story = Story()
    story.playlists, story.names = {"33333333-c": ["1", "5"]}, {"33333333-c": "B"}
    story.track("1", title="Song")
    story.track("5", title="So/ng")
    story.sync()
    story.library.rename("B/Artist - So-ng.mp3", "B/mine.mp3")
    story.track("1", title="So/ng")
    story.track("5", title="Song")
    story.names = dict.fromkeys(KEYS, "A")
    story.playlists = {"11111111-a": [], "22222222-b": ["5"], "33333333-c": []}
    story.incomplete = {"33333333-c": "short page"}
    story.sync()
    assert (PlaylistId("33333333-c"), TrackId("5")) in story.ledger.entries
    assert story.check().actions == ()
