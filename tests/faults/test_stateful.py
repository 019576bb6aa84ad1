"""A long life, end to end: a person, TIDAL and bad luck take turns, and every sync keeps all rules.

After each: I1 nothing is lost, I2 the user's own files are where and what they were, I4 nothing
outside is touched, I6 a fault never removes, I8 a safety stop touches nothing, I9 a kill is as if
it had never been, I10 a further run does nothing, I11 the rest goes on, I14 names never collide.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from mutagen import MutagenError
from mutagen.flac import FLAC

from strandline.app.check import CheckOptions
from strandline.app.execute import SyncRequest
from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.model import Availability, Playlist, Track
from strandline.demo.server import StandIn
from strandline.errors import Exit, StrandlineError
from strandline.library.audio.check import check_audio
from tests.faults.direct import by_wire, direct
from tests.faults.person import Person, clear, hash_of, impatient, warmed_up
from tests.faults.size import runs, seed
from tests.faults.tally import tally
from tests.scenarios.accord import everything_agrees

NAMES = ["A", "B", "a", "Mix/1", "Mix-1", "..", "Ä", "A\u0308", "CON", "\x1b[31mred", "Zed "]
TITLES = ["Song", "song", "So/ng", "Other", "Song (Live)", "%s\u202egpj"]
OWN = ["mine.txt", "Ana - Song.flac", "cover.jpg", "sub/deep.flac", ".hidden"]
ITEMS, AUDIO = "/v1/playlists/*/items", "/mediatracks/**"
INFO, LISTS = "/v1/tracks/*/playbackinfopostpaywall", "/v1/users/*/playlistsAndFavoritePlaylists"
FAULTS: list[tuple[str, Effect]] = [
    *[(path, fault) for path in (ITEMS, LISTS, INFO, AUDIO, "/v1/sessions", "/v2/**")
      for fault in (effects.status(500), effects.status(503, "html"), effects.status(404),
                    effects.status(403, "html"), effects.html(), effects.reset(),
                    effects.empty_body(), effects.redirect("http://127.0.0.1:9/"))],
    *[(ITEMS, fault) for fault in (effects.short_page(), effects.doubled_page(),
                                   effects.null_items(), effects.total(0), effects.total(None))],
    (LISTS, effects.short_page()), (LISTS, effects.total(99)),
    (AUDIO, effects.truncated()), (AUDIO, effects.wrong_length(7)), (AUDIO, effects.flipped()),
    (INFO, effects.preview()), (INFO, effects.encrypted()),
]  # fmt: skip

pick = st.integers(0, 40)
SHARDS = 10
STEPS = 30


class Life(RuleBasedStateMachine):
    """One life; each rule is a thing that happens."""

    def __init__(self) -> None:
        super().__init__()
        warmed_up()
        self.tidal = StandIn().start()
        self.shortcut = ExitStack()
        self.shortcut.enter_context(direct(self.tidal))
        self.folder = Path(tempfile.mkdtemp(prefix="life-"))
        self.home = Person(self.folder, self.tidal)
        self.account = self.home.account
        self.tracks = [self.account.track(title, "Ana") for title in TITLES]
        self.account.playlist("A", self.tracks[:3])
        self.account.playlist("B", self.tracks[1:4])
        self.own: dict[int, tuple[str, bytes]] = {}
        tally("stateful").count()

    def teardown(self) -> None:
        self.shortcut.close()
        self.tidal.stop()
        clear(self.folder)

    # ------------------------------------------------------------ TIDAL

    def playlist_at(self, which: int) -> Playlist | None:
        found = list(self.account.playlists.values())
        return found[which % len(found)] if found else None

    def track_at(self, which: int) -> Track:
        return self.tracks[which % len(self.tracks)]

    @rule(which=pick, name=st.sampled_from(NAMES))
    def playlist_appears(self, which: int, name: str) -> None:
        if len(self.account.playlists) < 5:
            self.account.playlist(name, [self.track_at(which), self.track_at(which // 2)])

    @rule(which=pick, other=pick, what=st.sampled_from(["add", "remove", "move", "silently"]))
    def tracks_change(self, which: int, other: int, what: str) -> None:
        playlist, track = self.playlist_at(which), self.track_at(other)
        if playlist is None:
            return
        if what == "add":
            self.account.add(playlist, track)
        elif what == "silently":
            with self.account.silently():
                self.account.add(playlist, track, at=0)
        elif what == "remove":
            self.account.remove(playlist, track)
        elif playlist.entries:
            self.account.move(playlist, other % len(playlist.entries), 0)

    @rule(which=pick, other=pick, name=st.sampled_from(NAMES))
    def playlists_are_renamed(self, which: int, other: int, name: str) -> None:
        one, two = self.playlist_at(which), self.playlist_at(other)
        if one is not None and two is not None:
            old = one.title
            self.account.rename(one, name if one is two else two.title)
            if one is not two:
                self.account.rename(two, old)

    @rule(which=pick)
    def playlist_is_deleted(self, which: int) -> None:
        playlist = self.playlist_at(which)
        if playlist is not None and len(self.account.playlists) > 1:
            self.account.delete(playlist)

    @rule(which=pick, how=st.sampled_from(list(Availability)))
    def track_comes_or_goes(self, which: int, how: Availability) -> None:
        self.account.withhold(self.track_at(which), how)

    @rule(which=pick, title=st.sampled_from(TITLES))
    def track_is_named_anew(self, which: int, title: str) -> None:
        self.track_at(which).title = title

    # ------------------------------------------------------------ the user's hand

    def on_disk(self, keep: Callable[[Path], bool]) -> list[Path]:
        """What stands below ``Playlists``, but not behind a link to a folder."""
        found = []
        for folder, folders, names in os.walk(self.home.playlists):
            found += [Path(folder, name) for name in (*folders, *names)]
        return sorted(path for path in found if keep(path))

    def one_of(self, paths: list[Path], which: int) -> Path | None:
        return paths[which % len(paths)] if paths else None

    def forget(self, path: Path) -> None:
        """The user lets go of what is there: it is no longer a file to watch."""
        for top in (path, *path.rglob("*")) if path.is_dir() else (path,):
            self.own.pop(top.lstat().st_ino, None)

    @rule(which=pick, what=st.sampled_from(["delete", "truncate", "copy", "rename", "replace"]))
    def user_changes_a_file(self, which: int, what: str) -> None:
        path = self.one_of(self.on_disk(lambda p: not p.is_symlink() and p.is_file()), which)
        if path is None:
            return
        if what == "copy":
            shutil.copyfile(path, path.with_name(f"copy {which}{path.suffix}"))
            return
        self.forget(path)
        if what == "rename":
            path.rename(path.with_name(f"renamed {which}{path.suffix}"))
            return
        data = path.read_bytes()
        path.unlink()
        if what != "delete":
            path.write_bytes(data[: len(data) // 2] if what == "truncate" else os.urandom(9))

    @rule(which=pick)
    def user_retags_a_file(self, which: int) -> None:
        """As a tagger saves: a new file over what stands there, link or file."""
        flacs = self.on_disk(lambda p: p.suffix == ".flac" and p.is_file())
        path = self.one_of(flacs, which)
        if path is None or path.stat().st_ino in self.own or path.read_bytes()[:4] != b"fLaC":
            return
        new = path.with_name(".tagged.flac")
        shutil.copyfile(path, new)
        try:
            tags = FLAC(new)
        except MutagenError:  # cut short within its tags
            new.unlink()
            return
        tags["COMMENT"] = f"edit {which}"
        tags.save()
        new.replace(path)

    @rule(which=pick, to=st.sampled_from(["../Gone/x.flac", "../../../../outside", "/etc/passwd"]))
    def user_spoils_a_link(self, which: int, to: str) -> None:
        path = self.one_of(self.on_disk(Path.is_symlink), which)
        if path is not None:
            path.unlink()
            path.symlink_to(to)

    @rule(which=pick, name=st.sampled_from(OWN))
    def user_adds_a_file(self, which: int, name: str) -> None:
        folder = self.one_of(self.on_disk(lambda p: p.is_dir() and not p.is_symlink()), which)
        path = (folder or self.home.playlists / "Mine") / name
        if os.path.lexists(path) or path.parent.is_symlink():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        data = os.urandom(12)
        path.write_bytes(data)
        if not any(entry.endswith(f"/{name}") for _, _, entry in self.home.entries()):
            self.own[path.lstat().st_ino] = (name, data)  # else it counts as ours, damaged

    @rule(which=pick, what=st.sampled_from(["rename", "delete", "link away"]))
    def user_changes_a_folder(self, which: int, what: str) -> None:
        tops = self.on_disk(lambda p: p.is_dir() and not p.is_symlink())
        folder = self.one_of([p for p in tops if p.parent == self.home.playlists], which)
        if folder is None:
            return
        if what == "rename" and not os.path.lexists(folder.with_name(f"user's {which}")):
            folder.rename(folder.with_name(f"user's {which}"))
        elif what != "rename":
            self.forget(folder)
            shutil.rmtree(folder)  # noqa: TID251
            if what == "link away":
                folder.symlink_to(self.home.outside)

    # ------------------------------------------------------------ syncing

    @rule()
    def sync(self) -> None:
        before = self.home.contents
        done = self.home.run_allowed()
        assert done.exit in (Exit.DONE, Exit.SOME_FAILED), done
        self.nothing_is_lost(before)
        if done.exit is Exit.DONE and not done.conflicts:
            self.home.check_entries()
            self.home.check_settled()
            everything_agrees(self.home)

    @rule(at=st.integers(1, 60))
    def sync_is_killed(self, at: int) -> None:
        before = self.home.contents
        self.home.run_killed(at)
        tally("kills in a long life").count()
        self.nothing_is_lost(before)
        self.no_part_of_a_file(before)
        self.sync()

    @precondition(lambda self: self.account.playlists)
    @rule(which=st.integers(0, len(FAULTS) - 1), nth=st.integers(1, 3), once=st.booleans())
    def service_fails(self, which: int, nth: int, once: bool) -> None:
        self.sync()
        before, tree = self.home.contents, self.home.tree
        path, fault = FAULTS[which]
        self.tidal.faults.on(path, fault, nth=nth, times=1 if once else None)
        try:
            with impatient(), by_wire():
                done = self.home.run(SyncRequest(CheckOptions(full=True)))
        except StrandlineError as error:
            self.fails_well(error)
            assert self.home.tree == tree
        else:
            counts = done.checked.plan.counts
            assert counts["trash"] == counts["unlink"] == counts["remove_folder"] == 0, "I6"
        self.tidal.faults.clear()
        self.nothing_is_lost(before)

    def fails_well(self, error: StrandlineError) -> None:
        assert error.exit not in (Exit.DONE, Exit.BUG), error

    def nothing_is_lost(self, before: set[str]) -> None:
        assert before <= self.home.contents, "a file was lost (I1)"
        self.home.check_inside()
        here = {path.lstat().st_ino: path for path in self.on_disk(lambda _: True)}
        for ino, (name, data) in self.own.items():
            path = here.get(ino)
            assert path is not None, f"{name} of the user's was taken away (I2)"
            assert path.read_bytes() == data, f"{name} of the user's was changed (I2)"
            assert str(path).endswith(name), f"{name} of the user's was renamed (I2)"

    def no_part_of_a_file(self, before: set[str]) -> None:
        for path in self.on_disk(lambda p: not p.is_symlink() and p.is_file()):
            if hash_of(path) not in before:
                check_audio(path, expected_duration=1)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_long_life_keeps_every_rule_after_every_sync(shard: int) -> None:
    from hypothesis import seed as seeded

    machine = seeded(seed() * 1000 + shard)(type(f"Life{shard}", (Life,), {}))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=-(-runs("stateful", 500) // SHARDS),
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
