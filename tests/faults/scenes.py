"""What may be going on when the power goes: each scene sets a library up, then wants a change."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from strandline.core.ids import TrackId
from strandline.core.policy import Policy
from strandline.core.same_recordings import NOTHING_SAID, Answers, pair
from strandline.library.tags.write import TRACK_ID
from tests.faults.size import runs, seed
from tests.stage import Stage, audio, copies, hardlinks

A, B, C = "aaaaaaaa-1", "bbbbbbbb-2", "cccccccc-3"


class Scene(NamedTuple):
    """``before`` is synced; what ``change`` wants is then done with the world failing."""

    before: Callable[[Stage], object]
    change: Callable[[Stage], object]


def _shared(stage: Stage) -> Stage:
    """Track 1 is primary in Alpha and linked from the two others; notes.txt is the user's."""
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1", "3").lists(C, "Gamma", "1", "2", "3")
    stage.put("Alpha/notes.txt", b"cue points")
    return stage


def _nothing(stage: Stage) -> Stage:
    return stage


def _goes_and_comes_back(stage: Stage) -> None:
    """In between a run puts it into the trash."""
    stage.lists(A, "Alpha", "2").lists(B, "Beta", "3").lists(C, "Gamma", "2", "3")
    stage.sync()
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1", "3").lists(C, "Gamma", "1", "2", "3")


def _swap_names(stage: Stage) -> None:
    stage.lists(A, "Beta", "1", "2").lists(B, "Alpha", "1", "3")


def _rotate_names_and_grow(stage: Stage) -> None:
    stage.lists(A, "Beta", "1", "2", "4").lists(B, "Gamma", "3").lists(C, "Alpha", "1", "2", "3")


def _taken_over(stage: Stage) -> None:
    """A file of an older tool has become a primary."""
    stage.put("Alpha/one.flac", _tagged(stage, "1"))
    stage.lists(A, "Alpha", "1")


def _byte_equal_copy(stage: Stage) -> None:
    """The same file once more, in the folder of another playlist that lists the track."""
    stage.put("Beta/one again.flac", _tagged(stage, "1"))
    stage.lists(B, "Beta", "1")


def _tagged(stage: Stage, track: str) -> bytes:
    """Audio that tells its track, as a library made before tags it."""
    from mutagen.flac import FLAC

    path = stage.home / "tagged.flac"
    path.write_bytes(audio(track))
    tags = FLAC(path)
    tags[TRACK_ID] = track
    tags.save()
    return path.read_bytes()


def _spoil_links(stage: Stage) -> None:
    """One link leads nowhere, one to another file of ours, one is gone."""
    gamma = stage.shelf / "Gamma"
    for name, target in (("1", "../Alpha/gone.flac"), ("2", "../Beta/Artist 3 - Title 3.flac")):
        path = gamma / f"Artist {name} - Title {name}.flac"
        path.unlink()
        os.symlink(target, path)
    (gamma / "Artist 3 - Title 3.flac").unlink()


def _damage(stage: Stage) -> None:
    """The primary that others link to is cut off."""
    path = stage.shelf / "Alpha" / "Artist 1 - Title 1.flac"
    data = path.read_bytes()
    path.unlink()  # a new file: clones share their files
    path.write_bytes(data[: len(data) // 2])


def _damage_beside_a_copy(stage: Stage) -> None:
    """The same, with a whole copy of it in a folder of the person's own."""
    (mine := stage.shelf / "Mine").mkdir()
    path = stage.shelf / "Alpha" / "Artist 1 - Title 1.flac"
    (mine / "copy.flac").write_bytes(path.read_bytes())
    _damage(stage)


def _with(change: Callable[[Stage], object], link: Callable[[Policy], Policy]) -> Scene:
    def before(stage: Stage) -> None:
        stage.policy = link(stage.policy)
        _shared(stage)

    return Scene(before, change)


def _links_again(stage: Stage) -> None:
    stage.policy = replace(stage.policy, link_kind=stage.__class__(stage.home).policy.link_kind)


def _merged(stage: Stage) -> None:
    """Tracks 1 and 3 are one recording, says the person."""
    answers = Answers(frozenset({pair(TrackId("1"), TrackId("3"))}))
    stage.policy = replace(stage.policy, recordings=True, answers=answers)


def _apart_again(stage: Stage) -> None:
    stage.policy = replace(stage.policy, recordings=False, answers=NOTHING_SAID)


def _leaves(stage: Stage) -> None:
    """The id whose file it is."""
    stage.lists(A, "Alpha", "2").lists(B, "Beta", "3").lists(C, "Gamma", "2", "3")


def _one_file(stage: Stage) -> None:
    _merged(stage)
    _shared(stage)


def _at_random(number: int) -> Scene:
    """Any lists of any tracks, then any others; in between the user's hand."""
    dice = random.Random(f"{seed()} {number}")

    def wish(stage: Stage) -> None:
        stage.policy = dice.choice((lambda same: same, copies, hardlinks))(Stage(stage.home).policy)
        stage.playlists.clear()
        names = dice.sample(("Alpha", "Beta", "Gamma", "ALPHA", "Omega"), 3)
        for id, name in dice.sample([*zip((A, B, C), names, strict=True)], dice.randint(1, 3)):
            stage.lists(id, name, *dice.sample("12345", dice.randint(0, 4)))

    def change(stage: Stage) -> None:
        entries = sorted(path for path in stage.shelf.glob("*/*") if path.is_file())
        for path in dice.sample(entries, min(len(entries), dice.randint(0, 2))):
            data = path.read_bytes()
            match dice.choice(("goes", "is cut off", "is renamed")):
                case "is renamed":
                    path.rename(path.with_name(f"my {path.name}"))
                case what:
                    path.unlink()
                    if what == "is cut off":
                        path.write_bytes(data[: len(data) // 2])
        wish(stage)

    return Scene(wish, change)


SCENES: dict[str, Scene] = {
    "first run": Scene(_nothing, _shared),
    "track leaves its primary playlist": Scene(_shared, lambda stage: stage.lists(A, "Alpha", "2")),
    "track leaves every playlist": Scene(
        _shared,
        lambda stage: (
            stage.lists(A, "Alpha", "2").lists(B, "Beta", "3").lists(C, "Gamma", "2", "3")
        ),
    ),
    "track comes back from the trash": Scene(_shared, _goes_and_comes_back),
    "playlist renamed": Scene(_shared, lambda stage: stage.lists(A, "Omega", "1", "2")),
    "only the case of a name": Scene(_shared, lambda stage: stage.lists(A, "ALPHA", "1", "2")),
    "two playlists swap names": Scene(_shared, _swap_names),
    "names go round, and a new track": Scene(_shared, _rotate_names_and_grow),
    "playlist deleted": Scene(_shared, lambda stage: stage.drops(A)),
    "every playlist but one deleted": Scene(_shared, lambda stage: stage.drops(A).drops(B)),
    "a byte-equal copy gives way": Scene(_taken_over, _byte_equal_copy),
    "links spoilt": Scene(_shared, _spoil_links),
    "primary damaged": Scene(_shared, _damage),
    "moved onto a damaged file": Scene(_shared, _damage_beside_a_copy),
    "deleted, with copies for links": _with(lambda stage: stage.drops(A), copies),
    "deleted, with hard links": _with(lambda stage: stage.drops(A), hardlinks),
    "from copies to symlinks": _with(_links_again, copies),
    "from hard links to symlinks": _with(_links_again, hardlinks),
    "two files become one recording": Scene(_shared, _merged),
    "a recording becomes two files": Scene(_one_file, _apart_again),
    "a recording's first id leaves": Scene(_one_file, _leaves),
}
SCENES |= {f"at random {number}": _at_random(number) for number in range(runs("scenes", 0))}
