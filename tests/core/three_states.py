"""Random accounts, settings and hands of a person, for a ``Story``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from strandline.core.ids import POOL_FOLDER, LibPath, PlaylistId, TrackId, folder_of, resolve
from strandline.core.policy import Policy
from strandline.core.states import Kind
from tests.core.disk import placed, short
from tests.core.memory import EMPTY, Story

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

ignored = st.sampled_from([frozenset({TrackId("1")}), frozenset({TrackId("2"), TrackId("30")})])


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
    return replace(
        policy, only=None, include=(), exclude=(), keep_deleted=False, ignore=frozenset()
    )


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
            if placed(to) not in library.files:
                library.rename(short(pick), to)
        case "move" if pick:
            to = placed(f"{folder}/{pick.rpartition('/')[2]}")
            if to not in library.files and to not in library.links:
                library.rename(short(pick), short(to))
        case "copy" if pick:
            to = placed(f"{folder}/copy {which}.mp3")
            if to not in library.files:
                library.put(short(to), library.files[pick].content)
        case "truncate" if pick:
            library.put(short(pick), "broken")
        case "retag" if pick:
            content = library.files[pick].content
            library.put(short(pick), f"{content} retagged {which}")
        case "own":
            to = placed(f"{folder}/{name}")
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
                library.put(short(at), f"{content} retagged {which}")
        case "rename link" if links:
            at = links[which % len(links)]
            new = f"{folder_of(at)}/moved {which}.mp3"
            if placed(new) not in library.links:
                library.rename(short(at), new)
        case "folder" if folders and folder != POOL_FOLDER:
            old, new = folder, f"user's {which}"
            if new not in library.folders:
                library.folders[new] = library.folders.pop(old)
                for path in [p for p in [*files, *links] if folder_of(p) == old]:
                    library.rename(
                        short(path),
                        f"{new}/{path.removeprefix(f'Playlists/{old}/')}",
                    )
    return set()


def perturbed(
    first: dict[str, Any],
    second: dict[str, Any],
    hand: list[tuple[str, int, int]],
    *,
    lost: bool = False,
) -> tuple[Story, set[LibPath]]:
    """The ``first`` world synced, then all three states changed; and what is the person's alone."""
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
    return story, own
