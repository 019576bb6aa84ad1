"""A check is neutral (I21): however often it was made, whatever was refused, the plan is the same.

Each story is a hand in the library that makes a plan with links, files or folders to follow.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from strandline.app.check import CheckResult
from strandline.app.documents import check_document
from strandline.app.execute import ExecuteResult, SyncRequest, execute
from strandline.app.plan_file import write_plan_file
from strandline.cli.output import encode
from strandline.core.plan_json import ActionKey, key_of
from strandline.library.files import crash
from tests.faults.person import in_child
from tests.scenarios.home import Home

Hand = Callable[[Home], None]


def shared(home: Home) -> None:
    """Two playlists that share two tracks, and one track alone; synced."""
    x, y, z = (home.account.track(title, "Ana") for title in ("Sun Set", "Sun Rise", "Noon"))
    home.account.playlist("Deep House", [x, y, z])
    home.account.playlist("Sunday", [y, x])
    home.sync()


def renames_in_bulk(home: Home) -> None:
    """`_` for blanks, in every name below the playlists' folders."""
    for path in sorted(home.playlists.glob("*/*")):
        path.rename(path.with_name(path.name.replace(" ", "_")))


def renames_folder_in_case_only(home: Home) -> None:
    (home.playlists / "Deep House").rename(home.playlists / "deep house")


def renames_folder(home: Home) -> None:
    (home.playlists / "Deep House").rename(home.playlists / "House of mine")


def moves_primary_beside_its_link(home: Home) -> None:
    (home.playlists / "Deep House" / "Ana - Sun Set.flac").rename(
        home.playlists / "Sunday" / "sunset.flac"
    )


def moves_primary_over_its_link(home: Home) -> None:
    (home.playlists / "Deep House" / "Ana - Sun Set.flac").replace(
        home.playlists / "Sunday" / "Ana - Sun Set.flac"
    )


def swaps_two_primaries(home: Home) -> None:
    folder = home.playlists / "Deep House"
    one, two, aside = (folder / f"Ana - {name}.flac" for name in ("Sun Set", "Sun Rise", "aside"))
    one.rename(aside)
    two.rename(one)
    aside.rename(two)


def copies_folder(home: Home) -> None:
    """With the times kept, links resolved: byte-equal copies in the other listing playlist."""
    shutil.rmtree(home.playlists / "Sunday")  # noqa: TID251
    shutil.copytree(home.playlists / "Deep House", home.playlists / "Sunday")


def retags_in_place(home: Home) -> None:
    from mutagen.flac import FLAC

    for path in sorted((home.playlists / "Deep House").iterdir()):
        tags = FLAC(path)
        tags["comment"] = "mine"
        tags.save()


def renames_and_tidal_renames(home: Home) -> None:
    renames_in_bulk(home)
    renames_folder(home)
    first = next(iter(home.account.playlists.values()))
    home.account.rename(first, "Deeper House")


def leaves_and_is_moved(home: Home) -> None:
    """TIDAL drops a track from its primary playlist while the person renames the file."""
    first = next(iter(home.account.playlists.values()))
    home.account.remove(first, first.entries[0].item)
    renames_in_bulk(home)


HANDS: list[Hand] = [
    renames_in_bulk, renames_folder_in_case_only, renames_folder, moves_primary_beside_its_link,
    moves_primary_over_its_link, swaps_two_primaries, copies_folder, retags_in_place,
    renames_and_tidal_renames, leaves_and_is_moved,
]  # fmt: skip


@pytest.fixture(params=HANDS, ids=lambda hand: hand.__name__)
def touched(request: pytest.FixtureRequest, home: Home) -> Home:
    shared(home)
    request.param(home)
    return home


def plan_of(found: CheckResult | ExecuteResult) -> list[tuple[ActionKey, str]]:
    plan = found.plan if isinstance(found, CheckResult) else found.checked.plan
    return [(key_of(action), action.because.value) for action in plan.actions]


def saved(home: Home, found: CheckResult) -> Path:
    path = home.folder / "plan.json"
    write_plan_file(path, encode(check_document(found)))
    return path


def settled(home: Home) -> None:
    """One run was enough: nothing dangles, nothing is left to do, no byte is written again."""
    before = home.fingerprint()
    assert home.words(home.check(full=True)) == []
    assert home.sync(full=True).result is None
    assert home.fingerprint() == before
    for path in home.playlists.rglob("*"):
        assert path.exists(), f"{path} dangles"


@pytest.mark.parametrize("checks", [1, 2])
def test_the_plan_is_the_same_however_often_it_was_checked(touched: Home, checks: int) -> None:
    seen = [plan_of(touched.check(full=full)) for full in (True, False)[:checks]]
    done = touched.sync()
    assert [plan_of(done)] * checks == seen
    settled(touched)


def test_a_saved_plan_fits_a_world_in_which_nothing_happened_but_checks(touched: Home) -> None:
    found = touched.check()
    path = saved(touched, found)
    touched.check(full=True)
    touched.check("Sunday")
    done = execute(touched.config, SyncRequest(plan_file=path))
    assert plan_of(done) == plan_of(found)
    assert done.result is None or not done.result.failed
    settled(touched)


def test_a_no_leaves_the_next_plan_as_it_was(touched: Home) -> None:
    declined = execute(touched.config, SyncRequest(confirm=lambda _: False))
    assert plan_of(touched.check()) == plan_of(declined)
    touched.sync()
    settled(touched)


def test_a_run_killed_before_its_first_step_leaves_the_next_plan_as_it_was(touched: Home) -> None:
    expected = plan_of(touched.check())

    def killed() -> None:
        crash.hook = lambda _: os.kill(os.getpid(), signal.SIGKILL)
        execute(touched.config, SyncRequest())

    in_child(killed)
    assert plan_of(touched.check()) == expected
    touched.sync()
    settled(touched)


def changes_in_tidal(home: Home) -> None:
    """A playlist gets another name, one comes, a track is dropped and one moves."""
    first, second = list(home.account.playlists.values())
    home.account.rename(first, "Deeper House")
    home.account.remove(second, second.entries[0].item)
    home.account.playlist("Late", [first.entries[0].item, home.account.track("Dusk", "Ana")])


def swaps_names_in_tidal(home: Home) -> None:
    """So the folders wait on temporary names while they are renamed."""
    first, second = list(home.account.playlists.values())
    one, two = first.title, second.title
    home.account.rename(first, two)
    home.account.rename(second, one)


def damages_what_comes_in_another_form(home: Home) -> None:
    """One file with two names, each of which goes once the new file has come."""
    sync = '[sync]\nlink_mode = "hardlink"\n'
    home.configure(f'[audio]\nformat = "original"\n{sync}')
    home.sync()
    path = home.playlists / "Deep House" / "Ana - Sun Set.flac"
    path.write_bytes(path.read_bytes()[:9000])
    home.configure(f'[audio]\nformat = "mp3"\n{sync}')


@pytest.mark.parametrize(
    "hand",
    [changes_in_tidal, renames_and_tidal_renames, swaps_names_in_tidal, copies_folder,
     damages_what_comes_in_another_form],
)  # fmt: skip
@pytest.mark.parametrize("at", range(2, 40, 3))
def test_a_check_after_a_kill_shows_what_the_next_run_does(home: Home, hand: Hand, at: int) -> None:
    """Which recovers first; the check says what that makes of the disk, and changes nothing."""
    shared(home)
    hand(home)

    def killed() -> None:
        passed = count(1)
        crash.hook = lambda _: next(passed) == at and os.kill(os.getpid(), signal.SIGKILL)
        execute(home.config, SyncRequest())

    in_child(killed)
    before = home.fingerprint()
    expected = [plan_of(home.check()) for _ in range(2)]
    assert home.fingerprint() == before
    assert expected == [plan_of(home.sync())] * 2
    settled(home)
