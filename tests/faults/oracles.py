"""What must hold after each command of a life: disk, database, plans and reports say one thing."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from strandline.app.check import EVERYTHING, CheckOptions, CheckResult
from strandline.app.execute import ExecuteResult, SyncRequest, execute
from strandline.app.reports import dedupe, status
from strandline.app.verify import VerifyResult, verify
from strandline.core.actions import Action, Conflict, Download, Link, Move, TakeBack
from strandline.errors import DiffersError
from strandline.events import Silent
from tests.faults.emptied import rightly_let_go
from tests.faults.hands import SPOILT
from tests.faults.person import files_below, hash_of
from tests.faults.rows import ENTRIES, Row

if TYPE_CHECKING:
    from strandline.db.reports import StatusReport
    from tests.faults.hands import Hands
    from tests.faults.person import Person

STATUSES = """
    SELECT tidal_id, file_path, download_status FROM tracks
    WHERE (file_path IS NOT NULL) IS NOT (download_status = 'downloaded')
"""
STEPS = """
    SELECT action, path FROM run_steps WHERE run_id = ? AND state = 'done'
"""
NO_POOL = "SELECT 1 FROM library_layouts WHERE audio = 'playlist'"
WAITING = "SELECT inode FROM run_steps WHERE action = 'download' AND state = 'intent'"


def _forecast(shown: Collection[Action]) -> set[tuple[str, str]]:
    """The steps, without ending, that end as their audio does: it is known once that has come."""
    coming = [action for action in shown if isinstance(action, Download)]
    places = {action.path for action in coming}
    links = [it for it in shown if isinstance(it, Link) and it.source in places]
    return {(action.name, os.path.splitext(action.path)[0]) for action in (*coming, *links)}


class Oracles:
    """Each ``of_…`` fails with the two words that do not agree."""

    def __init__(self, home: Person, hands: Hands) -> None:
        self.home, self.hands = home, hands
        self.open()
        self._links: set[int] = set()
        """The inodes of links that strandline made."""
        self._published: dict[str, str] = {}
        """The sha256 of what was fetched, with its track."""
        self._left_out: set[str | None] = set()
        """The playlists that the settings left out of the last run."""
        self.left_out: set[str | None] | None = None
        """Those that they leave out of the command, once it was asked for."""
        self.twins: set[str] = set()
        """Ids of recordings that have several: the file of one may be another one's by now."""
        self.calm = False
        """The last run ended with nothing left to do, and no hand was there since."""

    def open(self) -> None:
        """Look into the database from now on: once, as it is dear to open."""
        self._database = sqlite3.connect(self.home.state / "strandline.db", isolation_level=None)
        self._said: tuple[object, object, StatusReport] | None = None

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    # ------------------------------------------------------------ runs

    @contextmanager
    def of_run(self, gone: Collection[str] = ()) -> Iterator[None]:
        """I1 I2 I4: nothing is lost but what a person took meanwhile; theirs is not touched."""
        before, trash = self.home.contents - self._waiting(), self._trash()
        self._before = self._whole_sounds()
        yield
        gone_from_trash = trash.keys() - self._trash().keys()
        ours = before.difference(gone)  # what came back may have been taken by a hand since
        emptied = {place: trash[place] for place in gone_from_trash if trash[place] in ours}
        let_go = rightly_let_go(self.home, self.hands, self._database, emptied)
        assert ours.difference(let_go) <= self.home.contents, "a file was lost (I1)"
        self.home.check_inside()
        self._own_is_untouched()

    def _trash(self) -> dict[str, str]:
        """The sha256 of each file there, by its place: run first."""
        trash = self.home.library / ".strandline" / "trash"
        return {os.path.relpath(path, trash): hash_of(path) for path in files_below(trash)}

    def _waiting(self) -> set[str]:
        """What a killed run fetched and had not published: a temporary file until the exchange."""
        waiting = {ino for (ino,) in self._database.execute(WAITING)}
        trash = self.home.library / ".strandline" / "trash"
        return {hash_of(path) for path in files_below(trash) if os.stat(path).st_ino in waiting}

    def _own_is_untouched(self) -> None:
        files = (path for top in self.home.music for path in files_below(top))
        here = {os.lstat(path).st_ino: Path(path) for path in files}
        for ino, (name, data) in self.hands.own.items():
            path = here.get(ino)
            assert path is not None, f"{name} of the person's was taken away (I2)"
            assert path.name == name, f"{name} of the person's was renamed (I2)"
            assert path.read_bytes() == data, f"{name} of the person's was changed (I2)"

    def of_execute(self, done: ExecuteResult, *, full: bool) -> None:
        """Done as shown; nothing fetched that was there; then settled, and all reports agree."""
        self.calm = False
        self._done_as_shown(done)
        self._nothing_fetched_twice(done)
        if int(done.exit) or done.conflicts:
            return
        if done.result and any(it.code == DiffersError.code for it in done.result.skipped):
            # two files that were read in the midst of the run were not what their stamps said, as
            # no scan could see: that is in the next plan
            self.of_execute(self._again(full=full), full=full)
            return
        self.of_rows()
        self._second_run_is_empty(full=full)
        self.of_reports()
        self.calm, self._left_out = True, self._excluded()

    def of_undo(self) -> None:
        """What an undo or a restore put back is what the database says, before any scan of it."""
        if self.calm:
            self.of_rows(undone=True)

    def _done_as_shown(self, done: ExecuteResult) -> None:
        plan = Counter(a.name for a in done.checked.plan.actions if not isinstance(a, Conflict))
        if done.result is None:
            assert not plan, f"not done: {plan}"
            return
        undone = Counter(u.action for u in (*done.result.failed, *done.result.skipped))
        did = Counter(done.result.done)
        forgone = Counter(link.name for link in done.checked.plan.forgone)
        for name in ("unlink", "link"):
            forgone[name] += len(done.checked.plan.following)
        assert plan <= did + undone <= plan + forgone, ("shown and done differ", plan, did, undone)
        steps = self._database.execute(STEPS, (done.result.run,)).fetchall()
        shown = (
            *done.checked.plan.actions,
            *done.checked.plan.forgone,
            *done.checked.plan.following,
        )
        forecast = _forecast(shown)

        def as_shown(step: tuple[str, str]) -> tuple[str, str]:
            but_ending = step[0], os.path.splitext(step[1])[0]
            return but_ending if but_ending in forecast else step

        told = [(action.name, str(action.path)) for action in shown]
        # a link gives way to one that ends as its audio came: which nobody knew when it was shown
        told += [("unlink", str(link.path)) for link in done.checked.plan.following]
        others = Counter(map(as_shown, steps)) - Counter(map(as_shown, told))
        assert not others, f"done, but not shown: {others}"

    def _whole_sounds(self) -> set[str]:
        """The tracks whose own audio, retagged or not, is in the library now.

        Beside a pool, what a person retagged in a playlist's folder stays theirs, there. Where the
        layout has none, a folder of that name is the person's, and what they moved there is gone.
        """
        found = set()
        pool, playlists = self.home.pool_name, self.home.playlists
        none = self._database.execute(NO_POOL).fetchone()
        tops = (playlists,) if none else self.home.music
        for path in (path for top in tops for path in files_below(top)):
            sha256 = hash_of(path)
            if pool and sha256 in self.hands.sounds and playlists in Path(path).parents:
                continue
            while sha256 in self.hands.sounds:
                sha256 = self.hands.sounds[sha256]
            if track := self._published.get(sha256):
                found.add(track)
        return found

    def _nothing_fetched_twice(self, done: ExecuteResult) -> None:
        fetched = {a.track for a in done.checked.plan.actions if isinstance(a, Download)}
        twice = (fetched & self._before) - self.twins
        assert not twice, f"fetched although it was there: {twice}"
        self.note_fetched(done)

    def note_fetched(self, done: ExecuteResult) -> None:
        """What must not be fetched again while it is there."""
        fetched = {a.track for a in done.checked.plan.actions if isinstance(a, Download)}
        for row in self._rows():
            if row.holds_audio and row.track in fetched and row.file_hash:
                self._published[row.file_hash] = row.track

    def _again(self, *, full: bool) -> ExecuteResult:
        order = SyncRequest(CheckOptions(full=full), max_removals=EVERYTHING)
        return execute(self.home.config, order, now=self.home.next_second())

    def _second_run_is_empty(self, *, full: bool) -> None:
        before = self.home.fingerprint()
        again = self._again(full=full)
        plan = again.checked.plan
        left = [f"{a.name} {a.path} ({a.because.value})" for a in plan.actions]
        assert not left, f"one run was not enough: {left}"
        shared = dedupe(self.home.config, Silent())
        counted = plan.tally.links, shared.links
        assert len({*counted}) == 1, f"two counts of links: {counted}"
        assert again.result is None, "a second run did something"
        assert self.home.fingerprint() == before, "a second run wrote something (I10)"

    # ------------------------------------------------------------ the database against the disk

    def _rows(self) -> list[Row]:
        return [Row(*row) for row in self._database.execute(ENTRIES)]

    def primaries(self) -> list[Path]:
        """Where the database has audio."""
        mp3 = self.home.library / "mp3"
        return [mp3 / r.file_path for r in self._rows() if r.holds_audio and r.file_path]

    def of_rows(self, *, undone: bool = False) -> None:
        """Each entry's place, form and content is what stands there; no link is forgotten.

        A damaged copy that an undo brought back is one until the next sync heals it.
        """
        rows = self._rows()
        paths = Counter(row.path for row in rows)
        assert max(paths.values(), default=1) == 1, f"two entries at one place: {paths}"
        excluded = self._excluded()
        if undone:  # what was left out of the last run is as that found it
            excluded = excluded | self._left_out
        ignored = self._ignored()
        for row in rows:
            place = self.home.library / "mp3" / row.path
            is_copy = undone and row.kind == "copy" and place.is_file()
            if not (is_copy and hash_of(place) in self.hands.damaged):
                self._is_true(row, place, left_out=row.playlist in excluded or row.track in ignored)
        known = {row.path for row in rows}
        here = self._links_here()
        for ino in here.keys() & self._links:
            assert here[ino] in known, f"the link {here[ino]} is forgotten"
        ours = {row.path for row in rows if not row.is_primary and row.kind == "symlink"}
        self._links = {ino for ino, place in here.items() if place in ours and self._made(place)}

    def _made(self, place: str) -> bool:
        """Not by a hand: a person's link, renamed, is known by nothing any more."""
        return os.readlink(self.home.library / "mp3" / place) != SPOILT

    def _links_here(self) -> dict[int, str]:
        """The place below ``mp3`` of each link, by inode."""
        top = self.home.library / "mp3"
        found = (
            os.path.join(folder, name)
            for folder, folders, names in os.walk(self.home.playlists)
            for name in (*folders, *names)
        )
        links = (path for path in found if os.path.islink(path))
        return {os.lstat(path).st_ino: os.path.relpath(path, top) for path in links}

    def _is_true(self, row: Row, path: Path, *, left_out: bool) -> None:
        assert os.path.lexists(path), f"the database has {row}, the disk has nothing"
        if row.is_primary:
            assert row.file_path == row.path, f"two primaries: {row}"
            assert path.is_file(), row
            assert not path.is_symlink(), f"a link, not a primary: {row}"
            content = hash_of(path)
            if (left_out or not row.listed) and content in self.hands.damaged:
                assert not row.vouches_for(path), f"damaged, and vouched for: {row}"
            elif content not in self.hands.hidden:  # else damaged, and left as it is
                assert row.file_hash in (None, content), f"another content: {row}"
            return
        if row.kind == "yours":  # a person's version stands for itself, whatever is known of ours
            return
        primary = self.home.library / "mp3" / (row.file_path or "")
        whole = primary.is_file() and hash_of(primary) not in self.hands.damaged
        if left_out and not (row.file_path and (whole or path.exists())):
            self._is_left_broken(row, path)
            return
        assert row.file_path, f"a link to nothing known: {row}"
        if row.kind == "symlink":
            assert path.is_symlink(), f"no link: {row}"
            assert path.exists(), f"it dangles: {row}"
            assert path.resolve() == primary.resolve(), f"it leads elsewhere: {row}"
        elif row.kind == "hardlink":
            assert path.stat().st_ino == primary.stat().st_ino, f"another file: {row}"
        elif row.kind == "copy":
            assert not path.is_symlink(), f"no copy: {row}"
            contents = {hash_of(path), hash_of(primary)}
            known = left_out or contents & self.hands.hidden  # else as it was made, not as it is
            assert known or len(contents) == 1, f"a copy of something else: {row}"

    def _is_left_broken(self, row: Row, path: Path) -> None:
        """No audio is left, and nothing is done where the settings leave it out."""
        if row.kind == "symlink":
            assert path.is_symlink(), f"no link: {row}"
            broken = not path.exists() or hash_of(path) in self.hands.damaged
            assert broken, f"its audio is there: {row}"
            assert bool(row.valid) == path.exists(), f"whether it leads anywhere: {row}"
        else:
            assert row.kind == "copy", f"audio, and no file known: {row}"
            assert hash_of(path) in self.hands.damaged, f"audio, and no file known: {row}"

    def _left_damaged(self) -> set[str]:
        """Damaged files where the settings leave it out: no sync heals them, verify names them."""
        excluded, ignored = self._excluded(), self._ignored()
        mp3, left = self.home.library / "mp3", set[str]()
        for row in self._rows():
            if row.playlist in excluded or row.track in ignored or not row.listed:
                places = {row.path, (row.holds_audio and row.file_path) or row.path}
                there = (mp3 / place for place in places if (mp3 / place).is_file())
                if any(hash_of(path) in self.hands.damaged for path in there):
                    left |= places
        return left

    def _status(self) -> StatusReport:
        """What ``sync-status`` says; asked again once the database or the settings changed."""
        (version,) = self._database.execute("PRAGMA data_version").fetchone()
        config = self.home.config
        if self._said is None or self._said[0] != version or self._said[1] is not config:
            self._said = version, config, status(config, (), Silent())
        return self._said[2]

    def _excluded(self) -> set[str | None]:
        """The same all through a command: nobody changes settings or playlists meanwhile."""
        if self.left_out is None:
            items = self._status().items
            self.left_out = {item.playlist for item in items if item.status == "excluded"}
        return self.left_out

    def _ignored(self) -> set[str]:
        """Tracks that the settings ignore, by every id that TIDAL gave them."""
        ignored = set(self.home.config.sync_ignore)
        rows = self._database.execute("SELECT old_id, new_id FROM replaced_ids").fetchall()
        return ignored | {new for old, new in rows if old in ignored}

    # ------------------------------------------------------------ reports

    def of_check(self, found: CheckResult) -> None:
        """I16, and the statuses tell the plan."""
        items = self._status().items
        needs = {item.playlist for item in items if item.status.startswith("needs_")}
        about = {a.playlist for a in found.plan.actions if a.playlist}
        about |= {a.leaves for a in found.plan.actions if getattr(a, "leaves", None)}
        about |= self._waiting_for(found)
        assert needs <= about, f"needs something, and the plan has nothing: {needs - about}"
        listed = {item.playlist for item in items}
        silent = (about & listed) - needs - {i.playlist for i in items if i.status == "unknown"}
        excluded = {item.playlist for item in items if item.status == "excluded"}
        assert silent <= excluded, f"something is to be done, and the status is silent: {silent}"

    def _waiting_for(self, found: CheckResult) -> set[str | None]:
        """Playlists whose links lead nowhere until the plan has brought back their audio."""
        comes = {a.track for a in found.plan.actions if isinstance(a, (Download, Move, TakeBack))}
        return {
            row.playlist
            for row in self._rows()
            if row.track in comes and row.kind == "symlink" and not row.is_primary
            and (path := self.home.library / "mp3" / row.path).is_symlink()
            and not path.exists()
        }  # fmt: skip

    def of_reports(self) -> None:
        """In sync everywhere; sharing is what the disk has; verify finds nothing."""
        report = self._status()
        odd = [i for i in report.items if i.status not in ("in_sync", "excluded")]
        assert not odd, f"nothing to do, but {odd}"
        left = self._left_damaged()  # there, but no track's audio
        wrong = [row for row in self._database.execute(STATUSES) if row[1] not in left]
        assert not wrong, f"the file is there, or is not, and the status says otherwise: {wrong}"
        shared = dedupe(self.home.config, Silent())
        assert (shared.links, shared.bytes_saved) == report.dedupe[1:], (
            "two reports",
            shared[:3],
            report.dedupe,
        )
        for group in shared.groups:
            for link in (group.primary, *group.links):
                path = self.home.library / "mp3" / link
                assert path.exists(), f"reported, but not there: {link}"
        self.of_verify(
            verify(self.home.config, quick=True, now=self.home.next_second()), settled=True
        )

    def of_verify(self, found: VerifyResult, *, settled: bool = False) -> None:
        """What is settled is whole; and what verify names is so."""
        if settled:
            wrong = {*found.corrupt, *found.missing, *found.broken_links}
            wrong -= self._left_damaged()
            assert not wrong, f"in sync, and verify names {wrong}"
        for path in found.missing:
            assert not (self.home.library / "mp3" / path).is_file(), f"missing, but there: {path}"
